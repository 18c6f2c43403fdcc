"""After a conversation, technicians are told only numbers that may be called back."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.calls.goodbye_jobs import conclude_goodbye
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.models.calls import PhoneCall
from oncall.models.customers import CustomerPhone
from oncall.models.tickets import Ticket
from oncall.runtime import Runtime
from tests.oncall.calls.test_goodbye import Quiet, night, over, texts

PREMIUM, REGISTERED = "+39899123456", "+390212345600"
Tell = Callable[..., str]


@pytest.fixture
def tell(database: Database, now: datetime, tmp_path: Path) -> Tell:
    """The text to the technician once the caller is gone, who called from `own`; `memo`: what they had chosen."""
    runtime = Runtime(Settings(), database, ShiftedClock.starting_at(now))
    desk = Sender(runtime, Quiet(), build_mailer(Settings(var_dir=tmp_path)))  # type: ignore[arg-type]

    def told(own: str | None, registered: bool, **memo: bool) -> str:
        caller, _ = night(database, now, "next_key", **memo)
        with database.transaction() as session:
            call, ticket = session.get_one(PhoneCall, caller), session.query(Ticket).one()
            call.number = ticket.caller_number = own
            if registered:
                session.add(CustomerPhone(customer_id=ticket.customer_id, number=REGISTERED))
            over(session, call, now)
        conclude_goodbye(desk, call_id=caller)
        [words] = texts(database)
        return words

    return told


@pytest.mark.parametrize("chosen", [{"rung": True}, {"rung": True, "silent": True}, {"wants_call": True}])
@pytest.mark.parametrize("own", [PREMIUM, None, "+390212345678"])
@pytest.mark.parametrize("registered", [True, False])
def test_only_numbers_that_may_be_called(
    tell: Tell, own: str | None, registered: bool, chosen: dict[str, bool]
) -> None:
    words = tell(own, registered, **chosen)
    assert PREMIUM not in words
    assert "call back number withheld" not in words
    if own == "+390212345678":
        assert own in words
    elif registered:
        assert f"call registered {REGISTERED}" in words
    else:
        assert "no number to call back" in words
        assert "does it for you" not in words


def test_wrong_keys_are_told_as_such(tell: Tell) -> None:
    words = tell("+390212345678", False, silent=True, only_wrong_keys=True)
    assert "only keys that are not in use there were pressed" in words
    assert "no key" not in words
