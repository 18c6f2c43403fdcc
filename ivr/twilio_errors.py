"""Twilio's errors, sorted: does trying again help, whose fault is it, and how to say it to people.

Sources: Twilio's error and warning dictionary, and the reference of message and call statuses. What stands in no row is
judged by the HTTP status: 401, 403, 429 and 5xx may pass, any other 4xx says the same thing again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

# number: nothing reaches it; person: they have asked for silence; account: an administrator of the Twilio account can
# mend it; network: a telephone network; provider: Twilio itself; request: what we asked for makes no sense.
Fault = Literal["number", "person", "account", "network", "provider", "request"]


@dataclass(frozen=True)
class Meaning:
    """What an error says. `permanent`: the same request will fail in the same way."""

    permanent: bool
    fault: Fault
    words: str


def _never(fault: Fault, words: str) -> Meaning:
    return Meaning(True, fault, words)


def _later(fault: Fault, words: str) -> Meaning:
    return Meaning(False, fault, words)


_COUNTRY: Final = _never("account", "the Twilio account may not call or text this country")
_NO_NUMBER: Final = _never("number", "the number does not exist")
_NO_CALLS: Final = _never("number", "the number can't be called")
_LANDLINE: Final = _never("number", "the number is a landline, or takes no texts")
_BUSY: Final = _later("provider", "Twilio takes no more requests at this moment")
_BROKEN: Final = _later("provider", "Twilio has a fault")
_KEY: Final = _later("account", "Twilio refuses the account's credentials")
_SUSPENDED: Final = _later("account", "the Twilio account is suspended or not active")

ERRORS: Final[Mapping[int, Meaning]] = {
    # the number
    13223: _NO_NUMBER,
    13224: _NO_NUMBER,
    21211: _NO_NUMBER,
    21214: _NO_CALLS,
    21216: _NO_CALLS,
    21217: _never("number", "the number is not a telephone number"),
    21612: _never("number", "texts can't be sent to this number"),
    21614: _LANDLINE,
    21635: _LANDLINE,
    30005: _never("number", "the number is not in service"),
    30006: _LANDLINE,
    # the person
    21610: _never("person", "STOP was texted from that phone, so it gets no texts any more"),
    30004: _never("person", "the phone or its network refuses texts"),
    # the account
    10001: _SUSPENDED,
    13227: _COUNTRY,
    20003: _KEY,
    20005: _SUSPENDED,
    21210: _never("account", "the hotline's number does not belong to the Twilio account"),
    21215: _COUNTRY,
    21219: _never("account", "a Twilio account on trial may only call numbers it has verified"),
    21408: _COUNTRY,
    21606: _never("account", "the hotline's number can't send texts"),
    21608: _never("account", "a Twilio account on trial may only text numbers it has verified"),
    30002: _SUSPENDED,
    30007: _never("account", "the text was filtered out as unwanted"),
    30034: _never("account", "the hotline's number is not registered for texts to the USA"),
    # telephone networks
    30003: _later("network", "the phone is off or out of reach"),
    30008: _later("network", "the text was not delivered, for reasons that its network does not tell"),
    30036: _later("network", "the text could not be delivered before it expired"),
    # Twilio
    14107: _BUSY,
    20429: _BUSY,
    20500: _BROKEN,
    20502: _BROKEN,
    20503: _BROKEN,
    21611: _BUSY,
    30001: _BUSY,
    30022: _BUSY,
    63038: _later("account", "the Twilio account has sent as many texts as it may on one day"),
    # what we asked for
    21205: _never("request", "Twilio can't reach the address of this service (PUBLIC_URL)"),
    21617: _never("request", "the text is too long"),
}

# What a telephone network answers to a call (RFC 3261), where Twilio reports it.
SIP: Final[Mapping[int, Meaning]] = {
    403: _never("number", "its network refuses the call"),
    404: _NO_NUMBER,
    410: _NO_NUMBER,
    484: _never("number", "the number is not complete"),
    603: _later("person", "the call was declined"),
    604: _NO_NUMBER,
}
NO_ANSWER: Final = _later("provider", "no answer from Twilio")


def meaning_of(code: int, status: int = 0, words: str = "") -> Meaning:
    """What an error says, by its code; one without a row by the HTTP status (0: unknown, as in reports)."""
    known = ERRORS.get(code)
    if known is not None:
        return known
    if status >= 500:
        return _BROKEN
    if status == 429:
        return _BUSY
    if status in {401, 403}:
        return _KEY
    return Meaning(bool(status), "request" if status else "network", words or "the telephone network gives no reason")


def reported(form: Mapping[str, str]) -> tuple[int, Meaning] | None:
    """The code and the meaning of a failure that a status callback tells of; None when it gives no reason."""
    code = form.get("ErrorCode", "")
    if code.isdecimal() and int(code):
        return int(code), meaning_of(int(code), words=form.get("ErrorMessage", ""))
    sip = form.get("SipResponseCode", "")
    if sip.isdecimal() and int(sip) in SIP:
        return int(sip), SIP[int(sip)]
    return None
