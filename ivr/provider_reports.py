"""What the provider reports beside the conversations: progress of calls and texts, arrivals in rooms, recordings.

`came_at`: when the report came, in the gateway's time, should it be noted only now. Each raises StrangerError for a
report that is not about what its address names.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.jobs import Urgency
from core.years import is_in_our_times
from ivr.asking import Spoken, spoken_part
from ivr.conference import BACK
from ivr.twilio.belonging import (
    StrangerError,
    check_recording,
    check_report,
    check_room,
    check_stay,
    check_text,
)
from ivr.twilio.errors import reported, reported_text
from oncall.calls.call_end import end_call
from oncall.calls.known_ticket import can_talk
from oncall.calls.outcome import text_arrived, text_failed
from oncall.calls.participants import event_time, present, stay_joined, stay_left
from oncall.delivery.telephony import FINAL
from oncall.drills.checking import text_changed
from oncall.models import jobs
from oncall.models.calls import CallResult, CallState, PhoneCall, lock_call
from oncall.models.conferences import Conference, Participant, ParticipantRole, ask_soon
from oncall.models.messages import Message, MessageState
from oncall.models.tickets import EventKind, record_event
from oncall.models.work.recordings import RecordingKind
from oncall.runtime import Runtime
from oncall.tickets.notes import keep_recording
from oncall.tickets.transcripts import keep_transcript

# Twilio's words for a text that it has taken, and that has not left yet, say one thing to us.
_TEXT_STATES = {
    "queued": MessageState.ACCEPTED,
    "sending": MessageState.ACCEPTED,
    "accepted": MessageState.ACCEPTED,
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "undelivered": MessageState.UNDELIVERED,
    "failed": MessageState.FAILED,
}
_STAY = re.compile(r"stay-(\d{1,9})", re.ASCII)
# Events of somebody's coming and going; others name a call just to say more.
_COMINGS = {"participant-join", "participant-leave"}
_BACK = re.compile(BACK + "[0-9a-f]{16}")
_STATES = {
    "queued": CallState.PLACED,
    "initiated": CallState.PLACED,
    "ringing": CallState.RINGING,
    "in-progress": CallState.ANSWERED,
}


def call_progress(runtime: Runtime, call_id: int, form: dict[str, str], came_at: datetime | None = None) -> None:
    """How far an outgoing call has come. Reports may be late, twice, out of order: a call only moves forward."""
    status = form.get("CallStatus", "")
    now = came_at or runtime.clock.now()
    at = event_time(stamp_of(form), runtime.clock.shift(), now)
    with runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is None:
            return
        check_report(session, call, form)
        if status in FINAL:
            end_call(session, call, status, at, reported(form) if status == CallResult.FAILED else None)
        elif status in _STATES and call.move_to(_STATES[status]) and call.state == CallState.ANSWERED:
            call.answered_at = now


def stamp_of(form: dict[str, str]) -> datetime | None:
    """The provider's own time of an event (RFC 2822), aware UTC; None when there is none, or none of our years."""
    try:
        stamp = parsedate_to_datetime(form["Timestamp"])
    except (KeyError, ValueError, OverflowError):
        return None
    if not is_in_our_times(stamp):
        return None
    return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)


def room_event(runtime: Runtime, room_id: int, form: dict[str, str], came_at: datetime | None = None) -> None:
    """Somebody came into a room or left it."""
    event = form.get("StatusCallbackEvent", "")
    now = came_at or runtime.clock.now()
    at = event_time(stamp_of(form), runtime.clock.shift(), now)
    with runtime.database.transaction() as session:
        over = _call_that_is_over(session, form) if event == "participant-leave" else None
        room = session.get(Conference, room_id)
        if room is None:
            return
        check_room(room, form)
        if event == "conference-end" and any(map(present, room.stays)):
            ask_soon(session, room_id)  # nobody is left, or of an earlier conference in this room
        stay = _stay_of(session, room_id, form, at)
        if stay is not None:
            check_stay(session, stay, form)
        elif form.get("CallSid") and event in _COMINGS:
            raise StrangerError(f"room {room_id} knows no such call")
        if stay is not None or not form.get("CallSid") or form.get("FriendlyName") == room.name:
            room.conference_sid = form.get("ConferenceSid") or room.conference_sid
        if stay is None:
            return
        if event == "participant-join":
            if stay.left_at is not None and at >= stay.left_at:
                at = stay.sent_at  # told after the leaving: all we know is that it was before
            _came(session, room, stay, at)
        elif event == "participant-leave":
            stay_left(session, stay, at)
            if over is not None and over.id == stay.call_id:
                end_call(session, over, form["ParticipantCallStatus"], at)


def _call_that_is_over(session: Session, form: dict[str, str]) -> PhoneCall | None:
    """The call, locked, whose end a departure from a room tells of. (Its own report may never come.)"""
    if form.get("ParticipantCallStatus") not in FINAL:
        return None
    call_id = session.scalar(select(PhoneCall.id).where(PhoneCall.sid == form.get("CallSid", "")))
    return lock_call(session, call_id) if call_id is not None else None


