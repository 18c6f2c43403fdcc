"""The database stops in the middle of calls: each goes on from the step it had come to."""

import pytest
from sqlalchemy import func, select

from bench.outage import Storm, snapshot_renewed
from oncall.models.calls import PhoneCall
from oncall.models.conferences import Participant
from oncall.models.operations.journal import JournalFact
from oncall.models.pages import Attempt, Page
from oncall.models.tickets import Intervention, Ticket
from oncall.models.work.recordings import Recording
from tests.calls.night_desk import await_told, join, page_states, together, told, tries, work
from tests.calls.people import ACME_PIN, Cast, report_problem
from tests.calls.stack import SPEED
from tests.calls.storm import PATIENCE, press_one, talk


def test_at_the_pin(storm: Storm, storm_cast: Cast) -> None:
    """What is being typed counts: it is not asked for again."""
    cast = storm_cast
    cast.acme.dial()
    cast.acme.expect("type your PIN", PATIENCE)
    with storm.away():
        cast.acme.press(f"{ACME_PIN}#")
        cast.acme.expect("system administrator", PATIENCE)
        cast.acme.press("1")
        cast.acme.expect("critical", PATIENCE)
        cast.acme.press("1")
        press_one(storm, cast.ada)
        talk(cast.acme, cast.ada)
        cast.acme.hang_up()
        storm.gateway.network.settle()
    storm.brought_in()
    assert len(storm.gateway.rows(PhoneCall)) == 1
    assert len(storm.gateway.rows(Ticket)) == 1
    assert work(storm.gateway) == [("Ada", "call")]


@pytest.mark.parametrize("asked", ["level", "priority"])
def test_after_the_pin(storm: Storm, storm_cast: Cast, asked: str) -> None:
    cast = storm_cast
    cast.acme.dial()
    cast.acme.expect("type your PIN", PATIENCE)
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator", PATIENCE)
    if asked == "priority":
        cast.acme.press("1")
        cast.acme.expect("critical", PATIENCE)
    with storm.away():
        if asked == "level":
            cast.acme.press("1")
            cast.acme.expect("critical", PATIENCE)
        cast.acme.press("1")
        press_one(storm, cast.ada)
        cast.ada.hang_up()
        cast.acme.hang_up()
        storm.gateway.network.settle()
    storm.brought_in()
    assert "type your PIN" not in cast.acme.story().partition("system administrator")[2]
    [call] = storm.gateway.rows(PhoneCall)
    [ticket] = storm.gateway.rows(Ticket)
    assert (call.ticket_id, call.state) == (ticket.id, "ended")
    assert work(storm.gateway) == [("Ada", "call")]
    assert page_states(storm.gateway) == []


def test_while_describing(storm: Storm, storm_cast: Cast) -> None:
    """The ticket is open: it is rung for, and what was said is kept."""
    cast, gateway = storm_cast, storm.gateway
    number = report_problem(cast.acme)
    cast.ada.decline(PATIENCE)
    cast.bruno.decline(PATIENCE)
    cast.acme.expect("beep", PATIENCE)
    gateway.network.set_speed(1)  # or the silence while the database stops would be the end of the recording
    gateway.network.wait(lambda: not any(entry.playing for entry in cast.acme.transcript), PATIENCE, "the recording")
    with storm.away():
        gateway.network.set_speed(SPEED)
        cast.acme.speak("The whole exchange is down", wait=True)
        cast.acme.press("#")
        cast.acme.expect("fault of our own. You need not begin again", PATIENCE)
        press_one(storm, cast.ada, f"P1, ticket {', '.join(number)}, Acme. The caller is on the line")
        talk(cast.acme, cast.ada)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    [ticket] = gateway.rows(Ticket)
    assert (str(ticket.number), ticket.state) == (number, "taken")
    assert work(gateway) == [("Ada", "call")]
    assert page_states(gateway) == ["accepted"]
    assert len(gateway.rows(Recording)) == 1


