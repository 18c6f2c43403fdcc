"""The pretended time of the simulated telephone network: reading what a person typed, and setting it for all.

Words mean the *next* such instant, never the nearest: "Sunday 02:00" said on a Sunday at 02:05 is next week's. What
has happened stays in the past. Only a full date can take the clock back.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from core.locks import Lock
from core.years import is_in_our_times
from oncall.models.calls import CallState, PhoneCall
from oncall.models.people import Person
from oncall.models.stored_settings import CLOCK_SHIFT, clock_shift, write
from oncall.models.tickets import Intervention
from schedules.holiday_list import contract_holidays
from schedules.wall_clock import to_utc, wall_time

_FIRST, _LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_AND_TIME = re.compile(r"(?:(?P<day>[a-z][a-z' ]*?)\s+)?(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})")
_LONGEST_SEARCH_DAYS = 370


class PretendError(ValueError):
    """The wish can't be granted; a sentence that says why and what would do."""


def read_time(words: str, now: datetime, zone: str) -> datetime:
    """The instant (UTC) that a person means by `words` at `now`, on the clock of `zone`.

    Understood: "Sunday 02:00", "02:00", "Christmas Day 03:00" (any contractual holiday): the next such instant; and
    ISO 8601, in `zone` when it has no offset. Raises PretendError.
    """
    found = _DAY_AND_TIME.fullmatch(words.strip().lower().replace("’", "'"))
    instant = _next(found, now, zone) if found else _iso(words.strip(), zone)
    if not _FIRST <= instant < _LAST:
        raise _out_of_reach()
    return instant


def _out_of_reach() -> PretendError:
    return PretendError(f"The pretended time must lie between {_FIRST.year} and {_LAST.year - 1}.")


def set_time(session: Session, real_now: datetime, own_shift: timedelta, wanted: datetime) -> timedelta:
    """Make it `wanted` for every process; the new distance to real time.

    `own_shift` is the distance that holds as long as nobody has set one. The next steps of open pages are due in real
    time, so they stay as many seconds away as they were. Raises PretendError when the clock would go back behind the
    beginning of something that is still going on.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": Lock.PRETENDED_TIME})
    stored = clock_shift(session)
    before = own_shift if stored is None else stored
    after = wanted - real_now
    if after < before:
        _refuse_before_beginnings(session, wanted)
    write(session, CLOCK_SHIFT, after.total_seconds())
    # Who has left does not come back with the clock.
    session.execute(update(Person).where(Person.retired_at > wanted).values(retired_at=wanted))
    return after


def _refuse_before_beginnings(session: Session, wanted: datetime) -> None:
    """A conversation can't end before it began."""
    call = session.scalar(select(func.max(PhoneCall.created_at)).where(PhoneCall.state != CallState.ENDED))
    work = session.scalar(select(func.max(Intervention.started_at)).where(Intervention.ended_at.is_(None)))
    started = max((at for at in (call, work) if at is not None), default=None)
    if started is not None and wanted < started:
        raise PretendError(
            "Something that began later than that is still going on: end the calls first, or choose a later time."
        )


def _next(found: re.Match[str], now: datetime, zone: str) -> datetime:
    try:
        at = time(int(found["hour"]), int(found["minute"]))
    except ValueError:
        raise PretendError(f"{found['hour']}:{found['minute']} is not a time of day: use 00:00 to 23:59.") from None
    name = found["day"]
    today = wall_time(now, zone).date()
    for ahead in range(_LONGEST_SEARCH_DAYS):
        day = today + timedelta(days=ahead)
        if name is not None and not _is_called(day, name):
            continue
        instant = to_utc(datetime.combine(day, at), zone)
        if instant > now:
            return instant
    raise PretendError(f"“{name}” is no weekday and no holiday of the contract: try “Sunday 02:00”.")


def _is_called(day: date, name: str) -> bool:
    weekday = _WEEKDAYS[day.weekday()]
    if len(name) >= 3 and weekday.startswith(name):
        return True
    holiday = contract_holidays(day.year).get(day, "")
    return name in {holiday.lower(), holiday.lower().removesuffix(" day")} - {""}


def _iso(words: str, zone: str) -> datetime:
    try:
        instant = datetime.fromisoformat(words)
    except ValueError:
        raise PretendError(
            f"“{words[:40]}” is not understood: try “Sunday 02:00”, “Christmas Day 03:00” or “2027-03-28T02:30”."
        ) from None
    if not is_in_our_times(instant):
        raise _out_of_reach()
    return to_utc(instant, zone) if instant.tzinfo is None else instant.astimezone(UTC)