def _came(session: Session, room: Conference, stay: Participant, at: datetime) -> None:
    technicians = [other for other in room.stays if other.role == ParticipantRole.TECHNICIAN]
    stay_joined(session, stay, at)
    if stay.role == ParticipantRole.TECHNICIAN:
        if any(other.id < stay.id and not present(other) for other in technicians):
            # Back from the keys, or in place of a colleague who was there: the callers' music stops.
            jobs.hold_callers.with_urgency(Urgency.NORMAL).wake(session, room_id=room.id, on=False)
    elif not any(map(present, technicians)) and any(can_talk(other.call, room.id) for other in technicians):
        # Another caller, while the technician is at the keys.
        jobs.hold_callers.with_urgency(Urgency.NORMAL).wake(session, room_id=room.id, on=True)


def _stay_of(session: Session, room_id: int, form: dict[str, str], at: datetime) -> Participant | None:
    """The stay by its label; without one, the call's latest in this room."""
    query = select(Participant).where(Participant.room_id == room_id).with_for_update(of=Participant, key_share=True)
    label = form.get("ParticipantLabel", "")
    if match := _STAY.fullmatch(label):
        found = session.scalar(query.where(Participant.id == int(match[1])))
        if found is not None:
            return found
    if _BACK.fullmatch(label):
        return _stay_of_back(session, room_id, form.get("CallSid", ""), label, at)
    by_call = query.join(PhoneCall, PhoneCall.id == Participant.call_id).where(PhoneCall.sid == form.get("CallSid", ""))
    return session.scalar(by_call.order_by(Participant.id.desc()).limit(1))


def _stay_of_back(session: Session, room_id: int, sid: str, label: str, at: datetime) -> Participant | None:
    """The stay of a technician who was led back without the database; its first report makes it."""
    call = session.scalar(select(PhoneCall).where(PhoneCall.sid == sid).with_for_update(key_share=True))
    if call is None or call.person_id is None or call.room_id != room_id:
        return None
    stay = session.scalar(select(Participant).where(Participant.key == label))
    if stay is None:
        stay = Participant(
            key=label,
            room_id=room_id,
            call_id=call.id,
            role=ParticipantRole.TECHNICIAN,
            person_id=call.person_id,
            sent_at=at,
        )
        stay.left_at = None if call.live else max(call.ended_at or at, at)  # or earlier, as its report may tell
        session.add(stay)
        session.flush()
    stay.sent_at = min(stay.sent_at, at)  # its end may be told first
    return stay


def text_progress(runtime: Runtime, message_id: int, form: dict[str, str], came_at: datetime | None = None) -> None:
    """The fate of a text. It only moves forward; a failure stands on the ticket."""
    state = _TEXT_STATES.get(form.get("MessageStatus") or form.get("SmsStatus", ""))
    now = came_at or runtime.clock.now()
    with runtime.database.transaction() as session:
        message = session.get(Message, message_id, with_for_update={"key_share": True})
        if message is None:
            return
        check_text(session, message, form.get("MessageSid") or form.get("SmsSid"), form)
        if state is None or not state.is_after(message.state):
            return
        if message.state == MessageState.DELIVERED:
            return  # delivered is the end: a late "undelivered" would be a lie
        message.state = state
        if state in {MessageState.UNDELIVERED, MessageState.FAILED}:
            fault = reported_text(form, state)
            message.keep_fault(fault)
            _tell_failure(session, message, now)
            text_failed(session, message, fault, now)
        if state == MessageState.DELIVERED:
            text_arrived(session, message)
        if state in {MessageState.DELIVERED, MessageState.UNDELIVERED, MessageState.FAILED}:
            text_changed(session, message)


def _tell_failure(session: Session, message: Message, now: datetime) -> None:
    if message.ticket_id is None:
        return
    whom = "the technician" if message.person_id else "the customer"
    words = f"The text to {whom} was not delivered ({message.error})."
    record_event(session, message.ticket_id, now, EventKind.WARNING, words, key=f"message:{message.id}:failed")


def recorded(
    runtime: Runtime, call_id: int, kind: RecordingKind, form: dict[str, str], came_at: datetime | None = None
) -> None:
    """A recording is ready; also that of a caller who was joined, or hung up, while still speaking."""
    said = spoken_part(form)
    if said is None or said.seconds == 0 or form.get("RecordingStatus", "completed") != "completed":
        return
    now = came_at or runtime.clock.now()
    with runtime.database.transaction() as session:
        recording_id = _keep_recording(session, call_id, kind, said, form, now)
        if recording_id is not None:
            jobs.fetch_recording.wake(session, recording_id=recording_id)


def transcribed(runtime: Runtime, call_id: int, kind: RecordingKind, form: dict[str, str]) -> None:
    """A recording is written down; this may come before the report that it is ready. What failed says nothing."""
    said, words = spoken_part(form), form.get("TranscriptionText", "").strip()
    if said is None or not words or form.get("TranscriptionStatus") != "completed":
        return
    with runtime.work() as work:
        recording_id = _keep_recording(work.session, call_id, kind, said, form, work.now)
        if recording_id is not None:
            keep_transcript(work, recording_id, words)


def _keep_recording(
    session: Session, call_id: int, kind: RecordingKind, said: Spoken, form: dict[str, str], now: datetime
) -> int | None:
    """On the ticket of the call; None where there is none. Raises StrangerError."""
    call = lock_call(session, call_id)
    if call is None:
        return None
    check_recording(call, form)
    ticket_id = call.about_ticket_id if kind == RecordingKind.NOTE else call.ticket_id
    return (
        None
        if ticket_id is None
        else keep_recording(session, ticket_id, kind, said.sid, said.url, said.seconds, now, call.person_id)
    )
