"""A key without a meaning is neither an answer nor silence: it is told as such, and the question is asked again."""

import pytest

from ivr.useless import MOST_WRONG_KEYS
from oncall.models.calls import PhoneCall
from oncall.models.drills import Drill
from oncall.models.messages import Message
from oncall.models.stored_settings import PAGING, write
from oncall.models.tickets import Ticket
from simulator.driven_phone import DrivenPhone
from tests.calls.drills.desk import DRILL, DRILLED, begin_drills
from tests.calls.night_desk import PATIENCE, accept, await_told, code_of, join, page_states, told, tries
from tests.calls.people import ACME_PIN, ADA_PIN, Cast, hurry, report_problem
from tests.calls.stack import SPEED, Gateway

WRONG = "that key is not in use here"


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)


def play(phone: DrivenPhone, question: str, keys: str = "0") -> None:
    """Somebody presses keys without a meaning, one after the other, up to the last one that is answered patiently."""
    for place in range(MOST_WRONG_KEYS):
        phone.press(keys[place % len(keys)])
        phone.expect(f"{WRONG}.*{question}", PATIENCE)


def read_to(gateway: Gateway, phone: DrivenPhone) -> None:
    """The phone is picked up and a page is read; from here on time goes slowly, so that nothing is silence."""
    phone.answer(PATIENCE)
    phone.expect("P1, ticket", PATIENCE)
    gateway.network.set_speed(1)


# --- the page ---


@pytest.mark.parametrize("keys", ["78", "0#", "*5"])
def test_wrong_keys_cost_no_reading(gateway: Gateway, cast: Cast, keys: str) -> None:
    """Two of them, then the right one."""
    report_problem(cast.acme)
    read_to(gateway, cast.ada)
    for key in keys:
        cast.ada.press(key)
        cast.ada.expect(f"{WRONG}.*P1, ticket", PATIENCE)
    assert tries(gateway) == [(1, "Ada", None)]
    cast.ada.press("1")
    cast.ada.expect("It is yours", PATIENCE)
    gateway.network.set_speed(SPEED)
    gateway.joined(2, PATIENCE)


def test_several_digits_are_keys_one_by_one(gateway: Gateway, cast: Cast) -> None:
    """The first of them decides; what follows falls on nobody's ear, and accepts nothing."""
    report_problem(cast.acme)
    read_to(gateway, cast.ada)
    cast.ada.press("71")
    cast.ada.expect(f"{WRONG}.*P1, ticket", PATIENCE)
    gateway.network.settle()
    assert page_states(gateway) == ["paging"]


def test_a_key_while_the_sentence_runs_counts(gateway: Gateway, cast: Cast) -> None:
    """What is said about the wrong key can be typed over from its first word."""
    report_problem(cast.acme)
    read_to(gateway, cast.ada)
    cast.ada.press("8")
    cast.ada.expect("Sorry", PATIENCE)
    cast.ada.press("1")
    cast.ada.expect("It is yours", PATIENCE)


def test_silence_after_a_wrong_key_is_heard_twice(gateway: Gateway, cast: Cast) -> None:
    """A wrong key, then two readings without one: the record doesn't say that no key was pressed."""
    report_problem(cast.acme)
    read_to(gateway, cast.ada)
    cast.ada.press("7")
    cast.ada.expect(WRONG, PATIENCE)
    hurry(gateway)
    cast.ada.expect("P1, ticket .*P1, ticket", PATIENCE)
    cast.ada.expect("Only keys that are not in use here were pressed, so the next person is called. Goodbye", PATIENCE)
    gateway.network.set_speed(SPEED)
    cast.bruno.rings(PATIENCE)
    assert tries(gateway) == [(1, "Ada", "wrong keys"), (1, "Bruno", None)]
    assert "Ada Rossi's phone was answered, but only keys without a meaning were pressed." in told(gateway)
    assert not any("nobody pressed" in words for words in told(gateway))


def test_a_child_with_the_phone(gateway: Gateway, cast: Cast) -> None:
    """The page goes on to the next person, with the truth on record."""
    report_problem(cast.acme)
    read_to(gateway, cast.ada)
    play(cast.ada, "P1, ticket", "0456*#")
    assert tries(gateway) == [(1, "Ada", None)]
    cast.ada.press("8")
    cast.ada.expect("Only keys that are not in use here were pressed, so the next person is called. Goodbye", PATIENCE)
    gateway.network.set_speed(SPEED)
    cast.bruno.rings(PATIENCE)
    cast.ada.hung_up(PATIENCE)
    assert tries(gateway) == [(1, "Ada", "wrong keys"), (1, "Bruno", None)]


