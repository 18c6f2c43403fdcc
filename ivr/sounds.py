"""Recordings as the provider plays them back: those that are kept, else fetched from it, and handed to nobody else.

Their address here carries a key of our own (`addresses.sound_key`): nothing says that the provider signs its requests
for sounds.
"""

import io
import wave

from core import log
from core.settings import Settings
from ivr.twilio.media import fetch_sound
from oncall.delivery.telephony import ProviderError

logger = log.get_logger(__name__)

SAMPLES_A_SECOND = 8000


def fetch(settings: Settings, sid: str) -> bytes:
    """The recording as a WAV file; a moment of silence when the provider does not give it, so that the call goes on."""
    try:
        return fetch_sound(settings, sid)
    except ProviderError as error:
        logger.warning("recording not fetched", recording=sid, error=str(error))
        return _silence()


def _silence() -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_A_SECOND)
        file.writeframes(bytes(SAMPLES_A_SECOND // 5))
    return sound.getvalue()
