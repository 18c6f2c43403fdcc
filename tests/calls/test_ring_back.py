"""A registered number over its own guessing limit: it is rung, and who picks up there may prove themselves."""

import pytest

from oncall.models.access.pin_attempts import PinAttempt
from oncall.models.calls import PhoneCall
from oncall.models.refusals import Reason, Refusal
from simulator.driven_phone import DrivenPhone
from tests.calls.people import ACME, ACME_PIN, Cast, hurry
from tests.calls.stack import SPEED, Gateway
from tests.conftest import SUNDAY_NIGHT

REGISTERED_PER_HOUR = 30


@pytest.fixture
def over_the_limit(gateway: Gateway) -> None:
    """Somebody has guessed as often as Acme's number may be wrong in an hour, faking it or not."""
    with gateway.database.transaction() as session:
        call = PhoneCall(
            direction="in", purpose="hotline", number=ACME, state="ended", created_at=SUNDAY_NIGHT, sid="CAold"
        )
        call.ended_at = SUNDAY_NIGHT
        session.add(call)
        session.flush()
        for turn in range(REGISTERED_PER_HOUR):
            session.add(
                PinAttempt(call_id=call.id, turn=turn, at=SUNDAY_NIGHT, number=ACME, pool="own", outcome="wrong")
            )


def is_told(gateway: Gateway, phone: DrivenPhone) -> None:
    """Even with the right PIN: the number alone proves nothing now."""
    phone.dial()
    phone.expect("type your PIN")
    phone.press(f"{ACME_PIN}#")
    phone.expect("Too many wrong PINs came from your number lately.*we call you back at once.*pick up when Aurora")


@pytest.mark.usefixtures("over_the_limit")
def test_rung_back_and_in(gateway: Gateway, cast: Cast) -> None:
    """The phone rings once its line is free; there the same PIN opens a ticket as ever."""
    is_told(gateway, cast.acme)
    hurry(gateway)
    cast.acme.expect("Goodbye", complete=True)
    gateway.network.set_speed(SPEED)
    cast.acme.answer()
    cast.acme.expect("This is Aurora Communications, calling you back as announced. Please type your PIN")
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator")
    cast.acme.press("1")
    cast.acme.expect("critical")
    cast.acme.press("1")
    cast.acme.expect("Your ticket number is")
    cast.ada.answer()
    cast.ada.expect("P1, ticket .*, Acme. The caller is on the line")
    cast.ada.press("1")
    cast.acme.expect("technician is here")
    gateway.joined(2)
    assert [refusal.reason for refusal in gateway.rows(Refusal)] == [Reason.GUESS_LIMIT]


@pytest.mark.usefixtures("over_the_limit")
def test_hanging_up_at_once_is_fine(gateway: Gateway, cast: Cast) -> None:
    """Once, however often the number asks for it meanwhile."""
    is_told(gateway, cast.acme)
    cast.acme.hang_up()
    cast.acme.answer()
    cast.acme.expect("calling you back as announced")
    gateway.settle()
    assert len(gateway.rows(PhoneCall, PhoneCall.direction == "out")) == 1


@pytest.mark.usefixtures("over_the_limit")
def test_nobody_picks_up(gateway: Gateway, cast: Cast) -> None:
    """Whoever faked the number hears nothing more of it."""
    is_told(gateway, cast.acme)
    cast.acme.hang_up()
    cast.acme.decline()
    gateway.settle()
    [back] = gateway.rows(PhoneCall, PhoneCall.direction == "out")
    assert (back.state, back.result, back.number) == ("ended", "not picked up", ACME)
    cast.acme.silent(1)


@pytest.mark.usefixtures("over_the_limit")
def test_three_tries_there_too(gateway: Gateway, cast: Cast) -> None:
    is_told(gateway, cast.acme)
    cast.acme.hang_up()
    cast.acme.answer()
    cast.acme.expect("calling you back")
    for _ in range(3):
        cast.acme.press("11111111#")
        cast.acme.expect("This PIN is not right")
    cast.acme.expect("Please look for the PIN")
    hurry(gateway)
    cast.acme.hung_up()
    gateway.settle()
    assert [refusal.reason for refusal in gateway.rows(Refusal)] == [Reason.GUESS_LIMIT, Reason.WRONG_PIN]
    cast.acme.silent(1)
