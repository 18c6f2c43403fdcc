"""Saves that look right and are not: each asks first, names people and times, and offers what is better."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from oncall.models.rosters import Roster, RosterLayer
from oncall.planning.editing import Author, warnings_of
from oncall.planning.leave import add_time_off
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from oncall.planning.swapping import Shift, accept, propose
from oncall.rosters.errors import AskFirstError, Asks, GapOpensError, Question
from schedules.rosters.layers import DutyHours
from schedules.rosters.overrides import Kind
from schedules.rosters.roster import Count, Every, Rotation
from schedules.spans import Span
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, NOW, WEEK, Desk, span
from tests.oncall.planning.in_force import (
    add_layer,
    add_override,
    change_layer,
    change_override,
    remove_override,
    wish_of,
)

ROME = "Europe/Rome"
MARA = Author("Mara Manager", NOW, manages=True)
YES = replace(MARA, accepts_gaps=True)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def refused(desk: Desk, act: Callable[[Session], object]) -> AskFirstError:
    with pytest.raises(AskFirstError) as asked, desk.database.transaction() as session:
        act(session)
    return asked.value


def done(desk: Desk, act: Callable[[Session], object]) -> list[str]:
    """What is worth a word."""
    with desk.database.transaction() as session:
        act(session)
        return warnings_of(session)


def only(error: AskFirstError, asks: Asks) -> Question:
    [question] = error.questions
    assert question.asks is asks
    assert str(error) == f"{question.words} Save it all the same?"
    return question


@pytest.fixture
def backup(desk: Desk) -> int:
    """A second layer in which Carla and Dino share the weeks."""
    turns = ((desk.people["Carla"],), (desk.people["Dino"],))
    wish = LayerWish("backup", [Rotation(wall("2026-06-01T18:00"), Every.parse("1 week"), turns)])
    with desk.database.transaction() as session:
        return add_layer(session, YES, desk.roster_id, wish).id


def away(desk: Desk, name: str, when: Span) -> None:
    done(desk, lambda session: add_time_off(session, YES, desk.people[name], when, ROME))


def test_a_cover_by_somebody_with_time_off(desk: Desk, backup: int) -> None:
    away(desk, "Dino", span(DAY, 2 * DAY))
    wish = OverrideRequest(span(DAY + 12 * HOUR, DAY), desk.people["Dino"])
    error = refused(desk, lambda session: add_override(session, MARA, desk.layer_id, wish))
    (away_,) = [each for each in error.questions if each.asks is Asks.AWAY]
    assert away_.words == (
        "Dino Bianchi has time off and would not be rung: "
        "first, Wed 3 Jun 2026, 06:00 CEST to Thu 4 Jun 2026, 06:00 CEST."
    )
    assert [(each.words, each.person_id) for each in away_.choices] == [("Bruno Verdi instead", desk.people["Bruno"])]
    better = replace(wish, person_id=away_.choices[0].person_id)
    assert done(desk, lambda session: add_override(session, MARA, desk.layer_id, better)) == []


def test_only_the_part_in_which_they_are_away_is_named(desk: Desk) -> None:
    away(desk, "Carla", span(DAY, 4 * HOUR))
    wish = OverrideRequest(span(DAY - HOUR, 12 * HOUR), desk.people["Carla"])
    error = refused(desk, lambda session: add_override(session, MARA, desk.layer_id, wish))
    assert isinstance(error, GapOpensError), "nobody else is in the layer: that is a gap as well"
    assert error.questions[1].words.endswith("first, Tue 2 Jun 2026, 18:00 CEST to Tue 2 Jun 2026, 22:00 CEST.")


def test_somebody_who_is_added_or_moved_into_their_time_off(desk: Desk) -> None:
    away(desk, "Carla", span(3 * DAY, DAY))
    add = OverrideRequest(span(3 * DAY, HOUR), desk.people["Carla"], Kind.ADD)
    assert only(refused(desk, lambda s: add_override(s, MARA, desk.layer_id, add)), Asks.AWAY).words.startswith("Carla")
    with desk.database.transaction() as session:
        number = add_override(session, MARA, desk.layer_id, replace(add, span=span(DAY, HOUR))).id
    only(refused(desk, lambda s: change_override(s, MARA, number, add)), Asks.AWAY)
    # Time off for somebody who covers is the same, the other way round.
    late = span(DAY, 2 * HOUR)
    only(refused(desk, lambda s: add_time_off(s, MARA, desk.people["Carla"], late, ROME)), Asks.AWAY)


def test_what_was_asked_before_is_not_asked_again(desk: Desk, backup: int) -> None:
    away(desk, "Dino", span(DAY, DAY))
    wish = OverrideRequest(span(DAY, HOUR), desk.people["Dino"], Kind.ADD)
    with desk.database.transaction() as session:
        number = add_override(session, YES, desk.layer_id, wish).id
    assert done(desk, lambda s: change_override(s, MARA, number, replace(wish, note="asked him"))) == []


def test_yes_is_said_to_each_question_by_its_key(desk: Desk) -> None:
    away(desk, "Carla", span(DAY, DAY))
    wish = OverrideRequest(span(DAY, HOUR), desk.people["Carla"])
    error = refused(desk, lambda s: add_override(s, MARA, desk.layer_id, wish))
    keys = [each.key for each in error.questions]
    assert len(set(keys)) == 2
    for some in ([], keys[:1], keys[1:], ["gap-0"]):
        again = replace(MARA, accepts=frozenset(some))
        refused(desk, lambda s, author=again: add_override(s, author, desk.layer_id, wish))  # type: ignore[misc]
    later = replace(MARA, now=NOW + timedelta(minutes=3), accepts=frozenset(keys))
    done(desk, lambda s: add_override(s, later, desk.layer_id, wish))


def test_one_person_in_two_layers_by_a_cover(desk: Desk, backup: int) -> None:
    wish = OverrideRequest(span(DAY, 12 * HOUR), desk.people["Carla"])
    question = only(refused(desk, lambda s: add_override(s, MARA, desk.layer_id, wish)), Asks.TWICE)
    assert question.words == (
        "Carla Neri would be in first and backup at once, with nobody behind: "
        "Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST."
    )
    assert [each.words for each in question.choices] == ["Bruno Verdi instead", "Dino Bianchi instead"]
    added = replace(wish, kind=Kind.ADD)
    assert done(desk, lambda s: add_override(s, MARA, desk.layer_id, added)) == [], "Ada stays, so two are rung"


def test_one_person_in_two_layers_by_a_swap(desk: Desk, backup: int) -> None:
    with desk.database.transaction() as session:
        ada, carla = desk.person(session, "Ada"), desk.person(session, "Carla")
        given = Shift(desk.layer_id, span(DAY, DAY))
        number = propose(session, Author("Ada", NOW), ada, carla, given, None).id

    def say_yes(session: Session, author: Author) -> None:
        accept(session, author, number, desk.person(session, "Carla"))

    carla_says = Author("Carla Neri", NOW)
    question = only(refused(desk, lambda s: say_yes(s, carla_says)), Asks.TWICE)
    assert question.words.startswith("Carla Neri would be in first and backup at once, with nobody behind: Tue 2 Jun")
    assert [(each.words, each.instead) for each in question.choices] == [("Refuse the swap", f"/swaps/{number}/refuse")]
    done(desk, lambda s: say_yes(s, replace(carla_says, accepts=frozenset({question.key}))))


def test_nobody_behind_is_a_warning_and_no_question(desk: Desk, backup: int) -> None:
    empty = OverrideRequest(span(DAY, 12 * HOUR), None)
    assert done(desk, lambda s: add_override(s, MARA, backup, empty)) == [
        "Nobody is behind Ada Rossi: Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST."
    ]
    away_ = span(3 * DAY, DAY)
    assert done(desk, lambda s: add_time_off(s, MARA, desk.people["Carla"], away_, ROME)) == [
        "Nobody is behind Ada Rossi: Thu 4 Jun 2026, 18:00 CEST to Fri 5 Jun 2026, 18:00 CEST."
    ]


def test_hours_that_are_over(desk: Desk) -> None:
    late = replace(MARA, now=HANDOFF + 2 * DAY)
    wish = OverrideRequest(span(DAY, 6 * HOUR), desk.people["Carla"])
    question = only(refused(desk, lambda s: add_override(s, late, desk.layer_id, wish)), Asks.PAST)
    assert question.words == (
        "This changes hours that are over, and so the hours for payroll: Ada Rossi −6 h, Carla Neri +6 h; "
        "Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 00:00 CEST."
    )
    assert question.choices == ()
    number = 0
    with desk.database.transaction() as session:
        number = add_override(session, replace(late, accepts_gaps=True), desk.layer_id, wish).id
    assert "Ada Rossi +6 h, Carla Neri −6 h" in str(refused(desk, lambda s: remove_override(s, late, number)))
    off = span(DAY + 6 * HOUR, HOUR)
    assert "Ada Rossi −1 h" in str(refused(desk, lambda s: add_time_off(s, late, desk.people["Ada"], off, ROME)))


def test_a_cover_that_began_in_the_past_may_begin_now(desk: Desk) -> None:
    late = replace(MARA, now=HANDOFF + 2 * DAY)
    wish = OverrideRequest(Span(late.now - 5 * HOUR, late.now + 5 * HOUR), desk.people["Carla"])
    question = only(refused(desk, lambda s: add_override(s, late, desk.layer_id, wish)), Asks.PAST)
    assert "Ada Rossi −5 h, Carla Neri +5 h" in question.words
    [choice] = question.choices
    assert choice.start == late.now
    better = replace(wish, span=Span(late.now, wish.span.end))
    assert done(desk, lambda s: add_override(s, late, desk.layer_id, better)) == []


def test_a_few_minutes_are_for_filling_in_the_form(desk: Desk) -> None:
    late = replace(MARA, now=HANDOFF + DAY)
    for minutes, asks in ((14, False), (16, True)):
        wish = OverrideRequest(Span(late.now - timedelta(minutes=minutes), late.now + HOUR), desk.people["Carla"])
        if asks:
            only(refused(desk, lambda s, w=wish: add_override(s, late, desk.layer_id, w)), Asks.PAST)  # type: ignore[misc]
        else:
            with desk.database.transaction() as session:
                remove_override(session, YES, add_override(session, late, desk.layer_id, wish).id)


def layer_wish(desk: Desk, rotation: Rotation, *hours: DutyHours) -> LayerWish:
    with desk.database.transaction() as session:
        return replace(wish_of(session.get_one(RosterLayer, desk.layer_id)), rotations=[rotation], hours=hours)


def weekly(desk: Desk, start: str, *names: str) -> Rotation:
    return Rotation(wall(start), Every.parse("1 week"), tuple((desk.people[name],) for name in names))


def test_a_rotation_that_moves_who_is_on_call(desk: Desk) -> None:
    wish = layer_wish(desk, weekly(desk, "2026-06-01T18:00", "Bruno", "Ada"))
    question = only(refused(desk, lambda s: change_layer(s, MARA, desk.layer_id, wish)), Asks.MOVES)
    assert question.words == (
        "This moves who is on call from Mon 1 Jun 2026, 18:00 CEST: Bruno Verdi instead of Ada Rossi in first until "
        "Mon 8 Jun 2026, 18:00 CEST, and 1 more within 14 days."
    )
    assert question.lines == (
        "first, Mon 1 Jun 2026, 18:00 CEST to Mon 8 Jun 2026, 18:00 CEST: Bruno Verdi instead of Ada Rossi",
        "first, Mon 8 Jun 2026, 18:00 CEST to Mon 15 Jun 2026, 10:00 CEST: Ada Rossi instead of Bruno Verdi",
    )
    later = replace(MARA, now=NOW + timedelta(minutes=2), accepts=frozenset({question.key}))
    done(desk, lambda s: change_layer(s, later, desk.layer_id, wish))


def test_a_rotation_that_is_the_same_for_14_days_moves_nobody(desk: Desk) -> None:
    wish = layer_wish(desk, weekly(desk, "2026-06-01T18:00", "Ada", "Bruno", "Carla"))
    assert done(desk, lambda s: change_layer(s, MARA, desk.layer_id, wish)) == []


def test_a_rotation_moved_now_may_begin_at_the_next_handoff(desk: Desk) -> None:
    """What is over, and who is on call now, stay as they are; from the next handoff on all is as it was wished."""
    midweek = replace(MARA, now=HANDOFF + 3 * DAY)
    wish = layer_wish(desk, weekly(desk, "2026-06-01T18:00", "Carla", "Dino"))
    error = refused(desk, lambda s: change_layer(s, midweek, desk.layer_id, wish))
    past, moves = error.questions
    assert (past.asks, moves.asks) == (Asks.PAST, Asks.MOVES)
    assert "Ada Rossi −72 h, Carla Neri +72 h" in past.words
    assert moves.words.startswith("This moves who is on call now: Carla Neri instead of Ada Rossi in first until Mon 8")
    [choice] = past.choices
    assert choice.rotations == (
        replace(weekly(desk, "2026-06-01T18:00", "Ada", "Bruno"), until=wall("2026-06-08T18:00")),
        weekly(desk, "2026-06-08T18:00", "Dino", "Carla"),
    )
    better = replace(wish, rotations=list(choice.rotations))
    question = only(refused(desk, lambda s: change_layer(s, midweek, desk.layer_id, better)), Asks.MOVES)
    assert question.words.startswith("This moves who is on call from Mon 8 Jun 2026, 18:00 CEST: Dino Bianchi instead")


@pytest.mark.parametrize(
    ("start", "every", "at", "begins"),
    [
        ("2026-05-31T18:00", "1 month", "2026-06-10T12:00+02:00", None),  # on the 30th, and on 30ths from then on
        ("2026-05-31T18:00", "1 month", "2026-07-10T12:00+02:00", "2026-07-31T18:00"),
        ("2026-05-28T18:00", "1 month", "2026-06-10T12:00+02:00", "2026-06-28T18:00"),
        ("2026-06-02T02:30", "1 day", "2027-03-28T00:00+01:00", "2027-03-28T02:30"),  # 03:30 on that day alone
    ],
)
def test_the_next_handoff_is_offered_where_no_later_one_moves(
    desk: Desk, start: str, every: str, at: str, begins: str | None
) -> None:
    turns = ((desk.people["Carla"],), (desk.people["Dino"],))
    wish = layer_wish(desk, Rotation(wall(start), Every.parse(every), turns))
    late = replace(MARA, now=datetime.fromisoformat(at))
    error = refused(desk, lambda s: change_layer(s, late, desk.layer_id, wish))
    [moves] = [each for each in error.questions if each.asks is Asks.MOVES]
    if begins is None:
        assert moves.choices == ()
        return
    [choice] = moves.choices
    kept, wished = choice.rotations
    assert (kept.until, wished.start) == (wall(begins), wall(begins))


def test_turns_that_never_fall_on_the_hours(desk: Desk) -> None:
    """Seven people by the day on Saturdays: each Saturday is the same one's."""
    names = ("Ada", "Bruno", "Carla", "Dino", "Ada", "Bruno", "Dino")
    turns = tuple((desk.people[name],) for name in names)
    rotation = Rotation(wall("2026-06-01T09:00"), Every.parse("1 day"), turns)
    saturdays = DutyHours.parse(["sat"], "09:00", "18:00")
    wish = LayerWish("saturdays", [rotation], [saturdays])
    question = only(refused(desk, lambda s: add_layer(s, MARA, desk.roster_id, wish)), Asks.IDLE)
    assert question.words == (
        "The turns of Ada Rossi, Carla Neri and Dino Bianchi never fall on the hours of saturdays (sat 09:00 to 18:00)."
    )
    [choice] = question.choices
    assert choice.words == "Count only the days on duty"
    [counted] = choice.rotations
    assert counted.count is Count.ACTIVE
    assert done(desk, lambda s: add_layer(s, MARA, desk.roster_id, replace(wish, rotations=[counted]))) == []


