"""Pages by a person's other channels, while their phone can't be reached: facts are gathered, the policy decides."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, literal, or_, select, text
from sqlalchemy.orm import Session, aliased, joinedload

from core import log
from core.clock import real_now
from core.jobs import Urgency
from core.locks import Lock
from oncall import wording
from oncall.customers.call_back import way_back
from oncall.delivery.contact_faults import clear_fault, known_faults, note_fault
from oncall.delivery.provider_health import open_outage
from oncall.delivery.rate_limit import seconds_paused
from oncall.delivery.sender import Sender
from oncall.models import jobs, messages
from oncall.models.calls import CallResult, CallState, PhoneCall, caller_is_waiting
from oncall.models.contacts.channels import channels_of
from oncall.models.contacts.contact_faults import ContactWay
from oncall.models.contacts.faults import Fault
from oncall.models.messages import Channel, Message, MessageState
from oncall.models.operations.provider_health import RequestKind
from oncall.models.pages import Attempt, AttemptOutcome, Page, PageCause, PageState
from oncall.models.people import Person
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import EventKind, record_event
from oncall.paging import bundling
from oncall.paging.engine import lock_page
from oncall.paging.failover import Reason, Trial, Trouble, reason_to_go_elsewhere
from oncall.runtime import Work, in_transaction

logger = log.get_logger(__name__)

LOOK_EVERY: Final = 2.0
# A request that was begun so long ago hangs, or died with its process.
_HANGS: Final = timedelta(seconds=8)
# The provider wants no call for so long: one that waits for that is not taken, though nobody has asked for it yet.
_LONG_PAUSE: Final = 5.0
_MOST_AT_ONCE: Final = 500
# A notice by another channel is tried so often, and after the second failure the person's mail is used as well.
OTHER_TRIES: Final = 6
_MAIL_AFTER: Final = 2
_UNPLACED: Final = (CallState.QUEUED, CallState.SENDING)
_UNSENT: Final = (MessageState.QUEUED, MessageState.SENDING)


@jobs.seek_elsewhere.runner
@in_transaction
def seek_elsewhere(work: Work, *, attempt_id: int) -> None:
    page_id = work.session.scalar(select(Attempt.page_id).where(Attempt.id == attempt_id))
    page = lock_page(work.session, page_id) if page_id is not None else None
    if page is None or page.state != PageState.PAGING:
        return
    query = select(Attempt).where(Attempt.id == attempt_id)
    query = query.options(joinedload(Attempt.call), joinedload(Attempt.person))
    attempt = work.session.scalars(query.execution_options(populate_existing=True)).one()
    if attempt.elsewhere_at is not None:
        return
    reason = _reason(work.session, page, attempt, work.now)
    if reason is not None:
        _go_elsewhere(work, page, attempt, reason)


def watch_attempts(sender: Sender) -> None:
    """Wake the look at every attempt whose call or text the network has not taken for too long."""
    with sender.runtime.work() as work:
        if not work.session.scalar(select(func.pg_try_advisory_xact_lock(Lock.OTHER_CHANNELS))):
            return  # another worker is at it
        begun = work.now - timedelta(seconds=paging_times(work.session).other_after)
        held_up = open_outage(work.session) is not None or _is_paused(work.session)
        for query in (_by_call(begun, held_up), _by_text(begun)):
            for attempt_id in work.session.scalars(query.limit(_MOST_AT_ONCE)):
                jobs.seek_elsewhere.wake(work.session, attempt_id=attempt_id)


def _is_paused(session: Session) -> bool:
    return seconds_paused(session, RequestKind.CALL) > _LONG_PAUSE


def _by_call(begun: datetime, held_up: bool) -> Select[int]:
    """Attempts since before `begun` whose call waits to be taken, after a try that failed, or while none would help."""
    query = _open_attempts(begun).join(PhoneCall, PhoneCall.id == Attempt.call_id)
    failing = or_(PhoneCall.error.is_not(None), PhoneCall.claimed_at < real_now() - _HANGS, literal(held_up))
    # In the words of a partial index, as its rows are the few that matter.
    live = text("phone_call.person_id IS NOT NULL AND phone_call.state <> 'ended'")
    return query.where(live, PhoneCall.state.in_(_UNPLACED), PhoneCall.sid.is_(None), failing)


def _by_text(begun: datetime) -> Select[int]:
    """The same of those whose person has a text that waits."""
    query = _open_attempts(begun).join(Message, Message.person_id == Attempt.person_id)
    failing = or_(Message.error.is_not(None), Message.claimed_at < real_now() - _HANGS)
    unsent = text("message.state IN ('queued', 'sending')")
    return query.where(Message.channel == Channel.TEXT, unsent, failing, Attempt.round == Page.round)


def _open_attempts(begun: datetime) -> Select[int]:
    query = select(Attempt.id).join(Page, Page.id == Attempt.page_id).where(Page.state == PageState.PAGING)
    query = query.where(Attempt.outcome.is_distinct_from(AttemptOutcome.PASSED))
    return query.where(Attempt.elsewhere_at.is_(None), Attempt.started_at <= begun).order_by(Attempt.id)


def _reason(session: Session, page: Page, attempt: Attempt, now: datetime) -> Reason | None:
    if attempt.outcome == AttemptOutcome.PASSED or attempt.person.retired:
        return None  # they know of it, or have left
    outage = {Trouble.NOTHING_GETS_THROUGH} if open_outage(session) is not None else set()
    known = known_faults(session, attempt.person)
    trials = (
        _trial(ContactWay.CALL, _troubles_of_call(attempt.call, _is_paused(session)) | outage, known),
        _trial(ContactWay.TEXT, _troubles_of_texts(session, attempt), known),
    )
    waited = (now - attempt.started_at).total_seconds()
    patience = paging_times(session).other_after
    return reason_to_go_elsewhere(trials, page.ticket.priority, waited, patience, attempt.outcome is not None)


def _trial(kind: ContactWay, troubles: set[Trouble], known: set[ContactWay]) -> Trial:
    return Trial(kind, frozenset(troubles | ({Trouble.KNOWN_BAD} if kind in known else set())))


def _troubles_of_call(call: PhoneCall | None, paused: bool) -> set[Trouble]:
    if call is None:
        return set()
    if call.result == CallResult.FAILED:
        return {Trouble.FAILED}
    hangs = call.claimed_at is not None and call.claimed_at < real_now() - _HANGS
    failing = call.error is not None or hangs or paused
    # One that was given up before it was taken was not taken either.
    waits = call.state in _UNPLACED or call.result == CallResult.CANCELED
    return {Trouble.NOT_TAKEN} if call.sid is None and waits and failing else set()


def _troubles_of_texts(session: Session, attempt: Attempt) -> set[Trouble]:
    """Of all texts to the person since the attempt began, and those before it that still wait or tell of its page."""
    merged = aliased(Message)
    carriers = select(merged.carrier_id).where(merged.page_id == attempt.page_id, merged.carrier_id.is_not(None))
    query = select(Message.state, Message.error, Message.claimed_at).where(
        Message.channel == Channel.TEXT,
        Message.recipient == attempt.person.phone,
        or_(
            Message.created_at >= attempt.started_at,
            Message.state.in_(_UNSENT),
            Message.id.in_(carriers.where(merged.created_at >= attempt.started_at)),
        ),
    )
    found = set()
    for state, error, claimed_at in session.execute(query):
        if state in {MessageState.FAILED, MessageState.UNDELIVERED}:
            found.add(Trouble.FAILED)
        elif state in _UNSENT and (error or (claimed_at is not None and claimed_at < real_now() - _HANGS)):
            found.add(Trouble.NOT_TAKEN)
    return found


def _go_elsewhere(work: Work, page: Page, attempt: Attempt, reason: Reason) -> None:
    attempt.elsewhere_at = work.now
    work.session.flush()
    settings, ticket, person = work.runtime.settings, page.ticket, attempt.person
    subject, body = wording.page_notice(
        ticket,
        page.code,
        page.cause == PageCause.COLLEAGUE,
        caller_is_waiting(work.session, ticket.id),
        work.now,
        settings.our_number,
        bundling.page_link(work, page, person.id),
        reason.words,
        way_back(work.session, settings, ticket),
    )
    key = f"attempt:{attempt.id}:other"
    asked = post_elsewhere(work.session, person, key, subject, body, work.now, ticket.id)
    if not asked and post_mail(work.session, person, key, subject, body, work.now, ticket.id):
        asked = ["mail"]
    if asked:
        words = f"Asking {person.name} by {wording.listed(asked)} as well: {reason.words}."
    else:
        words = f"{person.name} has neither another channel nor a mail address, and {reason.words}."
    logger.warning("page goes by other channels", page=page.id, attempt=attempt.id, reason=reason.words, ways=asked)
    record_event(
        work.session,
        ticket.id,
        work.now,
        EventKind.WARNING,
        words,
        key=f"attempt:{attempt.id}:elsewhere",
        person_id=person.id,
    )


def post_elsewhere(
    session: Session, person: Person, key: str, subject: str, body: str, now: datetime, ticket_id: int | None = None
) -> list[str]:
    """Put a notice down for each of a person's other channels; the names of these channels."""
    channels = () if person.retired else channels_of(session, person.id)
    for channel in channels:
        messages.post(
            session,
            now,
            key=f"{key}:{channel.id}",
            channel=Channel.OTHER,
            recipient=channel.shown,
            subject=subject,
            body=body,
            person_id=person.id,
            ticket_id=ticket_id,
            channel_id=channel.id,
            urgency=Urgency.FIRST,
        )
    return [channel.shown for channel in channels]


