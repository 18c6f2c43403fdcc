"""The pacer: it goes on whatever becomes of its threads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.models.messages import Channel, Message, post
from oncall.models.operations.provider_health import RequestKind
from oncall.runtime import Runtime
from worker.pacer import SENDERS, Pacer

PATIENCE = 90.0


class Network:
    """Takes texts."""

    def send_text(self, to: str, body: str, message_id: int) -> str:
        return f"SM{message_id}"


def test_a_pacer_without_threads_sends_by_itself(database: Database, tmp_path: Path, now: datetime) -> None:
    """The machine gives it none: what it has claimed is sent all the same, and its places stay free."""
    settings = Settings(var_dir=tmp_path)
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    pacer = Pacer(Sender(runtime, Network(), build_mailer(settings)), RequestKind.TEXT)  # type: ignore[arg-type]  # texts alone
    with ThreadPoolExecutor(1) as none:
        pass
    pacer.open()
    for number in range(SENDERS + 1):
        _post(database, now, f"{number}")
        pacer.nudge()
        assert pacer._free.acquire(timeout=1)
        while _states(database)[-1] == "queued":  # for a token
            pacer._look(none)
            assert pacer._free.acquire(timeout=1)
        pacer._free.release()
    assert set(_states(database)) == {"accepted"}
    assert pacer.close(0)


class SlowNetwork(Network):
    """Answers once it is told to."""

    def __init__(self) -> None:
        self.asked, self.answer = threading.Event(), threading.Event()

    def send_text(self, to: str, body: str, message_id: int) -> str:
        self.asked.set()
        assert self.answer.wait(PATIENCE)
        return super().send_text(to, body, message_id)


def test_a_closed_pacer_has_nothing_under_way_and_takes_nothing(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    """Before a worker hands back: what the provider is being asked for must not be looked up by others meanwhile."""
    settings, network = Settings(var_dir=tmp_path), SlowNetwork()
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    pacer = Pacer(Sender(runtime, network, build_mailer(settings)), RequestKind.TEXT)  # type: ignore[arg-type]  # texts alone
    _post(database, now, "first")
    pacer.start()
    assert not network.asked.wait(0.3), "it was not opened yet"
    pacer.open()
    assert network.asked.wait(PATIENCE)
    assert not pacer.close(time.monotonic() + 0.2), "the provider has not answered"
    _post(database, now, "second")
    pacer.nudge()
    network.answer.set()
    assert pacer.close(time.monotonic() + PATIENCE)
    assert _states(database) == ["accepted", "queued"]
    pacer.open()
    end = time.monotonic() + PATIENCE
    while _states(database) != ["accepted", "accepted"]:
        assert time.monotonic() < end
        time.sleep(0.02)
    pacer.stop()
    pacer.join()


def _post(database: Database, now: datetime, key: str) -> None:
    with database.transaction() as session:
        post(session, now, key=key, channel=Channel.TEXT, recipient="+393470000001", body="Hello")


def _states(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(Message.state).order_by(Message.id)))
