"""What happens to live calls beside their own conversations: into a room, back to waiting, on hold, to their end."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import log
from core.clock import real_now
from oncall.calls.conference import Move, callers_to_bring, prepare_move, settle_room
from oncall.calls.goodbye import arranged_at
from oncall.calls.known_ticket import is_expected
from oncall.calls.participants import lock_room, present, stays_of_room
from oncall.calls.redirect import carry_out
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import CallGoneError, ProviderError
from oncall.models import jobs
from oncall.models.calls import CallState, Direction, PhoneCall, Purpose, caller_is_waiting, lock_call
from oncall.models.conferences import Conference, ParticipantRole, ask_soon
from oncall.models.pages import PageCause, page_of
from oncall.models.people import Person
from oncall.models.tickets import EventKind, record_event
from oncall.paging.acknowledge import accepted_with_caller, waits_unjoined
from oncall.paging.engine import open_page
from oncall.paging.ringing import ASKED_NEXT
from oncall.runtime import Work, in_transaction
from oncall.tickets.intake import tell_left

logger = log.get_logger(__name__)

# `check_waiting`: seconds after which it came late, and when it is looked at again then.
_LATE = 10.0
_ANOTHER_ROUND = timedelta(seconds=150)

# Where a call must stand for these steps: meanwhile its owner may have gone on by a key of their own.
_ONLY_FROM = {"unanswered": ("left",), "taken": (*ASKED_NEXT, "drill"), "alone": ("rejoin_key",)}


@jobs.bring_callers.runner
def bring_callers(sender: Sender, *, room_id: int) -> None:
    with sender.runtime.work() as work:
        moves = callers_to_bring(work, room_id)
    arrived = [carry_out(sender, move) for move in moves]
    if not any(arrived):
        tell_alone(sender, room_id)


@jobs.check_room.runner
def check_room(sender: Sender, *, room_id: int) -> None:
    with sender.runtime.work() as work:
        moves = settle_room(work, room_id)
    for move in moves:
        carry_out(sender, move)


@jobs.check_waiting.runner
def check_waiting(sender: Sender, *, call_id: int, turn: int, planned: float | None = None) -> None:
    """Late, nothing can be said: with the database away, or no worker at hand, the caller may have been put through, or
    could not be heard. So it is looked at once more.
    """
    if planned is not None and real_now().timestamp() - planned > _LATE:
        with sender.runtime.work() as work:
            due, then = work.now + _ANOTHER_ROUND, (real_now() + _ANOTHER_ROUND).timestamp()
            jobs.check_waiting.wake_at(work.session, work.runtime.clock, due, call_id=call_id, turn=turn, planned=then)
        return
    with sender.runtime.work() as work:
        call = lock_call(work.session, call_id)
        if call is None or not call.waiting or call.turn != turn or call.ticket_id is None:
            return
        call.waiting = False
        if call.memo.left_by is not None:
            jobs.conclude_goodbye.wake(work.session, call_id=call.id)
            return
        work.session.flush()
        tell_left(work.session, call, call.ticket_id, work.now)


def tell_alone(sender: Sender, room_id: int) -> None:
    """The callers were gone before the technician came: ask the technician what to do next."""
    moves = []
    with sender.runtime.work() as work:
        room = lock_room(work.session, room_id)
        stays = stays_of_room(work.session, room_id)
        if any(present(stay) for stay in stays if stay.role == ParticipantRole.CALLER) or is_expected(
            work.session, room
        ):
            return
        for stay in stays:
            call = (
                lock_call(work.session, stay.call_id)
                if stay.role == ParticipantRole.TECHNICIAN and present(stay)
                else None
            )
            move = prepare_move(work, call, "alone") if call is not None else None
            if move is not None:
                moves.append(move)
        room.closed_at = room.closed_at or work.now
    for move in moves:
        carry_out(sender, move)


@jobs.move_call.runner
def move_call(sender: Sender, *, call_id: int, step: str, room_id: int | None = None) -> None:
    with sender.runtime.work() as work:
        call = lock_call(work.session, call_id)
        if call is None or room_id not in {None, call.room_id}:
            return
        if step in _ONLY_FROM and call.step not in _ONLY_FROM[step] and not _says_goodbye_to_test(call):
            return
        if step == "alone" and caller_is_waiting(work.session, call.ticket_id or 0):
            return
        if step == "unanswered" and room_id is not None and _talks_with_another(work.session, room_id):
            return
        move = prepare_move(work, call, step)
    if move:
        carry_out(sender, move)


def _talks_with_another(session: Session, room_id: int) -> bool:
    """Whether another caller is there, or coming, while the customer who was rung did not pick up."""
    there = any(present(stay) for stay in stays_of_room(session, room_id) if stay.role == ParticipantRole.CALLER)
    return there or is_expected(session, session.get_one(Conference, room_id))


def _says_goodbye_to_test(call: PhoneCall) -> bool:
    """The last words of a test call need not be heard to their end when there is a page."""
    return call.purpose == Purpose.DRILL and call.step == "goodbye"


@jobs.hold_callers.runner
def hold_callers(sender: Sender, *, room_id: int, on: bool) -> None:
    """Only what is still so is done, and undone if it has changed meanwhile: two of these may overtake each other."""
    for _ in range(3):
        with sender.runtime.database.transaction() as session:
            conference = session.get_one(Conference, room_id).conference_sid
            stays = stays_of_room(session, room_id)
            alone = not any(present(stay) for stay in stays if stay.role == ParticipantRole.TECHNICIAN)
            sids = [
                stay.call.sid
                for stay in stays
                if stay.role == ParticipantRole.CALLER and present(stay) and stay.call.sid
            ]
        if conference is None or alone is not on:
            return
        held = [_hold(sender, room_id, conference, sid, on) for sid in sids]
        if not all(held):
            _hold_again(sender, room_id, on)
            return
        on = not on  # the next look finds whether a technician has come or gone in the meantime


def _hold(sender: Sender, room_id: int, conference: str, sid: str, on: bool) -> bool:
    """False when it should be tried again."""
    try:
        sender.telephony.hold(conference, sid, on)
    except CallGoneError:
        logger.info("caller left before being put on or off hold", call_sid=sid)
        with sender.runtime.database.transaction() as session:
            ask_soon(session, room_id)
    except ProviderError as error:
        logger.warning("caller not put on or off hold", call_sid=sid, on=on, error=str(error))
        return error.permanent
    return True


def _hold_again(sender: Sender, room_id: int, on: bool) -> None:
    due = sender.runtime.clock.now() + timedelta(seconds=1)
    with sender.runtime.database.transaction() as session:
        jobs.hold_callers.wake_at(session, sender.runtime.clock, due, room_id=room_id, on=on)


@jobs.hand_over.runner
def hand_over(sender: Sender, *, room_id: int, person_id: int) -> None:
    with sender.runtime.work() as work:
        room = lock_room(work.session, room_id)
        person = work.session.get_one(Person, person_id)
        words = f"{person.name} hands the ticket over."
        key = f"room:{room_id}:handed"
        first = record_event(
            work.session, room.ticket_id, work.now, EventKind.PAGE, words, key=key, person_id=person_id
        )
        if not first and _somebody_has_it(work.session, room.ticket_id, person_id):
            return
        moves = _take_callers_out(work, room_id, "handed", waiting=True)
        open_page(work, room.ticket, PageCause.HANDOVER)
    for move in moves:
        carry_out(sender, move)


def _somebody_has_it(session: Session, ticket_id: int, person_id: int) -> bool:
    """Whether somebody else has taken what this person hands over: then it was done before by a worker that died."""
    page = page_of(session, ticket_id)
    return page is not None and page.cause == PageCause.HANDOVER and page.accepted_by_id not in {None, person_id}


@jobs.finish_callers.runner
def finish_callers(sender: Sender, *, room_id: int) -> None:
    with sender.runtime.work() as work:
        moves = _take_callers_out(work, room_id, "finished", waiting=False)
    for move in moves:
        carry_out(sender, move)


def _take_callers_out(work: Work, room_id: int, step: str, *, waiting: bool) -> list[Move]:
    lock_room(work.session, room_id)
    moves, stays = [], stays_of_room(work.session, room_id)
    until = (
        None if waiting else arranged_at((stay for stay in stays if stay.role == ParticipantRole.TECHNICIAN), room_id)
    )
    for stay in stays:
        if until is not None and stay.sent_at > until:
            continue
        call = lock_call(work.session, stay.call_id) if stay.role == ParticipantRole.CALLER and present(stay) else None
        move = prepare_move(work, call, step) if call is not None else None
        if call is not None and move is not None:
            call.waiting = waiting
            moves.append(move)
    return moves


@jobs.check_connected.runner
@in_transaction
def check_connected(work: Work, *, call_id: int) -> None:
    """Whom they accepted by text without picking up, or from another conversation: those tickets are paged again."""
    call = work.session.get(PhoneCall, call_id)
    if call is None or call.person_id is None:
        return
    pages = accepted_with_caller(work.session, call.person_id)
    if _being_rung(work.session, call.person_id):  # looked at later: whoever has just accepted by text is rung by now
        return
    talked = work.session.get_one(Conference, call.room_id).ticket_id if call.room_id is not None else None
    for page in pages:
        words = "Accepted, but not joined with the caller: paging again."
        record_event(work.session, page.ticket_id, work.now, EventKind.WARNING, words, key=f"page:{page.id}:not_joined")
        # Who was in another conversation is free now; who was rung for this one was rung in vain.
        # So is who has talked, for a caller who came too late into that conversation.
        free = talked is not None and (talked != page.ticket_id or _came_late(work.session, page.ticket_id))
        first, after = (call.person_id, None) if free else (None, call.person_id)
        cause = PageCause.NOT_JOINED if waits_unjoined(work.session, page.ticket_id) else PageCause.HUNG_UP
        open_page(work, page.ticket, cause, first=first, after=after)


def _came_late(session: Session, ticket_id: int) -> bool:
    """Whether all who wait were on the way into a conversation that has ended meanwhile."""
    query = select(PhoneCall).where(PhoneCall.ticket_id == ticket_id, PhoneCall.waiting)
    return all(call.memo.joins is not None for call in session.scalars(query))


def _being_rung(session: Session, person_id: int) -> bool:
    """Whether a call of ours to them will offer them whoever waits for them."""
    query = select(PhoneCall.id).where(
        PhoneCall.person_id == person_id, PhoneCall.direction == Direction.OUT, PhoneCall.state != CallState.ENDED
    )
    return session.scalar(query.limit(1)) is not None
