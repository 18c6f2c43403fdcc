"""STOP and START by text change nothing: anybody can send them under anybody's number. What Twilio refuses counts."""

from pathlib import Path

import pytest
from sqlalchemy import select

from core.db import Database
from ivr.texts.receiving import OPT_IN, OPT_OUT
from ivr.twilio import addresses
from ivr.twilio.errors import fault_of
from oncall.delivery.contact_faults import known_faults, note_fault
from oncall.models.contacts.contact_faults import ContactFault, ContactWay
from oncall.models.messages import IncomingText, Message, MessageState
from oncall.models.people import Person
from tests.calls.doors import PIN_KEY, Door, sid_of
from tests.calls.people import ADA, DIRECTORY
from tests.conftest import SUNDAY_NIGHT
from tests.loading import load_directory


@pytest.fixture
def door(database: Database, tmp_path: Path) -> Door:
    with database.transaction() as session:
        load_directory(session, DIRECTORY, SUNDAY_NIGHT, PIN_KEY.encode())
    return Door.to(database, tmp_path)


def faults(database: Database) -> set[ContactWay]:
    with database.transaction() as session:
        return known_faults(session, session.scalars(select(Person).where(Person.phone == ADA)).one())


def spoofed(door: Door, body: str, number: int, **more: str) -> str:
    params = {"MessageSid": sid_of(number, "SM"), "From": ADA, "Body": body} | more
    answer = door.post("/ivr/sms", params)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def written(word: str) -> list[str]:
    return [word, word.lower(), f"  {word.title()}\n", f"{word}!", f"{word}."]


@pytest.mark.parametrize("word", sorted(OPT_OUT))
def test_nobody_is_opted_out_by_a_text(door: Door, database: Database, word: str) -> None:
    for number, body in enumerate(written(word)):
        assert "<Message>" not in spoofed(door, body, number, OptOutType="STOP")
    assert faults(database) == set()
    with database.transaction() as session:
        assert session.scalars(select(Message)).all() == [], "nobody is written to about it"
        assert len(session.scalars(select(IncomingText)).all()) == len(written(word))


@pytest.mark.parametrize("word", sorted(OPT_IN))
@pytest.mark.parametrize("code", [21610, 30003, 21614])
def test_no_real_fault_is_cleared_by_a_text(door: Door, database: Database, word: str, code: int) -> None:
    with database.transaction() as session:
        ada = session.scalars(select(Person).where(Person.phone == ADA)).one()
        note_fault(session, ada, ContactWay.TEXT, fault_of(code), SUNDAY_NIGHT)
    for number, body in enumerate(written(word)):
        spoofed(door, body, number, OptOutType="START")
    assert faults(database) == {ContactWay.TEXT}
    with database.transaction() as session:
        assert session.scalars(select(ContactFault.code)).one() == str(code)


def test_what_twilio_refuses_and_delivers_counts(door: Door, database: Database) -> None:
    """A report of 21610 marks the number; a text that arrives clears it."""
    for number, (state, marked) in enumerate((("failed", {ContactWay.TEXT}), ("delivered", set()))):
        with database.transaction() as session:
            ada = session.scalars(select(Person).where(Person.phone == ADA)).one()
            row = Message(key=f"k{number}", channel="text", recipient=ADA, body="b", created_at=SUNDAY_NIGHT)
            row.state, row.provider_sid, row.person_id = MessageState.ACCEPTED, sid_of(number + 50, "SM"), ada.id
            session.add(row)
            session.flush()
            url = addresses.message_status_url(door.settings, row.id)
        report = {"MessageSid": sid_of(number + 50, "SM"), "MessageStatus": state, "To": ADA}
        assert door.post(url, report | ({"ErrorCode": "21610"} if marked else {})).status_code == 200
        assert faults(database) == marked