def test_a_wrong_key_and_the_phone_put_down(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    read_to(gateway, cast.ada)
    cast.ada.press("7")
    cast.ada.expect(WRONG, PATIENCE)
    cast.ada.hang_up()
    gateway.network.set_speed(SPEED)
    cast.bruno.rings(PATIENCE)
    assert tries(gateway) == [(1, "Ada", "wrong keys"), (1, "Bruno", None)]


def test_who_asked_for_more_has_pressed_a_key(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    read_to(gateway, cast.ada)
    cast.ada.press("3")
    cast.ada.expect("no intervention so far", PATIENCE)
    hurry(gateway)
    cast.ada.expect("Neither 1 nor 2 was pressed, so the next person is called", PATIENCE)
    gateway.network.set_speed(SPEED)
    cast.bruno.rings(PATIENCE)
    assert "Ada Rossi heard it, but pressed neither 1 to accept nor 2 to pass it on." in told(gateway)


def test_the_same_wrong_key_delivered_twice_counts_once(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    read_to(gateway, cast.ada)
    gateway.network.disturb(duplicate=True)
    play(cast.ada, "P1, ticket")
    gateway.network.disturb()
    cast.ada.press("1")
    cast.ada.expect("It is yours", PATIENCE)


def test_accepted_by_text_then_wrong_keys(gateway: Gateway, cast: Cast) -> None:
    """Press 1 to talk: 4 is told as wrong; too many end the call with the truth, and the page begins again."""
    report_problem(cast.acme)
    code = code_of(cast.ada)
    cast.ada.decline(PATIENCE)
    cast.ada.send_text(f"ACK {code}")
    cast.ada.answer(PATIENCE)
    cast.ada.expect("Press 1 to talk", PATIENCE)
    gateway.network.set_speed(1)
    play(cast.ada, "Press 1 to talk", "43#")
    cast.ada.press("0")
    cast.ada.expect("Only keys that are not in use here were pressed, so the next person is called. Goodbye", PATIENCE)
    gateway.network.set_speed(SPEED)
    await_told(gateway, "Accepted, but not joined with the caller: paging again")


# --- other questions to technicians ---


def test_at_the_keys_beside_a_conversation(gateway: Gateway, cast: Cast) -> None:
    """A wrong key leads nowhere, and the way back stays open; too many lead back by themselves."""
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    gateway.network.set_speed(1)
    cast.ada.press("*")
    cast.ada.expect("The caller hears music. To go back, press 1", PATIENCE)
    play(cast.ada, "The caller hears music. To go back, press 1", "789")
    cast.ada.press("0")
    cast.ada.expect("Only keys that are not in use here were pressed. Going back", PATIENCE)
    gateway.network.set_speed(SPEED)
    gateway.joined(2, PATIENCE)
    gateway.settle()
    cast.ada.speak("Here again")
    cast.acme.expect("Here again", PATIENCE)


def test_after_a_conversation(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    cast.acme.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    gateway.network.set_speed(1)
    play(cast.ada, "To call the customer, press 1", "9")
    cast.ada.press("#")
    cast.ada.expect("Only keys that are not in use here were pressed. The ticket stays open, and it stays with you")


def test_in_the_menu_and_at_a_ticket(gateway: Gateway, cast: Cast) -> None:
    """Each question counts for itself."""
    report_problem(cast.acme)
    cast.ada.decline(PATIENCE)
    cast.ada.dial()
    cast.ada.expect("type your own PIN", PATIENCE)
    cast.ada.press(f"{ADA_PIN}#")
    cast.ada.expect("Technician menu", PATIENCE)
    gateway.network.set_speed(1)
    play(cast.ada, "Technician menu", "78#")
    cast.ada.press("1")
    cast.ada.expect("P1, ticket", PATIENCE)
    play(cast.ada, "P1, ticket", "0")
    cast.ada.press("#")
    cast.ada.expect("Only keys that are not in use here were pressed. Goodbye", PATIENCE)


def test_the_test_call(gateway: Gateway, cast: Cast) -> None:
    """Only key 1 passes it; others are no silence, and those in charge hear what really happened."""
    gateway.load(DRILLED)
    with gateway.database.transaction() as session:
        write(session, PAGING, {"no_answer": 30, "drill": "02:00"})
    begin_drills(gateway, DRILL)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("This is a test call", PATIENCE)
    gateway.network.set_speed(1)
    play(cast.ada, "This is a test call", "29")
    cast.ada.press("5")
    cast.ada.expect("Key 1 was not pressed, only others. Goodbye", PATIENCE)
    gateway.network.set_speed(SPEED)
    cast.ada.hung_up(PATIENCE)
    gateway.settle()
    [drill] = gateway.rows(Drill)
    assert (drill.last_result, drill.wrong_keys) == ("no key", True)


# --- callers ---


def at(gateway: Gateway, phone: DrivenPhone, question: str) -> None:
    """A caller with a right PIN comes to a question; from here on time goes slowly."""
    phone.dial()
    for heard, keys in (("type your PIN", f"{ACME_PIN}#"), ("system administrator", "1"), ("critical", "1")):
        phone.expect(heard, PATIENCE)
        if heard == question:
            break
        phone.press(keys)
    gateway.network.set_speed(1)


@pytest.mark.parametrize("question", ["system administrator", "critical"])
def test_a_caller_who_plays(gateway: Gateway, cast: Cast, question: str) -> None:
    at(gateway, cast.acme, question)
    play(cast.acme, question, "7#0*")
    cast.acme.press("9")
    cast.acme.expect("I could not understand your choice. Please call again", PATIENCE)
    cast.acme.hang_up()
    gateway.settle()
    [call] = gateway.rows(PhoneCall)
    assert call.result == "refused: invalid_key"


def test_a_caller_who_errs_and_then_waits_too_long(gateway: Gateway, cast: Cast) -> None:
    """Silences are counted apart: three of them end the call, and nobody says that no key was pressed."""
    at(gateway, cast.acme, "critical")
    cast.acme.press("7")
    cast.acme.expect(f"{WRONG}.*critical", PATIENCE)
    hurry(gateway)
    for _ in range(2):
        cast.acme.expect("I did not hear a key.*critical", PATIENCE)
    cast.acme.expect("I could not understand your choice", PATIENCE)


def test_the_known_problem(gateway: Gateway, cast: Cast) -> None:
    """Who presses 5 is asked again; who plays on is still helped, with a ticket of their own."""
    first = report_problem(cast.acme)
    cast.acme.hang_up()
    at(gateway, cast.stranger, "")
    cast.stranger.expect("open P1 ticket", PATIENCE)
    play(cast.stranger, f"open P1 ticket, number {', '.join(first)}", "5#")
    cast.stranger.press("*")
    cast.stranger.expect("Your ticket number is", PATIENCE)
    assert len(gateway.rows(Ticket)) == 2


def test_at_the_pin_a_slip_is_told_as_one(gateway: Gateway, cast: Cast) -> None:
    at(gateway, cast.acme, "type your PIN")
    for slip in ("48*15#", "0#"):
        cast.acme.press(slip)
        cast.acme.expect(f"({WRONG}|Our office is closed now).*type your PIN", PATIENCE)
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator", PATIENCE)


def test_who_waits_is_never_sent_away(gateway: Gateway, cast: Cast) -> None:
    """Wrong keys are told as such; after too many none is listened to for one round, then again."""
    report_problem(cast.acme)
    hurry(gateway)
    cast.acme.expect("To be called back instead of waiting, press 1", PATIENCE)
    gateway.network.set_speed(1)
    play(cast.acme, "To be called back instead of waiting, press 1", "95#")
    cast.acme.press("*")
    cast.acme.expect("Only keys that are not in use here were pressed. I listen again after the music", PATIENCE)
    hurry(gateway)
    cast.acme.expect("We are calling the technician on call", PATIENCE)
    gateway.network.set_speed(SPEED)
    assert [call.waiting for call in gateway.rows(PhoneCall, PhoneCall.direction == "in")] == [True]
    accept(cast.ada)
    cast.acme.expect("A technician is here", PATIENCE)


def test_the_call_back_menu(gateway: Gateway, cast: Cast) -> None:
    """No number: asked again, and at last back to waiting. While a number is read back, only 2 means something."""
    report_problem(cast.acme)
    hurry(gateway)
    cast.acme.expect("To be called back instead of waiting, press 1", PATIENCE)
    gateway.network.set_speed(1)
    cast.acme.press("1")
    cast.acme.expect("press 1, then hash", PATIENCE)
    for _ in range(MOST_WRONG_KEYS):
        cast.acme.press("12#")
        cast.acme.expect("I can't call that number", PATIENCE)
    cast.acme.press("12#")
    cast.acme.expect("I could not understand a number", PATIENCE)
    cast.acme.press("1")
    cast.acme.expect("press 1, then hash", PATIENCE)
    cast.acme.press("3339998877#")
    cast.acme.expect("If the number is wrong, press 2", PATIENCE)
    cast.acme.press("7")
    cast.acme.expect(f"{WRONG}. If the number is wrong, press 2", PATIENCE)
    cast.acme.press("2")
    cast.acme.expect("press 1, then hash", PATIENCE)
    gateway.settle()
    assert [ticket.callback_number for ticket in gateway.rows(Ticket)] == [None]


def test_nobody_is_told_that_no_key_was_pressed(gateway: Gateway, cast: Cast) -> None:
    """After a night of wrong keys nothing on record speaks of silence."""
    report_problem(cast.acme)
    for phone in (cast.ada, cast.bruno):
        read_to(gateway, phone)
        phone.press("4")
        phone.expect(WRONG, PATIENCE)
        phone.hang_up()
        gateway.network.set_speed(SPEED)
    cast.carla.rings(PATIENCE)
    assert tries(gateway)[:2] == [(1, "Ada", "wrong keys"), (1, "Bruno", "wrong keys")]
    assert not any("no key" in message.body.lower() for message in gateway.rows(Message))
