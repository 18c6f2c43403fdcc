"""While a caller waits: honest words, often enough, and the way to be called back instead."""

import time
from itertools import pairwise

import pytest
from sqlalchemy import delete

from oncall.models.calls import PhoneCall
from oncall.models.people import Person
from oncall.models.rosters import Roster
from oncall.models.tickets import Ticket
from simulator.driven_phone import DrivenPhone
from simulator.network.phones import Entry
from tests.calls.people import ACME, Cast, hurry, report_problem
from tests.calls.stack import SPEED, Gateway

LONGEST_SILENCE = 30  # seconds in calls (product: at least every 30 s)


def waits(gateway: Gateway, cast: Cast) -> None:
    """Acme reports a problem, says nothing about it, and comes to the waiting music."""
    gateway.set_paging(no_answer=500, drop_grace=1)
    report_problem(cast.acme)
    hurry(gateway)
    cast.acme.expect("beep")
    cast.acme.expect("We are calling the technician on call. To be called back instead of waiting, press 1")
    gateway.network.set_speed(SPEED)


def test_words_follow_what_really_happens(gateway: Gateway, cast: Cast) -> None:
    """One after the other, the list again, everybody, and who has it."""
    gateway.set_paging(no_answer=500, rounds=2, then_every=60, drop_grace=1)
    report_problem(cast.acme)
    cast.ada.rings()
    cast.acme.expect("beep")
    hurry(gateway)
    cast.acme.expect("We are calling the technician on call")
    people = (cast.ada, cast.bruno, cast.carla, cast.dino)
    for phone, words in zip(people[:3], ("second", "third", "fourth"), strict=True):
        phone.decline()
        cast.acme.expect(f"No answer yet. We are calling the {words} person on the list")
    cast.dino.decline()
    cast.acme.expect("We are going through the list once more, one person after the other")
    for phone in people:
        phone.decline()
    cast.acme.expect("now calling everybody in the team at once, again and again")
    for phone in people:
        phone.rings()
    gateway.network.set_speed(SPEED)
    cast.carla.answer()
    cast.carla.expect("P1, ticket .*, Acme. The caller is on the line")
    cast.carla.press("1")
    cast.acme.expect("technician is here")


def test_accepted_and_being_connected(gateway: Gateway, cast: Cast) -> None:
    """Accepted by text: until the technician's phone is picked up, the caller hears who it is."""
    waits(gateway, cast)
    code = cast.ada.expect_text(r"ACK \d{6}").body.partition("ACK ")[2][:6]
    cast.ada.decline()
    cast.bruno.rings()
    cast.ada.send_text(f"ACK {code}")
    cast.acme.expect("Ada has taken your ticket and is being connected with you")
    cast.ada.answer()
    cast.ada.expect("Press 1")
    cast.ada.press("1")
    cast.acme.expect("technician is here")


def test_nobody_to_call(gateway: Gateway, cast: Cast) -> None:
    """No roster and no manager: nothing is promised that isn't so."""
    with gateway.database.transaction() as session:
        session.execute(delete(Roster))
        session.execute(delete(Person))
    report_problem(cast.acme)
    hurry(gateway)
    cast.acme.expect("I can't reach a technician at this moment. I keep trying, and your ticket stays open")
    assert not any("being called already" in entry.text for entry in cast.acme.transcript)


def said_while_waiting(cast: Cast) -> list[Entry]:
    """What Acme has heard since the first round of waiting began."""
    said = [entry for entry in cast.acme.transcript if entry.kind == "said"]
    first = next(place for place, entry in enumerate(said) if "press 1" in entry.text and "waiting" in entry.text)
    return said[first:]


@pytest.mark.real_seconds
def test_a_word_at_least_every_half_minute(gateway: Gateway, cast: Cast) -> None:
    """Measured on the caller's phone, in the network's own seconds, through two minutes of waiting.

    What a busy machine takes to answer would count many times over at this speed, so it is taken off.
    """
    waits(gateway, cast)
    speed = 20
    gateway.network.set_speed(speed)
    pace = gateway.network.exchange.pace
    begun, began = pace.now(), time.monotonic()
    gateway.network.wait(lambda: pace.now() > begun + 125 and len(said_while_waiting(cast)) >= 5)
    said = said_while_waiting(cast)
    answers = [  # when each began to be waited for, and for how long, both in call seconds
        (begun + (hook.at - began) * speed, (hook.latency or 0) * speed)
        for hook in gateway.network.journal.webhooks("/ivr/")
        if hook.call == cast.acme.call_sid
    ]
    pauses = [
        later.at - earlier.until - sum(took for at, took in answers if earlier.until <= at < later.at)
        for earlier, later in pairwise(said)
    ]
    assert len(pauses) >= 4
    assert max(pauses) <= LONGEST_SILENCE
    assert sum("press 1" in entry.text for entry in said) in {2, 3}


