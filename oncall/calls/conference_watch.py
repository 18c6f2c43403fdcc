"""Rooms in which somebody may be alone without a report of it: the provider is asked about the calls in them.

Callbacks are best effort, and the end of an incoming call is reported only where the number has an address for it. So a
technician could hear music, or nothing, for minutes. Each room with a technician in it is asked about every few
seconds; an end that nobody told of is put down like any other, and the room draws its conclusions.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import log
from core.clock import real_now
from oncall.calls.jobs import tell_alone
from oncall.calls.known_ticket import is_expected
from oncall.calls.participants import present, stays_of_room
from oncall.calls.reconcile import ask_about
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import ProviderError
from oncall.models import jobs
from oncall.models.calls import IN_ROOM, CallState, PhoneCall, Purpose
from oncall.models.conferences import Conference, Participant, ParticipantRole

# Seconds. Together with a request and the move of the call: a technician who is alone hears so within ten.
LOOK_EVERY: Final = 1.0
ASK_EVERY: Final = timedelta(seconds=5)
# A technician has been alone for so long without anybody who is still to come.
_ALONE_AFTER: Final = timedelta(seconds=4)
# In one look, those first that were asked about the longest time ago.
_MOST_AT_ONCE: Final = 20

logger = log.get_logger(__name__)


def watch_rooms(sender: Sender) -> None:
    """Ask about the calls in every room with a technician, and tell one who is alone there."""
    with sender.runtime.database.transaction() as session:
        rooms = _to_ask_about(session)
    for room_id in rooms:
        try:
            look_at_room(sender, room_id)
        except ProviderError as error:
            logger.warning("the provider can't be asked about a room", room=room_id, reason=str(error))
            return


def _to_ask_about(session: Session) -> Sequence[int]:
    """Marked as asked about at once, so that no other worker asks too."""
    busy = select(PhoneCall.room_id).where(
        PhoneCall.person_id.is_not(None), PhoneCall.state == CallState.ANSWERED, PhoneCall.step.in_(IN_ROOM)
    )
    now = real_now()
    due = Conference.asked_at.is_(None) | ~Conference.asked_at.between(now - ASK_EVERY, now + ASK_EVERY)
    query = (
        select(Conference)
        .where(Conference.id.in_(busy), due)
        .order_by(Conference.asked_at.nulls_first())
        .limit(_MOST_AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True, of=Conference)
    )
    rooms = session.scalars(query).all()
    for room in rooms:
        room.asked_at = now
    return [room.id for room in rooms]


def look_at_room(sender: Sender, room_id: int) -> None:
    """Ask about the calls in a room and those on the way into it; then see whether a technician is alone."""
    with sender.runtime.database.transaction() as session:
        calls = _calls_about(session, session.get_one(Conference, room_id))
    for call_id, sid in calls:
        _ask(sender, call_id, sid)
    with sender.runtime.database.transaction() as session:
        room = session.get_one(Conference, room_id)
        alone = _technician_is_alone(session, room, sender)
        waiting = _waiting(session, room.ticket_id) if alone else []
        if any(call.step != "room" for call in waiting):
            jobs.bring_callers.wake(session, room_id=room_id)
    if alone and not waiting:
        tell_alone(sender, room_id)


def _calls_about(session: Session, room: Conference) -> Sequence[tuple[int, str]]:
    """Ids and the provider's ids: who is in the room or at its keys, is rung for it, or waits to be brought there."""
    there = select(Participant.id).where(
        Participant.call_id == PhoneCall.id, Participant.room_id == room.id, Participant.left_at.is_(None)
    )
    query = select(PhoneCall.id, PhoneCall.sid).where(
        PhoneCall.state == CallState.ANSWERED,
        there.exists()
        | ((PhoneCall.room_id == room.id) & (PhoneCall.step.in_(IN_ROOM) | (PhoneCall.purpose == Purpose.CALLBACK)))
        | ((PhoneCall.ticket_id == room.ticket_id) & PhoneCall.waiting),
    )
    return [(call_id, sid) for call_id, sid in session.execute(query.order_by(PhoneCall.id)) if sid is not None]


def _technician_is_alone(session: Session, room: Conference, sender: Sender) -> bool:
    """Whether one has been in the room for a while, and no caller is there or on the way."""
    stays = stays_of_room(session, room.id)
    if any(present(stay) for stay in stays if stay.role == ParticipantRole.CALLER) or is_expected(session, room):
        return False
    since = sender.runtime.clock.now() - _ALONE_AFTER
    return any(present(stay) and stay.sent_at < since for stay in stays if stay.role == ParticipantRole.TECHNICIAN)


def _waiting(session: Session, ticket_id: int) -> Sequence[PhoneCall]:
    query = select(PhoneCall).where(
        PhoneCall.ticket_id == ticket_id, PhoneCall.waiting, PhoneCall.state == CallState.ANSWERED
    )
    return session.scalars(query).all()


@jobs.ask_about_callers.runner
def ask_about_callers(sender: Sender, *, ticket_id: int) -> None:
    with sender.runtime.database.transaction() as session:
        query = select(PhoneCall.id, PhoneCall.sid).where(
            PhoneCall.ticket_id == ticket_id,
            PhoneCall.person_id.is_(None),
            PhoneCall.state == CallState.ANSWERED,
            PhoneCall.sid.is_not(None),
        )
        calls = [(call_id, str(sid)) for call_id, sid in session.execute(query)]
    try:
        for call_id, sid in calls:
            _ask(sender, call_id, sid)
    except ProviderError as error:
        logger.warning("the provider can't be asked about callers", ticket=ticket_id, reason=str(error))


def _ask(sender: Sender, call_id: int, sid: str) -> None:
    """One call that the provider does not speak of hides no other. Raises ProviderError when it does not answer."""
    try:
        ask_about(sender, call_id, sid)
    except ProviderError as error:
        if not error.permanent:
            raise
        logger.warning("the provider does not speak of a call", call=call_id, reason=str(error))
