"""What a list of tickets is asked for: read from its address, and written into the addresses that lead on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from werkzeug.datastructures import MultiDict

from core.years import YEARS, is_in_our_times
from oncall.models.tickets import TicketChannel, TicketState
from oncall.sla.promises import Priority
from oncall.tickets.finding import Order, Wanted
from schedules.wall_clock import to_utc

Words = TypeVar("Words", bound=StrEnum)

_OPEN: Final = (TicketState.OPEN, TicketState.TAKEN)
WAITING: Final = "waiting"
# The choices of `state`: those that somebody still has to do something about are meant where none is made.
STATES: Final[Mapping[str, tuple[TicketState, ...]]] = {
    "unclosed": _OPEN,
    "open": (TicketState.OPEN,),
    "taken": (TicketState.TAKEN,),
    WAITING: _OPEN,
    "closed": (TicketState.CLOSED,),
    "all": (),
}
# What forms send where nothing was chosen.
_USUAL: Final[Mapping[str, str]] = {"state": "unclosed", "order": Order.NEWEST}
_LONGEST_WORDS: Final = 200
_LARGEST: Final = 2**31 - 1


@dataclass
class Asked:
    """`wanted`, what was typed for each field, and what is wrong with it. `after`: where the page begins."""

    typed: dict[str, str]
    wanted: Wanted = field(default_factory=Wanted)
    after: int | None = None
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> int:
        """How many of the folded filters are in force."""
        return len(self.typed.keys() - {"q", "state", "after"})

    @property
    def is_first_view(self) -> bool:
        """Whether nothing was asked for."""
        return not self.typed


def asked(args: MultiDict[str, str], zone: str) -> Asked:
    """Read the arguments of an address; days are those of `zone`, the last one included."""
    known = ("q", "state", "priority", "channel", "customer", "person", "from", "to", "missed", "order", "after")
    typed = {name: args[name].strip()[:_LONGEST_WORDS] for name in known if args.get(name, "").strip()}
    found = Asked({name: value for name, value in typed.items() if value != _USUAL.get(name)})
    first, last = _day(found, "from"), _day(found, "to")
    if first and last and last < first:
        found.wrong["to"] = "The last day lies before the first one."
    found.wanted = Wanted(
        words=found.typed.get("q", ""),
        states=STATES[_choice(found, "state", STATES, "unclosed")],
        priorities=_one(found, "priority", Priority),
        channels=_one(found, "channel", TicketChannel),
        customer_id=_number(found, "customer"),
        person_id=_number(found, "person"),
        waiting=found.typed.get("state") == WAITING,
        since=_midnight(first, zone),
        until=_midnight(last + timedelta(days=1), zone) if last else None,
        missed=_choice(found, "missed", ("1",), "") == "1",
        order=Order(_choice(found, "order", list(Order), Order.NEWEST)),
    )
    found.after = _number(found, "after")
    return found


def _choice(found: Asked, name: str, known: Iterable[str], usual: str) -> str:
    """One of `known`; `usual` where nothing was typed, or something else."""
    typed = found.typed.get(name, usual)
    if typed == usual or typed in known:
        return typed
    found.wrong[name] = f"Choose one of: {', '.join(known)}."
    return usual


def _one(found: Asked, name: str, known: type[Words]) -> tuple[Words, ...]:
    typed = _choice(found, name, list(known), "")
    return (known(typed),) if typed else ()


def _number(found: Asked, name: str) -> int | None:
    typed = found.typed.get(name)
    if typed is None:
        return None
    if typed.isascii() and typed.isdigit() and 0 < int(typed) <= _LARGEST:
        return int(typed)
    found.wrong[name] = "This is not one that there is."
    return None


def _day(found: Asked, name: str) -> date | None:
    typed = found.typed.get(name)
    if typed is None:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        found.wrong[name] = "Write a day like 2026-06-14."
        return None
    if not is_in_our_times(day):
        found.wrong[name] = f"The year must be from {YEARS}."
        return None
    return day


def _midnight(day: date | None, zone: str) -> datetime | None:
    return None if day is None else to_utc(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 - a wall clock's
