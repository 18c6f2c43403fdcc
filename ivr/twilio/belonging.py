"""Whether a request is about the call, the room or the text whose address it came to. Twilio names it in each.

The signature says that Twilio sent a request, not that it belongs to this row: an address that was seen, or a report
that was captured, must not be of use for another call.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.text.phones import BadNumberError, parse_number
from oncall.models.calls import Direction, PhoneCall
from oncall.models.conferences import Conference, Participant
from oncall.models.messages import Message


class StrangerError(Exception):
    """The request is about another one than its address: it is refused, and changes nothing."""


def check_step(session: Session, call: PhoneCall, step: str, turn: int, form: Mapping[str, str]) -> None:
    """A question of a conversation is answered by its own call. Raises StrangerError.

    Should the provider have been asked twice to ring (its first answer was lost), the call that is picked up is the one
    that counts: with its first request, and never again, it gives the row its name.
    """
    sid = form.get("CallSid", "")
    if sid and sid == call.sid:
        return
    first = call.direction == Direction.OUT and call.turn == turn == 0 and step == "answered"
    if not (first and sid and _may_be_named(session, call, sid, form)):
        raise StrangerError(f"call {call.id} is another one")
    call.sid = sid


def check_report(session: Session, call: PhoneCall, form: Mapping[str, str]) -> None:
    """A report on a call of ours is about that call; the first one may tell its name. Raises StrangerError."""
    sid = form.get("CallSid", "")
    if not sid or sid == call.sid:
        return
    if call.sid is not None or not _may_be_named(session, call, sid, form):
        raise StrangerError(f"call {call.id} is another one")
    call.sid = sid


def check_incoming(call: PhoneCall) -> None:
    """What is told of a call that comes in is not about one that we made. Raises StrangerError."""
    if call.direction != Direction.IN:
        raise StrangerError(f"call {call.id} did not come in")


def check_recording(call: PhoneCall, form: Mapping[str, str]) -> None:
    """A recording is reported for the call in which it was made. Raises StrangerError."""
    if form.get("CallSid") not in {None, "", call.sid}:
        raise StrangerError(f"call {call.id} is another one")


def check_room(room: Conference, form: Mapping[str, str]) -> None:
    """An event is of this conference, where it says its name. Raises StrangerError."""
    if form.get("FriendlyName") not in {None, "", room.name}:
        raise StrangerError(f"room {room.id} is another one")


def check_stay(session: Session, stay: Participant, form: Mapping[str, str]) -> None:
    """Who came or went is the call that was sent there. Raises StrangerError."""
    sid = form.get("CallSid", "")
    known = session.scalar(select(PhoneCall.sid).where(PhoneCall.id == stay.call_id))
    if sid and known is not None and sid != known:
        raise StrangerError(f"stay {stay.id} is of another call")


def check_text(session: Session, message: Message, sid: str | None, form: Mapping[str, str]) -> None:
    """A report on a text is about that text; the first one may tell its name. Raises StrangerError."""
    if not sid or sid == message.provider_sid:
        return
    named = message.provider_sid is None and not _taken(session, Message.provider_sid, sid)
    if not (named and _same_number(form.get("To"), message.recipient)):
        raise StrangerError(f"text {message.id} is another one")
    message.provider_sid = sid


def _may_be_named(session: Session, call: PhoneCall, sid: str, form: Mapping[str, str]) -> bool:
    """Whether a call that was made for this row may be the one of this name."""
    same = _same_number(form.get("To"), call.number)
    return call.direction == Direction.OUT and same and not _taken(session, PhoneCall.sid, sid)


def _taken(session: Session, column: InstrumentedAttribute[Any], sid: str) -> bool:
    with session.no_autoflush:
        return bool(session.scalar(select(exists().where(column == sid))))


def _same_number(given: str | None, ours: str | None) -> bool:
    """Also where the report does not say, or says it in a way that is no number."""
    try:
        return not given or ours is None or parse_number(given) == ours
    except BadNumberError:
        return True
