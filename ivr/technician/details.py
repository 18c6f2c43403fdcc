"""Key 3 of a page: what was done about the ticket before, and what the caller said."""

from sqlalchemy import select

from ivr.technician import prompts
from ivr.turn import Turn
from ivr.twilio import addresses
from ivr.twilio.twiml import Gather, VoiceResponse, say
from oncall.models.tickets import Intervention, Ticket
from oncall.models.work.recordings import Recording, RecordingKind


def read_details(turn: Turn, response: VoiceResponse, ticket: Ticket, keys: str) -> None:
    """Fill the question of `response`: the last intervention, the caller's description, the `keys`."""
    described = select(Recording).where(Recording.ticket_id == ticket.id, Recording.kind == RecordingKind.DESCRIPTION)
    recording = turn.session.scalar(described.order_by(Recording.id).limit(1))
    worked = select(Intervention).where(Intervention.ticket_id == ticket.id)
    last = turn.session.scalar(worked.order_by(Intervention.started_at.desc(), Intervention.id.desc()).limit(1))
    gather = next(verb for verb in response.verbs if isinstance(verb, Gather))
    say(gather, prompts.more(recording is not None, _told(last) if last else None))
    if recording is not None:
        if recording.transcript is not None:
            say(gather, prompts.in_words(recording.transcript))
        gather.play(addresses.sound_url(turn.settings, recording.id))
    say(gather, keys)


def _told(work: Intervention) -> str:
    seconds = (work.ended_at - work.started_at).total_seconds() if work.ended_at else None
    return prompts.intervention(work.kind, work.person.name, seconds, work.note)
