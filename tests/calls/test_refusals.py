"""Everybody who is turned away: their own sentence, their own record, nobody woken."""

from datetime import timedelta

import pytest

from ivr.useless import MOST_WRONG_KEYS
from oncall.models.calls import PhoneCall
from oncall.models.customers import Customer
from oncall.models.messages import Message
from oncall.models.pages import Page
from oncall.models.refusals import BlockedNumber, Refusal
from oncall.models.tickets import Ticket
from oncall.models.work.recordings import Recording
from tests.calls.people import (
    ACME_PIN,
    APAC_PIN,
    FUTURE_PIN,
    GOLD_PIN,
    LAPSED_PIN,
    OLD_PIN,
    STRANGER,
    UNPAID_PIN,
    Cast,
    hurry,
)
from tests.calls.stack import Gateway
from tests.conftest import SUNDAY_NIGHT

LEVEL, PRIORITY = "system administrator", "critical"


def up_to(cast: Cast, question: str) -> None:
    """Acme calls and answers everything before a question."""
    answers = {"type your PIN": f"{ACME_PIN}#", LEVEL: "1", PRIORITY: "1"}
    cast.acme.dial()
    for heard, keys in answers.items():
        cast.acme.expect(heard)
        if heard == question:
            return
        cast.acme.press(keys)


def nobody_was_woken(gateway: Gateway, cast: Cast, tickets: int = 0) -> None:
    """No page, no ticket but the one of a message, no text, no ringing."""
    gateway.settle()
    assert gateway.rows(Page) == []
    assert len(gateway.rows(Ticket)) == tickets
    assert gateway.rows(Message, Message.channel == "text") == []
    assert [call.direction for call in gateway.rows(PhoneCall)] == ["in"]
    assert {phone.state for phone in (cast.ada, cast.bruno, cast.carla, cast.dino)} == {"idle"}


def refused(gateway: Gateway, reason: str, customer: str | None = None) -> None:
    """One refusal, with its reason and, where a PIN told it, its customer."""
    gateway.settle()
    [refusal] = gateway.rows(Refusal)
    names = [row.name for row in gateway.rows(Customer, Customer.id == refusal.customer_id)]
    assert (refusal.reason, names) == (reason, [customer] if customer else [])
    [call] = gateway.rows(PhoneCall)
    assert (call.id, call.result, call.state) == (refusal.call_id, f"refused: {reason}", "ended")


@pytest.mark.parametrize(
    ("pin", "reason", "customer", "words"),
    [
        (GOLD_PIN, "not_platinum", "Golden", "part of Platinum. Please open a ticket on the web, at support"),
        (LAPSED_PIN, "lapsed", "Lapsed", "has expired.*until it is renewed. Please ask your sales contact"),
        (FUTURE_PIN, "not_begun", "Future", "has not begun yet. Please ask your sales contact"),
        (UNPAID_PIN, "unpaid", "Unpaid", "fees .* have not been paid.*accounts office"),
        (APAC_PIN, "apac", "Pacific", "not offered in the Asia-Pacific region. Please open a ticket on the web"),
        (OLD_PIN, "end_of_life", "Antique", "past their end of life. Please ask your sales contact about an upgrade"),
    ],
)
def test_no_right_to_the_service(
    gateway: Gateway, cast: Cast, pin: str, reason: str, customer: str, words: str
) -> None:
    cast.stranger.dial()
    cast.stranger.expect("after-hours support, in English only")
    cast.stranger.press(f"{pin}#")
    hurry(gateway)
    cast.stranger.expect(f"{words}.*Goodbye")
    assert cast.stranger.hung_up() == "completed"
    refused(gateway, reason, customer)
    nobody_was_woken(gateway, cast)


def test_end_user(gateway: Gateway, cast: Cast) -> None:
    up_to(cast, LEVEL)
    cast.acme.press("2")
    hurry(gateway)
    cast.acme.expect("for administrators and partners.*turn to your own administrator")
    cast.acme.hung_up()
    refused(gateway, "end_user", "Acme")
    nobody_was_woken(gateway, cast)


def test_planned_maintenance_is_not_booked(gateway: Gateway, cast: Cast) -> None:
    up_to(cast, PRIORITY)
    cast.acme.press("3")
    hurry(gateway)
    cast.acme.expect("No maintenance is booked with us for this time. Please book it in office hours")
    cast.acme.hung_up()
    refused(gateway, "no_maintenance_window", "Acme")
    nobody_was_woken(gateway, cast)


def test_low_priority_without_a_message(gateway: Gateway, cast: Cast) -> None:
    up_to(cast, PRIORITY)
    cast.acme.press("4")
    cast.acme.expect("I call nobody now. But you may leave a message")
    hurry(gateway)
    cast.acme.expect("I heard no message.*open a ticket on the web, at support.example.org. Goodbye")
    cast.acme.hung_up()
    refused(gateway, "low_priority", "Acme")
    nobody_was_woken(gateway, cast)


