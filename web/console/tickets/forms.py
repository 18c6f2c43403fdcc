"""What is typed into the forms of a ticket's page: fields, read and checked before anything is done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from schedules.wall_clock import to_utc

_LONGEST: Final = 4000
_LARGEST: Final = 2**31 - 1
_YEARS: Final = range(2000, 2100)


class Kind(StrEnum):
    """How a field is shown."""

    AREA = "area"
    CHOICE = "choice"
    CHECK = "check"
    TIME = "time"
    NUMBER = "number"


@dataclass(frozen=True)
class Field:
    """One field. `choices`: value and words of each. `hint`: what to type, below it."""

    name: str
    label: str
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Typed:
    """What was typed, and in `wrong` what is to be corrected, by field. `zone`: the clock that times are read on."""

    values: Mapping[str, str]
    wrong: Mapping[str, str]
    zone: str

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def number(self, name: str) -> int:
        """A field of kind NUMBER, or a CHOICE of ids."""
        return int(self.values[name])

    def time(self, name: str) -> datetime:
        """A field of kind TIME, as an instant (UTC)."""
        return to_utc(datetime.fromisoformat(self.values[name]), self.zone)

    def checked(self, name: str) -> bool:
        """A field of kind CHECK."""
        return bool(self.values[name])


def read(fields: Iterable[Field], form: Mapping[str, str], zone: str) -> Typed:
    """The fields of one form as they were sent; all but boxes have to be filled in."""
    known = tuple(fields)
    values = {each.name: form.get(each.name, "").strip() for each in known}
    found = ((each.name, _complaint(each, values[each.name])) for each in known)
    return Typed(values, {name: words for name, words in found if words}, zone)


def _complaint(field: Field, typed: str) -> str:
    if field.kind is Kind.CHECK:
        return ""
    if not typed:
        return "Choose one." if field.kind is Kind.CHOICE else "Fill this in."
    if len(typed) > _LONGEST:
        return f"At most {_LONGEST} characters; these are {len(typed)}."
    if field.kind is Kind.CHOICE and typed not in {value for value, _ in field.choices}:
        return "Choose one of those that are offered."
    if field.kind is Kind.NUMBER and not (typed.isascii() and typed.isdigit() and 0 < int(typed) <= _LARGEST):
        return "Type the number of a ticket, such as 1042."
    return _time_complaint(typed) if field.kind is Kind.TIME else ""


def _time_complaint(typed: str) -> str:
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return "Type a day and a time, such as 2026-06-14T02:30."
    if at.tzinfo is not None or at.year not in _YEARS:
        return "Type a day and a time of the years 2000 to 2099, without a zone."
    return ""
