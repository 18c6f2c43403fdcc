"""Signs beside the report of its end that a call is over: they are believed, whichever comes."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from core.db import Database
from ivr.twilio import addresses
from oncall.models.calls import PhoneCall
from oncall.models.tickets import TicketEvent
from tests.calls.crude import Leg
from tests.calls.people import ACME, ACME_PIN, DIRECTORY
from tests.calls.switchboard import Switchboard
from tests.conftest import SUNDAY_NIGHT
from tests.loading import load_directory

PIN_KEY = b"a-pin-key-for-tests-0123456789"


@pytest.fixture
def board(database: Database, tmp_path: Path) -> Switchboard:
    start: datetime = SUNDAY_NIGHT
    with database.transaction() as session:
        load_directory(session, DIRECTORY, start, PIN_KEY)
    (tmp_path / "pin_key").write_bytes(PIN_KEY)
    return Switchboard(database, tmp_path, start, late=False)


def call_of(board: Switchboard, leg: Leg) -> PhoneCall:
    with board.runtime.database.transaction() as session:
        return session.scalars(select(PhoneCall).where(PhoneCall.sid == leg.sid)).one()


def told(board: Switchboard) -> list[str]:
    with board.runtime.database.transaction() as session:
        return list(session.scalars(select(TicketEvent.words).order_by(TicketEvent.id)))


@pytest.mark.parametrize("status", ["completed", "failed", "canceled"])
def test_a_request_of_a_call_that_is_over(board: Switchboard, status: str) -> None:
    """A caller who waits: the next request about them says that the call is over."""
    leg = board.dial(ACME)
    for keys in (ACME_PIN, "1", "1"):
        leg.press(keys)
    leg.speak("RE" + "1" * 32, 5)
    call = call_of(board, leg)
    assert (call.state, call.waiting) == ("answered", True)
    url = addresses.step_url(board.settings, call.id, "wait", call.turn, silent=1)
    board.send(url, leg.params | {"CallStatus": status})
    call = call_of(board, leg)
    assert (call.state, call.waiting) == ("ended", False)
    assert "The caller hung up while waiting: call back." in told(board)


@pytest.mark.parametrize("presses", [0, 1])
def test_before_there_is_a_ticket(board: Switchboard, presses: int) -> None:
    """Nothing follows but the end of the call, and where it broke off."""
    leg = board.dial(ACME)
    for keys in (ACME_PIN, "1")[: presses + 1]:
        leg.press(keys)
    call = call_of(board, leg)
    step = ("level", "priority")[presses]
    url = addresses.step_url(board.settings, call.id, step, call.turn, silent=1)
    board.send(url, leg.params | {"CallStatus": "completed"})
    call = call_of(board, leg)
    assert (call.state, call.result) == ("ended", f"hung up at the {step}")
    assert told(board) == []


def test_a_request_of_a_call_that_goes_on_ends_nothing(board: Switchboard) -> None:
    leg = board.dial(ACME)
    leg.press(ACME_PIN)
    leg.wait()
    assert call_of(board, leg).state == "answered"
