"""The page as the technician hears it. Only a key accepts: a voicemail presses none."""

from sqlalchemy import select

from ivr.conference import into_room
from ivr.technician import aftermath, prompts, rejoin
from ivr.technician.details import read_details
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from ivr.useless import MOST_WRONG_KEYS
from oncall.calls.conference import call_callers
from oncall.calls.goodbye import callers_left
from oncall.calls.participants import room_for
from oncall.drills.checking import call_changed
from oncall.models import jobs
from oncall.models.calls import CallState, PhoneCall, Purpose, caller_is_waiting
from oncall.models.conferences import Conference, Participant, ParticipantRole
from oncall.models.pages import Attempt, AttemptOutcome, Page, PageCause, PageState, Via, page_of
from oncall.models.people import Person
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import Ticket
from oncall.paging.acknowledge import Acceptance, Verdict, accept, accepted_with_caller, give_up
from oncall.paging.call_queue import accept_all, count_told, let_go_on, told_first
from oncall.paging.keys import note_listening, note_wrong_key, one_more, pressed_to_hear, pressed_wrong
from oncall.sla.promises import spoken_remaining


def is_wanted(talk: Turn) -> bool:
    """Whether there is a page to tell in this call, or a caller who waits for its owner."""
    if count_told(talk.session, talk.call):
        return True
    return bool(accepted_with_caller(talk.session, talk.call.person_id))


def tell_next(talk: Turn, before: str = "", again: str = "") -> VoiceResponse:
    """Tell the most urgent page that this call is about; when there is none, what became of it, and goodbye."""
    first = told_first(talk.session, talk.call)
    if first is not None:
        return _read_out(talk, first, before, again)
    mine = _mine(talk)
    if mine is not None:
        return _offer(talk, mine, before, again)
    return aftermath.finish(talk, before or _what_became(talk))


def _mine(talk: Turn) -> Ticket | None:
    """The ticket whose caller waits to be joined with who listens.

    Who was rung to be joined is offered the caller also where somebody else has talked with them before.
    """
    pages = accepted_with_caller(talk.session, talk.call.person_id)
    if pages:
        return pages[0].ticket
    page = page_of(talk.session, talk.call.ticket_id or 0) if talk.call.purpose == Purpose.CONNECT else None
    if page is None or page.accepted_by_id != talk.call.person_id:
        return None
    left = talk.session.scalar(callers_left(talk.session, page.ticket_id).limit(1)) is not None
    return page.ticket if left else None


def _read_out(talk: Turn, attempt: Attempt, before: str = "", again: str = "", details: bool = False) -> VoiceResponse:
    """The page and its keys. `again`: why it is heard once more; it can be typed over, which `before` can't."""
    if talk.call.told_attempt_id != attempt.id and caller_is_waiting(talk.session, attempt.page.ticket_id):
        jobs.ask_about_callers.wake(talk.session, ticket_id=attempt.page.ticket_id)
    talk.call.told_attempt_id = attempt.id
    ticket, count = attempt.page.ticket, count_told(talk.session, talk.call)
    keys = prompts.page_keys(count)
    if details:
        response = talk.ask("choose", "", before=before)
        read_details(talk, response, ticket, keys)
        return response
    words = prompts.page(
        ticket.priority,
        ticket.number,
        ticket.customer.name,
        _where_the_caller_is(talk, attempt),
        spoken_remaining(ticket.due_at, talk.now) if ticket.due_at else None,
    )
    return talk.ask("choose", prompts.joined(again, f"{_how_many(talk, count)}{words}", keys), before=before)


def _how_many(talk: Turn, count: int) -> str:
    """How many pages there are, once in a call."""
    if count < 2 or talk.call.memo.counted:
        return ""
    talk.call.memo.counted = True
    return f"{prompts.page_count(count)} "


def _where_the_caller_is(talk: Turn, attempt: Attempt) -> str:
    page = attempt.page
    if page.cause == PageCause.COLLEAGUE:
        return prompts.TALKS
    if not caller_is_waiting(talk.session, page.ticket_id):
        return prompts.HUNG_UP
    return prompts.HOLDS


