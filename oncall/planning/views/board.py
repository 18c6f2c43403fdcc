"""A roster as its page shows it: who is on call when and why, what must be covered, gaps, holidays, time off."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from oncall.models.customers import Region
from oncall.models.people import Person
from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import Roster as RosterRow
from oncall.models.rosters import RosterLayer, RosterOverride, span_of
from oncall.planning.leave import time_off_between
from oncall.planning.plans.plan import PlannedLayer, PlannedOverride
from oncall.planning.plans.reading import overrides_of
from oncall.planning.questions.swap_cover import fits
from oncall.planning.questions.swaps_agreed import agreed_swaps
from oncall.planning.undoing import last_change
from oncall.planning.versions import version_of_override
from oncall.planning.views.board_warnings import Warned, swap_warning, warnings_of
from oncall.rosters.bad_rosters import BadRoster, answered
from oncall.rosters.coverage import after_hours, gaps
from oncall.rosters.errors import Gap, GoneError
from oncall.rosters.on_call import reason
from oncall.rosters.reading import SHELF, Read, read_rosters
from schedules.holiday_list import contract_holidays
from schedules.rosters.duty import Why
from schedules.rosters.roster import DutySpan, Roster, duty_spans
from schedules.spans import Span, merged
from schedules.wall_clock import wall_time

_OFF: Final = Why.OFF_DUTY.value


@dataclass(frozen=True)
class OverrideView:
    """The whole of an override (UTC), of which a shift may show a part; `person_id` None is nobody, on purpose.

    `version` is what a change of it has to name.
    """

    start: datetime
    end: datetime
    person_id: int | None
    version: str


@dataclass(frozen=True)
class ShiftView:
    """Who holds a layer from `start` to `end` (UTC); `reason` says why in words, `why` in one.

    `override_id` and `swap_id` name what put them there; `note` is the override's, `override` all of it.
    """

    start: datetime
    end: datetime
    people: tuple[int, ...]
    absent: tuple[int, ...]
    why: str
    reason: str
    override_id: int | None
    swap_id: int | None
    kind: str | None
    note: str
    override: OverrideView | None


@dataclass(frozen=True)
class LayerView:
    """A layer's shifts, disjoint and ascending; times without anybody are in them too."""

    id: int
    name: str
    shifts: tuple[ShiftView, ...]


@dataclass(frozen=True)
class TimeOffView:
    """Somebody's time off (UTC)."""

    id: int
    person_id: int
    start: datetime
    end: datetime
    note: str


@dataclass(frozen=True)
class Board:
    """Everything that the page of a roster shows from `start` to `end` (UTC).

    `left`: which of the people are retired, and not to be chosen. `fault`: why the roster can't be worked out, and what
    to do; then its layers have no shifts.
    """

    roster_id: int
    name: str
    zone: str
    regions: tuple[str, ...]
    start: datetime
    end: datetime
    layers: tuple[LayerView, ...]
    required: tuple[Span, ...]
    gaps: tuple[Gap, ...]
    time_off: tuple[TimeOffView, ...]
    people: dict[int, str]
    holidays: dict[date, str]
    last_change: RosterChange | None
    left: frozenset[int] = frozenset()
    fault: str = ""
    warnings: tuple[Warned, ...] = ()


def read_board(session: Session, roster_id: int, start: datetime, end: datetime) -> Board:
    """The roster from `start` to `end` (UTC), as far as it can be worked out. Raises GoneError when there is none."""
    row = session.get(RosterRow, roster_id)
    if row is None:
        raise GoneError("This roster is not there any more.")
    read = read_rosters(session, start, end, history=True)
    people = {person.id: person for person in session.scalars(select(Person).order_by(Person.name))}
    placed = overrides_of(session, [layer.id for layer in row.layers], RosterOverride.span.overlaps(Range(start, end)))

    def views(roster: Roster) -> tuple[LayerView, ...]:
        return layer_views(roster, row.layers, placed, people, start, end, version_of_override)

    for bad in (each for each in read.bad if each.name == row.name):
        return _bad_board(session, row, read, bad, people, start, end)
    roster = next(each for each in read.rosters if each.name == row.name)
    layers = answered(roster, views)
    if isinstance(layers, BadRoster):
        return _bad_board(session, row, read, layers, people, start, end)
    found = board_of(session, row, read.rosters, roster, layers, people, start, end)
    if any(each.swap_id is not None for overrides in placed.values() for each in overrides):
        return replace(found, warnings=(*found.warnings, *_swaps(session, roster, found, start)))
    return found


def _swaps(session: Session, roster: Roster, found: Board, start: datetime) -> Iterator[Warned]:
    """Agreed swaps that no longer cover the shift that they were made for."""
    for swap in agreed_swaps(session, start, roster.name).get(roster.name, ()):
        if not fits(roster, swap):
            yield swap_warning(roster, swap, found.people)


def _bad_board(
    session: Session,
    row: RosterRow,
    read: Read,
    bad: BadRoster,
    people: dict[int, Person],
    start: datetime,
    end: datetime,
) -> Board:
    """As if the roster had no shifts: what must be covered is shown, and its layers can be mended."""
    bare = Roster(row.name, bad.clock, tuple(row.regions), ())
    rosters = [bare, *(each for each in read.rosters if each.name != row.name)]
    layers = tuple(LayerView(layer.id, layer.name, ()) for layer in row.layers)
    return replace(board_of(session, row, rosters, bare, layers, people, start, end), fault=fault_words(bad))


