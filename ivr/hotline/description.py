"""The caller describes the problem while the technician's phone already rings."""

from ivr.hotline.questions import wait_on
from ivr.prompts import problem
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse, empty
from oncall.calls.call_end import end_call
from oncall.models.calls import CallResult
from oncall.models.tickets import RecordingKind
from oncall.tickets.intake import hung_up
from oncall.tickets.notes import keep_recording


def ask_description(talk: Turn, before: str) -> VoiceResponse:
    """Read the ticket's number, then record."""
    return talk.record("described", RecordingKind.DESCRIPTION, f"{before} {problem.DESCRIBE}")


def described(talk: Turn) -> VoiceResponse:
    """The recording is over: wait for the technician."""
    said = talk.recording
    if said is not None and talk.call.ticket_id is not None:
        keep_recording(talk.session, talk.call.ticket_id, RecordingKind.DESCRIPTION, *said, talk.now)
    if talk.is_over:
        return _hung_up_meanwhile(talk)
    return wait_on(talk, before=problem.DESCRIBED if said is not None else "")


def _hung_up_meanwhile(talk: Turn) -> VoiceResponse:
    """Hanging up ended the recording; where that was is only known now, if the end of the call was told before."""
    talk.call.step = "recording"
    if talk.call.live:
        end_call(talk.session, talk.call, CallResult.COMPLETED, talk.now)
    talk.call.result = hung_up(talk.call.step)
    return empty()
