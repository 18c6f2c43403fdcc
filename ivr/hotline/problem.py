"""Level and priority: from the right to the service to the ticket."""

from ivr.hotline.description import ask_description
from ivr.hotline.questions import wait_on
from ivr.hotline.refusing import ask_again, once_more, turn_away
from ivr.prompts import problem, refusals
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.calls.known_ticket import rejoin_ticket
from oncall.models.refusals import Reason, refuse
from oncall.models.tickets import RecordingKind, Ticket, TicketState
from oncall.paging.progress import somebody_is_tried
from oncall.sla.promises import Priority, minutes_left
from oncall.tickets.intake import known_ticket, open_ticket
from oncall.tickets.notes import keep_recording


def level(talk: Turn) -> VoiceResponse:
    """First-level requests go elsewhere: second-level support only."""
    if talk.digits == "1":
        talk.useful_answer()
        return talk.ask("priority", problem.PRIORITY)
    if talk.digits == "2":
        return turn_away(talk, Reason.END_USER)
    return ask_again(talk, "level", problem.LEVEL)


def priority(talk: Turn) -> VoiceResponse:
    """How bad it is. P1 and P2 go on to a ticket and a page; the rest doesn't wake anybody."""
    if talk.digits in {"1", "2"}:
        talk.useful_answer()
        chosen = Priority.P1 if talk.digits == "1" else Priority.P2
        known = known_ticket(talk.session, talk.call.customer_id or 0, talk.now)
        if known is not None:
            talk.call.memo.priority, talk.call.known_ticket_id = chosen, known.id
            return talk.ask("known", problem.known_problem(known.number, known.priority))
        return _open(talk, chosen)
    if talk.digits == "3":
        return turn_away(talk, Reason.NO_MAINTENANCE_WINDOW)
    if talk.digits == "4":
        return _take_message(talk)
    return ask_again(talk, "priority", problem.PRIORITY)


def known(talk: Turn) -> VoiceResponse:
    """A known problem, or a second one: one ticket is one problem.

    Who gives no usable answer has still proved a right to be helped with a grave problem: it is taken as a new one.
    """
    ticket = talk.session.get_one(Ticket, talk.call.known_ticket_id)
    chosen = talk.call.memo.priority or ticket.priority
    if ticket.state == TicketState.CLOSED or talk.digits == "2":
        return _open(talk, chosen)
    if talk.digits == "1":
        talk.useful_answer()
        rejoin_ticket(talk.work, talk.call, ticket, chosen)
        return wait_on(talk, before=problem.rejoined(ticket.number))
    if talk.useless_answer().is_enough:
        return _open(talk, chosen)
    return talk.ask("known", once_more(talk, problem.known_problem(ticket.number, ticket.priority)))


def _open(talk: Turn, chosen: Priority) -> VoiceResponse:
    talk.useful_answer()
    ticket = open_ticket(talk.work, talk.call, chosen)
    promise = minutes_left(ticket.due_at, talk.now) if ticket.due_at else None
    calling = somebody_is_tried(talk.session, ticket.id)
    return ask_description(talk, problem.ticket_opened(ticket.number, promise, calling))


def _take_message(talk: Turn) -> VoiceResponse:
    """Refused for the night, but a message may be left."""
    refuse(talk.session, talk.call, Reason.LOW_PRIORITY, talk.now)
    return talk.record("message", RecordingKind.MESSAGE, problem.MESSAGE)


def message(talk: Turn) -> VoiceResponse:
    """A message becomes a P3 ticket for the next working day; silence becomes nothing."""
    said = talk.recording
    if said is None:
        return goodbye(refusals.refusal(Reason.LOW_PRIORITY, talk.settings.support_web_address))
    ticket = open_ticket(talk.work, talk.call, Priority.P3)
    keep_recording(talk.session, ticket.id, RecordingKind.MESSAGE, said.sid, said.url, said.seconds, talk.now)
    return goodbye(problem.message_kept(ticket.number))
