"""A draft on top of the live roster: what only one side changed holds, what both changed is a conflict."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.planning.drafts.merge import Clash, Merged, merge
from oncall.planning.drafts.plan import from_json, to_json
from oncall.planning.plans.edits import overlap
from oncall.planning.plans.plan import PlannedOverride
from tests.oncall.planning.conftest import HOUR, NOW
from tests.oncall.planning.plans import OWN, Plan, add, layer, over, put, weekly

BASE = Plan((layer(1, "first", 1, 2, overrides=(over(11, 24, 36), over(12, 48, 60))), layer(2, "backup", 2, 1)))


def clashes(merged: Merged) -> list[Clash]:
    return [each.clash for each in merged.conflicts]


def test_what_only_the_draft_changed_is_the_drafts() -> None:
    plan = add(put(BASE, 1, rotations=(weekly(3, 4),)), 2, over(OWN, 10, 20))
    merged = merge(BASE, plan, BASE, NOW)
    assert merged == Merged(plan, ())


def test_what_only_was_changed_in_force_stays() -> None:
    force = Plan((*put(add(BASE, 1, over(13, 70, 80)), 2, name="second").layers, layer(3, "third", 4)))
    assert merge(BASE, BASE, force, NOW) == Merged(force, ())


def test_both_are_put_together_where_they_do_not_touch() -> None:
    """In one layer too: a rotation of the draft and an override that somebody has made since."""
    plan = Plan((*put(BASE, 1, rotations=(weekly(3, 4),)).layers, layer(OWN, "night", 3)))
    force = add(BASE, 1, over(13, 70, 80, 4))
    merged = merge(BASE, plan, force, NOW)
    assert merged.conflicts == ()
    first, backup, night = merged.plan.layers
    assert first.rotations == (weekly(3, 4),)
    assert [each.id for each in first.overrides] == [11, 12, 13]
    assert (backup, night) == (BASE.layers[1], layer(OWN, "night", 3))


def test_the_same_change_on_both_sides_is_none() -> None:
    same = put(BASE, 1, rotations=(weekly(3, 4),))
    assert merge(BASE, same, same, NOW) == Merged(same, ())


def test_a_layer_that_both_changed() -> None:
    plan, force = put(BASE, 1, rotations=(weekly(3, 4),)), put(BASE, 1, rotations=(weekly(4, 3),))
    merged = merge(BASE, plan, force, NOW)
    assert clashes(merged) == [Clash.LAYER_CHANGED]
    assert merged.plan == force


@pytest.mark.parametrize("plan", [put(BASE, 2, name="second"), add(BASE, 2, over(OWN, 0, 5))])
def test_a_layer_removed_in_force_that_the_draft_changed(plan: Plan) -> None:
    force = Plan(BASE.layers[:1])
    merged = merge(BASE, plan, force, NOW)
    assert clashes(merged) == [Clash.LAYER_GONE]
    assert merged.plan == force
    assert merge(BASE, BASE, force, NOW) == Merged(force, ())


@pytest.mark.parametrize("force", [put(BASE, 2, name="second"), add(BASE, 2, over(13, 0, 5))])
def test_a_layer_removed_by_the_draft_that_was_changed_in_force(force: Plan) -> None:
    plan = Plan(BASE.layers[:1])
    merged = merge(BASE, plan, force, NOW)
    assert clashes(merged) == [Clash.LAYER_USED]
    assert merged.plan == force
    assert merge(BASE, plan, BASE, NOW) == Merged(plan, ())


def test_overrides_that_both_touched() -> None:
    changed = over(11, 24, 30, 4)
    other = over(11, 24, 36, 2)
    gone = put(BASE, 1, overrides=(over(12, 48, 60),))
    cases = [
        (add(BASE, 1, changed), add(BASE, 1, other), [Clash.OVERRIDE_CHANGED]),
        (gone, add(BASE, 1, other), [Clash.OVERRIDE_CHANGED]),
        (add(BASE, 1, changed), gone, [Clash.OVERRIDE_GONE]),
        (gone, gone, []),
        (add(BASE, 1, changed), add(BASE, 1, changed), []),
    ]
    for plan, force, expected in cases:
        merged = merge(BASE, plan, force, NOW)
        assert clashes(merged) == expected
        assert merged.plan == force


def test_an_override_in_force_is_in_the_way_of_the_drafts() -> None:
    theirs = over(13, 75, 85, 4)
    merged = merge(BASE, add(BASE, 1, over(OWN, 70, 80)), add(BASE, 1, theirs), NOW)
    [conflict] = merged.conflicts
    assert (conflict.clash, conflict.mine, conflict.theirs) == (Clash.IN_THE_WAY, over(OWN, 70, 80), theirs)
    assert merged.plan == add(BASE, 1, theirs)


def test_what_goes_back_is_in_anothers_way_in_turn() -> None:
    """The draft moves 11 away and puts its own there; 11 can't move, so its own has no place."""
    plan = add(BASE, 1, over(11, 70, 80), over(OWN, 24, 36, 4))
    force = add(BASE, 1, over(13, 75, 85, 4))
    merged = merge(BASE, plan, force, NOW)
    assert clashes(merged) == [Clash.IN_THE_WAY, Clash.IN_THE_WAY]
    assert merged.plan == force


