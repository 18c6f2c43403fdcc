"""What the problem is: level and priority, the ticket, its description, a message for the next working day."""

from core.text.phones import spell

LEVEL = (
    "If you are a system administrator or a partner, and have done first troubleshooting, press 1."
    " If you are an end user, press 2."
)
PRIORITY = (
    "If the system is down, with a substantial loss of service, that is P1, critical: press 1."
    " If it works now and then, with a significantly reduced service, that is P2, high: press 2."
    " For planned maintenance, press 3. For anything else, press 4."
)
MESSAGE = (
    "This line is for critical and high problems only, so I call nobody now. But you may leave a message after the"
    " tone, of up to one minute: it becomes a ticket for the next working day. When you are done, press hash or just"
    " hang up."
)


def message_kept(number: int) -> str:
    """After a message of the lower priorities."""
    digits = spell(str(number))
    return (
        f"Thank you. Your ticket number is {digits}. I repeat: {digits}."
        " We will look into it on the next working day. Goodbye."
    )


def known_problem(number: int, priority: str) -> str:
    """The customer has an open ticket already."""
    return (
        f"You have an open {priority} ticket, number {spell(str(number))}."
        " If you call about that one, press 1. For a new problem, press 2."
    )


def ticket_opened(number: int, promise_minutes: int | None, calling: bool) -> str:
    """The ticket's number, digit by digit, twice; what happens now; the promise."""
    digits = spell(str(number))
    now = " A technician is being called already." if calling else ""
    promise = "" if promise_minutes is None else f" We answer within {promise_minutes} minutes."
    return f"Your ticket number is {digits}. I repeat: {digits}.{now}{promise}"


DESCRIBE = "Please describe the problem after the tone, for up to one minute, then press hash."
DESCRIBED = "Thank you, that is on your ticket."


def rejoined(number: int) -> str:
    """The caller chose the known ticket."""
    return f"Ticket {spell(str(number))}."