def post_mail(
    session: Session, person: Person, key: str, subject: str, body: str, now: datetime, ticket_id: int | None
) -> bool:
    """The last channel: a person's mail address. False when they have none."""
    if person.email is None or person.retired:
        return False
    messages.post(
        session,
        now,
        key=f"{key}:mail",
        channel=Channel.MAIL,
        recipient=person.email,
        subject=subject,
        body=body,
        person_id=person.id,
        ticket_id=ticket_id,
        urgency=Urgency.FIRST,
    )
    return True


def notice_sent(session: Session, message: Message, now: datetime) -> None:
    """A page's notice was taken by another channel, or by the mail server as the last one: it stands on the ticket."""
    if message.channel == Channel.OTHER and message.person_id is not None and message.channel_id is not None:
        clear_fault(session, message.person_id, ContactWay.OTHER, str(message.channel_id))
    if message.ticket_id is not None and message.person_id is not None:
        person = session.get_one(Person, message.person_id)
        words = (
            f"{person.name} was sent a notice by {message.recipient if message.channel == Channel.OTHER else 'mail'}."
        )
        key = f"message:{message.id}:sent"
        record_event(session, message.ticket_id, now, EventKind.NOTICE, words, key=key, person_id=person.id)


def notice_not_sent(session: Session, message: Message, fault: Fault, now: datetime, *, given_up: bool) -> None:
    """A try of another channel failed: soon the person's mail is used as well, and at last the channel is marked."""
    if message.person_id is None:
        return
    person = session.get_one(Person, message.person_id)
    if given_up or message.tries >= _MAIL_AFTER:
        key = message.key.rpartition(":")[0]
        post_mail(session, person, key, message.subject, message.body, now, message.ticket_id)
    if given_up and message.channel_id is not None:
        channel = str(message.channel_id), message.recipient
        note_fault(session, person, ContactWay.OTHER, fault, now, channel=channel)
