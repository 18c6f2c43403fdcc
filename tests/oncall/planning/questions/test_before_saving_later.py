"""A yes given a minute later is the answer to what was asked, wherever the edges of what is looked at have gone.

What is over, and what is ahead for 14, 30 or 731 days, moves on with the time: each change is asked about half a minute
before such an edge passes a handoff, and answered half a minute after.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.rosters import RosterLayer
from oncall.planning.drafts import changing
from oncall.planning.editing import Author
from oncall.planning.imports.comparing import Event, Reading
from oncall.planning.imports.shifts import import_shifts, preview_shifts
from oncall.planning.leave import add_time_off
from oncall.planning.plans import edits as plans_edits
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from oncall.planning.questions.before_saving import GAP_AHEAD, MOVES_AHEAD, YES_HOLDS, asked_at, key_of
from oncall.planning.swapping import Shift, accept, propose
from oncall.rosters.errors import AskFirstError, Asks
from schedules.rosters.layers import DutyHours
from schedules.rosters.roster import Every, Rotation
from schedules.spans import Span
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, NOW, WEEK, Desk
from tests.oncall.planning.in_force import add_layer, add_override, change_layer

Act = Callable[[Session, Author], object]
HALF: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(days=731)
# Each is an instant at which some edge passes a handoff, or the beginning of a rotation that is two years old.
EDGES: Final = {
    "now": HANDOFF + 3 * WEEK,
    "14 days ahead": HANDOFF + 8 * WEEK - MOVES_AHEAD,
    "30 days ahead": HANDOFF + 8 * WEEK - GAP_AHEAD,
    "two years ago": HANDOFF + LONGEST,
    "two years ahead": HANDOFF + 112 * WEEK - LONGEST,
    "30 days and two years ahead": HANDOFF + 120 * WEEK - LONGEST - GAP_AHEAD,
}
ROME: Final = "Europe/Rome"


def author(at: datetime, keys: frozenset[str] = frozenset()) -> Author:
    return Author("Mara Manager", at, manages=True, accepts=keys)


def yes(at: datetime) -> Author:
    return replace(author(at), accepts_gaps=True)


def by_the_week(desk: Desk, *names: str) -> Rotation:
    """From the first handoff on."""
    turns = tuple((desk.people[name],) for name in names)
    return Rotation(datetime(2026, 6, 1, 18), Every.parse("1 week"), turns)  # noqa: DTZ001 - a wall-clock time


@pytest.fixture
def backup(desk: Desk) -> int:
    with desk.database.transaction() as session:
        return add_layer(
            session, yes(NOW), desk.roster_id, LayerWish("backup", [by_the_week(desk, "Carla", "Dino")])
        ).id


def gap(desk: Desk, at: datetime) -> Act:
    """Nobody from an hour ago for longer than is looked ahead, with nobody in the backup either."""
    wish = OverrideRequest(Span(at - HOUR, at + 900 * DAY), None)
    with desk.database.transaction() as session:
        [other] = session.scalars(select(RosterLayer.id).where(RosterLayer.name == "backup"))
        add_override(session, yes(at), other, wish)
    return lambda session, who: add_override(session, who, desk.layer_id, wish)


def away(desk: Desk, at: datetime) -> Act:
    wish = OverrideRequest(Span(at - HOUR, at + 900 * DAY), desk.people["Dino"])
    with desk.database.transaction() as session:
        add_time_off(session, yes(at), desk.people["Dino"], Span(at - DAY, at + 850 * DAY), ROME)
    return lambda session, who: add_override(session, who, desk.layer_id, wish)


def twice(desk: Desk, at: datetime) -> Act:
    wish = OverrideRequest(Span(at - HOUR, at + 900 * DAY), desk.people["Carla"])
    return lambda session, who: add_override(session, who, desk.layer_id, wish)


def past(desk: Desk, at: datetime) -> Act:
    wish = LayerWish("first", [by_the_week(desk, "Bruno", "Ada")])
    return lambda session, who: change_layer(session, who, desk.layer_id, wish)


def moves(desk: Desk, at: datetime) -> Act:
    wish = LayerWish("first", [by_the_week(desk, "Ada", "Dino", "Bruno", "Carla")])
    return lambda session, who: change_layer(session, who, desk.layer_id, wish)


def idle(desk: Desk, at: datetime) -> Act:
    turns = tuple((desk.people[name],) for name in ("Ada", "Bruno", "Carla", "Dino", "Ada", "Bruno", "Dino"))
    rotation = Rotation(datetime(2026, 6, 1, 9), Every.parse("1 day"), turns)  # noqa: DTZ001 - a wall-clock time
    wish = LayerWish("saturdays", [rotation], [DutyHours.parse(["sat"], "09:00", "18:00")])
    return lambda session, who: add_layer(session, who, desk.roster_id, wish)


def swap(desk: Desk, at: datetime) -> Act:
    """The asker's first whole week that is still to come."""
    weeks = (at - HANDOFF) // WEEK + 2
    start = HANDOFF + weeks * WEEK
    giver, taker = ("Ada", "Bruno") if weeks % 2 == 0 else ("Bruno", "Ada")
    # The wall clock keeps its hour: in winter a handoff is an hour later in UTC.
    with desk.database.transaction() as session:
        layer = Shift(desk.layer_id, Span(start + 2 * HOUR, start + DAY))
        one, other = desk.person(session, giver), desk.person(session, taker)
        asked = propose(session, Author(giver, at - DAY), one, other, layer, None)
        accept(session, replace(Author(taker, at - DAY), accepts_gaps=True), asked.id, other)
    wish = LayerWish("first", [by_the_week(desk, "Carla", "Dino")])
    return lambda session, who: change_layer(session, who, desk.layer_id, wish)


