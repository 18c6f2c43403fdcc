"""A second, plodding engine: it walks from the start, and asks the standard library's clock."""

from calendar import monthrange
from datetime import datetime, timedelta
from functools import lru_cache

from schedules.rosters.roster import Count, DutyHours, Kind, Layer, Override, PersonId, Roster, Rotation, Unit, Why
from tests.schedules.clocks import instant_of, shown_at

DAY = timedelta(days=1)
Answer = tuple[tuple[PersonId, ...], Why, Override | None, tuple[PersonId, ...]]


@lru_cache(maxsize=100_000)
def slow_handoff(rotation: Rotation, zone: str, number: int, hours: tuple[DutyHours, ...] = ()) -> datetime:
    n = rotation.every.n * number
    match rotation.every.unit:
        case Unit.DAY if rotation.count is Count.ACTIVE and hours and number:
            at = rotation.start
            while not slow_counts(at, hours):
                at += DAY
            for _ in range(n):
                at += DAY
                while not slow_counts(at, hours):
                    at += DAY
            return instant_of(at, zone)
        case Unit.HOUR:
            return instant_of(rotation.start, zone) + timedelta(hours=n)
        case Unit.MONTH:
            year, month = rotation.start.year, rotation.start.month
            for _ in range(n):
                year, month = (year, month + 1) if month < 12 else (year + 1, 1)
            day = min(rotation.start.day, monthrange(year, month)[1])
            return instant_of(rotation.start.replace(year=year, month=month, day=day), zone)
        case unit:
            days = n * 7 if unit is Unit.WEEK else n
            return instant_of(rotation.start + timedelta(days=days), zone)


def slow_counts(handoff: datetime, hours: tuple[DutyHours, ...]) -> bool:
    """Whether the day that begins at this handoff has hours of its own: such as lie in it, or begin on its date and are
    divided by a handoff. On the wall clock, whatever a clock change does to one night."""
    for each in hours:
        for date in (handoff.date() + n * DAY for n in (-1, 0, 1)):
            if date.weekday() not in each.days:
                continue
            start = datetime.combine(date, each.from_)
            end = datetime.combine(date if each.to > each.from_ else date + DAY, each.to)
            divided = any(start < handoff + n * DAY < end for n in range(-3, 4))
            if date == handoff.date() if divided else handoff <= start and end <= handoff + DAY:
                return True
    return False


def slow_turn(rotation: Rotation, zone: str, at: datetime, hours: tuple[DutyHours, ...] = ()) -> tuple[PersonId, ...]:
    if rotation.until is not None and at >= instant_of(rotation.until, zone):
        return ()
    number = 0
    while slow_handoff(rotation, zone, number, hours) <= at:
        number += 1
    return rotation.turns[(number - 1) % len(rotation.turns)] if number else ()


def slow_on_duty(hours: DutyHours, zone: str, at: datetime) -> bool:
    today = shown_at(at, zone).date()
    for day in (today + n * DAY for n in (-2, -1, 0, 1)):
        lasts = DAY if hours.to <= hours.from_ else timedelta()
        start = instant_of(datetime.combine(day, hours.from_), zone)
        end = instant_of(datetime.combine(day + lasts, hours.to), zone)
        if day.weekday() in hours.days and start <= at < end:
            return True
    return False


def slow_duty(roster: Roster, layer: Layer, at: datetime) -> Answer:
    """People, why, override and who is absent."""
    planned, why, override = slow_plan(roster, layer, at)
    away = [off.person for off in roster.time_off if off.start <= at < off.end]
    away += [each.person for each in roster.departures if each.at <= at]
    present = tuple(person for person in planned if person not in away)
    return present, why, override, tuple(person for person in planned if person in away)


def slow_plan(roster: Roster, layer: Layer, at: datetime) -> tuple[list[PersonId], Why, Override | None]:
    zone, people = roster.time_zone, list[PersonId]()
    on_duty = not layer.hours or any(slow_on_duty(hours, zone, at) for hours in layer.hours)
    for rotation in layer.rotations:
        for person in slow_turn(rotation, zone, at, layer.hours):
            if on_duty and person not in people:
                people.append(person)
    for override in reversed(roster.overrides):
        if override.layer == layer.name and override.start <= at < override.end:
            kept = people if override.kind is Kind.ADD else []
            new = [] if override.person is None or override.person in kept else [override.person]
            return kept + new, Why.OVERRIDE, override
    if not on_duty:
        return people, Why.OFF_DUTY, None
    return people, Why.ROTATION if people else Why.NOBODY, None
