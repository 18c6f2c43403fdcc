"""The database is really stopped: callers reach the people on call all the same, and nothing of it is lost."""

import os
import re

import pytest

from bench.outage import Storm, snapshot_renewed
from oncall.models.access.pin_attempts import PinAttempt, PinOutcome
from oncall.models.calls import PhoneCall
from oncall.models.messages import Message
from oncall.models.pages import Page
from oncall.models.refusals import Refusal
from oncall.models.tickets import Ticket
from oncall.models.work.recordings import Recording
from tests.calls.night_desk import page_states, told, work
from tests.calls.people import ACME_PIN, ADA_PIN, LAPSED_PIN, Cast
from tests.calls.storm import FAULT, PATIENCE, call_in, press_one, report_away, talk


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_whole_call(storm: Storm, storm_cast: Cast, mode: str) -> None:
    cast, gateway = storm_cast, storm.gateway
    with storm.away(mode):
        report_away(cast.acme)
        press_one(storm, cast.ada, "P1, Acme. The caller is on the line. Press 1")
        talk(cast.acme, cast.ada)
        cast.ada.hang_up()
        cast.acme.expect("If you were cut off", PATIENCE)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    [ticket] = gateway.rows(Ticket)
    [call] = gateway.rows(PhoneCall)
    assert (ticket.priority, ticket.state, ticket.caller_number) == ("P1", "taken", cast.acme.number)
    assert ticket.assignee is not None
    assert ticket.assignee.name == "Ada Rossi"
    assert ticket.due_at is not None
    assert (ticket.due_at - ticket.opened_at).total_seconds() == 3600
    assert ticket.taken_at is not None
    assert ticket.opened_at < ticket.taken_at
    assert (call.state, call.sid, call.ticket_id) == ("ended", cast.acme.call_sid, ticket.id)
    assert work(gateway) == [("Ada", "call")]
    assert page_states(gateway) == []
    assert [each.outcome for each in gateway.rows(PinAttempt)] == ["right"]
    assert told(gateway)[-1].startswith("Intervention of Ada Rossi by phone ended after")
    bodies = [message.body for message in gateway.rows(Message) if message.recipient == cast.acme.number]
    assert len(bodies) == 2
    assert "calling" not in bodies[0]
    assert "you spoke with Ada" in bodies[1]


def test_a_voicemail_does_not_join_and_nobody_answers(storm: Storm, storm_cast: Cast) -> None:
    """After the last one a message; with the database back there is one ticket, and a page at once."""
    cast, gateway = storm_cast, storm.gateway
    cast.ada.faults(voicemail=1)
    cast.carla.faults(busy=True)
    cast.dino.faults(busy=True)
    with storm.away():
        report_away(cast.acme)
        cast.acme.expect("No answer yet. We are calling the second person on the list", 40)
        cast.bruno.answer(PATIENCE)
        cast.bruno.expect("Press 1 to talk now", PATIENCE)
        cast.bruno.press("2")
        cast.acme.expect("third person", PATIENCE)
        cast.acme.expect("Nobody could be reached now", PATIENCE)
        cast.acme.expect("beep", PATIENCE, complete=True)
        cast.acme.speak("The whole exchange is down", wait=True)
        cast.acme.press("#")
        cast.acme.expect("becomes a ticket, and somebody calls you back", PATIENCE)
        cast.acme.hung_up(PATIENCE)
        gateway.network.settle()
        assert "connected" not in [line.text for line in cast.ada.transcript]
        cast.ada.faults(voicemail=None)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket .*Acme. The caller has hung up and waits for your call", PATIENCE)
    cast.ada.press("1")
    cast.ada.expect("It is yours", PATIENCE)
    storm.brought_in()
    assert len(gateway.rows(Ticket)) == 1
    assert page_states(gateway) == ["accepted"]
    assert [each.kind for each in gateway.rows(Recording)] == ["message"]
    assert work(gateway) == []
    story = "\n".join(told(gateway))
    assert "Ada Rossi's phone was answered, but nobody pressed the key." in story
    assert "Bruno Verdi passed it on." in story
    assert "Carla Neri's line is busy" in story
    assert "The caller left a message (recorded)." in story