def choose(talk: Turn) -> VoiceResponse:
    """The technician's key: accept, pass, more, accept all, repeat. Silence counts readings, a wrong key none."""
    _heard(talk)
    attempt = talk.session.get(Attempt, talk.call.told_attempt_id or 0)
    if attempt is None or talk.call.person_id is None:
        return tell_next(talk)
    if talk.digits == "1":
        person = talk.session.get_one(Person, talk.call.person_id)
        result = accept(talk.work, attempt.page_id, person, Via.PHONE)
        return accepted(talk, attempt.page_id, result)
    if talk.digits == "2":
        passed = give_up(talk.session, attempt.id, AttemptOutcome.PASSED, talk.now)
        return tell_next(talk, before=prompts.PASSED if passed else "")
    if talk.digits == "5" and count_told(talk.session, talk.call) >= prompts.FEWEST_FOR_ALL:
        return _accept_all(talk)
    return _undecided(talk, attempt)


def _undecided(talk: Turn, attempt: Attempt) -> VoiceResponse:
    """Asked again, in more words or the same; or the next page, when this one has been decided elsewhere."""
    if attempt.outcome is not None:
        return tell_next(talk)
    if talk.digits in {"3", "9"}:
        note_listening(talk.call, attempt.id)
        return _read_out(talk, attempt, details=talk.digits == "3")
    return _wrong_key(talk, attempt) if talk.digits else _no_key(talk, attempt)


def _accept_all(talk: Turn) -> VoiceResponse:
    """A caller who is on the line is joined; the others are called back one after the other."""
    person = talk.session.get_one(Person, talk.call.person_id)
    count = count_told(talk.session, talk.call)
    page = accept_all(talk.work, talk.call, person)
    if page is None:
        return tell_next(talk, before=prompts.NOBODY_NEEDED)
    if caller_is_waiting(talk.session, page.ticket_id):
        return take(talk, page.ticket)
    talk.call.about_ticket_id = page.ticket_id
    return aftermath.ask_what_next(talk, prompts.all_accepted(count))


def _heard(talk: Turn) -> None:
    """In a test call that a page has taken over, a key of any kind shows what the test was to show."""
    if talk.call.purpose == Purpose.DRILL and talk.digits and not talk.call.memo.heard:
        talk.call.memo.heard = True
        call_changed(talk.session, talk.call)


def _no_key(talk: Turn, attempt: Attempt) -> VoiceResponse:
    count = talk.call.memo.readings.get(str(attempt.id), 1)
    if count < paging_times(talk.session).readings:
        talk.call.memo.readings = one_more(talk.call.memo.readings, attempt.id, begin=1)
        return _read_out(talk, attempt)
    return _not_decided(talk, attempt)


def _wrong_key(talk: Turn, attempt: Attempt) -> VoiceResponse:
    """Told as such, and the page is read again, which costs no reading; up to a number nobody errs so often."""
    if note_wrong_key(talk.call, attempt.id) > MOST_WRONG_KEYS:
        return _not_decided(talk, attempt)
    return _read_out(talk, attempt, again=prompts.NOT_UNDERSTOOD)


def _not_decided(talk: Turn, attempt: Attempt) -> VoiceResponse:
    """Nothing that means anything was pressed: the next person."""
    wrong = pressed_wrong(talk.call, attempt.id)
    given_up = give_up(
        talk.session, attempt.id, AttemptOutcome.WRONG_KEYS if wrong else AttemptOutcome.NO_KEY, talk.now
    )
    listened = pressed_to_hear(talk.call, attempt.id)
    words = prompts.WRONG_KEYS if wrong else prompts.UNDECIDED if listened else prompts.NO_KEY
    return tell_next(talk, before=words if given_up else "")


