"""Into a conversation with a technician, and out of it as the technician decides."""

from collections.abc import Sequence

from core.text.phones import spell
from oncall.wording import listed

JOINING = "A technician is here."


def joining_others(names: Sequence[str]) -> str:
    """For another caller about a ticket of which technicians (first names) talk already."""
    if not names:
        return JOINING
    talk = "is talking" if len(names) == 1 else "are talking"
    return f"{listed(names)} {talk} about this ticket already. I am joining you with the conversation."


def joins_you(customer: str | None, raised: str | None) -> str:
    """For those in a conversation when another caller comes in. `raised`: the priority that this one has reported."""
    whose = f" from {customer}" if customer else ""
    now = f" They report it as {raised} now." if raised else ""
    return f"Another caller{whose} is joining the conversation.{now}"


MISSED = "The conversation has ended just now, so I am calling the technician again. Please stay on the line."
NOT_JOINED = "The technician could not be connected with you. Please stay on the line."
TICKET_CLOSED = "Our technician has closed your ticket. If the problem is still there, please call again. Goodbye."
TECHNICIAN_FINISHED = "Your technician has ended the conversation. Thank you for calling. Goodbye."
HANDED_OVER = "Your technician hands you over to a colleague."


def called_back(company: str, first_name: str, number: int) -> str:
    """First words when the customer picks up a call back."""
    return f"This is {company} support about ticket {spell(str(number))}. {first_name} is on the line."


def missed_you(company: str, number: int) -> str:
    """A customer picks up a call back whose technician's line has ended meanwhile."""
    return (
        f"This is {company} support about ticket {spell(str(number))}. We called you back, but our technician's line"
        " has ended just now. Please call us if you still need help. Goodbye."
    )
