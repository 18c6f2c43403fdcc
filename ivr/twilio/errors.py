"""Twilio's errors, sorted: whose fault is it, does trying again help, and how to say it to people.

No other module knows a code. Sources: Twilio's error and warning dictionary, and the reference of message and call
statuses. What stands in no row is judged by the HTTP status: 401, 403, 429 and 5xx may pass, any other 4xx says the
same thing again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from oncall.models.contacts.faults import FaultKind, ProviderFault


def _number(words: str, *, takes_no_texts: bool = False) -> ProviderFault:
    return ProviderFault(FaultKind.NUMBER, "", words, about_number=True, takes_no_texts=takes_no_texts)


def _country(what: str) -> ProviderFault:
    """The account's setting, and only numbers of that country suffer from it."""
    words = f"{what} to its country are not switched on in the Twilio account (geographic permissions)"
    return ProviderFault(FaultKind.ACCOUNT, "", words, about_number=True)


def _account(words: str, *, permanent: bool = True) -> ProviderFault:
    return ProviderFault(FaultKind.ACCOUNT, "", words, permanent)


def _network(words: str, *, about_number: bool = False) -> ProviderFault:
    return ProviderFault(FaultKind.NETWORK, "", words, permanent=False, about_number=about_number)


def _passing(words: str) -> ProviderFault:
    return ProviderFault(FaultKind.PASSING, "", words, permanent=False)


def _request(words: str) -> ProviderFault:
    return ProviderFault(FaultKind.REQUEST, "", words)


def _by_code(rows: Mapping[int, ProviderFault]) -> Mapping[int, ProviderFault]:
    return {code: replace(fault, code=str(code)) for code, fault in rows.items()}


_NO_NUMBER: Final = _number("the number does not exist")
_NO_CALLS: Final = _number("the number can't be called")
_NO_CALLS_THERE: Final = _country("calls")
_STOPPED: Final = ProviderFault(
    FaultKind.PERSON,
    "",
    "STOP was texted from that phone, so it gets no texts any more",
    about_number=True,
    takes_no_texts=True,
)
_BUSY: Final = _passing("Twilio takes no more requests at this moment")
_BROKEN: Final = _passing("Twilio has a fault")
_KEY: Final = _account("Twilio refuses the account's credentials", permanent=False)
_SUSPENDED: Final = _account("the Twilio account is suspended or not active", permanent=False)

ERRORS: Final = _by_code(
    {
        # the number
        13223: _number("the number is not in a form that can be called"),
        13224: _NO_NUMBER,
        21211: _NO_NUMBER,
        21214: _NO_CALLS,
        21216: _NO_CALLS,
        21217: _number("the number is not a telephone number"),
        21612: _number("texts can't be sent to this number"),
        21614: _number("the number takes no texts", takes_no_texts=True),
        21635: _number("the number is a landline", takes_no_texts=True),
        30004: _number("the phone or its network refuses texts"),
        30005: _number("the number is not in service"),
        30006: _number("the number is a landline or can't be reached", takes_no_texts=True),
        # the person
        21610: _STOPPED,
        # the account
        10001: _SUSPENDED,
        13227: _NO_CALLS_THERE,
        20003: _KEY,
        20005: _SUSPENDED,
        21210: _account("the hotline's number does not belong to the Twilio account"),
        21215: _NO_CALLS_THERE,
        21219: _account("a Twilio account on trial may only call numbers it has verified"),
        21408: _country("texts"),
        21606: _account("the hotline's number can't send texts"),
        21608: _account("a Twilio account on trial may only text numbers it has verified"),
        30002: _SUSPENDED,
        30007: _account("the text was filtered out as unwanted"),
        30034: _account("the hotline's number is not registered for texts to the USA"),
        63038: _account("the Twilio account has sent as many texts as it may on one day", permanent=False),
        # telephone networks
        30003: _network("the phone is off or out of reach", about_number=True),
        30008: _network("the text was not delivered, for reasons that its network does not tell"),
        30036: _network("the text could not be delivered before it expired"),
        # Twilio
        14107: _BUSY,
        20429: _BUSY,
        20500: _BROKEN,
        20502: _BROKEN,
        20503: _BROKEN,
        21611: _BUSY,
        30001: _BUSY,
        30022: _BUSY,
        # what we asked for, or answered
        11750: _request("this service's answer to Twilio was too long"),
        12100: _request("Twilio can't read this service's answer"),
        12200: _request("Twilio does not know a part of this service's answer"),
        12300: _request("this service's answer to Twilio was of a wrong kind"),
        21205: _request("Twilio can't reach the address of this service (PUBLIC_URL)"),
        21617: _request("the text is too long"),
    }
)
# What a telephone network answers to a call (RFC 3261), where Twilio reports it.
SIP: Final = _by_code(
    {
        403: _number("its network refuses the call"),
        404: _NO_NUMBER,
        410: _NO_NUMBER,
        484: _number("the number is not complete"),
        603: _network("the call was declined"),
        604: _NO_NUMBER,
    }
)
NO_ANSWER: Final = _passing("no answer from Twilio")
# The call is not in progress any more, or there is none of that id; the participant has left.
GONE: Final = frozenset({20404, 21218, 21220})


def is_gone(code: int, status: int) -> bool:
    """Whether a request was about a call that is over. `status`: of HTTP."""
    return code in GONE or status == 404


def fault_of(code: int, status: int = 0, words: str = "") -> ProviderFault:
    """What an error says, by its code; one without a row by the HTTP status (0: unknown, as in reports).

    `words`: Twilio's own, used where there are none of ours.
    """
    return ERRORS.get(code) or replace(_by_status(status, words), code=str(code) if code else "")


def _by_status(status: int, words: str) -> ProviderFault:
    if status >= 500:
        return _BROKEN
    if status == 429:
        return _BUSY
    if status in {401, 403}:
        return _KEY
    words = words or "the telephone network gives no reason"
    return _request(words) if status else _network(words)


def reported(form: Mapping[str, str]) -> ProviderFault | None:
    """The failure that a status callback tells of; None when it gives no reason."""
    code = form.get("ErrorCode", "")
    if code.isdecimal() and int(code):
        return fault_of(int(code), words=form.get("ErrorMessage", ""))
    sip = form.get("SipResponseCode", "")
    return SIP.get(int(sip)) if sip.isdecimal() else None


def reported_text(form: Mapping[str, str], state: str) -> ProviderFault:
    """The failure of a text; one without a reason (only the `state` failed or undelivered) is the number's affair."""
    return reported(form) or _network(form.get("ErrorMessage") or state, about_number=True)
