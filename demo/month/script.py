"""What a story is written in: how a ticket began, who picked up, what people did with it and when."""

from dataclasses import dataclass
from typing import Final

from oncall.models.pages import AttemptOutcome, Via
from oncall.models.tickets import InterventionChannel, TicketChannel, WaitsFor
from oncall.sla.promises import Priority

# Instead of a name: whoever is rung first at that instant, by the rosters.
ON_CALL: Final = "whoever is on call"


@dataclass(frozen=True)
class Rings:
    """How a search for somebody went. `tried`: what came of those rung before the one who accepts, by `via`."""

    tried: tuple[AttemptOutcome, ...] = ()
    via: Via = Via.PHONE


# How a ticket begins.


@dataclass(frozen=True)
class Call:
    """The hotline is called. `talks`: minutes of the conversation; None for a caller who hangs up while waiting."""

    priority: Priority
    talks: int | None = None
    rings: Rings = Rings()


@dataclass(frozen=True)
class Message:
    """A caller whose problem can wait: a P3 for the next working day, and nobody is called."""


@dataclass(frozen=True)
class ByHand:
    """One of ours opens it. `by`: a name, or ON_CALL. `rings`: whoever is on call is called; None: it is theirs."""

    priority: Priority
    channel: TicketChannel
    problem: str
    by: str = ON_CALL
    rings: Rings | None = None


@dataclass(frozen=True)
class TurnedAway:
    """A caller without a right to the service. `wrong_pin`: not one PIN was right; else the contract tells why."""

    wrong_pin: bool = False


# What people do with a ticket.


@dataclass(frozen=True)
class Take:
    """Somebody takes a ticket that nobody is called for."""


@dataclass(frozen=True)
class Note:
    """Words on the ticket."""

    words: str


@dataclass(frozen=True)
class Work:
    """Work logged by hand, begun now and ended after so many `minutes`."""

    minutes: int
    channel: InterventionChannel
    words: str


@dataclass(frozen=True)
class Wait:
    """It waits for somebody from now on."""

    waits_for: WaitsFor
    why: str


@dataclass(frozen=True)
class Resume:
    """What it waited for has come."""


@dataclass(frozen=True)
class Change:
    """Another priority."""

    priority: Priority
    why: str


@dataclass(frozen=True)
class HandOver:
    """To a name, or ON_CALL, who is rung for it and accepts."""

    to: str
    why: str
    rings: Rings = Rings()


@dataclass(frozen=True)
class CalledAgain:
    """The customer calls about the same ticket, and talks for so many minutes."""

    priority: Priority
    talks: int


@dataclass(frozen=True)
class Merge:
    """It is a double of the customer's story of this name."""

    into: str


@dataclass(frozen=True)
class Close:
    """It is closed with what was done."""

    words: str


@dataclass(frozen=True)
class Reopen:
    """It was closed too soon."""

    why: str


Beginning = Call | Message | ByHand | TurnedAway
Act = Take | Note | Work | Wait | Resume | Change | HandOver | CalledAgain | Merge | Close | Reopen


@dataclass(frozen=True)
class After:
    """So many `minutes` after what went before. `by`: a name, ON_CALL, or "" for whoever has the ticket."""

    minutes: int
    act: Act
    by: str = ""


@dataclass(frozen=True)
class Story:
    """One ticket, or one caller turned away.

    It begins `ago` days before the Sunday on which the demo begins (1: the Saturday), at `at` on the default region's
    clock. `name`: by which another story speaks of it.
    """

    ago: int
    at: str
    customer: str
    beginning: Beginning
    then: tuple[After, ...] = ()
    name: str = ""
