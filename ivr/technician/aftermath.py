"""After a conversation, or instead of one: call the customer back, close with a spoken note, leave it open."""

from datetime import timedelta

from ivr.technician import menu, paged, prompts, room
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.calls.known_ticket import talkers, talking_room
from oncall.customers.call_back import way_back
from oncall.models import jobs
from oncall.models.conferences import Conference
from oncall.models.people import Person
from oncall.models.tickets import RecordingKind, Ticket, TicketState
from oncall.paging.engine import open_attempts_of
from oncall.tickets.closing import close_with_recording
from oncall.wording import listed

# Longer than any goodbye takes to be said.
GOODBYE_SECONDS = 25


def ask_what_next(talk: Turn, words: str, before: str = "") -> VoiceResponse:
    """1 calls back, 2 closes with a note, 3 leaves the ticket open."""
    talk.useful_answer()
    return _ask_next(talk, words, before)


def _ask_next(talk: Turn, words: str, before: str = "") -> VoiceResponse:
    ticket = talk.session.get(Ticket, talk.call.about_ticket_id or 0)
    if ticket is not None:
        words = prompts.with_numbers(words, way_back(talk.session, talk.settings, ticket))
    return talk.ask("alone_key", words, timeout=8, before=before)


def end(talk: Turn, words: str) -> VoiceResponse:
    """The last words of a call."""
    talk.call.step = "goodbye"
    # Should the end of this call never be reported, its owner must be free for the next page all the same.
    due = talk.now + timedelta(seconds=GOODBYE_SECONDS)
    jobs.cut_off.wake_at(talk.session, talk.runtime.clock, due, call_id=talk.call.id)
    return goodbye(f"{words} {prompts.GOODBYE}")


def dismiss(talk: Turn) -> VoiceResponse:
    """Somebody who has left is let into nothing more, whatever was asked."""
    return end(talk, prompts.HAS_LEFT)


def finish(talk: Turn, words: str) -> VoiceResponse:
    """Say how it ended; then the menu again for who came from there."""
    return menu.main(talk, before=words) if talk.call.memo.menu else end(talk, words)


def alone(talk: Turn) -> VoiceResponse:
    """The caller has gone."""
    return _next(talk, prompts.ALONE) if talk.call.room_id is not None else not_there(talk)


def not_there(talk: Turn) -> VoiceResponse:
    """Who was rung for a caller has no caller: a colleague has them, the ticket is closed, or they have hung up."""
    ticket = talk.session.get_one(Ticket, talk.call.ticket_id)
    talk.call.about_ticket_id = ticket.id
    there = talking_room(talk.session, ticket.id)
    if there is not None:
        return finish(talk, prompts.has_it(listed(talkers(talk.session, there.id))))
    return (
        finish(talk, prompts.NOBODY_NEEDED)
        if ticket.state == TicketState.CLOSED
        else ask_what_next(talk, prompts.ALONE)
    )


def unanswered(talk: Turn) -> VoiceResponse:
    """The customer did not pick up the call back."""
    return _next(talk, prompts.UNANSWERED)


def _next(talk: Turn, words: str) -> VoiceResponse:
    if talk.call.room_id is not None:
        talk.call.about_ticket_id = talk.session.get_one(Conference, talk.call.room_id).ticket_id
    return ask_what_next(talk, words)


def alone_key(talk: Turn) -> VoiceResponse:
    """What the technician wants to do with the ticket now."""
    ticket = talk.session.get_one(Ticket, talk.call.about_ticket_id)
    if talk.digits == "1":
        return room.call_customer(talk, ticket)
    if talk.digits == "2":
        return ask_note(talk, ticket)
    if talk.digits == "3":
        return _leave_open(talk, ticket)
    useless = talk.useless_answer()
    if useless.is_enough:
        return _leave_open(talk, ticket, prompts.ONLY_WRONG_KEYS if useless.is_play else "")
    return _ask_next(talk, prompts.joined(prompts.NOT_UNDERSTOOD if talk.digits else "", prompts.WHAT_NEXT))


def _leave_open(talk: Turn, ticket: Ticket, why: str = "") -> VoiceResponse:
    mine = ticket.assignee_id == talk.call.person_id
    words = prompts.joined(why, prompts.LEAVE_OPEN if mine else prompts.LEAVE_OPEN_THEIRS)
    talk.useful_answer()
    if open_attempts_of(talk.session, talk.call.id):
        return paged.tell_next(talk, before=words)
    return finish(talk, words)


def ask_note(talk: Turn, ticket: Ticket) -> VoiceResponse:
    """Record what was done."""
    talk.useful_answer()
    talk.call.about_ticket_id = ticket.id
    return talk.record("closed", RecordingKind.NOTE, prompts.CLOSING_NOTE)


def closed(talk: Turn) -> VoiceResponse:
    """The note is there: the ticket is closed. Without one it stays open."""
    ticket = talk.session.get_one(Ticket, talk.call.about_ticket_id)
    said = talk.recording
    if said is None or talk.call.person_id is None:
        words = prompts.NOTE_EMPTY
    else:
        person = talk.session.get_one(Person, talk.call.person_id)
        close_with_recording(talk.work, ticket, person, (said.sid, said.url, said.seconds))
        words = prompts.closed(ticket.number)
    if open_attempts_of(talk.session, talk.call.id):
        return paged.tell_next(talk, before=words)
    return finish(talk, words)
