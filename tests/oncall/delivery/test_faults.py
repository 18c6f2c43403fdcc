"""Whose fault a refused or lost call or text is: what is red, what is the account's, what is remembered and counted."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from ivr.provider_reports import call_progress, text_progress
from ivr.twilio.errors import fault_of
from oncall.delivery.contact_faults import OF_ACCOUNT, account_faults, faults
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import ProviderError
from oncall.drills import words
from oncall.models.calls import PhoneCall
from oncall.models.contacts.faults import Fault
from oncall.models.drills import Drill, DrillTextResult
from oncall.models.messages import Message
from oncall.models.operations.provider_health import RequestResult
from oncall.models.people import Person
from oncall.models.rosters import Roster
from oncall.runtime import Runtime
from oncall.tickets.intake import takes_texts
from tests.calls.people import ADA
from tests.oncall.delivery.night_queue import fill, tickets
from worker.pacer import place_call, send_message

NO_TEXTS = ("21610", "21614", "21635", "30006")
RED, ACCOUNT, NOTHING = "red", "account", ""


class Refusing:
    """A network that answers everything with one error."""

    def __init__(self, code: int) -> None:
        self._code = code

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        raise ProviderError(fault_of(self._code, 400))

    def send_text(self, to: str, body: str, message_id: int) -> str:
        raise ProviderError(fault_of(self._code, 400))


Make = Callable[..., int]


@pytest.fixture
def runtime(database: Database, tmp_path: Path, now: datetime) -> Runtime:
    with database.transaction() as session:
        fill(session, now)
    settings = Settings(var_dir=tmp_path, calls_per_second=0, texts_per_second=0)
    return Runtime(settings, database, ShiftedClock.starting_at(now))


@pytest.fixture
def call(runtime: Runtime, now: datetime) -> Make:
    """A call to Ada that is to be placed, or was (`sid`); its id."""

    def make(**values: object) -> int:
        with runtime.database.transaction() as session:
            [ticket] = tickets(session, now, "P1")
            row = PhoneCall(direction="out", purpose="connect", number=ADA, state="queued", created_at=now)
            row.person_id, row.ticket_id = ada(runtime), ticket.id
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)
            session.flush()
            return row.id

    return make


@pytest.fixture
def text(runtime: Runtime, now: datetime) -> Make:
    """The same of a text."""

    def make(key: str, **values: object) -> int:
        with runtime.database.transaction() as session:
            row = Message(key=key, channel="text", recipient=ADA, body="b", state="queued", created_at=now)
            row.person_id = ada(runtime)
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)
            session.flush()
            return row.id

    return make


def ada(runtime: Runtime) -> int:
    with runtime.database.transaction() as session:
        return session.scalars(select(Person.id).where(Person.phone == ADA)).one()


def marks(runtime: Runtime) -> list[tuple[str, str]]:
    """How Ada's phone is marked, and in which words."""
    with runtime.database.transaction() as session:
        red, ours = faults(session), account_faults(session)
        return [(RED, each.words) for each in red] + [(ACCOUNT, each.words) for each in ours]


def counted(desk: Sender) -> set[str]:
    return {result for _, _, result in desk.tally.take()}


def desk_of(runtime: Runtime, code: int) -> Sender:
    return Sender(runtime, Refusing(code), build_mailer(runtime.settings))  # type: ignore[arg-type]  # nothing else is asked


@pytest.mark.parametrize(
    ("code", "mark", "result"),
    [
        (21211, RED, RequestResult.REFUSED),
        (21216, RED, RequestResult.REFUSED),
        (21215, ACCOUNT, RequestResult.REFUSED),
        (13227, ACCOUNT, RequestResult.REFUSED),
        (21210, NOTHING, RequestResult.FAILED),
        (21205, NOTHING, RequestResult.FAILED),
    ],
)
def test_a_call_that_is_refused(runtime: Runtime, call: Make, code: int, mark: str, result: str) -> None:
    """What concerns one number says nothing of the network; what concerns all says nothing of the number."""
    desk, call_id = desk_of(runtime, code), call()
    place_call(desk, call_id=call_id)
    fault = fault_of(code)
    assert (marks(runtime), counted(desk)) == ([(mark, fault.shown)] if mark else [], {result})
    with runtime.database.transaction() as session:
        row = session.get_one(PhoneCall, call_id)
        assert (row.state, row.error) == ("ended", f"{code} {fault.words}")
        assert row.fault == Fault(fault.kind, str(code), fault.words)


