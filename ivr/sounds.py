"""Recordings as the provider plays them back: fetched from it with our credentials, and handed to nobody else.

Twilio wants credentials for recordings where the account says so, also for the ones that `Play` names. Their address
here carries a key of our own (`addresses.sound_key`).
"""

import io
import wave

from core import log
from core.settings import Settings
from oncall.models.tickets import Recording

logger = log.get_logger(__name__)

TWILIO = "https://api.twilio.com"
SAMPLES_A_SECOND = 8000


def fetch(settings: Settings, recording: Recording) -> bytes:
    """The recording as a WAV file; a moment of silence when the provider does not give it, so that the call goes on."""
    import requests  # 5 MB of every web process, of which most play no recording

    base = settings.api_url or TWILIO
    address = f"{base}/2010-04-01/Accounts/{settings.account_sid}/Recordings/{recording.provider_sid}.wav"
    try:
        answer = requests.get(
            address, auth=(settings.account_sid, settings.auth_token), timeout=settings.provider_timeout
        )
        answer.raise_for_status()
        return answer.content
    except requests.RequestException as error:
        logger.warning("recording not fetched", recording=recording.id, error=type(error).__name__)
        return _silence()


def _silence() -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_A_SECOND)
        file.writeframes(bytes(SAMPLES_A_SECOND // 5))
    return sound.getvalue()