def fault_of(session: Session, roster_id: int, now: datetime) -> str:
    """Why the roster can't be worked out at this instant, and what to do; nothing when it can."""
    name = session.scalar(select(RosterRow.name).where(RosterRow.id == roster_id))
    bad = (each for each in SHELF.read_at(session, now).failing_at(now) if each.name == name)
    return next((fault_words(each) for each in bad), "")


def fault_words(bad: BadRoster) -> str:
    """What the page of a roster says of itself when it can't be worked out."""
    words = f"This roster can't be worked out, so nobody is rung by it: {bad.reason}."
    return f"{words} Correct that (under Layers), or load a corrected directory file; other rosters are not touched."


def board_of(
    session: Session,
    row: RosterRow,
    rosters: Sequence[Roster],
    roster: Roster,
    layers: tuple[LayerView, ...],
    people: dict[int, Person],
    start: datetime,
    end: datetime,
) -> Board:
    """The board of `roster`, one of `rosters`, with these layers."""
    required, missing = _cover(session, rosters, roster, start, end)
    names = {person.id: person.name for person in people.values()}
    side_by_side = [
        [(each.start, each.end, each.people, each.why != _OFF) for each in layer.shifts] for layer in layers
    ]
    warned = () if not all(side_by_side) else tuple(warnings_of(roster, side_by_side, required, names, start))
    return Board(
        roster_id=row.id,
        name=row.name,
        zone=roster.time_zone,
        regions=tuple(row.regions),
        start=start,
        end=end,
        layers=layers,
        required=required,
        gaps=missing,
        time_off=tuple(_time_off(session, start, end)),
        people=names,
        left=frozenset(person.id for person in people.values() if person.retired),
        holidays=_holidays(roster.time_zone, start, end),
        last_change=last_change(session, row.id),
        warnings=warned,
    )


def layer_views(
    roster: Roster,
    layers: Iterable[RosterLayer | PlannedLayer],
    overrides: Mapping[int, Iterable[PlannedOverride]],
    people: dict[int, Person],
    start: datetime,
    end: datetime,
    version_of: Callable[[int, PlannedOverride], str],
) -> tuple[LayerView, ...]:
    """The shifts of layers of the roster, in force or planned; `overrides`: theirs, by the layer's number."""
    found = []
    for layer in layers:
        # No two of a layer begin at once, as none may overlap.
        placed = {each.span.start: each for each in overrides.get(layer.id, ())}
        shifts: list[ShiftView] = []
        for duty in duty_spans(roster, layer.name, start, end):
            made = placed.get(duty.override.start) if duty.override else None
            version = "" if made is None else version_of(layer.id, made)
            shifts.append(_shift(duty, made, version, people, roster.time_zone))
        found.append(LayerView(layer.id, layer.name, tuple(shifts)))
    return tuple(found)


def _shift(
    duty: DutySpan, made: PlannedOverride | None, version: str, people: dict[int, Person], zone: str
) -> ShiftView:
    away = [people[int(person)] for person in duty.absent]
    return ShiftView(
        start=duty.start,
        end=duty.end,
        people=tuple(int(person) for person in duty.people),
        absent=tuple(person.id for person in away),
        why=duty.why.value,
        reason=reason(duty, away, zone),
        override_id=made.id if made else None,
        swap_id=made.swap_id if made else None,
        kind=made.kind if made else None,
        note=made.note if made else "",
        override=OverrideView(made.span.start, made.span.end, made.person_id, version) if made else None,
    )


def _cover(
    session: Session, rosters: Sequence[Roster], roster: Roster, start: datetime, end: datetime
) -> tuple[tuple[Span, ...], tuple[Gap, ...]]:
    """The hours in which some region of the roster needs somebody, and those in which nobody is there for it."""
    regions = session.scalars(select(Region).where(Region.name.in_(roster.regions)).order_by(Region.name)).all()
    required = merged(span for region in regions for span in after_hours(region.time_zone, start, end))
    # Its own layers first: where they leave no gap, no other roster has to be looked at.
    ordered = sorted(rosters, key=lambda each: each is not roster)
    missing = [
        Gap(region.name, span)
        for region in regions
        for span in gaps([each for each in ordered if region.name in each.regions], region.time_zone, start, end)
    ]
    return tuple(required), tuple(missing)


def _time_off(session: Session, start: datetime, end: datetime) -> Iterator[TimeOffView]:
    for row in time_off_between(session, start, end):
        span = span_of(row.span)
        yield TimeOffView(row.id, row.person_id, span.start, span.end, row.note)


def _holidays(zone: str, start: datetime, end: datetime) -> dict[date, str]:
    day, last = wall_time(start, zone).date(), wall_time(end, zone).date()
    found: dict[date, str] = {}
    while day <= last:
        name = contract_holidays(day.year).get(day)
        if name:
            found[day] = name
        day += timedelta(days=1)
    return found