def accepted(talk: Turn, page_id: int, result: Acceptance) -> VoiceResponse:
    """After key 1: into the room with the caller, or what else there is to do."""
    if result.verdict is Verdict.LOST and result.holder is not None:
        return tell_next(talk, before=prompts.has_it(result.holder.name))
    if result.verdict in {Verdict.OVER, Verdict.LOST}:
        return tell_next(talk, before=prompts.NOBODY_NEEDED)
    return take(talk, talk.session.get_one(Page, page_id).ticket)


def take(talk: Turn, ticket: Ticket) -> VoiceResponse:
    """Join the ticket's caller; when nobody holds, offer to call back. Other pages go on to the next person then."""
    talk.call.about_ticket_id = ticket.id
    talk.useful_answer()
    if caller_is_waiting(talk.session, ticket.id) or _somebody_talks(talk, ticket):
        let_go_on(talk.session, talk.call)
        room = room_for(talk.session, ticket.id, talk.now)
        response = into_room(talk, room, ParticipantRole.TECHNICIAN, prompts.CONNECTING)
        call_callers(talk.session, room)
        return response
    more = count_told(talk.session, talk.call)
    if more:
        return tell_next(talk, before=f"{prompts.ACCEPTED_LATER} {prompts.more_pages(more)}")
    return aftermath.ask_what_next(talk, prompts.ACCEPTED_CALLER_GONE)


def _somebody_talks(talk: Turn, ticket: Ticket) -> bool:
    """Whether a colleague is in a room with the caller already (and asked for help, say)."""
    query = (
        select(Participant.id)
        .join(Conference)
        .join(PhoneCall, PhoneCall.id == Participant.call_id)
        .where(
            Conference.ticket_id == ticket.id,
            Conference.closed_at.is_(None),
            Participant.left_at.is_(None),
            Participant.role == ParticipantRole.CALLER,
        )
        .where(PhoneCall.state != CallState.ENDED)
    )
    return talk.session.scalar(query.limit(1)) is not None


def offer_caller(talk: Turn) -> VoiceResponse:
    """They accepted by text or in the browser, and we ring them to be joined with the caller who holds.

    Or they have hung up, and the caller is still there.
    """
    if talk.call.memo.rejoins:
        return rejoin.offer(talk)
    page = page_of(talk.session, talk.call.ticket_id or 0)
    if _mine(talk) is None and page is not None and page.accepted_by_id == talk.call.person_id:
        return take(talk, page.ticket)
    return tell_next(talk)


def _offer(talk: Turn, ticket: Ticket, before: str = "", again: str = "") -> VoiceResponse:
    talk.call.about_ticket_id = ticket.id
    words = prompts.joined(again, prompts.connect(ticket.customer.name, ticket.number))
    return talk.ask("talk", words, before=before)


def talk(talk: Turn) -> VoiceResponse:
    """Key 1 joins; too many silences end the call, and the page begins again."""
    _heard(talk)
    if talk.digits == "1":
        return take(talk, talk.session.get_one(Ticket, talk.call.about_ticket_id))
    useless = talk.useless_answer()
    if useless.is_enough:
        return aftermath.end(talk, prompts.WRONG_KEYS if useless.wrong_keys else prompts.NO_KEY)
    return tell_next(talk, again=prompts.NOT_UNDERSTOOD if talk.digits else "")


def taken(talk: Turn) -> VoiceResponse:
    """Their call was fetched from a question that is not open any more: say why, or ask the next one."""
    return tell_next(talk)


def _what_became(talk: Turn) -> str:
    """Of the page this call was about last, for who still listens, or picks up too late."""
    query = select(Attempt.page_id).where(Attempt.call_id == talk.call.id).order_by(Attempt.id.desc()).limit(1)
    page_id = talk.session.scalar(query)
    page = talk.session.get(Page, page_id) if page_id else page_of(talk.session, talk.call.ticket_id or 0)
    if page is None or page.state == PageState.STOPPED:
        return prompts.NOBODY_NEEDED
    if page.accepted_by is None:
        return prompts.GOES_ON
    if page.accepted_by_id == talk.call.person_id:
        return prompts.yours(page.ticket.number)
    return prompts.has_it(page.accepted_by.name)
