"""What is said while the database is away. Read each aloud before changing it. Honest: the fault is ours."""

from collections.abc import Sequence

from core.text.phones import spell
from ivr.prompts import calling_back, entrance
from ivr.technician import prompts as technicians

FAULT = "We have a technical fault of our own; you can still reach the technician."
STILL_FAULT = "We have a technical fault of our own. You need not begin again."


def greeting(company: str, staffed: bool) -> str:
    """First words, with the PIN prompt."""
    office = " To speak with our office now, press zero, then hash." if staffed else ""
    return f"{company}, after-hours support, in English only. {FAULT} {entrance.PIN_AGAIN}{office}"


# First words to a technician's own number, which anybody can send: no name before the PIN.
STAFF_GREETING = (
    "Hello. We have a technical fault of our own, so the technician menu is not available now. To hear who is on call,"
    " type your own PIN, then press hash. If you call for a customer, type the customer's PIN."
)


def staff_on_call(names: Sequence[tuple[str, str]]) -> str:
    """To a technician whose own PIN was right: no menu, but who is on call. `names`: pairs of layer and name."""
    return (
        f"We have a technical fault of our own, so there is no menu now. {technicians.on_call(names)}"
        " If you call for a customer, type the customer's PIN, then press hash. Otherwise you can hang up."
    )


PIN_AFTER_FAULT = f"{FAULT} {entrance.PIN_AGAIN}"
RING_BACK_LATER = (
    "Too many wrong PINs came from your number lately. To make sure that it is you, we call you back as soon as our"
    " fault is mended. Please pick up then. Goodbye."
)
KNOWN = "If you call about the ticket that is open already, press 1. For a new problem, press 2."
CALLING = "I am calling the technician on call for you. Please stay on the line."
ALL_BUSY = "All of our technicians are talking with other callers now. Please stay on the line, I try again."
NOBODY = (
    "Nobody could be reached now. What you have reported is kept, and somebody calls you back."
    " Please say after the tone what the problem is, and on which number we reach you. Then press hash, or hang up."
)
NOBODY_ON_CALL = (
    "I don't know whom to call now. What you have reported is kept, and somebody calls you back."
    " Please say after the tone what the problem is, and on which number we reach you. Then press hash, or hang up."
)
MESSAGE_KEPT = "Thank you. Your message becomes a ticket, and somebody calls you back. Goodbye."
NO_MESSAGE = "I heard no message, but what you have reported is kept as a ticket, and somebody calls you back. Goodbye."
LATER_KEPT = "Thank you. Your message becomes a ticket, and we look into it on the next working day. Goodbye."
_ENDS = (
    "so I end this call. Your ticket stays with the technician, who is told. Please call again if you need us. Goodbye."
)
SILENT_GOODBYE = f"I did not hear a key, {_ENDS}"
WRONG_KEYS_GOODBYE = f"I only heard keys that are not in use here, {_ENDS}"
WHICH_NUMBER = "Please say after the tone on which number we reach you. Then press hash, or hang up."
CALL_BACK_KEPT = calling_back.GOODBYE
HANDED_BACK = "Please stay on the line."

BLIND = (
    "We have a technical fault of our own, and I can't look up your contract now. Please say after the tone the name"
    " of your company, your telephone number, and the problem. It is recorded, and somebody calls you back as soon as"
    " we can. When you are done, press hash, or hang up."
)
BLIND_KEPT = "Thank you. Somebody calls you back as soon as we can. Goodbye."


def blind_silence(web: str) -> str:
    """Nothing was said after the tone."""
    return f"I heard no message. Please call again in a few minutes, or open a ticket on the web, at {web}. Goodbye."


def screening(priority: str | None, customer: str, number: int | None, from_company: str) -> str:
    """What the technician hears before being joined."""
    ticket = f", ticket {spell(str(number))}" if number is not None else ""
    return (
        f"{from_company} hotline, with a technical fault of our own. {priority or 'A problem'}{ticket}, {customer}."
        f" {technicians.HOLDS} Press 1 to talk now, 2 to pass it on, 9 to repeat."
    )


def screening_again(priority: str | None, customer: str, number: int | None, from_company: str) -> str:
    """The same, for who has just talked with this caller."""
    ticket = f" about {priority or 'the'} ticket {spell(str(number))}" if number is not None else ""
    return (
        f"{from_company} hotline, with a technical fault of our own. Your call with {customer}{ticket} has ended,"
        " and the caller is still on the line. Press 1 to talk now, 9 to repeat."
    )


TO_TECHNICIAN = (
    "We have a technical fault of our own, so your keys can't be noted now. Please hang up: your phone rings again for"
    " a caller who holds the line."
)


def called_later(company: str) -> str:
    """A customer picks up a call of ours that can't go on."""
    return (
        f"This is {company} support. We have a technical fault of our own just now, so we call you again. If it is"
        " urgent, please call us: you can still reach the technician. Goodbye."
    )


CONNECTING = "Connecting."
BACK_TO_ROOM = "We have a technical fault of our own, so this menu is not available now. Going back."