@pytest.mark.parametrize(
    ("code", "mark"), [(21610, RED), (21614, RED), (21216, RED), (21408, ACCOUNT), (21606, NOTHING)]
)
def test_a_text_that_is_refused(runtime: Runtime, text: Make, code: int, mark: str) -> None:
    message_id = text("a text")
    send_message(desk_of(runtime, code), message_id=message_id)
    fault = fault_of(code)
    assert marks(runtime) == ([(mark, fault.shown)] if mark else [])
    with runtime.database.transaction() as session:
        row = session.get_one(Message, message_id)
        assert (row.fault_kind, row.fault_code, row.fault_words) == (fault.kind, str(code), fault.words)


@pytest.mark.parametrize(
    ("reason", "mark"),
    [
        ({}, (RED, "the network could not reach the number")),
        ({"SipResponseCode": "404"}, (RED, "the number does not exist (404)")),
        ({"SipResponseCode": "603"}, (RED, "the network could not reach the number")),
        ({"ErrorCode": "99999"}, (RED, "the network could not reach the number")),
        ({"ErrorCode": "13227"}, (ACCOUNT, fault_of(13227).shown)),
        ({"ErrorCode": "20005"}, None),
        ({"ErrorCode": "12100"}, None),
    ],
)
def test_a_call_that_is_lost(
    runtime: Runtime, call: Make, reason: dict[str, str], mark: tuple[str, str] | None
) -> None:
    call_id = call(sid="CA1", state="ringing")
    call_progress(runtime, call_id, {"CallSid": "CA1", "CallStatus": "failed", **reason})
    assert marks(runtime) == ([mark] if mark else [])


def test_what_the_account_forbids_is_over_when_something_gets_through(runtime: Runtime, text: Make) -> None:
    lost, arrived = text("lost", provider_sid="SM1", state="sent"), text("arrived", provider_sid="SM2", state="sent")
    text_progress(runtime, lost, {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "21408"})
    assert marks(runtime) == [(ACCOUNT, fault_of(21408).shown)]
    text_progress(runtime, arrived, {"MessageSid": "SM2", "MessageStatus": "delivered"})
    assert marks(runtime) == []


@pytest.mark.parametrize(
    ("code", "takes"),
    [(code, code not in NO_TEXTS) for code in ["21211", "21408", "30003", "30005", "", *NO_TEXTS]],
)
def test_which_numbers_are_texted_again(runtime: Runtime, text: Make, code: str, takes: bool) -> None:
    message_id = text("lost", provider_sid="SM1", state="sent")
    text_progress(runtime, message_id, {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": code})
    with runtime.database.transaction() as session:
        assert takes_texts(session, ADA) is takes


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (21610, "Text START from it to +390584943200 to get texts again."),
        (30003, f"Call {ADA}."),
        (21408, f"{OF_ACCOUNT} Call {ADA}."),
    ],
)
def test_what_those_in_charge_read_of_a_failed_test(runtime: Runtime, now: datetime, code: int, remedy: str) -> None:
    fault = fault_of(code)
    with runtime.database.transaction() as session:
        person, roster = session.get_one(Person, ada(runtime)), session.scalars(select(Roster).limit(1)).one()
        drill = Drill(person_id=person.id, roster_id=roster.id, begun_at=now, try_at=now, until_at=now)
        drill.text_result, drill.text_error, drill.text_fault = DrillTextResult.FAILED, fault.sentence, fault
        session.add(drill)
        session.flush()
        session.expire(drill)
        told = words.text_failed(drill, now, "+390584943200")
        assert told == f"Nightline: Ada Rossi: the test text failed: {fault.words} ({code}). {remedy}"


def test_a_kind_that_only_a_later_version_knows_is_read_as_its_word(runtime: Runtime, text: Make) -> None:
    """Nobody who loads such a row may fail over it: versions run side by side during a change."""
    message_id = text("later", error="1 lost", fault_kind="person", fault_code="1", fault_words="lost")
    with runtime.database.transaction() as session:
        session.execute(sql("ALTER TABLE message DROP CONSTRAINT ck_message_fault_kind"))
        session.execute(sql("UPDATE message SET fault_kind = 'weather'"))
        row = session.get_one(Message, message_id)
        assert (row.fault, row.fault_kind) == (Fault("weather", "1", "lost"), "weather")  # type: ignore[arg-type]  # so it is
        session.rollback()