def test_a_caller_who_hangs_up_is_called_back(storm: Storm, storm_cast: Cast) -> None:
    cast, gateway = storm_cast, storm.gateway
    with storm.away():
        report_away(cast.acme)
        cast.ada.rings(PATIENCE)
        cast.acme.hang_up()
        gateway.network.settle()
        cast.ada.hung_up(PATIENCE)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket .*Acme. The caller has hung up", PATIENCE)
    storm.brought_in()
    assert len(gateway.rows(Ticket)) == 1
    assert [page.cause for page in gateway.rows(Page)] == ["database away"]


def test_a_call_that_goes_on_beyond_the_outage_is_not_paged(storm: Storm, storm_cast: Cast) -> None:
    """It goes on to its end; the ticket is there at once, and nobody is rung for a caller who talks."""
    cast, gateway = storm_cast, storm.gateway
    with storm.away():
        report_away(cast.acme)
        press_one(storm, cast.ada)
    storm.brought_in()
    [ticket] = gateway.rows(Ticket)
    assert ticket.state == "taken"
    talk(cast.acme, cast.ada)
    cast.bruno.silent(1)
    cast.acme.hang_up()
    gateway.network.settle()
    storm.brought_in()
    assert work(gateway) == [("Ada", "call")]
    assert page_states(gateway) == []


QUESTION = (
    "Your technician has hung up. If you are done, just hang up. If you were cut off, press 1, or stay on the line"
)
STILL_THERE = "Your call with Acme has ended, and the caller is still on the line. Press 1 to talk now"


def test_whoever_was_cut_off_is_connected_again(storm: Storm, storm_cast: Cast) -> None:
    """With the same technician and nobody else: nobody is paged for a conversation that took place."""
    cast, gateway = storm_cast, storm.gateway
    cast.ada.faults(busy=True)
    with storm.away():
        report_away(cast.acme)
        press_one(storm, cast.bruno)
        cast.bruno.hang_up()
        cast.acme.expect(QUESTION, PATIENCE)
        cast.acme.press("7")
        cast.acme.expect("not in use here. If you are done", PATIENCE)
        cast.acme.press("1")
        cast.acme.expect("calling Bruno again", PATIENCE)
        cast.bruno.answer(PATIENCE)
        cast.bruno.expect(STILL_THERE, PATIENCE)
        cast.bruno.hang_up()
        cast.acme.expect("Bruno could not be reached. To try once more, press 1", PATIENCE)
        cast.acme.hang_up()
        gateway.network.settle()
    cast.bruno.expect_text("we rang you again. The caller has hung up now", PATIENCE)
    storm.brought_in()
    assert work(gateway) == [("Bruno", "call")]
    assert page_states(gateway) == []


def test_who_stays_is_connected_again(storm: Storm, storm_cast: Cast) -> None:
    cast, gateway = storm_cast, storm.gateway
    with storm.away():
        report_away(cast.acme)
        press_one(storm, cast.ada)
        cast.ada.hang_up()
        cast.acme.expect(QUESTION, PATIENCE)
        press_one(storm, cast.ada, STILL_THERE)
        bridged = lambda: [line.text for line in cast.ada.transcript].count("connected") == 2  # noqa: E731
        gateway.network.wait(bridged, PATIENCE, "connected once more")
        talk(cast.acme, cast.ada)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    assert work(gateway) == [("Ada", "call"), ("Ada", "call")]
    assert page_states(gateway) == []


