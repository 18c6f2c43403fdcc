"""Sounds of recordings as they are kept: sealed under PIN_KEY."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.security.sealing import Seal, SealError, seal_for
from core.settings import Settings
from oncall.models.work.recordings import RecordingSound


class LostSoundError(Exception):
    """What is kept can't be opened: it was sealed by another PIN_KEY, or is damaged."""


def kept_sound(session: Session, settings: Settings, recording_id: int) -> bytes | None:
    """The sound that is kept (WAV); None when it is not here yet. Raises LostSoundError."""
    sealed = session.scalar(select(RecordingSound.sealed).where(RecordingSound.recording_id == recording_id))
    if sealed is None:
        return None
    try:
        return sound_seal(settings).open(sealed)
    except SealError as error:
        raise LostSoundError(str(error)) from error


def sound_seal(settings: Settings) -> Seal:
    """The seal of all sounds."""
    return seal_for(settings.pin_secret, "recordings")