# --- being called back ---


def asks_for_a_call(gateway: Gateway, cast: Cast) -> None:
    waits(gateway, cast)
    cast.acme.press("1")
    cast.acme.expect("number ending in 7, 8, press 1, then hash. For another number, type it, then press hash")


def rung_back(cast: Cast, phone: DrivenPhone) -> None:
    """The technician accepts, hears that nobody holds, and calls."""
    cast.ada.answer()
    cast.ada.expect("P1, ticket")
    cast.ada.press("1")
    cast.ada.expect("It is yours. The caller is no longer on the line")
    cast.ada.press("1")
    phone.answer()
    phone.expect("Ada is on the line")


def result_of_call(gateway: Gateway) -> tuple[str | None, str | None, bool]:
    """Where to call back, what came of the call, whether somebody still waits."""
    gateway.settle()
    [ticket] = gateway.rows(Ticket)
    [call] = gateway.rows(PhoneCall, PhoneCall.direction == "in")
    return ticket.callback_number, call.result, call.waiting


def test_on_the_same_number(gateway: Gateway, cast: Cast) -> None:
    asks_for_a_call(gateway, cast)
    cast.acme.press("1#")
    cast.acme.expect("call you back on the number ending in 7, 8. Your ticket stays open.*Goodbye")
    cast.acme.hung_up()
    assert result_of_call(gateway) == (ACME, "call back agreed", False)
    rung_back(cast, cast.acme)


def test_on_a_typed_number(gateway: Gateway, cast: Cast) -> None:
    """The national form of the country called from; read back, and the call ends by itself."""
    asks_for_a_call(gateway, cast)
    cast.acme.press("3339998877#")
    cast.acme.expect("call you back on plus 3, 9, 3, 3, 3, 9, 9, 9, 8, 8, 7, 7.*If the number is wrong, press 2")
    cast.acme.expect("We will call you back. Goodbye")
    cast.acme.hung_up()
    assert result_of_call(gateway) == (cast.stranger.number, "call back agreed", False)
    rung_back(cast, cast.stranger)


def test_on_a_number_with_its_country(gateway: Gateway, cast: Cast) -> None:
    """Who hangs up while it is read back has said enough."""
    asks_for_a_call(gateway, cast)
    cast.acme.press("00442079460123#")
    cast.acme.expect("plus 4, 4, 2, 0, 7, 9, 4, 6, 0, 1, 2, 3")
    cast.acme.hang_up()
    assert result_of_call(gateway) == ("+442079460123", "call back agreed", False)


def test_a_mistyped_number_is_corrected(gateway: Gateway, cast: Cast) -> None:
    """Meanwhile the caller holds the line again, and is joined like any other."""
    asks_for_a_call(gateway, cast)
    cast.acme.press("3339998878#")
    cast.acme.expect("If the number is wrong, press 2")
    cast.acme.press("2")
    cast.acme.expect("For another number, type it")
    cast.acme.press("3339998877#")
    cast.acme.expect("8, 8, 7, 7")
    cast.acme.hang_up()
    assert result_of_call(gateway) == (cast.stranger.number, "call back agreed", False)


def test_nonsense_is_asked_for_again(gateway: Gateway, cast: Cast) -> None:
    """Nobody hangs up on somebody who mistypes, and emergency numbers are nobody's own."""
    asks_for_a_call(gateway, cast)
    for nonsense in ("12#", "112#", "33*12345678#", "0039#"):
        cast.acme.press(nonsense)
        cast.acme.expect("I can't call that number. To be called back on the number ending in")
    assert result_of_call(gateway) == (None, "ticket opened", True)


@pytest.mark.parametrize("keys", ["*#", ""], ids=["star", "silence"])
def test_going_on_waiting_after_all(gateway: Gateway, cast: Cast, keys: str) -> None:
    asks_for_a_call(gateway, cast)
    cast.acme.press(keys) if keys else hurry(gateway)
    cast.acme.expect("We are calling the technician on call")
    assert result_of_call(gateway) == (None, "ticket opened", True)


def test_joined_out_of_the_call_back_menu(gateway: Gateway, cast: Cast) -> None:
    """Whoever still thinks about a number has not left: a technician who accepts is joined at once."""
    asks_for_a_call(gateway, cast)
    cast.ada.answer()
    cast.ada.expect("The caller is on the line")
    cast.ada.press("1")
    cast.acme.expect("technician is here")
    gateway.joined(2)
