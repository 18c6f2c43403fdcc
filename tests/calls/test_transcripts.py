"""What callers say, written down by the network: on the ticket, in the search, by text, and read by key 3."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.clock import real_now
from core.db import Database
from oncall.models.messages import Message
from oncall.models.tickets import Ticket, TicketEvent
from oncall.models.work.recordings import Recording
from oncall.tickets.finding import Wanted, find_page
from tests.calls.crude import Leg
from tests.calls.people import ACME, ACME_PIN, ADA, BRUNO, DIRECTORY
from tests.calls.switchboard import Switchboard
from tests.conftest import SUNDAY_NIGHT
from tests.loading import load_directory

PIN_KEY = b"a-pin-key-for-tests-0123456789"
SID = "RE" + "1" * 32
SAID = "The fan of  node one stands still."


@pytest.fixture
def board(database: Database, tmp_path: Path) -> Switchboard:
    start: datetime = SUNDAY_NIGHT
    with database.transaction() as session:
        load_directory(session, DIRECTORY, start, PIN_KEY)
    (tmp_path / "pin_key").write_bytes(PIN_KEY)
    return Switchboard(database, tmp_path, start, late=False, transcribe=True)


@pytest.fixture
def acme(board: Switchboard) -> Leg:
    """Asked to describe the problem, while Ada's phone rings."""
    leg = board.dial(ACME)
    for keys in (ACME_PIN, "1", "1"):
        leg.press(keys)
    board.pass_time(1)
    return leg


def wanted_at(leg: Leg) -> str:
    """Where the document wants the words to be sent."""
    record = leg.document.find("Record")
    assert record is not None
    assert record.get("transcribe") == "true"
    return record.get("transcribeCallback", "")


def written(leg: Leg, words: str = SAID, status: str = "completed", **more: str) -> dict[str, str]:
    told = {"TranscriptionText": words, "TranscriptionStatus": status, "TranscriptionSid": "TR" + "2" * 32}
    recording = {"RecordingSid": SID, "RecordingUrl": f"http://recordings.example/{SID}"}
    return {"CallSid": leg.sid, **leg.account, **recording, **told, **more}


def texts(board: Switchboard, number: str) -> list[str]:
    with board.runtime.database.transaction() as session:
        found = session.scalars(select(Message.body).where(Message.recipient == number).order_by(Message.id))
        return [body for body in found if "the caller said" in body]


def lines(board: Switchboard) -> list[str]:
    with board.runtime.database.transaction() as session:
        return list(session.scalars(select(TicketEvent.words).where(TicketEvent.kind == "transcript")))


@pytest.mark.parametrize("order", ["recording first", "words first"])
def test_the_words_stand_on_the_ticket_and_follow_by_text_once(board: Switchboard, acme: Leg, order: str) -> None:
    where = wanted_at(acme)
    if order == "recording first":
        acme.speak(SID, 5)
    for _ in range(2):
        board.send(where, written(acme))
    if order == "words first":
        acme.speak(SID, 5)
    board.pass_time(1)
    assert lines(board) == ["Written down from the recording: “The fan of node one stands still.”"]
    with board.runtime.database.transaction() as session:
        ticket, recording = session.scalars(select(Ticket)).one(), session.scalars(select(Recording)).one()
        assert recording.transcript == "The fan of node one stands still."
        assert [each.number for each in find_page(session, Wanted(words="fan node"), real_now()).tickets] == [
            ticket.number
        ]
        assert find_page(session, Wanted(words="written"), real_now()).tickets == []
    assert texts(board, ADA) == [f"Ticket {ticket.number}, the caller said: The fan of node one stands still."]
    assert texts(board, BRUNO) == []


def test_who_is_called_later_gets_them_as_well(board: Switchboard, acme: Leg) -> None:
    board.send(wanted_at(acme), written(acme))
    board.pass_time(60)
    board.pass_time(60)
    assert len(texts(board, BRUNO)) == 1
    assert len(texts(board, ADA)) == 1


def test_who_has_the_ticket_gets_them_and_nobody_once_it_is_closed(board: Switchboard, acme: Leg) -> None:
    where = wanted_at(acme)
    with board.runtime.database.transaction() as session:
        session.execute(update(Ticket).values(state="closed", closed_at=SUNDAY_NIGHT))
    board.send(where, written(acme, "x " * 3000))
    assert texts(board, ADA) == texts(board, BRUNO) == []
    [line] = lines(board)
    assert len(line) < 4100


def test_a_long_description_is_cut_to_two_segments(board: Switchboard, acme: Leg) -> None:
    board.send(wanted_at(acme), written(acme, "the exchange is down " * 60))
    [body] = texts(board, ADA)
    assert 250 < len(body) <= 306


@pytest.mark.parametrize(
    "told",
    [{"TranscriptionStatus": "failed"}, {"TranscriptionText": "  "}, {"RecordingSid": "", "RecordingUrl": ""}],
)
def test_what_says_nothing_changes_nothing(board: Switchboard, acme: Leg, told: dict[str, str]) -> None:
    board.send(wanted_at(acme), written(acme, **told))
    assert lines(board) == []
    with board.runtime.database.transaction() as session:
        assert session.scalars(select(Recording)).all() == []


def test_the_words_of_another_call_are_refused(board: Switchboard, acme: Leg) -> None:
    other = board.dial("+390299999999")
    where = wanted_at(acme)
    with pytest.raises(AssertionError, match="403"):
        board.send(where, written(other))
    assert lines(board) == []


def test_key_three_reads_them(board: Switchboard, acme: Leg) -> None:
    where = wanted_at(acme)
    acme.speak(SID, 5)
    board.send(where, written(acme))
    board.pass_time(1)
    ada = board.pick_up(ADA)
    ada.press("3")
    assert "This is what the caller said. The fan of node one stands still. The recording:" in ada.words
    assert "/ivr/recordings/" in (ada.document.findtext("Gather/Play") or "")
