"""A recorded message: of who could not be put through to anybody."""

from ivr.offline import prompts
from ivr.offline.step import Step
from ivr.twilio.twiml import VoiceResponse, empty, goodbye


def message(step: Step) -> VoiceResponse:
    """What a caller said whom nobody could be found for."""
    if step.recording is None:
        return goodbye(prompts.NO_MESSAGE)
    return leave_message(step, prompts.MESSAGE_KEPT)


def leave_message(step: Step, words: str) -> VoiceResponse:
    """Keep the recording; with it the call ends."""
    recorded(step)
    return empty() if step.is_over else goodbye(words)


def recorded(step: Step) -> VoiceResponse:
    """A recording is ready; told twice, it is the same fact."""
    said = step.recording
    if said is not None and said.seconds != 0 and step.form.get("RecordingStatus", "completed") == "completed":
        step.note("recording", **said._asdict())
    return empty()