def test_two_overrides_trade_places() -> None:
    plan = add(BASE, 1, over(11, 48, 60), over(12, 24, 36))
    assert merge(BASE, plan, BASE, NOW) == Merged(plan, ())


def test_what_is_over_is_not_put_into_force_afterwards() -> None:
    later = NOW + 200 * HOUR
    merged = merge(BASE, add(BASE, 1, over(OWN, 70, 80)), BASE, later)
    assert clashes(merged) == [Clash.OVER]
    gone = put(BASE, 1, overrides=(over(12, 48, 60),))
    assert merge(BASE, gone, BASE, later) == Merged(BASE, ()), "nor is what was taken away"


def test_half_a_swap_is_not_undone_when_its_layer_stays() -> None:
    base = add(add(BASE, 1, over(21, 100, 110, swap_id=7)), 2, over(22, 100, 110, swap_id=7))
    plan = Plan((put(base, 1, overrides=BASE.layers[0].overrides).layers[0],))
    assert merge(base, plan, base, NOW) == Merged(plan, ())
    force = add(base, 2, over(23, 0, 5))
    merged = merge(base, plan, force, NOW)
    assert clashes(merged) == [Clash.LAYER_USED]
    assert merged.plan == force


def test_names_in_force_win_and_the_drafts_layer_stays() -> None:
    plan = Plan((*BASE.layers, layer(OWN, "night", 3)))
    force = Plan((*BASE.layers, layer(5, "night", 4)))
    merged = merge(BASE, plan, force, NOW)
    assert clashes(merged) == [Clash.NAME_TAKEN]
    assert [(each.id, each.name) for each in merged.plan.layers] == [
        (1, "first"), (2, "backup"), (OWN, "night 2"), (5, "night"),
    ]  # fmt: skip


def test_order_of_layers() -> None:
    base = Plan((*BASE.layers, layer(3, "third", 4)))
    one, two, three = base.layers
    mine = Plan((two, one, three))
    assert merge(base, mine, base, NOW).plan == mine
    assert merge(base, base, mine, NOW).plan == mine
    merged = merge(base, mine, Plan((three, two, one)), NOW)
    assert clashes(merged) == [Clash.ORDER]
    assert merged.plan == Plan((three, two, one))
    new = layer(OWN, "new", 1)
    assert merge(base, Plan((new, one, two, three)), Plan((two, one, three)), NOW).plan == Plan((new, two, one, three))
    assert merge(base, Plan((two, new, one, three)), base, NOW).plan == Plan((two, new, one, three))


def test_a_plan_is_stored_and_read_back() -> None:
    whole = add(BASE, 1, over(OWN, 90, 95, None, note="x", made_by="Mara", made_at=NOW, swap_id=3))
    assert from_json(to_json(whole)) == whole


hours_ = st.integers(0, 40)


@st.composite
def plans(draw: st.DrawFn, own: int) -> Plan:
    """BASE with some overrides changed, removed and added, a layer changed, removed or added, in any order."""
    layers = []
    for each in BASE.layers:
        kept = [one for one in each.overrides if draw(st.integers(0, 3)) > 0]
        moved = [over(one.id, start := draw(hours_), start + draw(st.integers(1, 9)), draw(st.integers(1, 4)))
                 if draw(st.booleans()) else one for one in kept]  # fmt: skip
        new = [over(own + 10 * each.id + n, s := draw(hours_), s + draw(st.integers(1, 9))) for n in range(2)]
        good: list[PlannedOverride] = []
        for one in [*moved, *(new if draw(st.booleans()) else [])]:
            if not any(overlap(one, other.span.start, other.span.end) for other in good):
                good.append(one)
        ordered = tuple(sorted(good, key=lambda one: one.span))
        rotations = (weekly(*draw(st.permutations([1, 2]))),)
        if draw(st.integers(0, 4)):
            layers.append(replace(each, rotations=rotations, overrides=ordered))
    if draw(st.booleans()):
        layers.append(layer(own, draw(st.sampled_from(["third", "fourth"])), 4))
    return Plan(tuple(draw(st.permutations(layers))))


@given(plans(OWN), plans(500))
def test_whatever_both_did_the_outcome_can_be_in_force(plan: Plan, force: Plan) -> None:
    merged = merge(BASE, plan, force, NOW)
    names = [each.name for each in merged.plan.layers]
    assert len(set(names)) == len(names)
    assert {each.id for each in force.layers} >= {each.id for each in merged.plan.layers if each.id < OWN}
    for each in merged.plan.layers:
        for one, other in pairwise(each.overrides):
            assert one.span.end <= other.span.start
    # Taken over: the draft now stands on the live roster, and nothing is in its way any more.
    assert merge(force, merged.plan, force, NOW) == Merged(merged.plan, ())


@given(plans(OWN))
def test_one_side_alone_is_as_it_says(plan: Plan) -> None:
    assert merge(BASE, plan, BASE, NOW) == Merged(plan, ())
    assert merge(BASE, BASE, plan, NOW) == Merged(plan, ())