@pytest.mark.parametrize("key", ["1", "2", ""], ids=["the next person", "a call back", "silence"])
def test_after_two_rings_the_caller_says_what_comes_next(storm: Storm, storm_cast: Cast, key: str) -> None:
    cast, gateway = storm_cast, storm.gateway
    with storm.away():
        report_away(cast.acme)
        press_one(storm, cast.ada)
        cast.ada.faults(busy=True)
        cast.ada.hang_up()
        cast.acme.expect("Ada's line is busy. To speak with the next person on call, press 1", 40)
        if key == "1":
            cast.acme.press("1")
            cast.acme.expect("calling the next person on call", PATIENCE)
            press_one(storm, cast.bruno)
            cast.acme.hang_up()
        elif key == "2":
            cast.acme.press("2")
            cast.acme.expect("We will call you back. Goodbye", PATIENCE)
        else:
            cast.acme.expect("I did not hear a key, so I end this call", PATIENCE)
        cast.acme.hung_up(PATIENCE)
        gateway.network.settle()
    words = {"1": "", "2": "the caller asks you to call back", "": "no key was pressed, so the call was ended"}[key]
    if words:
        cast.ada.expect_text(words, PATIENCE)
    storm.brought_in()
    assert work(gateway) == [("Ada", "call")] + ([("Bruno", "call")] if key == "1" else [])
    assert page_states(gateway) == []


def test_a_technician_hears_who_is_on_call_after_the_own_pin(storm: Storm, storm_cast: Cast) -> None:
    """The number alone proves nothing, as anybody can send it: before the PIN nobody is named."""
    ada = storm_cast.ada
    with storm.away():
        ada.dial()
        ada.expect("Hello. .* the technician menu is not available now", PATIENCE)
        ada.press("99999999#")
        ada.expect("This PIN is not right", PATIENCE)
        assert not re.search("Ada|Bruno|Carla|Dino|Acme", ada.story())
        ada.press(f"{ADA_PIN}#")
        ada.expect("On call now: first, Ada Rossi; backup, Bruno Verdi", PATIENCE)
        ada.press(f"{ACME_PIN}#")
        ada.expect("system administrator", PATIENCE)
        ada.hang_up()
        storm.gateway.network.settle()
    storm.brought_in()
    assert [each.outcome for each in storm.gateway.rows(PinAttempt)] == ["wrong", "right", "right"]


def test_anothers_pin_names_nobody(storm: Storm, storm_cast: Cast) -> None:
    with storm.away():
        storm_cast.bruno.dial()
        storm_cast.bruno.expect("Hello. .* the technician menu is not available now", PATIENCE)
        storm_cast.bruno.press(f"{ADA_PIN}#")
        storm_cast.bruno.expect("This PIN is not right", PATIENCE)
        assert not re.search("Ada|Bruno|Carla|Dino|Acme", storm_cast.bruno.story())
        storm_cast.bruno.hang_up()
        storm.gateway.network.settle()
    storm.brought_in()


def test_an_expired_contract_is_refused(storm: Storm, storm_cast: Cast) -> None:
    with storm.away():
        call_in(storm_cast.stranger, LAPSED_PIN)
        storm_cast.stranger.expect("contract has expired", PATIENCE)
        storm_cast.stranger.hung_up(PATIENCE)
        storm.gateway.network.settle()
    storm.brought_in()
    [refusal] = storm.gateway.rows(Refusal)
    assert (refusal.reason, refusal.customer_id is not None) == ("lapsed", True)
    assert storm.gateway.rows(Ticket) == []


def test_staffed_hours_ring_the_office_first(storm: Storm, storm_cast: Cast) -> None:
    from datetime import UTC, datetime

    cast = storm_cast
    storm.gateway.set_time(datetime(2026, 6, 15, 8, 0, tzinfo=UTC))
    snapshot_renewed(storm.gateway)
    with storm.away():
        call_in(cast.acme)
        cast.acme.expect("connecting you with our office", PATIENCE)
        cast.office.decline(PATIENCE)
        cast.acme.expect("Nobody in the office could pick up. If you are a system administrator", PATIENCE)
        cast.acme.press("1")
        cast.acme.expect("critical", PATIENCE)
        cast.acme.press("2")
        cast.ada.answer(PATIENCE)
        cast.ada.expect("P2, Acme", PATIENCE)
        cast.acme.hang_up()
        storm.gateway.network.settle()
    storm.brought_in()


