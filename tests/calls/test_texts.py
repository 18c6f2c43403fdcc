"""Technicians answer a page by text: ACK, PASS, DONE, WHO, HELP."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from oncall.models.calls import PhoneCall
from oncall.models.messages import IncomingText
from oncall.models.pages import Page
from oncall.models.people import Person
from oncall.models.planning.changes import HandoffNotice
from oncall.models.rosters import Roster
from oncall.models.tickets import Intervention, Ticket
from tests.calls.night_desk import (
    PATIENCE,
    accept,
    await_told,
    code_of,
    holders,
    join,
    page_states,
    text_and_hear,
    told,
    tries,
)
from tests.calls.people import ADA, BETA_PIN, Cast, report_problem
from tests.calls.stack import Gateway
from tests.conftest import SUNDAY_NIGHT

NOT_MINE = "Ticket {} is not with you at this moment: nothing to pass on."


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)


def test_ack_while_the_own_phone_rings_and_the_caller_holds(gateway: Gateway, cast: Cast) -> None:
    number = report_problem(cast.acme)
    cast.ada.rings()
    text_and_hear(cast.ada, f"ACK {code_of(cast.ada)}", f"Ticket {number} is yours. The caller holds: .* press 1")
    gateway.settle()
    cast.ada.answer()
    cast.ada.expect("Acme is on the line for ticket .*, which you accepted. Press 1 to talk.")
    cast.ada.press("1")
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    assert tries(gateway) == [(1, "Ada", "accepted")]
    assert len(gateway.rows(PhoneCall, PhoneCall.direction == "out")) == 1, "the call that rang was used"


def test_ack_while_the_page_is_read_out(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.ada.answer()
    cast.ada.expect("P1, ticket")
    text_and_hear(cast.ada, f"ack {code_of(cast.ada)}", "is yours")
    cast.ada.expect("Acme is on the line for ticket .*Press 1 to talk.")
    cast.ada.press("1")
    gateway.joined(2, PATIENCE)


def test_ack_makes_the_phone_ring_when_it_was_silent(gateway: Gateway, cast: Cast) -> None:
    """Ada let the call go by; the second is being rung when she answers by text."""
    number = report_problem(cast.acme)
    cast.ada.decline()
    cast.bruno.rings()
    text_and_hear(cast.ada, f"ACK {code_of(cast.ada)}", f"Ticket {number} is yours. The caller holds")
    assert cast.bruno.hung_up(PATIENCE) == "canceled"
    cast.ada.answer()
    cast.ada.expect("Acme is on the line .*Press 1 to talk.")
    cast.ada.press("1")
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    assert holders(gateway) == ["Ada Rossi"]
    assert "Ada Rossi accepted by text." in told(gateway)


def test_ack_but_the_phone_is_not_picked_up(gateway: Gateway, cast: Cast) -> None:
    """The caller is not left to wait for nobody."""
    report_problem(cast.acme)
    cast.ada.decline()
    cast.bruno.rings()
    text_and_hear(cast.ada, f"ACK {code_of(cast.ada)}", "is yours")
    cast.ada.decline()
    await_told(gateway, "Accepted, but not joined with the caller: paging again.")
    cast.bruno.rings(PATIENCE)  # not the one who was just rung in vain
    assert page_states(gateway) == ["accepted", "paging"]


def test_ack_but_the_caller_hangs_up_meanwhile(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.ada.decline()
    text_and_hear(cast.ada, f"ACK {code_of(cast.ada)}", "is yours")
    cast.ada.rings()
    cast.acme.hang_up()
    gateway.settle()
    cast.ada.answer()
    cast.ada.expect("It is yours. The caller is no longer on the line. Press 1 to call back now")


def test_ack_without_a_caller_stops_the_ringing(gateway: Gateway, cast: Cast) -> None:
    number = report_problem(cast.acme)
    cast.acme.hang_up()
    cast.ada.rings()
    gateway.settle()
    text_and_hear(
        cast.ada,
        f"  Ack: {code_of(cast.ada)}. ",
        rf"Ticket {number} is yours. Call this number, and the menu calls the customer back \(\+390212345678\).",
    )
    assert cast.ada.hung_up(PATIENCE) == "canceled"
    gateway.settle()
    assert (tries(gateway), page_states(gateway)) == ([(1, "Ada", "accepted")], ["accepted"])


def test_ack_in_a_conversation_does_not_take_a_caller_who_waits(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    second = report_problem(cast.beta, BETA_PIN)
    cast.bruno.rings(PATIENCE)
    code = gateway.rows(Page)[-1].code
    text_and_hear(cast.ada, f"ACK {code}", f"You are in a conversation, and ticket {second}'s caller is waiting")
    accept(cast.bruno)
    gateway.joined(4, PATIENCE)
    assert holders(gateway) == ["Ada Rossi", "Bruno Verdi"]


def test_late_and_repeated_ack(gateway: Gateway, cast: Cast) -> None:
    number = report_problem(cast.acme)
    cast.acme.hang_up()
    code = code_of(cast.ada)
    text_and_hear(cast.bruno, f"ACK {code}", f"Ticket {number} is yours")
    text_and_hear(cast.ada, f"ACK {code}", f"Bruno Verdi has accepted ticket {number} already.")
    text_and_hear(cast.bruno, f"ACK {code}", f"Ticket {number} is yours")
    text_and_hear(cast.ada, f"PASS {code}", NOT_MINE.format(number))


@pytest.mark.parametrize("command", ["ACK", "PASS", "DONE"])
def test_wrong_and_missing_codes(gateway: Gateway, cast: Cast, command: str) -> None:
    report_problem(cast.acme)
    wrong = "123456" if code_of(cast.ada) != "123456" else "654321"
    text_and_hear(cast.ada, f"{command} {wrong} it works", f"There is no page with code {wrong} for you. Look at the")
    text_and_hear(cast.ada, command, f"{command} needs the code from the page's text, such as {command} 123456")
    text_and_hear(cast.ada, f"{command} 12 it works", f"{command} needs the code")
    assert page_states(gateway) == ["paging"]
    assert gateway.rows(Intervention) == []


def test_old_codes(gateway: Gateway, cast: Cast) -> None:
    """The code of a page that was answered, of a ticket that is paged again, of one that is closed."""
    gateway.set_paging(no_answer=500, promise=1, drop_grace=1)
    number = report_problem(cast.acme)
    cast.acme.hang_up()
    old = code_of(cast.ada)
    text_and_hear(cast.ada, f"ACK {old}", "is yours")
    new = code_of(cast.ada)
    text_and_hear(cast.ada, f"ACK {old}", f"Code {old} is old: ticket {number} was paged again. Use the code in the")
    text_and_hear(cast.ada, f"DONE {new} rebooted", f"Ticket {number} is closed with your note")
    text_and_hear(cast.ada, f"ACK {old}", f"Code {old} is old: ticket {number} is closed.")
    text_and_hear(cast.ada, f"DONE {new} again", f"Code {new} is old: ticket {number} is closed.")
    assert page_states(gateway) == ["accepted", "accepted"]
    assert not any(new in text.answer for text in gateway.rows(IncomingText) if old in text.body), "no code is told"


def test_pass_rings_the_next_at_once(gateway: Gateway, cast: Cast) -> None:
    number = report_problem(cast.acme)
    cast.ada.rings()
    code = code_of(cast.ada)
    text_and_hear(cast.ada, f"pass {code}", f"Passed on: ticket {number} goes to the next person.")
    assert cast.ada.hung_up(PATIENCE) == "canceled"
    cast.bruno.rings()
    text_and_hear(cast.ada, f"PASS {code}", NOT_MINE.format(number))
    assert tries(gateway) == [(1, "Ada", "passed"), (1, "Bruno", None)]


def test_done_logs_closes_and_stops_the_page(gateway: Gateway, cast: Cast) -> None:
    number = report_problem(cast.acme)
    cast.acme.hang_up()
    cast.ada.rings()
    code = code_of(cast.ada)
    text_and_hear(cast.ada, f"done {code}", f"Please say what was done: DONE {code} and your words.")
    text_and_hear(cast.ada, f"Done {code} Restarted the gateway,\nworks again", f"Ticket {number} is closed with your")
    assert cast.ada.hung_up(PATIENCE) == "canceled"
    gateway.settle()
    [ticket] = gateway.rows(Ticket)
    [note] = gateway.rows(Intervention)
    assert ticket.state == "closed"
    assert (note.kind, note.channel, note.note) == ("note", "text", "Restarted the gateway,\nworks again")
    assert note.started_at == note.ended_at
    assert (page_states(gateway), holders(gateway)) == (["accepted"], ["Ada Rossi"])
    assert "Ada Rossi closes the ticket: nobody needs to be called any more." in told(gateway)


def test_done_while_the_caller_holds(gateway: Gateway, cast: Cast) -> None:
    """The caller is not left with the music."""
    report_problem(cast.acme)
    cast.acme.press("#")
    cast.acme.expect("calling the technician on call", PATIENCE)
    text_and_hear(cast.ada, f"DONE {code_of(cast.ada)} was a false alarm", "is closed")
    assert cast.acme.hung_up(PATIENCE) == "completed"
    gateway.settle()
    assert [call.waiting for call in gateway.rows(PhoneCall)] == [False, False]


def test_who_help_and_nonsense(gateway: Gateway, cast: Cast) -> None:
    text_and_hear(cast.ada, "who", "On call now: first: Ada Rossi; backup: Bruno Verdi.")
    text_and_hear(cast.ada, "Help", "ACK code: take the ticket. .* WHO: who is on call.")
    text_and_hear(cast.ada, "I am on my way", "Not understood. ACK code: take the ticket.")


def test_the_same_text_twice_is_carried_out_once(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.acme.hang_up()
    code = code_of(cast.ada)
    gateway.network.disturb(duplicate=True)
    text_and_hear(cast.ada, f"DONE {code} rebooted", "is closed with your note")
    gateway.settle()
    assert len(gateway.network.journal.webhooks("/ivr/sms")) == 2
    assert len(gateway.rows(Intervention)) == 1
    assert len(gateway.rows(IncomingText)) == 1
    assert sum(words == "Ada Rossi closed the ticket." for words in told(gateway)) == 1


def test_an_opt_out_gets_no_answer(gateway: Gateway, cast: Cast) -> None:
    cast.ada.send_text("Stop")
    gateway.settle()
    assert [text.answer for text in gateway.rows(IncomingText)] == [""]


@pytest.mark.parametrize(("code", "text"), [("234567", "ok 234567!"), ("234567", "OK: 234 567"), (None, "Ok!")])
def test_ok_confirms_a_handoff(gateway: Gateway, cast: Cast, code: str | None, text: str) -> None:
    """With the code of the notice; without one only what an earlier release has asked for, which had none."""
    text_and_hear(cast.ada, "ok", "OK needs the code from the notice, such as OK 123456.")
    with gateway.database.transaction() as session:
        ada = session.scalars(select(Person).where(Person.phone == ADA)).one()
        roster = session.scalars(select(Roster)).first()
        assert roster is not None
        at = SUNDAY_NIGHT + timedelta(hours=16)
        notice = {"roster_id": roster.id, "layer": "first", "comes": True, "told_at": SUNDAY_NIGHT, "code": code}
        session.add(HandoffNotice(at=at, person_id=ada.id, **notice))
        name = roster.name
    text_and_hear(cast.bruno, text, "OK needs the code" if code is None else "There is no page with code")
    text_and_hear(cast.ada, text, rf"Thank you. You are on call from today at 18:00 \({name}, first\)")
    [row] = gateway.rows(HandoffNotice)
    assert row.confirmed_at is not None
