"""What a technician in a conversation does with keys: aside and back, a colleague, handing over, the end, the note."""

import re

import pytest

from core.jobs import Urgency
from oncall.models import jobs
from oncall.models.conferences import Conference
from oncall.models.people import Person
from oncall.models.tickets import Intervention, Ticket
from tests.calls.night_desk import (
    PATIENCE,
    accept,
    holders,
    join,
    page_states,
    texts_afterwards,
    told,
    work,
)
from tests.calls.people import Cast, report_problem
from tests.calls.stack import SPEED, Gateway


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)


def talk(gateway: Gateway, cast: Cast) -> str:
    """Ada talks with Acme; the ticket's number."""
    number = report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    return number


def choose(gateway: Gateway, cast: Cast, offer: str) -> str:
    """Ada, talking with Acme, presses star and takes what is offered as "..., press 3"; the ticket's number."""
    number = talk(gateway, cast)
    star(gateway, cast, offer)
    cast.ada.press(offer[-1])
    gateway.network.set_speed(SPEED)
    return number


def star(gateway: Gateway, cast: Cast, offer: str) -> None:
    """Ada presses star and hears what she may press.

    Calls go slowly from here on: after a few seconds of silence the keys lead back by themselves.
    """
    gateway.network.set_speed(1)
    cast.ada.press("*")
    cast.ada.expect(offer, PATIENCE)


def step_aside(gateway: Gateway, cast: Cast) -> None:
    """Ada talks with Acme and presses star."""
    talk(gateway, cast)
    star(gateway, cast, "The caller hears music. To go back, press 1.")


def test_aside_and_back(gateway: Gateway, cast: Cast) -> None:
    """The caller hears music meanwhile; it is one intervention."""
    step_aside(gateway, cast)
    cast.acme.expect("hold.wav", PATIENCE)
    gateway.settle()
    assert [intervention.ended_at for intervention in gateway.rows(Intervention)] == [None]
    cast.ada.press("1")
    gateway.network.set_speed(SPEED)
    gateway.joined(2, PATIENCE)
    gateway.settle()
    cast.ada.speak("Back again")
    cast.acme.expect("Back again")
    cast.acme.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call")]


def test_back_in_an_instant_leaves_no_music(gateway: Gateway, cast: Cast) -> None:
    """Star and back, three times, while the network is slow to put the caller on hold and off again."""
    talk(gateway, cast)
    gateway.network.fail_api(503, times=4, path="/Participants/")
    for _ in range(3):
        star(gateway, cast, "To go back, press 1")
        cast.ada.press("1")
        gateway.network.set_speed(SPEED)
        gateway.joined(2, PATIENCE)
    await_no_hold(gateway)
    cast.ada.speak("Still there")
    cast.acme.expect("Still there")
    cast.acme.hang_up()
    gateway.settle()


def await_no_hold(gateway: Gateway) -> None:
    """Wait until nobody in any room hears music, and nothing is left to do about it."""

    def quiet() -> bool:
        with gateway.database.engine.connect() as connection:
            query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'hold_callers' AND status <> 'failed'"
            return connection.exec_driver_sql(query).scalar() == 0

    gateway.network.wait(quiet, PATIENCE, "the end of holding")
    gateway.settle()
    people = [one for room in gateway.network.exchange.conferences.all for one in room.participants.values()]
    assert not any(one.hold for one in people)


def test_silence_at_the_keys_goes_back(gateway: Gateway, cast: Cast) -> None:
    step_aside(gateway, cast)
    gateway.network.set_speed(SPEED)
    gateway.joined(2, PATIENCE)
    await_no_hold(gateway)
    cast.ada.speak("I pressed nothing")
    cast.acme.expect("I pressed nothing")


def test_a_colleague_comes_in(gateway: Gateway, cast: Cast) -> None:
    """Three talk; one leaves and the other stays; each has an intervention; the ticket stays with the first."""
    number = choose(gateway, cast, "To bring in a colleague, press 2")
    cast.ada.expect("A colleague is being called and will join you", PATIENCE)
    accept(cast.bruno)
    gateway.joined(3, PATIENCE)
    gateway.settle()
    cast.bruno.speak("Bruno here as well")
    cast.acme.expect("Bruno here as well")
    cast.ada.expect("Bruno here as well")
    cast.ada.hang_up()
    gateway.settle()
    cast.acme.speak("Do you still hear me")
    cast.bruno.expect("Do you still hear me")
    cast.acme.hang_up()
    cast.bruno.expect("no longer on the line", PATIENCE)
    cast.acme.expect_text(f"you spoke with Bruno about ticket {number}", PATIENCE)
    gateway.settle()
    assert sorted(work(gateway)) == [("Ada", "call"), ("Bruno", "call")]
    assert page_states(gateway) == ["accepted", "accepted"]
    assert [ticket.assignee.name for ticket in gateway.rows(Ticket) if ticket.assignee] == ["Ada Rossi"]


