"""A draft beside the live roster: where people differ, who takes whose hours, which gaps open and close."""

from datetime import timedelta

from oncall.planning.drafts.compare import Difference, Handover, Hours, differences, handovers, hours
from oncall.planning.plans.plan import as_roster
from oncall.planning.questions.gap_rules import all_gaps, more
from schedules.rosters.roster import Roster, duty_spans
from schedules.spans import Span
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, NOW, WEEK, span
from tests.oncall.planning.plans import OWN, Plan, add, layer, over, put, weekly

BASE = Plan((layer(1, "first", 1, 2), layer(2, "backup", 2, 1)))
LIKE = Roster("Nights", "Europe/Rome", ("europe",), ())
START, END = HANDOFF, HANDOFF + WEEK


def spans(plan: Plan, name: str) -> list[Difference]:
    """What differs in a layer in the first week."""
    one, other = as_roster(BASE, LIKE), as_roster(plan, LIKE)
    return differences(duty_spans(one, name, START, END), duty_spans(other, name, START, END))


def test_a_covered_time_differs_and_nothing_else() -> None:
    plan = add(BASE, 1, over(OWN, 24, 36, 3))
    assert spans(plan, "first") == [Difference(HANDOFF + DAY, HANDOFF + 36 * HOUR, (1,), (3,))]
    assert spans(plan, "backup") == []


def test_the_same_person_by_another_way_is_no_difference() -> None:
    assert spans(add(BASE, 1, over(OWN, 24, 36, 1)), "first") == []


def test_spans_cut_elsewhere_are_told_as_one() -> None:
    """In the draft two overrides of Carla touch: still one difference."""
    plan = add(BASE, 1, over(OWN, 24, 36, 3), over(OWN + 1, 36, 48, 3))
    assert spans(plan, "first") == [Difference(HANDOFF + DAY, HANDOFF + 2 * DAY, (1,), (3,))]


def test_a_layer_that_only_one_side_has_is_all_different() -> None:
    plan = Plan((*BASE.layers, layer(OWN, "night", 4)))
    only = duty_spans(as_roster(plan, LIKE), "night", START, END)
    assert differences([], only) == [Difference(START, END, (), (4,))]
    assert differences(only, []) == [Difference(START, END, (4,), ())]


def test_who_takes_whose_hours() -> None:
    plan = add(add(BASE, 1, over(OWN, 24, 36, 3), over(OWN + 1, 48, 54, None)), 2, over(OWN + 2, 0, 24, 3, kind="add"))
    found = [each for name in ("first", "backup") for each in spans(plan, name)]
    assert handovers(found) == [
        Handover((), (3,), 24 * HOUR),
        Handover((1,), (3,), 12 * HOUR),
        Handover((1,), (), 6 * HOUR),
    ]


def test_mere_order_hands_nothing_over() -> None:
    assert handovers([Difference(START, END, (1, 2), (2, 1))]) == []


def test_hours_of_each_person_count_two_layers_once() -> None:
    plan = add(BASE, 1, over(OWN, 0, 24, 2))
    found = hours(as_roster(BASE, LIKE), as_roster(plan, LIKE), START, END)
    assert found == [Hours(1, WEEK, WEEK - DAY)], "Bruno is backup all week: first as well is no more time"
    plan = add(BASE, 1, over(OWN, 0, 24, 3))
    found = hours(as_roster(BASE, LIKE), as_roster(plan, LIKE), START, END)
    assert sorted(found, key=lambda each: str(each.person)) == [Hours(1, WEEK, WEEK - DAY), Hours(3, timedelta(), DAY)]


def test_gaps_that_open_and_close() -> None:
    """On Tuesday evening nobody in force, on Wednesday evening nobody in the draft."""
    lonely = Plan((layer(1, "first", 1, 2),))
    force, plan = add(lonely, 1, over(11, 24, 28, None)), add(lonely, 1, over(OWN, 48, 52, None))
    zones = {"america": "America/New_York", "europe": "Europe/Rome"}
    known, found = (all_gaps([as_roster(each, LIKE)], zones, HANDOFF, END) for each in (force, plan))
    assert [(gap.region, gap.span) for gap in more(known, found)] == [("europe", span(2 * DAY, 4 * HOUR))]
    assert [(gap.region, gap.span) for gap in more(found, known)] == [("europe", span(DAY, 4 * HOUR))]


def test_a_rotation_of_others_from_the_handoff_on() -> None:
    plan = put(BASE, 1, rotations=(weekly(3, 4),))
    one, other = as_roster(BASE, LIKE), as_roster(plan, LIKE)
    end = NOW + 2 * WEEK
    found = differences(duty_spans(one, "first", NOW, end), duty_spans(other, "first", NOW, end))
    assert [(each.before, each.after) for each in found] == [((1,), (3,)), ((2,), (4,))]
    assert Span(found[0].start, found[1].end) == Span(HANDOFF, end)
