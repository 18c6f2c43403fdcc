"""Those who have left on rosters: gaps, hours that were, calendars, and plans that are refused."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.planning.changes import CalendarFeed, RosterSwap
from oncall.models.rosters import RosterLayer
from oncall.planning import swapping
from oncall.planning.drafts import changing, publishing
from oncall.planning.editing import Author, open_gaps
from oncall.planning.feeds.addresses import Subject, find_feed, make_feed
from oncall.planning.feeds.ical import calendar
from oncall.planning.leave import add_time_off
from oncall.planning.plans import edits as plans_edits
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from oncall.planning.views import figures
from oncall.planning.views.board import read_board
from oncall.rosters.errors import GapOpensError, GoneError
from schedules.rosters.overrides import Kind
from schedules.rosters.roster import Rotation
from schedules.spans import Span
from tests.oncall.directory.leaving_desk import DAY, FILE, WEEK, Leave, leave, loaded, person
from tests.oncall.planning.in_force import add_override, change_layer, wish_of

__all__ = ["leave", "loaded"]  # fixtures


def test_calendars_are_dead_and_stay_so(loaded: Session, leave: Leave, now: datetime) -> None:
    bruno = person(loaded, "Bruno").id
    _, own = make_feed(loaded, Subject(person_id=bruno), "mara@example.org", now)
    _, roster = make_feed(loaded, Subject(roster_id=1), "mara@example.org", now)
    leave()
    assert find_feed(loaded, own) is None
    feed = find_feed(loaded, roster)
    assert feed is not None
    told = calendar(loaded, feed, now).decode().replace("\r\n ", "")
    assert "SUMMARY:On call: nobody (Nights\\, first)" in told
    assert "Bruno Verdi has left" in told
    assert "On call: Bruno Verdi" in told, "what he did stays"
    leave(FILE)
    assert find_feed(loaded, own) is None
    assert loaded.get_one(CalendarFeed, 1).revoked_at is not None


def test_shifts_are_gaps_that_pages_show_and_hours_that_were_stay(loaded: Session, leave: Leave, now: datetime) -> None:
    assert open_gaps(loaded, now) == []
    hours = {each.name: each.shares.total for each in figures.figures(loaded, 1, now - 4 * WEEK, now)}
    leave()
    assert open_gaps(loaded, now)[0].span.start == now
    board = read_board(loaded, 1, now - WEEK, now + WEEK)
    assert board.left == {person(loaded, "Bruno").id, person(loaded, "Carla").id}
    spans = [(shift.people, shift.absent, shift.reason) for shift in board.layers[0].shifts]
    bruno, ada = person(loaded, "Bruno").id, person(loaded, "Ada").id
    assert spans[-2:] == [((), (bruno,), "rotation; Bruno Verdi has left"), ((ada,), (), "rotation")]
    assert any(people == (bruno,) for people, *_ in spans), "the week before was his"
    assert board.gaps
    assert {each.name: each.shares.total for each in figures.figures(loaded, 1, now - 4 * WEEK, now)} == hours


def test_nothing_new_is_planned_with_them_and_each_refusal_says_who(
    loaded: Session, leave: Leave, now: datetime
) -> None:
    leave()
    mara = Author("Mara", now, accepts_gaps=True)
    bruno, ada = person(loaded, "Bruno"), person(loaded, "Ada")
    layer = loaded.scalars(select(RosterLayer)).one()
    span = Span(now + DAY, now + 2 * DAY)
    seen = wish_of(layer)
    [rotation] = seen.rotations
    more = Rotation(rotation.start, rotation.every, (*rotation.turns, (bruno.id,)))
    tries: list[Callable[[], object]] = [
        lambda: add_override(loaded, mara, layer.id, OverrideRequest(span, bruno.id)),
        lambda: add_override(loaded, mara, layer.id, OverrideRequest(span, bruno.id, Kind.ADD)),
        lambda: add_time_off(loaded, mara, bruno.id, span, "Europe/Rome"),
        lambda: change_layer(loaded, mara, layer.id, LayerWish("first", [more])),
        lambda: swapping.propose(loaded, mara, ada, bruno, swapping.Shift(layer.id, span), None),
        lambda: swapping.propose(loaded, mara, bruno, ada, swapping.Shift(layer.id, span), None),
    ]
    for attempt in tries:
        with pytest.raises(GoneError, match="Bruno Verdi has left"), loaded.begin_nested():
            attempt()
    # What stands there may stay, as long as nobody plans with it anew: it is a gap.
    renamed = change_layer(loaded, mara, layer.id, LayerWish("nights", seen.rotations))
    assert renamed.name == "nights"
    good = Rotation(rotation.start, rotation.every, ((ada.id,),))
    change_layer(loaded, mara, layer.id, LayerWish("nights", [good]))
    assert open_gaps(loaded, now) == []
    # To put him back by undo or otherwise opens the gaps again, which is asked about.
    careful = Author("Mara", now)
    with pytest.raises(GapOpensError), loaded.begin_nested():
        add_override(loaded, careful, layer.id, OverrideRequest(span, None))


def test_a_draft_that_plans_with_them_is_refused_by_name(loaded: Session, leave: Leave, now: datetime) -> None:
    mara, bruno = Author("Mara", now, accepts_gaps=True), person(loaded, "Bruno").id
    carla = person(loaded, "Carla").id
    span = Span(now + DAY, now + 2 * DAY)
    draft = changing.begin(loaded, mara, 1, "Summer")
    changing.change(
        loaded,
        mara,
        draft.id,
        draft.version,
        partial(plans_edits.add_override, layer_id=1, wish=OverrideRequest(span, carla)),
    )
    loaded.commit()
    leave()
    with pytest.raises(GoneError, match="Carla Neri has left, but stands in this draft"), loaded.begin_nested():
        publishing.put_into_force(loaded, mara, draft.id, draft.version)
    later = OverrideRequest(Span(now + 3 * DAY, now + 4 * DAY), bruno)
    with pytest.raises(GoneError, match="Bruno Verdi has left"), loaded.begin_nested():
        changing.change(
            loaded, mara, draft.id, draft.version, partial(plans_edits.add_override, layer_id=1, wish=later)
        )


def test_swaps_that_wait_for_an_answer_are_off(loaded: Session, leave: Leave, now: datetime) -> None:
    bruno, ada = person(loaded, "Bruno"), person(loaded, "Ada")
    start = datetime.fromisoformat("2026-06-15T16:00Z")
    shift = swapping.Shift(1, Span(start, start + WEEK))
    swap = swapping.propose(loaded, Author("Ada", now), ada, bruno, shift, None)
    assert "person Bruno Verdi: 1 proposed swap cancelled" in leave()
    assert loaded.get_one(RosterSwap, swap.id).state == "cancelled"
