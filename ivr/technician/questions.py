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
from oncall.models.tickets import Ticket, TicketState
from oncall.models.work.recordings import RecordingKind
from oncall.sla.promises import Priority
from oncall.wording import listed

# Longer than any goodbye takes to be said.
GOODBYE_SECONDS = 25
MOST_ITEMS = 20


def ask_what_next(turn: Turn, words: str, before: str = "") -> VoiceResponse:
    """1 calls back, 2 closes with a note, 3 leaves the ticket open."""
    turn.useful_answer()
    return ask_again(turn, words, before)


def ask_again(turn: Turn, words: str, before: str = "") -> VoiceResponse:
    """The same, without forgetting the useless answers so far."""
    ticket = turn.session.get(Ticket, turn.call.about_ticket_id or 0)
    if ticket is not None:
        words = prompts.with_numbers(words, way_back(turn.session, turn.settings, ticket))
    return turn.ask("alone_key", words, timeout=8, before=before)


def ask_note(turn: Turn, ticket: Ticket) -> VoiceResponse:
    """Record what was done."""
    turn.useful_answer()
    turn.call.about_ticket_id = ticket.id
    return turn.record("closed", RecordingKind.NOTE, prompts.CLOSING_NOTE)


def ask_number(turn: Turn, way: WayBack) -> VoiceResponse:
    """Which of the registered numbers to call; or that there is none."""
    return ask_which(turn, way) if way.registered else ask_what_next(turn, prompts.WHAT_NEXT)


def ask_which(turn: Turn, way: WayBack, before: str = "") -> VoiceResponse:
    """Have one of the customer's registered numbers chosen, as the caller's own can't be called."""
    turn.call.memo.registered = tuple(way.registered)
    return turn.ask("registered", prompts.which_number(way), before=before, timeout=8)


def ask_menu(turn: Turn, before: str = "", again: str = "") -> VoiceResponse:
    """The main menu. `again`: why it is heard once more; it can be typed over, which `before` can't."""
    words = prompts.joined(again, prompts.menu(len(open_tickets(turn))))
    return turn.ask("menu", words, before=before, timeout=8)


def open_tickets(turn: Turn) -> list[Ticket]:
    """Open P1 and P2 tickets and whatever is the technician's own: nobody's first, then by urgency and age."""
    query = (
        select(Ticket)
        .where(Ticket.state != TicketState.CLOSED)
        .where(Ticket.priority.in_([Priority.P1, Priority.P2]) | (Ticket.assignee_id == turn.call.person_id))
        .order_by(Ticket.assignee_id.is_not(None), Ticket.priority, Ticket.opened_at, Ticket.id)
        .limit(MOST_ITEMS)
    )
    return list(turn.session.scalars(query).unique())


def not_there(turn: Turn) -> VoiceResponse:
    """Who was rung for a caller has no caller: a colleague has them, the ticket is closed, or they have hung up."""
    ticket = turn.ticket
    turn.call.about_ticket_id = ticket.id
    there = talking_room(turn.session, ticket.id)
    if there is not None:
        return finish(turn, prompts.has_it(listed(talkers(turn.session, there.id))))
    return (
        finish(turn, prompts.NOBODY_NEEDED)
        if ticket.state == TicketState.CLOSED
        else ask_what_next(turn, prompts.ALONE)
    )


def finish(turn: Turn, words: str) -> VoiceResponse:
    """Say how it ended; then the menu again for who came from there."""
    return ask_menu(turn, before=words) if turn.call.memo.menu else end(turn, words)


def dismiss(turn: Turn) -> VoiceResponse:
    """Somebody who has left is let into nothing more, whatever was asked."""
    return end(turn, prompts.HAS_LEFT)


def end(turn: Turn, words: str) -> VoiceResponse:
    """The last words of a call."""
    turn.call.step = "goodbye"
    # Should the end of this call never be reported, its owner must be free for the next page all the same.
    due = turn.now + timedelta(seconds=GOODBYE_SECONDS)
    jobs.cut_off.wake_at(turn.session, turn.runtime.clock, due, call_id=turn.call.id)
    return goodbye(f"{words} {prompts.GOODBYE}")
