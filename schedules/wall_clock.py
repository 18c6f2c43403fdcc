"""Wall-clock time and instants, in both directions, and as people say and write them.

One rule settles the local times that a clock change makes ambiguous or missing: **they are read on the
clock as it stood before the change**. So an ambiguous time is its first occurrence, and a missing time is
moved forward by the gap: in Rome on 28 March 2027, when 02:00 became 03:00, "02:30" is 03:30 summer time.

Spoken forms are for being read aloud: 24-hour clock, no leading zero, no abbreviations. Written forms carry the
zone's abbreviation, so that the two 02:30s of an autumn night are told apart. Both are English.

Zone data come from pytz, which knows clock changes up to 2037; later years keep standard time.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

import pytz

from schedules.spans import as_utc

_DAY = timedelta(days=1)
# Counting from here gives or takes a time zone at a fifth of what datetime.replace costs.
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall-clock time
_UTC_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WITHIN_A_WEEK: Final = 7


class UnknownZoneError(ValueError):
    """The name is not one of the IANA time zone database."""


@lru_cache(maxsize=1024)
def zone_info(zone: str) -> tzinfo:
    """pytz's object for an IANA name such as "Europe/Rome". Raises UnknownZoneError with the nearest name."""
    try:
        return pytz.timezone(zone)
    except (pytz.UnknownTimeZoneError, AttributeError):
        near = get_close_matches(str(zone), pytz.all_timezones, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "use a name such as 'Europe/Rome'"
        raise UnknownZoneError(f"unknown time zone {zone!r}: {hint}") from None


def to_utc(local: datetime, zone: str) -> datetime:
    """The instant (UTC) at which the zone's clock shows the naive `local`, by the rule of this module.

    Raises ValueError when `local` is aware, UnknownZoneError for a wrong zone.
    """
    if local.tzinfo is not None:
        raise ValueError(f"{local.isoformat()} has a time zone: a wall-clock time must be naive")
    offset = _steady_offset(zone, local.toordinal())
    if offset is None:
        offset = _offset_near_change(local, zone)
    return _UTC_EPOCH + (local - _EPOCH - offset)


def to_local(at: datetime, zone: str) -> datetime:
    """The instant on the zone's clock, aware, for showing to people. Do arithmetic in UTC instead."""
    return zone_info(zone).fromutc(as_utc(at).replace(tzinfo=None))


def wall_time(at: datetime, zone: str) -> datetime:
    """What the zone's clock shows at the instant, as a naive datetime."""
    utc = _EPOCH + (as_utc(at) - _UTC_EPOCH)
    offset = _steady_offset(zone, utc.toordinal())
    return utc + (offset if offset is not None else _offset_at(utc, zone))


def spoken_when(at: datetime, now: datetime, zone: str) -> str:
    """For example "today at 18:00", "tomorrow at 9:00", "Sunday at 2:05", "Sunday 28 March at 2:05"."""
    local = to_local(at, zone)
    ahead = (local.date() - to_local(now, zone).date()).days
    match ahead:
        case -1 | 0 | 1:
            day = {-1: "yesterday", 0: "today", 1: "tomorrow"}[ahead]
        case _ if 1 < ahead < _WITHIN_A_WEEK:
            day = _DAYS[local.weekday()]
        case _:
            day = _spoken_day(local.date())
    return f"{day} at {_clock(local)}"


def written_time(at: datetime, zone: str) -> str:
    """For example "Sun 28 Mar 2027, 03:05 CEST"."""
    local = to_local(at, zone)
    return f"{written_wall(local)} {abbreviation(local)}"


def written_wall(local: datetime) -> str:
    """What a clock shows, for example "Sun 28 Mar 2027, 03:05": where everybody knows whose clock it is."""
    return f"{written_day(local)}, {local:%H:%M}"


def written_day(day: date) -> str:
    """For example "Sun 28 Mar 2027": no two people read it as two days, as they would 03/04/2027."""
    return f"{_DAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def abbreviation(local: datetime) -> str:
    """What the clock of an aware local time is called: "CEST", or "UTC+0530" where a zone has only figures."""
    name = local.tzname() or ""
    return f"UTC{name}" if name.startswith(("+", "-")) else name


def exact_wall_time(at: datetime, zone: str) -> str:
    """What the zone's clock shows, to the minute, so that it can be read again: "2026-10-25T02:30".

    Where `to_utc` would read another instant, as in the second of the two hours that an autumn night has, the offset
    is in it: "2026-10-25T02:30+01:00".
    """
    local = wall_time(at, zone)
    exact = local if to_utc(local, zone) == at else to_local(at, zone)
    return exact.isoformat(timespec="minutes")


def _offset_at(utc: datetime, zone: str) -> timedelta:
    """The zone's offset from UTC at a naive UTC time."""
    return zone_info(zone).fromutc(utc).utcoffset() or timedelta()


@lru_cache(maxsize=16384)
def _steady_offset(zone: str, day: int) -> timedelta | None:
    """The offset when it is one and the same all through the day and the days beside it, else None.

    Nearly every day is steady, which makes conversions a dictionary look-up and a subtraction.
    """
    midnight = datetime.fromordinal(day)
    offset = _offset_at(midnight, zone)
    around = (midnight - _DAY, midnight + _DAY, midnight + 2 * _DAY)
    return offset if all(_offset_at(utc, zone) == offset for utc in around) else None


@lru_cache(maxsize=4096)
def _offset_near_change(local: datetime, zone: str) -> timedelta:
    before, after = _offset_at(local - _DAY, zone), _offset_at(local + _DAY, zone)
    exists = [offset for offset in (before, after) if _offset_at(local - offset, zone) == offset]
    # Past the change only `after` fits. Otherwise `before` is right: it is the earlier one where both fit,
    # and the clock before the change where neither does.
    return exists[0] if exists else before


def _spoken_day(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def _clock(local: datetime) -> str:
    return f"{local.hour}:{local:%M}"
