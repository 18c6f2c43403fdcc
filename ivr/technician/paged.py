"""The page as the technician hears it. Only a key accepts: a voicemail presses none."""

from collections.abc import Sequence

from sqlalchemy import select

from core.wakeups import URGENT, wake
from ivr import prompts
from ivr.rooms import into_room
from ivr.talk import Talk
from ivr.technician.aftermath import ask_what_next
from ivr.twiml import Gather, VoiceResponse, goodbye
from oncall.calls import PhoneCall
from oncall.hotline import page_of
from oncall.interventions import duration
from oncall.joining import call_callers, room_for
from oncall.paging.accept import Acceptance, Verdict, accept, pass_on
from oncall.paging.engine import open_attempts_of
from oncall.paging.models import Attempt
from oncall.paging.ringing import caller_is_waiting, end_attempt
from oncall.people import Person
from oncall.setting import paging_times
from oncall.sla import spoken_remaining
from oncall.tickets import Intervention, Recording, Ticket


def tell_next(talk: Talk, before: str = "") -> VoiceResponse:
    """Tell the next page that this call is about; when there is none, say what became of it and end."""
    waiting = _by_urgency(open_attempts_of(talk.session, talk.call.id))
    if waiting:
        return _read_out(talk, waiting[0], before)
    mine = _accepted_by_me_with_caller(talk)
    if mine is not None:
        return offer_caller(talk, mine)
    return taken(talk) if not before else _end(talk, before)


def _by_urgency(attempts: Sequence[Attempt]) -> list[Attempt]:
    return sorted(attempts, key=lambda attempt: (attempt.page.ticket.priority, attempt.id))


def _read_out(talk: Talk, attempt: Attempt, before: str = "", details: bool = False) -> VoiceResponse:
    talk.call.memo["attempt"] = attempt.id
    ticket = attempt.page.ticket
    words = prompts.page(
        ticket.priority,
        ticket.number,
        ticket.customer.name,
        caller_is_waiting(talk.session, ticket.id),
        spoken_remaining(ticket.due_at, talk.now) if ticket.due_at else None,
    )
    if not details:
        return talk.ask("choose", f"{words} {prompts.PAGE_KEYS}", before=before)
    response = talk.ask("choose", "", before=before)
    gather = next(verb for verb in response.verbs if isinstance(verb, Gather))
    _add_details(talk, gather, ticket)
    return response


def _add_details(talk: Talk, gather: Gather, ticket: Ticket) -> None:
    recording = talk.session.scalar(
        select(Recording).where(Recording.ticket_id == ticket.id, Recording.kind == "description").limit(1)
    )
    last = talk.session.scalar(
        select(Intervention).where(Intervention.ticket_id == ticket.id).order_by(Intervention.id.desc()).limit(1)
    )
    gather.say(prompts.more(recording is not None, _told(last) if last else None), language="en-GB")
    if recording is not None:
        gather.play(f"{recording.url}.wav")
    gather.say(prompts.PAGE_KEYS, language="en-GB")


def _told(intervention: Intervention) -> str:
    words = f"{intervention.kind} by {intervention.person.name}"
    if intervention.ended_at is not None and intervention.ended_at > intervention.started_at:
        words += f", {duration((intervention.ended_at - intervention.started_at).total_seconds())}"
    return f"{words}. {intervention.note}".strip()


def choose(talk: Talk) -> VoiceResponse:
    """The technician's key: accept, pass, more, repeat; silence counts the readings."""
    attempt = talk.session.get(Attempt, talk.call.memo.get("attempt", 0))
    if attempt is None or talk.call.person_id is None:
        return tell_next(talk)
    if talk.digits == "1":
        person = talk.session.get_one(Person, talk.call.person_id)
        return accepted(
            talk, attempt.page_id, accept(talk.session, talk.runtime, attempt.page_id, person, "phone", talk.now)
        )
    if talk.digits == "2":
        page_id = pass_on(talk.session, attempt.id, talk.now)
        if page_id is not None:
            wake(talk.session, "advance_page", priority=URGENT, page_id=page_id)
        return tell_next(talk, before=prompts.PASSED)
    if attempt.outcome is not None:
        return tell_next(talk)
    if talk.digits in {"3", "9"}:
        return _read_out(talk, attempt, details=talk.digits == "3")
    return _no_key(talk, attempt)


