"""Sound files of recordings, fetched with our credentials.

Their address is made of our own account and the recording's id, never taken from a request. Twilio gives credentials'
owners alone what the account protects.
"""

from typing import Final
from urllib.parse import quote

from core.settings import Settings
from ivr.twilio.errors import NO_ANSWER, fault_of
from oncall.delivery.telephony import NotReadyError, ProviderError

_TWILIO: Final = "https://api.twilio.com"
# Twenty minutes of speech; whatever is larger is none of the minute that we record.
_MOST_BYTES: Final = 20_000_000
_CHUNK_BYTES: Final = 1 << 16


def fetch_sound(settings: Settings, sid: str) -> bytes:
    """The recording of this id as a WAV file. Raises ProviderError, NotReadyError while there is no file yet."""
    import requests  # 5 MB of every web process, of which most play no recording

    address = (
        f"{settings.api_url or _TWILIO}/2010-04-01/Accounts/{settings.account_sid}/Recordings/{quote(sid, safe='')}.wav"
    )
    credentials = (settings.account_sid, settings.auth_token)
    try:
        with requests.get(address, auth=credentials, timeout=settings.provider_timeout, stream=True) as answer:
            if answer.status_code == requests.codes.not_found:
                raise NotReadyError("the telephone network does not have the file", "404")
            if not answer.ok:
                raise ProviderError(
                    fault_of(0, answer.status_code, f"it does not give the file ({answer.status_code})")
                )
            sound = bytearray()
            for chunk in answer.iter_content(_CHUNK_BYTES):
                sound += chunk
                if len(sound) > _MOST_BYTES:
                    raise ProviderError(fault_of(0, 400, "the file is larger than 20 MB"))
            return bytes(sound)
    except requests.RequestException as error:
        raise ProviderError(NO_ANSWER) from error
