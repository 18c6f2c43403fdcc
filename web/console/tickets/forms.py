"""What is typed into the forms of a ticket's page: fields, read and checked before anything is done."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from core.text.phones import BadNumberError, parse_number
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
    PHONE = "phone"


@dataclass(frozen=True)
class Field:
    """One field. `choices`: value and words of each. `hint`: what to type, below it."""

    name: str
    label: str
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    optional: bool = False


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
    """The fields of one form as they were sent; all but boxes and optional ones have to be filled in."""
    known = tuple(fields)
    values = {each.name: form.get(each.name, "").strip() for each in known}
    found = ((each.name, _complaint(each, values[each.name])) for each in known)
    return Typed(values, {name: words for name, words in found if words}, zone)


def shown_field(field: Field, typed: Typed | None) -> dict[str, Any]:
    """A field as the template shows it, with what was typed before, where that is to be corrected."""
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind,
        "choices": field.choices,
        "hint": field.hint,
        "optional": field.optional,
        "typed": typed.values.get(field.name, "") if typed else "",
        "wrong": typed.wrong.get(field.name, "") if typed else "",
    }


def _complaint(field: Field, typed: str) -> str:
    if field.kind is Kind.CHECK or (not typed and field.optional):
        return ""
    if not typed:
        return "Choose one." if field.kind is Kind.CHOICE else "Fill this in."
    if len(typed) > _LONGEST:
        return f"At most {_LONGEST} characters; these are {len(typed)}."
    check = _CHECKS.get(field.kind)
    return "" if check is None else check(field, typed)


def _choice_complaint(field: Field, typed: str) -> str:
    is_offered = typed in {value for value, _ in field.choices}
    return "" if is_offered else "Choose one of those that are offered."


def _number_complaint(_: Field, typed: str) -> str:
    is_number = typed.isascii() and typed.isdigit() and 0 < int(typed) <= _LARGEST
    return "" if is_number else "Type the number of a ticket, such as 1042."


def _phone_complaint(_: Field, typed: str) -> str:
    try:
        parse_number(typed)
    except BadNumberError as error:
        return f"{str(error)[:1].upper()}{str(error)[1:]}."
    return ""


def _time_complaint(_: Field, typed: str) -> str:
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return "Type a day and a time, such as 2026-06-14T02:30."
    if at.tzinfo is not None or at.year not in _YEARS:
        return "Type a day and a time of the years 2000 to 2099, without a zone."
    return ""


_CHECKS: Final[Mapping[Kind, Callable[[Field, str], str]]] = {
    Kind.CHOICE: _choice_complaint,
    Kind.NUMBER: _number_complaint,
    Kind.PHONE: _phone_complaint,
    Kind.TIME: _time_complaint,
}