def test_a_gap_beyond_30_days_is_asked_about_too(desk: Desk) -> None:
    """By a swap, a cover, time off and a rotation that ends: as far as the change reaches."""
    far = span(8 * WEEK, 12 * HOUR)
    away(desk, "Bruno", far)
    with desk.database.transaction() as session:
        ada, bruno = desk.person(session, "Ada"), desk.person(session, "Bruno")
        number = propose(session, Author("Ada", NOW), ada, bruno, Shift(desk.layer_id, far), None).id
    bruno_says = Author("Bruno", NOW)
    error = refused(desk, lambda s: accept(s, bruno_says, number, desk.person(s, "Bruno")))
    assert isinstance(error, GapOpensError)
    assert error.questions[0].words.startswith("Nobody would be on call in europe: Mon 27 Jul 2026, 18:00 CEST to")
    assert isinstance(
        refused(desk, lambda s: add_override(s, MARA, desk.layer_id, OverrideRequest(far, None))), GapOpensError
    )
    off = span(10 * WEEK, DAY)
    assert isinstance(refused(desk, lambda s: add_time_off(s, MARA, desk.people["Ada"], off, ROME)), GapOpensError)
    ends = replace(weekly(desk, "2026-06-01T18:00", "Ada", "Bruno"), until=wall("2026-10-05T18:00"))
    error = refused(desk, lambda s: change_layer(s, MARA, desk.layer_id, layer_wish(desk, ends)))
    assert "europe: Mon 5 Oct 2026, 18:00 CEST" in str(error)


