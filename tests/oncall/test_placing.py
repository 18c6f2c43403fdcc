"""Placing a call of which another request turns out to have been carried out as well."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import update

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.calls import PhoneCall
from oncall.desk import Desk
from oncall.mail import build_mailer
from oncall.pacing import place_call
from oncall.runtime import Runtime


class Forgetful:
    """A network that did not list the call that it had taken, and reports it while it takes another one."""

    def __init__(self, database: Database, reported: str) -> None:
        self.ended: list[str] = []
        self._database, self._reported = database, reported

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        with self._database.transaction() as session:
            reported = update(PhoneCall).where(PhoneCall.id == call_id)
            session.execute(reported.values(sid=self._reported, state="ringing"))
        return "CA2"

    def hang_up(self, sid: str) -> None:
        self.ended.append(sid)


def placed(database: Database, folder: Path, now: datetime, reported: str) -> tuple[str | None, list[str]]:
    """The id that a call has in the end, and what was ended."""
    with database.transaction() as session:
        call = PhoneCall(direction="out", purpose="hotline", number="+393470000001", state="queued", created_at=now)
        session.add(call)
        session.flush()
        call_id = call.id
    network = Forgetful(database, reported)
    settings = Settings(var_dir=folder)
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    place_call(Desk(runtime, network, build_mailer(settings)), call_id)  # type: ignore[arg-type]  # nothing else is asked
    with database.transaction() as session:
        return session.get_one(PhoneCall, call_id).sid, network.ended


def test_of_two_calls_to_one_person_the_second_is_ended(database: Database, tmp_path: Path, now: datetime) -> None:
    assert placed(database, tmp_path, now, "CA1") == ("CA1", ["CA2"])


def test_a_report_that_is_quicker_than_the_answer_ends_nothing(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    assert placed(database, tmp_path, now, "CA2") == ("CA2", [])