def test_guesses_are_limited_and_counted_later(storm: Storm, storm_cast: Cast) -> None:
    """Three tries a call, three an hour from one number; a registered number is not shut out by it."""
    cast, gateway = storm_cast, storm.gateway
    with storm.away():
        cast.stranger.dial()
        cast.stranger.expect(FAULT, PATIENCE)
        for words in ("2 more tries", "one more try", "look for the PIN"):
            cast.stranger.press("99999999#")
            cast.stranger.expect(words, PATIENCE)
        cast.stranger.hung_up(PATIENCE)
        call_in(cast.stranger)  # a right one, and too late
        cast.stranger.expect("too many wrong PINs", PATIENCE)
        cast.stranger.hung_up(PATIENCE)
        for number in range(8):
            phone = gateway.network.phone(f"+39333100000{number}", f"Guesser {number}")
            call_in(phone, "99999999")
            phone.expect("not right|too many", PATIENCE)
            phone.hang_up()
        call_in(cast.beta, ACME_PIN)  # the common pool is full: only its own PIN may be right
        cast.beta.expect("not right", PATIENCE)
        cast.beta.press("26409573#")
        cast.beta.expect("system administrator", PATIENCE)
        cast.beta.hang_up()
        gateway.network.settle()
    storm.brought_in()
    outcomes = [each.outcome for each in gateway.rows(PinAttempt)]
    assert outcomes.count(PinOutcome.WRONG) == 11
    assert outcomes.count(PinOutcome.RIGHT) == 1
    assert outcomes.count(PinOutcome.NUMBER_LIMIT) == 1
    assert [each.reason for each in gateway.rows(Refusal)][:2] == ["wrong_pin", "guess_limit"]
    written = "".join(path.read_text(errors="replace") for path in gateway.folder.glob("*.log"))
    assert ACME_PIN not in written
    assert cast.stranger.number[1:] not in written


@pytest.mark.parametrize("spoilt", ["missing", "broken", "foreign"])
def test_without_a_snapshot_a_message_is_taken(storm: Storm, storm_cast: Cast, spoilt: str) -> None:
    cast, gateway = storm_cast, storm.gateway
    snapshot = gateway.folder / "snapshot"
    with storm.away():
        if spoilt == "missing":
            snapshot.unlink()
        else:
            content = snapshot.read_bytes()
            snapshot.write_bytes(os.urandom(len(content)) if spoilt == "foreign" else content[: len(content) // 2])
        cast.stranger.dial()
        cast.stranger.expect("fault of our own, and I can't look up your contract", PATIENCE)
        cast.stranger.expect("beep", PATIENCE, complete=True)
        cast.stranger.speak("Acme here, everything is down", wait=True)
        cast.stranger.press("#")
        cast.stranger.expect("Somebody calls you back as soon as we can", PATIENCE)
        cast.stranger.hung_up(PATIENCE)
        gateway.network.settle()
    storm.brought_in()
    assert gateway.rows(Ticket) == []
    assert [call.result for call in gateway.rows(PhoneCall)] == ["left a message"]
    texts = {message.recipient for message in gateway.rows(Message) if message.channel == "text"}
    assert texts == {cast.ada.number, cast.bruno.number, cast.carla.number, cast.dino.number}


def test_while_everybody_talks_the_caller_holds(storm: Storm, storm_cast: Cast) -> None:
    """A round in which all are busy is not counted: it would be over in seconds."""
    cast, gateway = storm_cast, storm.gateway
    others = (cast.ada, cast.bruno, cast.carla, cast.dino)
    for phone in others:
        phone.faults(busy=True)
    with storm.away():
        report_away(cast.acme)
        cast.acme.expect("All of our technicians are talking with other callers now", PATIENCE)
        cast.ada.faults(busy=False)
        press_one(storm, cast.ada)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    assert work(gateway) == [("Ada", "call")]
    assert "Everybody is talking with somebody else: the caller holds." in told(gateway)
