"""Single values of the directory file: numbers, PINs, days, wall-clock times, zones."""

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from core.text.phones import BadNumberError, parse_number
from core.years import YEARS, Day, is_in_our_times
from oncall.customers.pins import SHORTEST, PinError, PinLengthError, WeakPinError, check_new_pin
from oncall.delivery.apprise_sender import ChannelError, service_of
from oncall.directory.cursor import Cursor
from schedules.wall_clock import UnknownZoneError, zone_info

SHORTEST_TOKEN: Final = 8

_QUOTES: Final = "put it in quotes, or YAML reads it as a number"
_KEEP_PIN: Final = "PIN_LENGTH asks for that; choose a longer one, or leave the key away to keep the PIN in force"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_WALL: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?", re.IGNORECASE)


def phone(cursor: Cursor) -> str:
    """A number in E.164 form."""
    given = _quoted(cursor, "a phone number")
    try:
        return parse_number(given)
    except BadNumberError:
        cursor.fail(f"{given!r} is not a phone number with country prefix", 'write it such as "+390212345678"')


def optional_phone(cursor: Cursor | None) -> str | None:
    return None if cursor is None or cursor.is_null else phone(cursor)


def pin(cursor: Cursor | None, shortest: int, numbers: Collection[str]) -> str | None:
    """The digits of a PIN, None when there is none. What was written is never repeated in a problem.

    `shortest`: PIN_LENGTH. `numbers`: telephone numbers of whoever has it, E.164.
    """
    if cursor is None or cursor.is_null:
        return None
    digits = _quoted(cursor, "a PIN")
    try:
        check_new_pin(digits, shortest, numbers)
    except WeakPinError as error:
        cursor.fail(str(error), "choose another one, best drawn at random")
    except PinLengthError as error:
        cursor.fail(str(error), _KEEP_PIN if SHORTEST <= len(digits) < shortest else "")
    except PinError as error:
        cursor.fail(str(error))
    return digits


def token(cursor: Cursor) -> str:
    """An alarm token; never repeated in a problem."""
    words = _quoted(cursor, "a token").strip()
    if len(words) < SHORTEST_TOKEN or not words.isascii() or not words.isprintable() or " " in words:
        cursor.fail(
            f"a token is {SHORTEST_TOKEN} or more letters, digits and signs without spaces",
            "make a long, random one",
        )
    return words


def email(cursor: Cursor | None) -> str | None:
    if cursor is None or cursor.is_null:
        return None
    address = cursor.text()
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address):
        cursor.fail(f"{address!r} is not an e-mail address")
    return address


def channel(cursor: Cursor) -> tuple[str, str]:
    """An address in apprise's form and its service. Never repeated in a problem, as it has secrets in it."""
    address = cursor.text()
    try:
        return address, service_of(address)
    except ChannelError as error:
        cursor.fail(str(error), "write it as apprise's documentation says, such as ntfys://ntfy.example.org/oncall-ada")


def day(cursor: Cursor) -> date:
    """A calendar day, such as 2026-01-31."""
    written = cursor.written("a day such as 2026-01-31").strip()
    try:
        if not _DAY.fullmatch(written):
            raise ValueError
        return _planned(cursor, date.fromisoformat(written))
    except ValueError:
        cursor.fail(f"{written!r} is not a day", "write it as year-month-day, such as 2026-01-31")


def optional_day(cursor: Cursor | None) -> date | None:
    return None if cursor is None or cursor.is_null else day(cursor)


def moment(cursor: Cursor) -> datetime:
    """A date and time: naive as written, or aware when an offset or Z stands behind it. A day alone is its midnight."""
    written = cursor.written("a date and time such as 2026-01-05T18:00").strip()
    found = _WALL.fullmatch(written)
    try:
        if not found:
            raise ValueError
        return _planned(cursor, datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}{(found[3] or '').upper()}"))
    except ValueError:
        cursor.fail(f"{written!r} is not a date and time", "write it such as 2026-01-05T18:00")


def _planned(cursor: Cursor, at: Day) -> Day:
    if not is_in_our_times(at):
        cursor.fail(
            f"the year {at.year:04} is out of reach",
            f"write one from {YEARS}, and leave 'until' out of a rotation that has no end",
        )
    return at


def wall_clock(cursor: Cursor) -> datetime:
    """A naive date and time on the roster's clock."""
    at = moment(cursor)
    if at.tzinfo is not None:
        cursor.fail("is a wall-clock time of the roster's zone", "leave the offset away")
    return at


def zone(cursor: Cursor) -> str:
    """An IANA time zone."""
    name = cursor.text()
    try:
        zone_info(name)
    except UnknownZoneError as error:
        reason, _, remedy = str(error).rpartition(": ")
        cursor.fail(reason, remedy)
    return name


def _quoted(cursor: Cursor, what: str) -> str:
    """Text that YAML takes for a number when its quotes are missing; the author may not see what got lost."""
    written = cursor.written(what)
    if cursor.is_plain_number:
        cursor.fail(f"{what} must stand in quotes", _QUOTES)
    return written
