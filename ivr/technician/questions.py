"""What a technician is asked at more than one place, and how a call of theirs ends.

The answers, which import this, stand in the steps; this imports none of them.
"""

from datetime import timedelta

from sqlalchemy import select

from ivr.technician import prompts
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.calls.known_ticket import talkers, talking_room
from oncall.customers.call_back import WayBack, way_back
from oncall.models import jobs
from oncall.models.tickets import RecordingKind, Ticket, TicketState
from oncall.sla.promises import Priority
from oncall.wording import listed

# Longer than any goodbye takes to be said.
GOODBYE_SECONDS = 25
MOST_ITEMS = 20


def ask_what_next(talk: Turn, words: str, before: str = "") -> VoiceResponse:
    """1 calls back, 2 closes with a note, 3 leaves the ticket open."""
    talk.useful_answer()
    return ask_again(talk, words, before)


def ask_again(talk: Turn, words: str, before: str = "") -> VoiceResponse:
    """The same, without forgetting the useless answers so far."""
    ticket = talk.session.get(Ticket, talk.call.about_ticket_id or 0)
    if ticket is not None:
        words = prompts.with_numbers(words, way_back(talk.session, talk.settings, ticket))
    return talk.ask("alone_key", words, timeout=8, before=before)


def ask_note(talk: Turn, ticket: Ticket) -> VoiceResponse:
    """Record what was done."""
    talk.useful_answer()
    talk.call.about_ticket_id = ticket.id
    return talk.record("closed", RecordingKind.NOTE, prompts.CLOSING_NOTE)


def ask_number(talk: Turn, way: WayBack) -> VoiceResponse:
    """Which of the registered numbers to call; or that there is none."""
    return ask_which(talk, way) if way.registered else ask_what_next(talk, prompts.WHAT_NEXT)


def ask_which(talk: Turn, way: WayBack, before: str = "") -> VoiceResponse:
    """Have one of the customer's registered numbers chosen, as the caller's own can't be called."""
    talk.call.memo.registered = tuple(way.registered)
    return talk.ask("registered", prompts.which_number(way), before=before, timeout=8)


def ask_menu(talk: Turn, before: str = "", again: str = "") -> VoiceResponse:
    """The main menu. `again`: why it is heard once more; it can be typed over, which `before` can't."""
    words = prompts.joined(again, prompts.menu(len(open_tickets(talk))))
    return talk.ask("menu", words, before=before, timeout=8)


def open_tickets(talk: Turn) -> list[Ticket]:
    """Open P1 and P2 tickets and whatever is the technician's own: nobody's first, then by urgency and age."""
    query = (
        select(Ticket)
        .where(Ticket.state != TicketState.CLOSED)
        .where(Ticket.priority.in_([Priority.P1, Priority.P2]) | (Ticket.assignee_id == talk.call.person_id))
        .order_by(Ticket.assignee_id.is_not(None), Ticket.priority, Ticket.opened_at, Ticket.id)
        .limit(MOST_ITEMS)
    )
    return list(talk.session.scalars(query).unique())


def not_there(talk: Turn) -> VoiceResponse:
    """Who was rung for a caller has no caller: a colleague has them, the ticket is closed, or they have hung up."""
    ticket = talk.ticket
    talk.call.about_ticket_id = ticket.id
    there = talking_room(talk.session, ticket.id)
    if there is not None:
        return finish(talk, prompts.has_it(listed(talkers(talk.session, there.id))))
    return (
        finish(talk, prompts.NOBODY_NEEDED)
        if ticket.state == TicketState.CLOSED
        else ask_what_next(talk, prompts.ALONE)
    )


def finish(talk: Turn, words: str) -> VoiceResponse:
    """Say how it ended; then the menu again for who came from there."""
    return ask_menu(talk, before=words) if talk.call.memo.menu else end(talk, words)


def dismiss(talk: Turn) -> VoiceResponse:
    """Somebody who has left is let into nothing more, whatever was asked."""
    return end(talk, prompts.HAS_LEFT)


def end(talk: Turn, words: str) -> VoiceResponse:
    """The last words of a call."""
    talk.call.step = "goodbye"
    # Should the end of this call never be reported, its owner must be free for the next page all the same.
    due = talk.now + timedelta(seconds=GOODBYE_SECONDS)
    jobs.cut_off.wake_at(talk.session, talk.runtime.clock, due, call_id=talk.call.id)
    return goodbye(f"{words} {prompts.GOODBYE}")