SCENES: Final[dict[Asks, Callable[[Desk, datetime], Act]]] = {
    Asks.GAP: gap,
    Asks.AWAY: away,
    Asks.TWICE: twice,
    Asks.PAST: past,
    Asks.MOVES: moves,
    Asks.IDLE: idle,
    Asks.SWAP: swap,
}


def keys_asked(desk: Desk, act: Act, who: Author, asks: Asks) -> frozenset[str]:
    with pytest.raises(AskFirstError) as refused, desk.database.transaction() as session:
        act(session, who)
    assert asks in {each.asks for each in refused.value.questions}
    return frozenset(each.key for each in refused.value.questions)


def test_there_is_a_scene_for_every_kind_of_question() -> None:
    assert SCENES.keys() == set(Asks)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("asks", Asks)
def test_answered_a_minute_later(desk: Desk, backup: int, asks: Asks, edge: str) -> None:
    at = EDGES[edge]
    act = SCENES[asks](desk, at)
    keys = keys_asked(desk, act, author(at - HALF), asks)
    for key in keys:
        with pytest.raises(AskFirstError), desk.database.transaction() as session:
            act(session, author(at + HALF, keys - {key}))
    with desk.database.transaction() as session:
        act(session, author(at + HALF, keys))


@pytest.mark.parametrize("edge", EDGES)
def test_answered_a_minute_later_in_a_draft(desk: Desk, backup: int, edge: str) -> None:
    at = EDGES[edge]
    with desk.database.transaction() as session:
        # It ends between the question and the answer.
        add_override(session, yes(at), backup, OverrideRequest(Span(at - DAY, at), desk.people["Ada"]))
        number = changing.begin(session, author(at - HOUR), desk.roster_id, "Summer plan").id
    wish = OverrideRequest(Span(at - HOUR, at + 900 * DAY), desk.people["Carla"])

    def act(session: Session, who: Author) -> object:
        return changing.change(
            session, who, number, 2, partial(plans_edits.add_override, layer_id=desk.layer_id, wish=wish)
        )

    keys = keys_asked(desk, act, author(at - HALF), Asks.TWICE)
    with desk.database.transaction() as session:
        act(session, author(at + HALF, keys))


@pytest.mark.parametrize("edge", EDGES)
def test_imported_a_minute_after_the_preview(desk: Desk, backup: int, edge: str) -> None:
    """Nights of somebody who is in the backup as well, up to what is looked ahead."""
    at = EDGES[edge]
    events = (Event(1, f"night-{day}", "Carla Neri", at + day * DAY, at + day * DAY + HOUR) for day in range(1, 33))
    reading = Reading(tuple(events))
    with desk.database.transaction() as session:
        seen = preview_shifts(session, author(at - HALF), desk.roster_id, desk.layer_id, reading)
        assert seen.gaps
    with desk.database.transaction() as session:
        import_shifts(session, yes(at + HALF), desk.roster_id, desk.layer_id, reading, "nights.ics", seen.digest)


def test_what_has_changed_meanwhile_is_asked_anew(desk: Desk, backup: int) -> None:
    at = EDGES["now"]
    wish = OverrideRequest(Span(at, at + 50 * DAY), desk.people["Dino"])

    def act(session: Session, who: Author) -> object:
        return add_override(session, who, desk.layer_id, wish)

    def on_leave(start: int) -> None:
        with desk.database.transaction() as session:
            off = Span(at + start * DAY, at + (start + 5) * DAY)
            add_time_off(session, yes(at - HOUR), desk.people["Dino"], off, ROME)

    on_leave(10)
    keys = keys_asked(desk, act, author(at - HALF), Asks.AWAY)
    on_leave(20)
    assert keys_asked(desk, act, author(at + HALF, keys), Asks.AWAY) != keys


def test_a_yes_does_not_hold_for_ever(desk: Desk, backup: int) -> None:
    at = EDGES["now"]
    act = twice(desk, at)
    keys = keys_asked(desk, act, author(at), Asks.TWICE)
    late = at + YES_HOLDS + timedelta(microseconds=1)
    again = keys_asked(desk, act, author(late, keys), Asks.TWICE)
    assert not again & keys
    keys_asked(desk, act, author(at - timedelta(microseconds=1), keys), Asks.TWICE)  # a clock that was set back
    with desk.database.transaction() as session:
        act(session, author(late + HALF, again))


def test_keys_that_are_none_say_nothing() -> None:
    late = NOW + timedelta(minutes=5)
    known = key_of("two layers", NOW, "x")
    assert known.startswith("two-layers-")
    assert len(known) <= 64
    assert asked_at([known], late) == NOW
    for each in ("", "gap-0", "gap-x-0", f"gap-{'9' * 16}-ab", f"gap-{'9' * 17}-ab", "gap-١-ab", "two layers-1-a"):
        assert asked_at([each], late) == late, each
    assert asked_at([known, key_of("gap", NOW + timedelta(minutes=1), "y")], late) == NOW + timedelta(minutes=1)
