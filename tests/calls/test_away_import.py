"""The journal becomes rows exactly once, whoever is killed meanwhile and however often it is read."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from bench.outage import Storm
from core.db import Base
from core.settings import Settings
from oncall.models.access.pin_attempts import PinAttempt
from oncall.models.calls import PhoneCall
from oncall.models.messages import Message
from oncall.models.pages import Page
from oncall.models.tickets import Intervention, Ticket, TicketEvent
from oncall.outage.journal import Journal
from tests.calls.people import Cast
from tests.calls.stack import ROOT
from tests.calls.storm import PATIENCE, press_one, report_away

# Brings the journal of a folder in, and says when it begins with each fact.
_IMPORT = """
import sys, time
from core.settings import load_settings
from ivr.offline.replaying import replay
from oncall.outage import replay as importing
from oncall.outage.journal import Journal
from oncall.runtime import build_runtime
settings = load_settings()
put_down = importing.put_down
def slowly(session, runtime, entry):
    put_down(session, runtime, entry)
    session.flush()
    print(entry.kind, flush=True)
    time.sleep(float(sys.argv[1]))
importing.put_down = slowly
importing.bring_in(build_runtime(settings), Journal(settings), replay)
"""


def _importer(storm: Storm, folder: Path, pause: float) -> "subprocess.Popen[str]":
    env = storm.gateway.env | {"VAR_DIR": str(folder)}
    arguments = [sys.executable, "-c", _IMPORT, str(pause)]
    return subprocess.Popen(arguments, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)


def _journal_of_a_call(storm: Storm, cast: Cast) -> Path:
    """A whole call without the database; its journal lies in a folder of its own, so that nobody else brings it in."""
    folder = storm.gateway.folder / f"aside-{time.monotonic_ns()}"
    storm.stop()
    try:
        report_away(cast.acme)
        press_one(storm, cast.ada)
        cast.acme.hang_up()
        storm.gateway.network.settle()
        shutil.move(storm.gateway.folder / "journal", folder / "journal")
        shutil.copy(storm.gateway.folder / "simulator_token", folder)
    finally:
        storm.back()
    return folder


def _counts(storm: Storm) -> dict[str, int]:
    tables: list[type[Base]] = [PhoneCall, Ticket, TicketEvent, Intervention, PinAttempt, Page, Message]
    with storm.gateway.database.transaction() as session:
        return {each.__tablename__: session.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


def test_killed_in_the_middle_and_brought_in_twice(storm: Storm, storm_cast: Cast) -> None:
    folder = _journal_of_a_call(storm, storm_cast)
    journal = Journal(Settings(var_dir=folder, pin_key=storm.gateway.env["PIN_KEY"]))
    killed = 0
    for kind in ("reported", "accepted", "over"):  # killed with the fact written and not committed
        child = _importer(storm, folder, 0.3)
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip() == kind:
                os.kill(child.pid, signal.SIGKILL)
                killed += 1
                break
        child.wait()
    assert killed == 3
    assert not journal.is_empty()
    shutil.copytree(folder / "journal", folder / "again")
    assert _importer(storm, folder, 0).wait() == 0
    assert journal.is_empty()
    storm.gateway.settle(30)
    after = _counts(storm)
    assert after["ticket"] == after["phone_call"] == after["intervention"] == after["pin_attempt"] == 1
    assert after["page"] == 0
    shutil.rmtree(folder / "journal")
    (folder / "again").rename(folder / "journal")  # somebody puts the files back
    assert _importer(storm, folder, 0).wait() == 0
    storm.gateway.settle(30)
    assert _counts(storm) == after
    assert journal.is_empty()


def test_two_at_once(storm: Storm, storm_cast: Cast) -> None:
    """As on two machines to which the same files were copied."""
    folder = _journal_of_a_call(storm, storm_cast)
    other = folder.with_name(folder.name + "-copy")
    shutil.copytree(folder, other)
    both = [_importer(storm, each, 0.02) for each in (folder, other)]
    assert [child.wait() for child in both] == [0, 0]
    storm.gateway.settle(30)
    after = _counts(storm)
    assert after["ticket"] == after["phone_call"] == after["intervention"] == after["pin_attempt"] == 1


def test_a_late_report_finds_its_call(storm: Storm, storm_cast: Cast) -> None:
    """The end of the call is told only when the database is back."""
    cast, gateway = storm_cast, storm.gateway
    with storm.away():
        report_away(cast.acme)
        cast.ada.rings(PATIENCE)
        gateway.network.hold_callbacks()
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    gateway.network.release()
    storm.brought_in()  # a process that has not seen yet that the database is back notes the report in the journal
    [call] = gateway.rows(PhoneCall, PhoneCall.direction == "in")
    assert call.state == "ended"
    assert len(gateway.rows(Ticket)) == 1
    assert len(gateway.rows(Page)) == 1
