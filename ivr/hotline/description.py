"""The caller describes the problem while the technician's phone already rings."""

from ivr.hotline.questions import wait_on
from ivr.prompts import problem
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse, empty
from oncall.calls.call_end import end_call
from oncall.models.calls import CallResult
from oncall.models.work.recordings import RecordingKind
from oncall.tickets.intake import hung_up
from oncall.tickets.notes import keep_recording


def ask_description(turn: Turn, before: str) -> VoiceResponse:
    """Read the ticket's number, then record."""
    return turn.record("described", RecordingKind.DESCRIPTION, f"{before} {problem.DESCRIBE}")


def described(turn: Turn) -> VoiceResponse:
    """The recording is over: wait for the technician."""
    said = turn.recording
    if said is not None and turn.call.ticket_id is not None:
        keep_recording(turn.session, turn.call.ticket_id, RecordingKind.DESCRIPTION, *said, turn.now)
    if turn.is_over:
        return _hung_up_meanwhile(turn)
    return wait_on(turn, before=problem.DESCRIBED if said is not None else "")


def _hung_up_meanwhile(turn: Turn) -> VoiceResponse:
    """Hanging up ended the recording; where that was is only known now, if the end of the call was told before."""
    turn.call.step = "recording"
    if turn.call.live:
        end_call(turn.session, turn.call, CallResult.COMPLETED, turn.now)
    turn.call.result = hung_up(turn.call.step)
    return empty()
