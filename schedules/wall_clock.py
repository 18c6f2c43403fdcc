"""Wall-clock time and instants, in both directions.

One rule settles the local times that a clock change makes ambiguous or missing: **they are read on the
clock as it stood before the change**. So an ambiguous time is its first occurrence, and a missing time is
moved forward by the gap: in Rome on 28 March 2027, when 02:00 became 03:00, "02:30" is 03:30 summer time.

Zone data come from pytz, which knows clock changes up to 2037; later years keep standard time.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from difflib import get_close_matches
from functools import lru_cache

import pytz

from schedules.spans import as_utc

_DAY = timedelta(days=1)


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
    return (local - offset).replace(tzinfo=UTC)


def to_local(at: datetime, zone: str) -> datetime:
    """The instant on the zone's clock, aware, for showing to people. Do arithmetic in UTC instead."""
    return zone_info(zone).fromutc(as_utc(at).replace(tzinfo=None))


def wall_time(at: datetime, zone: str) -> datetime:
    """What the zone's clock shows at the instant, as a naive datetime."""
    utc = as_utc(at).replace(tzinfo=None)
    offset = _steady_offset(zone, utc.toordinal())
    return utc + (offset if offset is not None else _offset_at(utc, zone))


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