def test_while_waiting_and_back_in_time(storm: Storm, storm_cast: Cast) -> None:
    """The conversation of the time without the database is an acceptance: nobody else is rung."""
    cast, gateway = storm_cast, storm.gateway
    report_problem(cast.acme)
    cast.acme.press("#")
    cast.ada.decline(PATIENCE)
    cast.acme.expect("second person", 40)
    cast.bruno.rings(PATIENCE)
    with storm.away():
        cast.bruno.decline(PATIENCE)
        cast.acme.expect("fault of our own. You need not begin again", 40)
        press_one(storm, cast.ada)
    storm.brought_in()
    await_told(gateway, "Ada Rossi and the caller are talking")
    talk(cast.acme, cast.ada)
    others = (cast.bruno, cast.carla, cast.dino)
    gateway.network.wait(lambda: {phone.state for phone in others} == {"idle"}, PATIENCE, "nobody else rings")
    cast.acme.hang_up()
    gateway.network.settle()
    storm.brought_in()
    assert work(gateway) == [("Ada", "call")]
    assert page_states(gateway) == ["accepted"]
    assert len(gateway.rows(Ticket)) == 1
    assert not any("hung up while waiting" in words for words in told(gateway))


def test_while_waiting_and_the_page_goes_on(storm: Storm, storm_cast: Cast) -> None:
    """The database is back before anybody answers: the ordinary page brings the caller into a room."""
    cast, gateway = storm_cast, storm.gateway
    report_problem(cast.acme)
    cast.acme.press("#")
    cast.ada.decline(PATIENCE)
    cast.bruno.decline(PATIENCE)
    cast.carla.faults(busy=True)
    cast.acme.expect("We are calling", 40)
    with storm.away():
        cast.acme.expect("fault of our own. You need not begin again", 40)
        cast.ada.rings(PATIENCE)
    cast.dino.answer(PATIENCE)
    cast.dino.expect("P1, ticket .*Acme", PATIENCE)
    cast.dino.press("1")
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.ada.hung_up(PATIENCE)
    talk(cast.acme, cast.dino)
    cast.acme.hang_up()
    cast.dino.expect("no longer on the line", PATIENCE)
    cast.dino.hang_up()
    storm.brought_in()
    assert work(gateway) == [("Dino", "call")]
    assert len(gateway.rows(Page)) == 1
    assert tries(gateway)[-1][1:] == ("Dino", "accepted")


def test_nobody_answers_and_the_caller_is_handed_back(storm: Storm, storm_cast: Cast) -> None:
    cast, gateway = storm_cast, storm.gateway
    gateway.set_paging(no_answer=60, then_every=60, rounds=2, drop_grace=1)
    snapshot_renewed(storm.gateway)
    report_problem(cast.acme)
    cast.acme.press("#")
    cast.ada.rings(PATIENCE)
    cast.acme.expect("We are calling", 40)
    with storm.away():
        cast.ada.decline(PATIENCE)
        cast.acme.expect("fault of our own. You need not begin again", 40)
        cast.ada.rings(PATIENCE)
    cast.ada.decline(PATIENCE)
    cast.acme.expect("Please stay on the line", PATIENCE)
    cast.bruno.answer(40)
    cast.bruno.expect("The caller is on the line", PATIENCE)
    cast.bruno.press("1")
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    assert len(gateway.rows(Ticket)) == 1


def test_a_technician_at_the_keys(storm: Storm, storm_cast: Cast) -> None:
    """A key can't be noted: the phone rings again with the caller."""
    cast = storm_cast
    report_problem(cast.acme)
    cast.acme.press("#")
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)
    with storm.away():
        cast.ada.press("1")
        cast.ada.expect("fault of our own.* your phone rings again", PATIENCE)
        cast.ada.hung_up(PATIENCE)
        press_one(storm, cast.ada)
        talk(cast.acme, cast.ada)
        cast.acme.hang_up()
        storm.gateway.network.settle()
    storm.brought_in()
    assert work(storm.gateway) == [("Ada", "call")]
    assert page_states(storm.gateway) == ["accepted"]