def test_low_priority_with_a_message(gateway: Gateway, cast: Cast) -> None:
    """A ticket for the next working day: Sunday night's is due on Monday, four working hours after nine."""
    up_to(cast, PRIORITY)
    cast.acme.press("4")
    cast.acme.expect("beep", complete=True)
    cast.acme.speak("We would like another language", wait=True)
    cast.acme.press("#")
    hurry(gateway)
    heard = cast.acme.expect(r"ticket number is ((?:\d, )+\d)\. I repeat: ((?:\d, )+\d)\..*next working day")
    cast.acme.hung_up()
    nobody_was_woken(gateway, cast, tickets=1)
    [ticket] = gateway.rows(Ticket)
    assert heard.group(1) == heard.group(2) == ", ".join(str(ticket.number))
    assert (ticket.priority, ticket.state, ticket.customer.name) == ("P3", "open", "Acme")
    assert ticket.due_at == SUNDAY_NIGHT + timedelta(days=1, hours=11)
    [recording] = gateway.rows(Recording)
    assert (recording.kind, recording.ticket_id) == ("message", ticket.id)
    assert recording.seconds
    [mail] = gateway.rows(Message)
    assert (mail.channel, mail.recipient) == ("mail", "it@acme.example")
    assert [row.reason for row in gateway.rows(Refusal)] == ["low_priority"]


def test_low_priority_message_ended_by_hanging_up(gateway: Gateway, cast: Cast) -> None:
    up_to(cast, PRIORITY)
    cast.acme.press("4")
    cast.acme.expect("just hang up")
    cast.acme.expect("beep", complete=True)
    cast.acme.speak("A question about the manual", wait=True)
    cast.acme.hang_up()
    nobody_was_woken(gateway, cast, tickets=1)
    [ticket] = gateway.rows(Ticket)
    assert ticket.priority == "P3"
    assert [recording.kind for recording in gateway.rows(Recording)] == ["message"]


def test_wrong_pin_three_times(gateway: Gateway, cast: Cast) -> None:
    cast.stranger.dial()
    cast.stranger.expect("type your PIN")
    cast.stranger.press("11111111#")
    cast.stranger.expect("This PIN is not right.*You have 2 more tries")
    cast.stranger.press("22222222#")
    cast.stranger.expect("This PIN is not right.*You have one more try")
    cast.stranger.press("33333333#")
    hurry(gateway)
    cast.stranger.expect("not right. Please look for the PIN in your contract's papers")
    cast.stranger.hung_up()
    refused(gateway, "wrong_pin")
    nobody_was_woken(gateway, cast)


def test_wrong_staff_pin_three_times(gateway: Gateway, cast: Cast) -> None:
    cast.ada.dial()
    cast.ada.expect("Hello. For the technician menu, type your own PIN")
    for _ in range(3):
        cast.ada.press("99999999#")
        cast.ada.expect("This PIN is not right")
    cast.ada.expect("ask your manager for a new one")
    cast.ada.hung_up()
    refused(gateway, "wrong_staff_pin")
    nobody_was_woken(gateway, cast)


def test_guess_limit(gateway: Gateway, cast: Cast) -> None:
    """Five wrong PINs an hour from one number; the sixth try is not even looked at, though it is right."""
    for guesses in (3, 2):
        cast.stranger.dial()
        cast.stranger.expect("type your PIN")
        for guess in range(guesses):
            cast.stranger.press(f"1234567{guess}#")
            cast.stranger.expect("This PIN is not right")
        cast.stranger.press(f"{ACME_PIN}#") if guesses == 2 else None
        if guesses == 3:
            cast.stranger.hung_up()
    cast.stranger.expect("too many wrong PINs lately.*registered with us, or try again in an hour")
    cast.stranger.hung_up()
    gateway.settle()
    assert [row.reason for row in gateway.rows(Refusal)] == ["wrong_pin", "guess_limit"]
    assert [call.customer_id for call in gateway.rows(PhoneCall)] == [None, None]
    assert gateway.rows(Page) == []


def test_silence_at_the_pin(gateway: Gateway, cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    hurry(gateway)
    cast.acme.expect("did not hear any keys. Please type your PIN on the keypad")
    cast.acme.expect("I have to end this call. Please open a ticket on the web, at support.example.org. Goodbye")
    cast.acme.hung_up()
    refused(gateway, "silent")
    nobody_was_woken(gateway, cast)


@pytest.mark.parametrize("question", [LEVEL, PRIORITY])
def test_silence_at_a_question(gateway: Gateway, cast: Cast, question: str) -> None:
    up_to(cast, question)
    hurry(gateway)
    for _ in range(2):
        cast.acme.expect(f"did not hear a key.*{question}")
    cast.acme.expect("did not hear any keys, so I have to end this call.*on the web")
    cast.acme.hung_up()
    refused(gateway, "silent", "Acme")
    nobody_was_woken(gateway, cast)


@pytest.mark.parametrize("question", [LEVEL, PRIORITY])
def test_useless_keys(gateway: Gateway, cast: Cast, question: str) -> None:
    up_to(cast, question)
    gateway.network.set_speed(1)
    for place in range(MOST_WRONG_KEYS):
        cast.acme.press("790"[place % 3])
        cast.acme.expect(f"that key is not in use here.*{question}")
    cast.acme.press("8")
    hurry(gateway)
    cast.acme.expect("could not understand your choice. Please call again")
    cast.acme.hung_up()
    refused(gateway, "invalid_key", "Acme")
    nobody_was_woken(gateway, cast)


def test_blocked_number_is_rejected_unanswered(gateway: Gateway, cast: Cast) -> None:
    with gateway.database.transaction() as session:
        session.add(BlockedNumber(number=STRANGER, reason="prank calls"))
    cast.stranger.dial()
    assert cast.stranger.hung_up() == "no-answer"
    assert [entry for entry in cast.stranger.transcript if entry.kind == "said"] == []
    refused(gateway, "blocked_number")
    nobody_was_woken(gateway, cast)