def test_a_colleague_who_texts_is_told_to_pick_up(gateway: Gateway, cast: Cast) -> None:
    """An ACK would silence the phone and join nobody: it rings on, and 1 brings him in."""
    number = choose(gateway, cast, "To bring in a colleague, press 2")
    cast.bruno.rings(PATIENCE)
    text = cast.bruno.expect_text(f"P1 ticket {number} Acme: a colleague in the conversation needs you", PATIENCE).body
    found = re.search(r"Answer your phone and press 1, or reply PASS (\d+)\.", text)
    assert found is not None
    cast.bruno.send_text(f"ACK {found.group(1)}")
    cast.bruno.expect_text(f"Ticket {number}: answer your phone and press 1.", PATIENCE)
    gateway.settle()
    assert page_states(gateway) == ["accepted", "paging"]
    accept(cast.bruno)
    gateway.joined(3, PATIENCE)
    assert page_states(gateway) == ["accepted", "accepted"]


def test_star_with_a_colleague_in_the_room_gives_no_music(gateway: Gateway, cast: Cast) -> None:
    choose(gateway, cast, "To bring in a colleague, press 2")
    accept(cast.bruno)
    gateway.joined(3, PATIENCE)
    gateway.settle()
    cast.ada.press("*")
    cast.ada.expect("The others go on talking. To go back, press 1", PATIENCE)
    gateway.settle()
    cast.acme.speak("Are you both there")
    cast.bruno.expect("Are you both there")
    await_no_hold(gateway)


def test_a_colleague_is_not_rung_any_longer_than_needed(gateway: Gateway, cast: Cast) -> None:
    choose(gateway, cast, "To bring in a colleague, press 2")
    cast.bruno.rings(PATIENCE)
    cast.acme.hang_up()
    assert cast.bruno.hung_up(PATIENCE) == "canceled"
    assert page_states(gateway) == ["accepted", "stopped"]
    assert "The conversation is over: no colleague is needed any more." in told(gateway)


def test_the_line_drops_while_a_colleague_is_called(gateway: Gateway, cast: Cast) -> None:
    """The search for a colleague becomes the search for somebody who takes over."""
    choose(gateway, cast, "To bring in a colleague, press 2")
    cast.bruno.rings(PATIENCE)
    cast.ada.hang_up()
    cast.acme.expect("technician has hung up", PATIENCE)
    accept(cast.bruno)
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    assert [ticket.assignee.name for ticket in gateway.rows(Ticket) if ticket.assignee] == ["Bruno Verdi"]


def test_handing_over(gateway: Gateway, cast: Cast) -> None:
    number = choose(gateway, cast, "To hand over, press 3")
    cast.ada.expect("A colleague is being called, and the caller waits for them. Thank you. Goodbye.", PATIENCE)
    cast.acme.expect("Your technician hands you over to a colleague", PATIENCE)
    accept(cast.bruno)
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    with gateway.database.transaction() as session:  # as when a worker dies at the end of this job: it comes again
        [ada], room = gateway.rows(Person, Person.name == "Ada Rossi"), gateway.rows(Conference)[0]
        jobs.hand_over.with_urgency(Urgency.NORMAL).wake(session, room_id=room.id, person_id=ada.id)
    gateway.settle()
    cast.bruno.hang_up()
    cast.acme.hang_up()
    cast.acme.expect_text(f"you spoke with Bruno about ticket {number}", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call"), ("Bruno", "call")]
    assert texts_afterwards(gateway) == 1
    assert holders(gateway) == ["Ada Rossi", "Bruno Verdi"]
    assert "Ada Rossi hands the ticket over." in told(gateway)


def test_ending_and_closing_with_a_note(gateway: Gateway, cast: Cast) -> None:
    number = choose(gateway, cast, "To end the conversation, press 4")
    cast.acme.expect("Your technician has ended the conversation. Thank you for calling. Goodbye.", PATIENCE)
    cast.ada.expect("The conversation has ended. To close the ticket with a spoken note, press 2.", PATIENCE)
    cast.ada.press("2")
    cast.ada.expect("beep", PATIENCE, complete=True)
    cast.ada.speak("Restarted the gateway", wait=True)
    cast.ada.press("#")
    cast.ada.expect(f"Ticket {', '.join(number)} is closed. Thank you. Goodbye.", PATIENCE)
    cast.acme.hung_up(PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call"), ("Ada", "note")]
    assert [ticket.state for ticket in gateway.rows(Ticket)] == ["closed"]


def test_hanging_up_during_the_note_closes_as_well(gateway: Gateway, cast: Cast) -> None:
    talk(gateway, cast)
    cast.acme.hang_up()
    cast.ada.expect("close the ticket with a spoken note, press 2", PATIENCE)
    cast.ada.press("2")
    cast.ada.expect("beep", PATIENCE, complete=True)
    cast.ada.speak("Restarted it", wait=True)
    cast.ada.hang_up()
    gateway.settle()
    assert [ticket.state for ticket in gateway.rows(Ticket)] == ["closed"]
    assert work(gateway) == [("Ada", "call"), ("Ada", "note")]


def test_a_silent_note_closes_nothing(gateway: Gateway, cast: Cast) -> None:
    talk(gateway, cast)
    cast.acme.hang_up()
    cast.ada.expect("press 2", PATIENCE)
    cast.ada.press("2")
    cast.ada.expect("beep", PATIENCE, complete=True)
    cast.ada.expect("I heard no note, so the ticket stays open. Goodbye.", PATIENCE)
    gateway.settle()
    assert [ticket.state for ticket in gateway.rows(Ticket)] == ["taken"]