def star_leads_back(storm: Storm, cast: Cast) -> None:
    """Ada presses star, for which there is no menu now, and is in the room again."""
    cast.ada.press("*")
    cast.ada.expect("this menu is not available now. Going back", PATIENCE, complete=True)
    storm.gateway.network.settle()


def test_a_conversation_goes_on(storm: Storm, storm_cast: Cast) -> None:
    """Who talks in a room hears nothing of it; the technician's star leads back."""
    cast, gateway = storm_cast, storm.gateway
    report_problem(cast.acme)
    cast.acme.press("#")
    join(gateway, cast.acme, cast.ada)
    with storm.away():
        talk(cast.acme, cast.ada)
        star_leads_back(storm, cast)
        talk(cast.acme, cast.ada)
        cast.acme.hang_up()
        cast.ada.hang_up()
        gateway.network.settle()
    storm.brought_in()
    assert work(gateway) == [("Ada", "call")]
    [_, caller, back] = gateway.rows(Participant)
    assert back.role == "technician"
    assert back.joined_at is not None, "coming back is a stay of its own, so the conversation lasts to its real end"
    [intervention] = gateway.rows(Intervention)
    assert caller.left_at is not None
    assert intervention.ended_at == min(caller.left_at, back.left_at or caller.left_at)
    assert page_states(gateway) == ["accepted"]


def test_the_star_after_the_database_is_back(storm: Storm, storm_cast: Cast) -> None:
    """A technician whom the star led back finds the keys again, and is told when the caller has gone."""
    cast, gateway = storm_cast, storm.gateway
    report_problem(cast.acme)
    cast.acme.press("#")
    join(gateway, cast.acme, cast.ada)
    with storm.away():
        star_leads_back(storm, cast)
    storm.brought_in()
    cast.ada.press("*")
    cast.ada.expect("To bring in a colleague, press 2", PATIENCE, complete=True)
    cast.ada.press("1")
    together(gateway, 2)
    gateway.settle()  # and the caller hears no music any more
    talk(cast.acme, cast.ada)
    cast.acme.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    cast.ada.hang_up()
    storm.brought_in()
    assert work(gateway) == [("Ada", "call")]
    assert page_states(gateway) == ["accepted"]


def test_after_the_technician_has_hung_up(storm: Storm, storm_cast: Cast) -> None:
    """The question that was asked is answered without the database: the same technician is rung, nobody else."""
    cast, gateway = storm_cast, storm.gateway
    report_problem(cast.acme)
    cast.acme.press("#")
    join(gateway, cast.acme, cast.ada)
    gateway.network.set_speed(1)  # or the pause would be over before the database is away
    cast.ada.hang_up()
    cast.acme.expect("If you were cut off, press 1, or stay on the line", PATIENCE)
    with storm.away():
        gateway.network.set_speed(SPEED)
        cast.acme.press("1")
        cast.acme.expect("calling Ada again", PATIENCE)
        press_one(storm, cast.ada, "Your call with Acme about P1 ticket .* has ended, and the caller is still")
        talk(cast.acme, cast.ada)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    assert work(gateway) == [("Ada", "call"), ("Ada", "call")]
    assert page_states(gateway) == ["accepted"]


def test_facts_are_there_once(storm: Storm, storm_cast: Cast) -> None:
    """Everything is delivered twice."""
    cast, gateway = storm_cast, storm.gateway
    gateway.network.disturb(duplicate=True)
    report_problem(cast.acme)
    cast.acme.press("#")
    cast.ada.decline(PATIENCE)
    cast.acme.expect("second person", 40)
    with storm.away():
        cast.bruno.decline(PATIENCE)
        press_one(storm, cast.ada)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    assert work(gateway) == [("Ada", "call")]
    assert len(gateway.rows(Ticket)) == 1
    assert page_states(gateway) == ["accepted"]
    with gateway.database.transaction() as session:
        facts = session.scalar(select(func.count()).select_from(JournalFact)) or 0
    assert facts > 3
    assert len(gateway.rows(Attempt, Attempt.outcome == "accepted")) <= 1