def test_a_gap_of_several_regions_is_one_sentence(desk: Desk) -> None:
    """On the clock of the roster that is changed; each region's own hours, on its own clock, stand behind it."""
    with desk.database.transaction() as session:
        session.get_one(Roster, desk.roster_id).regions = ["europe", "america", "middle_east"]
    sunday = Span(HANDOFF + 5 * DAY + 6 * HOUR, HANDOFF + 5 * DAY + 18 * HOUR)  # 7 June, 00:00 to 12:00 in Rome
    error = refused(desk, lambda s: add_override(s, MARA, desk.layer_id, OverrideRequest(sunday, None)))
    assert only(error, Asks.GAP).words == (
        "Nobody would be on call in america, europe and middle east: Sun 7 Jun 2026, 00:00 CEST to "
        "Sun 7 Jun 2026, 12:00 CEST."
    )
    assert only(error, Asks.GAP).lines == (
        "america: Sat 6 Jun 2026, 18:00 EDT to Sun 7 Jun 2026, 06:00 EDT",
        "europe: Sun 7 Jun 2026, 00:00 CEST to Sun 7 Jun 2026, 12:00 CEST",
        "middle east: Sun 7 Jun 2026, 02:00 UTC+04 to Sun 7 Jun 2026, 14:00 UTC+04",
    )