def _no_key(talk: Talk, attempt: Attempt) -> VoiceResponse:
    readings = dict(talk.call.memo.get("readings", {}))
    count = readings.get(str(attempt.id), 1)
    if count < paging_times(talk.session).readings:
        talk.call.memo["readings"] = readings | {str(attempt.id): count + 1}
        return _read_out(talk, attempt, prompts.NOT_UNDERSTOOD if talk.digits else "")
    end_attempt(talk.session, attempt, "no key", talk.now)
    wake(talk.session, "advance_page", priority=URGENT, page_id=attempt.page_id)
    return tell_next(talk, before=prompts.NO_KEY)


def accepted(talk: Talk, page_id: int, result: Acceptance) -> VoiceResponse:
    """After key 1: into the room with the caller, or what else there is to do."""
    if result.verdict is Verdict.LOST and result.holder is not None:
        return tell_next(talk, before=prompts.has_it(result.holder.name))
    if result.verdict in {Verdict.OVER, Verdict.LOST}:
        return tell_next(talk, before=prompts.NOBODY_NEEDED)
    from oncall.paging.models import Page

    ticket = talk.session.get_one(Page, page_id).ticket
    return take(talk, ticket)


def take(talk: Talk, ticket: Ticket) -> VoiceResponse:
    """Join the ticket's caller; when nobody holds, offer to call back."""
    talk.call.memo["ticket"] = ticket.id
    if caller_is_waiting(talk.session, ticket.id) or _somebody_talks(talk, ticket):
        _leave_other_pages(talk)
        room = room_for(talk.session, ticket.id, talk.now)
        response = into_room(talk, room, "technician", prompts.CONNECTING)
        call_callers(talk.session, room)
        return response
    if open_attempts_of(talk.session, talk.call.id):
        return tell_next(talk, before=f"{prompts.ACCEPTED_LATER} {prompts.NEXT_PAGE}")
    return ask_what_next(talk, prompts.ACCEPTED_CALLER_GONE)


def _somebody_talks(talk: Talk, ticket: Ticket) -> bool:
    """Whether a colleague is in a room for this ticket already (who asked for help, say)."""
    from oncall.rooms import Room, Stay

    query = (
        select(Stay.id)
        .join(Room)
        .join(PhoneCall, PhoneCall.id == Stay.call_id)
        .where(Room.ticket_id == ticket.id, Room.closed_at.is_(None), Stay.left_at.is_(None), Stay.role == "caller")
        .where(PhoneCall.state != "ended")
    )
    return talk.session.scalar(query.limit(1)) is not None


def _leave_other_pages(talk: Talk) -> None:
    """Who talks with a caller can't be told about other pages: they go on to the next person at once."""
    for attempt in open_attempts_of(talk.session, talk.call.id):
        end_attempt(talk.session, attempt, "busy", talk.now)
        wake(talk.session, "advance_page", priority=URGENT, page_id=attempt.page_id)


def _accepted_by_me_with_caller(talk: Talk) -> Ticket | None:
    page = page_of(talk.session, talk.call.ticket_id or 0)
    if page is None or page.accepted_by_id != talk.call.person_id or talk.call.person_id is None:
        return None
    return page.ticket if caller_is_waiting(talk.session, page.ticket_id) else None


def offer_caller(talk: Talk, ticket: Ticket | None = None) -> VoiceResponse:
    """The technician accepted by text or in the browser and the caller holds: a key joins them."""
    ticket = ticket or talk.session.get_one(Ticket, talk.call.ticket_id)
    talk.call.memo["ticket"] = ticket.id
    return talk.ask("talk", prompts.connect(ticket.customer.name, ticket.number))


def talk(talk: Talk) -> VoiceResponse:
    """Key 1 joins; two silences end the call, and the page begins again."""
    if talk.digits == "1":
        return take(talk, talk.session.get_one(Ticket, talk.call.memo["ticket"]))
    if talk.useless_answer():
        return _end(talk, prompts.NO_KEY)
    return offer_caller(talk)


def taken(talk: Talk) -> VoiceResponse:
    """Somebody else has it, or the page is over: for who still listens, or picks up too late."""
    page = page_of(talk.session, talk.call.ticket_id or 0)
    holder = talk.session.get(Person, page.accepted_by_id) if page and page.accepted_by_id else None
    if holder is None or holder.id == talk.call.person_id:
        return _end(talk, prompts.NOBODY_NEEDED)
    return _end(talk, prompts.has_it(holder.name))


def _end(talk: Talk, words: str) -> VoiceResponse:
    talk.call.step = "goodbye"
    return goodbye(words)
