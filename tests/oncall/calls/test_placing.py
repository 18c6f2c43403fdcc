"""Placing a call: what another request has done meanwhile, and what is given up."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text, update

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import ProviderError
from oncall.models.calls import PhoneCall
from oncall.models.conferences import Conference, Participant
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


class Refusing:
    """A network that says of every number that there is none."""

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        raise ProviderError(ProviderFault(FaultKind.NUMBER, "21211", "the number does not exist", about_number=True))


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


@pytest.mark.parametrize("rate", [0, 1])
@pytest.mark.parametrize("waits", [True, False])
def test_who_waits_for_a_call_back_of_the_version_before_hears_that_it_has_ended(
    database: Database, tmp_path: Path, now: datetime, waits: bool, rate: int
) -> None:
    """Such a call knows the technician's from its notes alone; refused, or not wanted any more, also at a pacer's."""
    with database.transaction() as session:
        fill(session, now)
        [ticket] = tickets(session, now, "P1")
        room = Conference(ticket_id=ticket.id, created_at=now)
        session.add(room)
        session.flush()
        technician = PhoneCall(
            direction="in", purpose="hotline", number="+393470000009", state="answered", created_at=now,
            answered_at=now, sid="CA1", step="left", turn=3, room_id=room.id,
        )  # fmt: skip
        back = PhoneCall(
            direction="out", purpose="callback", number="+393470000001", state="queued", created_at=now,
            ticket_id=ticket.id, room_id=room.id, step="answered",
        )  # fmt: skip
        session.add_all([technician, back])
        session.flush()
        if waits:
            session.add(Participant(key="1:1", room_id=room.id, call_id=technician.id, role="technician", sent_at=now))
        call_id, technician_id, room_id = back.id, technician.id, room.id
        session.flush()
        notes = text("UPDATE phone_call SET memo = CAST(:memo AS jsonb) WHERE id = :id")
        session.execute(notes, {"id": call_id, "memo": f'{{"technician_call": {technician_id}}}'})
    settings = Settings(var_dir=tmp_path, calls_per_second=rate)
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    place_call(Sender(runtime, Refusing(), build_mailer(settings)), call_id=call_id)  # type: ignore[arg-type]  # as above
    told = {"call_id": technician_id, "step": "unanswered", "room_id": room_id}
    with database.transaction() as session:
        jobs = session.scalars(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'move_call'")).all()
        assert (session.get_one(PhoneCall, call_id).state, jobs) == ("ended", [told])
