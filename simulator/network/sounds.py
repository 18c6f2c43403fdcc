"""How long the sounds behind Play addresses are."""

import asyncio
from urllib.parse import urlsplit

from simulator.network.courier import LARGEST_SOUND, Courier, Hook
from simulator.speech import wav_seconds

TWILIO_HOSTS = ("twilio.com", "twimlets.com", "amazonaws.com")
UNKNOWN_LENGTH = 30.0
MP3_BYTES_PER_SECOND = 16_000


class Sounds:
    """Fetches each address once. Twilio's own sounds are not fetched: they count as half a minute."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._seconds: dict[str, asyncio.Task[float]] = {}

    async def seconds(self, url: str, call: str = "") -> float:
        """The length of the sound. Raises HookError when it cannot be fetched."""
        known = self._seconds.get(url)
        if known is None or (known.done() and (known.cancelled() or known.exception() is not None)):
            known = self._seconds[url] = asyncio.ensure_future(self._measure(url, call))
        return await asyncio.shield(known)

    async def _measure(self, url: str, call: str) -> float:
        host = urlsplit(url).hostname or ""
        if any(host == known or host.endswith("." + known) for known in TWILIO_HOSTS):
            return UNKNOWN_LENGTH
        answer = await self._courier.fetch(Hook(url, method="GET", call=call, largest=LARGEST_SOUND))
        exact = wav_seconds(answer.body)
        return exact if exact is not None else len(answer.body) / MP3_BYTES_PER_SECOND
