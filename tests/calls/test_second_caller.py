"""A second caller about a ticket: into the conversation that goes on, or to those who wait for one."""

import re

import pytest

from oncall.models.calls import PhoneCall
from oncall.models.conferences import Conference
from oncall.models.pages import Page
from oncall.models.tickets import Ticket
from simulator.driven_phone import DrivenPhone
from tests.calls.night_desk import (
    PATIENCE,
    accept,
    await_told,
    code_of,
    holders,
    join,
    page_states,
    text_and_hear,
    texts_afterwards,
    together,
    told,
    tries,
    work,
)
from tests.calls.people import ACME_PIN, Cast, report_problem
from tests.calls.stack import SPEED, Gateway

ANNOUNCED = "Another caller from Acme is joining the conversation."


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)


def call_about_it(phone: DrivenPhone, priority: str = "1", known: str = "P1") -> None:
    """Somebody of Acme calls and says that it is about the ticket that is open."""
    phone.dial()
    answers = {"type your PIN": f"{ACME_PIN}#", "system administrator": "1", "critical": priority}
    for heard, keys in answers.items():
        phone.expect(heard, PATIENCE)
        phone.press(keys)
    phone.expect(f"open {known} ticket", PATIENCE)
    phone.press("1")


def talk(gateway: Gateway, cast: Cast, priority: str = "1") -> str:
    """Ada talks with Acme; the ticket's number."""
    number = report_problem(cast.acme, priority=priority)
    join(gateway, cast.acme, cast.ada)
    return number


def all_three(gateway: Gateway, cast: Cast) -> None:
    """The second caller is in the conversation."""
    cast.stranger.expect("Ada is talking about this ticket already. I am joining you with the conversation", PATIENCE)
    gateway.joined(3, PATIENCE)
    gateway.settle()
    cast.stranger.speak("I see it as well")
    cast.ada.expect("I see it as well", PATIENCE)
    cast.acme.expect("I see it as well", PATIENCE)


def assignees(gateway: Gateway) -> list[str | None]:
    return [ticket.assignee.name if ticket.assignee else None for ticket in gateway.rows(Ticket)]


