"""Placing a call: what another request has done meanwhile, and what is given up."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import ProviderError
from oncall.models.calls import PhoneCall
from oncall.models.contacts.faults import Fault, FaultKind, ProviderFault
from oncall.runtime import Runtime
from tests.oncall.delivery.night_queue import fill, tickets
from worker.pacer import place_call


class Forgetful:
    """A network that takes a call while `meanwhile` becomes of its row."""

    def __init__(self, database: Database, meanwhile: dict[str, object]) -> None:
        self.ended: list[str] = []
        self._database, self._meanwhile = database, meanwhile

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        with self._database.transaction() as session:
            session.execute(update(PhoneCall).where(PhoneCall.id == call_id).values(self._meanwhile))
        return "CA2"

    def hang_up(self, sid: str) -> None:
        self.ended.append(sid)


class Sick:
    """A network that takes nothing."""

    def __init__(self) -> None:
        self.asked = 0

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        self.asked += 1
        raise ProviderError(ProviderFault(FaultKind.PASSING, "20429", "busy", permanent=False))


def placed(
    database: Database, folder: Path, now: datetime, meanwhile: dict[str, object]
) -> tuple[str | None, list[str]]:
    """The id that a call has in the end, and what was ended."""
    with database.transaction() as session:
        call = PhoneCall(direction="out", purpose="hotline", number="+393470000001", state="queued", created_at=now)
        session.add(call)
        session.flush()
        call_id = call.id
    network = Forgetful(database, meanwhile)
    settings = Settings(var_dir=folder)
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    place_call(Sender(runtime, network, build_mailer(settings)), call_id=call_id)  # type: ignore[arg-type]  # nothing else is asked
    with database.transaction() as session:
        return session.get_one(PhoneCall, call_id).sid, network.ended


def test_of_two_calls_to_one_person_the_second_is_ended(database: Database, tmp_path: Path, now: datetime) -> None:
    """The network did not list the call that it had taken before."""
    assert placed(database, tmp_path, now, {"sid": "CA1", "state": "ringing"}) == ("CA1", ["CA2"])


def test_a_call_that_was_given_up_while_it_was_asked_for_is_ended(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    over = {"state": "ended", "ended_at": now, "result": "canceled"}
    assert placed(database, tmp_path, now, over) == ("CA2", ["CA2"])


def test_a_report_that_is_quicker_than_the_answer_ends_nothing(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    assert placed(database, tmp_path, now, {"sid": "CA2", "state": "ringing"}) == ("CA2", [])


@pytest.mark.parametrize(("purpose", "tries"), [("connect", 4), ("hotline", 8)])
def test_nobody_waits_for_ever_for_a_call_that_the_network_does_not_take(
    database: Database, tmp_path: Path, now: datetime, purpose: str, tries: int
) -> None:
    """Of somebody who has accepted by text, or who is rung back. (A page's call is tried on, beside other channels.)"""
    with database.transaction() as session:
        fill(session, now)
        [ticket] = tickets(session, now, "P1")
        call = PhoneCall(direction="out", purpose=purpose, number="+393470000001", state="queued", created_at=now)
        call.ticket_id = ticket.id
        session.add(call)
        session.flush()
        call_id = call.id
    network, settings = Sick(), Settings(var_dir=tmp_path, calls_per_second=0)
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    for _ in range(tries + 2):
        place_call(Sender(runtime, network, build_mailer(settings)), call_id=call_id)  # type: ignore[arg-type]  # as above
    with database.transaction() as session:
        call = session.get_one(PhoneCall, call_id)
        assert (call.state, call.error, network.asked) == ("ended", "20429 busy", tries)
        assert call.fault == Fault(FaultKind.PASSING, "20429", "busy")
