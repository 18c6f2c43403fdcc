"""The document for Twilio's fallback address: what callers get while the whole gateway is away.

It stands somewhere else (a TwiML Bin, a file server), so it can ask nothing and decide nothing. Twilio goes on to the
next verb after a Dial whether it was answered or not (Twilio: Dial without `action`), so whoever has spoken with a
technician is asked to hang up before the next one is rung.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from core.settings import Settings
from ivr.twilio.twiml import VoiceResponse, say
from oncall.rosters.on_call import Link

_NEXT: Final = (
    "If you have spoken with a technician, please hang up now. Otherwise stay on the line: I am calling the next one."
)


def fallback_document(
    links: Sequence[Link],
    settings: Settings,
    ring_seconds: int,
    made_at: datetime | None = None,
    until: datetime | None = None,
) -> str:
    """TwiML that rings these people one after the other, each for `ring_seconds`.

    `made_at`, `until` (UTC): from when to when these are on call, for whoever looks at it. A document can't tell the
    time: it rings them until it is renewed.
    """
    response = VoiceResponse()
    say(response, f"{settings.company_name}, after-hours support, in English only.")
    if links:
        say(
            response,
            "Our hotline has a fault, so I am calling the technician on call for you. Please stay on the line.",
        )
    for place, link in enumerate(links):
        if place:
            say(response, _NEXT)
        dial = response.dial(timeout=ring_seconds, caller_id=settings.our_number)
        dial.number(link.person.phone)
    say(response, _last_words(settings, bool(links)))
    response.hangup()
    if made_at is None or until is None:
        return str(response)
    validity = f"<!-- Made {made_at:%Y-%m-%d %H:%M} UTC; others are on call from {until:%Y-%m-%d %H:%M} UTC -->"
    return str(response).replace("<Response>", f"{validity}<Response>", 1)


def _last_words(settings: Settings, tried: bool) -> str:
    why = "Nobody else can be called now." if tried else "Our hotline has a fault, and nobody can be called now."
    web = f"open a ticket at {settings.support_web_address}"
    return f"{why} Please call again in five minutes, or {web}. Goodbye."