def test_into_the_conversation(gateway: Gateway, cast: Cast) -> None:
    """Announced, nobody is rung, and the ticket stays Ada's; each caller is thanked, and it is one intervention."""
    number = report_problem(cast.acme)
    code = code_of(cast.ada)
    join(gateway, cast.acme, cast.ada)
    call_about_it(cast.stranger)
    cast.ada.expect(ANNOUNCED, PATIENCE)
    cast.acme.expect(ANNOUNCED, PATIENCE)
    all_three(gateway, cast)
    assert sum("Another caller" in entry.text for entry in cast.ada.transcript) == 1
    assert page_states(gateway) == ["accepted"]
    assert tries(gateway) == [(1, "Ada", "accepted")]
    assert assignees(gateway) == ["Ada Rossi"]
    assert cast.bruno.state == "idle"
    assert len(gateway.rows(Conference)) == 1
    [ticket] = gateway.rows(Ticket)
    assert (ticket.caller_number, ticket.callback_number) == (cast.acme.number, None)
    text_and_hear(cast.ada, f"ACK {code}", f"{number} is yours")
    assert page_states(gateway) == ["accepted"]
    cast.stranger.hang_up()
    cast.stranger.expect_text(f"you spoke with Ada about ticket {number}", PATIENCE)
    gateway.settle()
    cast.acme.speak("Only we two now")
    cast.ada.expect("Only we two now", PATIENCE)
    assert "no longer on the line" not in cast.ada.story()
    cast.acme.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    cast.acme.expect_text(f"you spoke with Ada about ticket {number}", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call")]
    assert texts_afterwards(gateway) == 2
    assert any("called again from" in words and "joined with the conversation" in words for words in told(gateway))


def test_the_first_caller_leaves_first(gateway: Gateway, cast: Cast) -> None:
    """The technician is alone only when the last one has gone."""
    talk(gateway, cast)
    call_about_it(cast.stranger)
    all_three(gateway, cast)
    cast.acme.hang_up()
    gateway.settle()
    cast.stranger.speak("I am still here")
    cast.ada.expect("I am still here", PATIENCE)
    assert "no longer on the line" not in cast.ada.story()
    cast.stranger.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call")]
    assert texts_afterwards(gateway) == 2


def test_a_third_one_too(gateway: Gateway, cast: Cast) -> None:
    talk(gateway, cast)
    call_about_it(cast.stranger)
    all_three(gateway, cast)
    call_about_it(cast.beta)
    cast.stranger.expect(ANNOUNCED, PATIENCE)
    gateway.joined(4, PATIENCE)
    gateway.settle()
    assert page_states(gateway) == ["accepted"]
    for phone in (cast.stranger, cast.acme, cast.beta):
        assert "no longer on the line" not in cast.ada.story()
        phone.hang_up()
        gateway.settle()
    cast.ada.expect("no longer on the line", PATIENCE)


def test_the_technician_leaves_both(gateway: Gateway, cast: Cast) -> None:
    """Every caller is treated alike."""
    talk(gateway, cast)
    call_about_it(cast.stranger)
    all_three(gateway, cast)
    cast.ada.hang_up()
    heard = "technician"
    for phone in (cast.acme, cast.stranger):
        phone.expect(heard, PATIENCE)


def test_while_the_technician_is_at_the_keys(gateway: Gateway, cast: Cast) -> None:
    """Both callers hear music; who was at the keys hears of the second one on the way back."""
    talk(gateway, cast)
    gateway.network.set_speed(1)
    cast.ada.press("*")
    cast.ada.expect("The caller hears music", PATIENCE)
    for keys in "7070":  # wrong keys keep the question open while the second caller comes
        cast.ada.press(keys)
        cast.ada.expect("The caller hears music", PATIENCE)
        if keys == "7" and cast.stranger.state == "idle":
            gateway.network.set_speed(SPEED)
            call_about_it(cast.stranger)
            gateway.network.set_speed(1)
    gateway.joined(2, PATIENCE)

    def both_hold() -> bool:
        people = [one for room in gateway.network.exchange.conferences.all for one in room.participants.values()]
        return len(people) == 2 and all(one.hold for one in people)

    gateway.network.wait(both_hold, PATIENCE, "music for both")
    cast.ada.press("1")
    cast.ada.expect("Another caller has joined the conversation meanwhile", PATIENCE)
    gateway.network.set_speed(SPEED)
    gateway.joined(3, PATIENCE)
    gateway.settle()
    cast.ada.speak("Good evening to both")
    cast.acme.expect("Good evening to both", PATIENCE)
    cast.stranger.expect("Good evening to both", PATIENCE)
    assert page_states(gateway) == ["accepted"]


def test_two_technicians_in_the_room(gateway: Gateway, cast: Cast) -> None:
    """The search for a colleague, and their coming, are no reason to call anybody else."""
    talk(gateway, cast)
    gateway.network.set_speed(1)
    cast.ada.press("*")
    cast.ada.expect("To bring in a colleague, press 2", PATIENCE)
    cast.ada.press("2")
    gateway.network.set_speed(SPEED)
    accept(cast.bruno)
    gateway.joined(3, PATIENCE)
    gateway.settle()
    call_about_it(cast.stranger)
    cast.stranger.expect("Ada and Bruno are talking about this ticket already", PATIENCE)
    cast.bruno.expect(ANNOUNCED, PATIENCE)
    gateway.joined(4, PATIENCE)
    gateway.settle()
    assert page_states(gateway) == ["accepted", "accepted"]
    assert assignees(gateway) == ["Ada Rossi"]


def test_while_the_customer_is_being_called_back(gateway: Gateway, cast: Cast) -> None:
    """Ada waits alone in the room for Acme: the other one comes in, and stays when Acme does not pick up."""
    report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.ada.expect("no longer on the line.*press 1", PATIENCE)
    cast.ada.press("1")
    cast.acme.rings(PATIENCE)
    gateway.joined(1, PATIENCE)
    call_about_it(cast.stranger)
    cast.stranger.expect("Ada is talking about this ticket already", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.acme.decline(PATIENCE)
    await_told(gateway, "The customer did not pick up")
    gateway.settle()
    cast.stranger.speak("My colleague is on the train")
    cast.ada.expect("My colleague is on the train", PATIENCE)
    assert "did not pick up" not in cast.ada.story()
    cast.stranger.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)


def test_the_other_one_leaves_while_the_customer_is_called_back(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.ada.expect("no longer on the line.*press 1", PATIENCE)
    cast.ada.press("1")
    cast.acme.rings(PATIENCE)
    gateway.joined(1, PATIENCE)
    call_about_it(cast.stranger)
    gateway.joined(2, PATIENCE)
    cast.stranger.hang_up()
    gateway.settle()
    cast.acme.answer(PATIENCE)
    cast.acme.expect("Ada is on the line", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.acme.speak("There you are")
    cast.ada.expect("There you are", PATIENCE)


def test_both_wait_and_are_brought_together(gateway: Gateway, cast: Cast) -> None:
    """Nobody has accepted yet: the page goes on as it was, and no round begins anew."""
    report_problem(cast.acme)
    cast.ada.decline(PATIENCE)
    cast.bruno.rings(PATIENCE)
    call_about_it(cast.stranger)
    cast.stranger.expect("We are calling the second person on the list", PATIENCE)
    gateway.settle()
    assert tries(gateway) == [(1, "Ada", "busy"), (1, "Bruno", None)]
    assert len(gateway.rows(Page)) == 1
    accept(cast.bruno)
    for phone in (cast.acme, cast.stranger):
        phone.expect("A technician is here", PATIENCE)
    gateway.joined(3, PATIENCE)
    gateway.settle()
    cast.bruno.speak("Good evening")
    cast.acme.expect("Good evening", PATIENCE)
    cast.stranger.expect("Good evening", PATIENCE)
    assert page_states(gateway) == ["accepted"]


def test_accepted_and_not_joined_yet(gateway: Gateway, cast: Cast) -> None:
    """Accepted by text: the second caller waits for the same phone to be picked up."""
    report_problem(cast.acme)
    code = code_of(cast.ada)
    cast.ada.decline(PATIENCE)
    cast.bruno.rings(PATIENCE)
    cast.ada.send_text(f"ACK {code}")
    cast.ada.rings(PATIENCE)
    call_about_it(cast.stranger)
    cast.stranger.expect("Ada has taken your ticket and is being connected with you", PATIENCE)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("Press 1 to talk", PATIENCE)
    cast.ada.press("1")
    gateway.joined(3, PATIENCE)
    gateway.settle()
    assert page_states(gateway) == ["accepted"]
    assert holders(gateway) == ["Ada Rossi"]


def test_the_waiting_one_who_leaves_is_not_called_back_for(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.acme.press("#")
    cast.ada.rings(PATIENCE)
    call_about_it(cast.stranger)
    cast.stranger.expect("We are calling", PATIENCE)
    cast.stranger.hang_up()
    await_told(gateway, "One of the callers hung up while waiting; another one is on the line")
    [ticket] = gateway.rows(Ticket)
    assert ticket.callback_number is None
    accept(cast.ada)
    cast.acme.expect("A technician is here", PATIENCE)


def test_the_conversation_ends_in_that_very_moment(gateway: Gateway, cast: Cast) -> None:
    """The second caller is on the way into a room that is over by then: they wait, and Ada is rung."""
    talk(gateway, cast)
    gateway.network.hold_callbacks()
    cast.stranger.dial()
    for heard, keys in {"type your PIN": f"{ACME_PIN}#", "system administrator": "1", "critical": "1"}.items():
        cast.stranger.expect(heard, PATIENCE)
        cast.stranger.press(keys)
    cast.stranger.expect("open P1 ticket", PATIENCE)
    gateway.network.fail_api(503, times=2, path=f"/Calls/{cast.stranger.call_sid}", method="POST")
    cast.stranger.press("1")
    await_told(gateway, "joined with the conversation")
    cast.acme.hang_up()
    cast.ada.hang_up()
    gateway.network.release()
    cast.ada.rings(PATIENCE)
    accept(cast.ada)
    cast.stranger.expect("A technician is here|I am joining you", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.stranger.speak("At last")
    cast.ada.expect("At last", PATIENCE)
    assert cast.bruno.state == "idle"


def test_a_priority_that_is_raised_counts_and_is_told(gateway: Gateway, cast: Cast) -> None:
    """P2 so far; the second caller says that all is down."""
    talk(gateway, cast, priority="2")
    call_about_it(cast.stranger, priority="1", known="P2")
    cast.ada.expect(f"{ANNOUNCED} They report it as P1 now", PATIENCE)
    gateway.joined(3, PATIENCE)
    gateway.settle()
    [ticket] = gateway.rows(Ticket)
    assert ticket.priority == "P1"
    assert "The customer reports P1 now, it was P2." in told(gateway)
    assert page_states(gateway) == ["accepted"]


def test_from_the_same_phone_while_the_first_leg_is_believed_to_be_there(gateway: Gateway, cast: Cast) -> None:
    """Its end was never reported: the same person is in the conversation again, once."""
    talk(gateway, cast)
    gateway.network.hold_callbacks()
    gateway.network.configure(status_url="")
    gateway.processes["web"].stop()
    cast.acme.hang_up()
    gateway.network.settle()
    gateway.start_web()
    gateway.await_web()
    gateway.network.journal.warnings.clear()
    gateway.network.configure(status_url=f"{gateway.url}/ivr/status")
    call_about_it(cast.acme)
    cast.acme.expect("Ada is talking about this ticket|A technician is here|We are calling", PATIENCE)
    gateway.network.release([])
    gateway.settle()
    callers = gateway.rows(PhoneCall, PhoneCall.direction == "in")
    assert [call.state for call in callers] == ["ended", "answered"]
    assert len(gateway.rows(Ticket)) == 1


def test_everything_delivered_twice(gateway: Gateway, cast: Cast) -> None:
    """One more caller, one announcement, one conversation."""
    talk(gateway, cast)
    gateway.network.disturb(duplicate=True)
    call_about_it(cast.stranger)
    all_three(gateway, cast)
    gateway.network.disturb()
    assert sum("Another caller" in entry.text for entry in cast.ada.transcript) <= 2
    assert page_states(gateway) == ["accepted"]
    cast.stranger.hang_up()
    cast.acme.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call")]


def test_a_network_that_takes_no_announcement_at_first(gateway: Gateway, cast: Cast) -> None:
    talk(gateway, cast)
    gateway.network.fail_api(503, times=2, path="/Conferences/", method="POST")
    call_about_it(cast.stranger)
    cast.ada.expect(ANNOUNCED, PATIENCE)
    all_three(gateway, cast)


def test_announced_though_no_report_told_the_conferences_name(gateway: Gateway, cast: Cast) -> None:
    """It is found by the room's name."""
    report_problem(cast.acme)
    gateway.network.hold_callbacks()
    accept(cast.ada)
    together(gateway, 2)
    call_about_it(cast.stranger)
    cast.ada.expect(ANNOUNCED, PATIENCE)
    together(gateway, 3)
    gateway.network.release([])
    assert re.search("Conferences", " ".join(record.url for record in gateway.network.journal.requests("Conferences")))


def test_the_record_of_a_second_caller_is_their_own_call(gateway: Gateway, cast: Cast) -> None:
    talk(gateway, cast)
    call_about_it(cast.stranger)
    all_three(gateway, cast)
    [call] = gateway.rows(PhoneCall, PhoneCall.number == cast.stranger.number)
    assert (call.result, call.waiting) == ("joined with a technician", False)
