"""Addresses that the gateway gives to the provider. Made in one place, as signatures are checked against them."""

import hmac
from urllib.parse import urlencode

from core.settings import Settings
from oncall.models.work.recordings import RecordingKind


def voice_url(settings: Settings, **more: str | int) -> str:
    """Where an incoming call is announced: the address that the operator enters for the number."""
    return f"{settings.public_url}/ivr/voice" + (f"?{urlencode(more)}" if more else "")


def step_url(settings: Settings, call_id: int, step: str, turn: int, **more: str | int) -> str:
    """Where the answer to a step's question goes. `turn` makes a second delivery recognisable."""
    return f"{settings.public_url}/ivr/call/{call_id}/{step}?{urlencode({'turn': turn, **more})}"


def away_url(settings: Settings, step: str, carried: str, **more: str | int) -> str:
    """Where the answer to a question goes that was asked without the database. `carried`: all that is known, sealed."""
    return f"{settings.public_url}/ivr/away/{step}?{urlencode({'s': carried, **more})}"


def call_status_url(settings: Settings, call_id: int) -> str:
    """Where the progress of an outgoing call is reported."""
    return f"{settings.public_url}/ivr/call/{call_id}/status"


def message_status_url(settings: Settings, message_id: int) -> str:
    """Where the fate of a text is reported."""
    return f"{settings.public_url}/ivr/messages/{message_id}/status"


def room_events_url(settings: Settings, room_id: int) -> str:
    """Where arrivals and departures of a room are reported."""
    return f"{settings.public_url}/ivr/rooms/{room_id}/events"


def announcement_url(settings: Settings, room_id: int, call_id: int) -> str:
    """What those in a room hear when this caller comes in."""
    return f"{settings.public_url}/ivr/rooms/{room_id}/announcement?{urlencode({'call': call_id})}"


def recording_url(settings: Settings, call_id: int, kind: RecordingKind) -> str:
    """Where a finished recording is reported."""
    return f"{settings.public_url}/ivr/call/{call_id}/recorded/{kind}"


def transcript_url(settings: Settings, call_id: int, kind: RecordingKind) -> str:
    """Where the words of a recording are reported."""
    return f"{settings.public_url}/ivr/call/{call_id}/transcribed/{kind}"


def hold_url(settings: Settings) -> str:
    """The document with the waiting music."""
    return f"{settings.public_url}/ivr/hold"


def music_url(settings: Settings) -> str:
    """The waiting music itself."""
    return f"{settings.public_url}/static/hold.wav"


def sound_url(settings: Settings, recording_id: int) -> str:
    """A recording, as the provider may fetch it to play it; the key in it opens this recording and no other."""
    return f"{settings.public_url}/ivr/recordings/{recording_id}.wav?key={sound_key(settings, recording_id)}"


def sound_key(settings: Settings, recording_id: int) -> str:
    """Our own signature of a recording's address: nothing says that the provider signs its requests for sounds."""
    words = f"recording {recording_id}".encode()
    return hmac.new(settings.session_secret.encode(), words, "sha256").hexdigest()[:32]
