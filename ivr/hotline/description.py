"""The caller describes the problem while the technician's phone already rings."""

from ivr import addresses, prompts
from ivr.hotline.hanging_up import has_hung_up
from ivr.hotline.waiting import wait_on
from ivr.talk import Talk
from ivr.twiml import VoiceResponse, empty, spoken
from oncall.ending import end_call
from oncall.hotline import hung_up, keep_recording

DESCRIPTION_SECONDS = 60
SILENCE_SECONDS = 5


def ask_description(talk: Talk, before: str) -> VoiceResponse:
    """Read the ticket's number, then record."""
    response = spoken(f"{before} {prompts.DESCRIBE}")
    response.record(
        action=talk.url("described"),
        method="POST",
        max_length=DESCRIPTION_SECONDS,
        timeout=SILENCE_SECONDS,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=addresses.recording_url(talk.settings, talk.call.id, "description"),
    )
    response.redirect(talk.url("described", silent=1), method="POST")
    talk.call.step = "described"
    return response


def described(talk: Talk) -> VoiceResponse:
    """The recording is over: wait for the technician."""
    said = talk.recording
    if said is not None and talk.call.ticket_id is not None:
        keep_recording(talk.session, talk.call.ticket_id, "description", said.sid, said.url, said.seconds, talk.now)
    if has_hung_up(talk):
        return _hung_up_meanwhile(talk)
    return wait_on(talk, before=prompts.DESCRIBED if said is not None else "")


def _hung_up_meanwhile(talk: Talk) -> VoiceResponse:
    """Hanging up ended the recording; where that was is only known now, if the end of the call was told before."""
    talk.call.step = "recording"
    if talk.call.live:
        end_call(talk.session, talk.call, "completed", talk.now)
    talk.call.result = hung_up(talk.call.step)
    return empty()
