"""Drafts of any kind: what the draft shows is what becomes real, and one undo brings back what there was."""

import random
from datetime import time

import pytest
from sqlalchemy import select

from oncall.models.rosters import RosterOverride
from oncall.planning.drafts.reading import on_top
from oncall.planning.editing import Author
from oncall.planning.plans import edits
from oncall.planning.plans.plan import LayerWish, OverrideRequest, Plan, as_roster
from oncall.rosters.errors import RosterError
from schedules.rosters.layers import DutyHours
from schedules.rosters.overrides import Kind
from schedules.rosters.roster import Roster
from tests.oncall.planning.conftest import DAY, HOUR, NOW, Desk, span
from tests.oncall.planning.draft_desk import begin, change, draft_of, force, roster, rotation, undo_last
from tests.oncall.planning.in_force import add_layer, add_override

CARELESS = Author("Mara Manager", NOW, accepts_gaps=True)
STEPS = 25


def wish(chance: random.Random) -> OverrideRequest:
    """A few hours of the next ten days."""
    person, kind = chance.choice([(None, Kind.REPLACE), (1, Kind.REPLACE), (3, Kind.REPLACE), (4, Kind.ADD)])
    return OverrideRequest(
        span(chance.randrange(240) * HOUR, chance.randrange(1, 30) * HOUR), person, kind, chance.choice("ab")
    )


def layer_wish(chance: random.Random) -> LayerWish:
    people = chance.sample([1, 2, 3, 4], chance.randrange(1, 4))
    hours = [DutyHours(frozenset({chance.randrange(7)}), time(18), time(9))] if chance.random() < 0.3 else []
    return LayerWish(chance.choice(["first", "backup", "third", "fourth"]), [rotation(*people)], hours)


def edit(chance: random.Random, desk: Desk, draft: int) -> None:
    """Something that may be refused, as people try it."""
    with desk.database.transaction() as session:
        plan = on_top(session, draft_of(session, draft), NOW)[1].plan
    layer = chance.choice([each.id for each in plan.layers] or [99])
    override = chance.choice([each.id for one in plan.layers for each in one.overrides] or [99])
    what = chance.choice(
        [
            (edits.add_override, layer, wish(chance)),
            (edits.add_override, layer, wish(chance)),
            (edits.change_override, override, wish(chance)),
            (edits.change_override, override, wish(chance)),
            (edits.remove_override, override),
            (edits.add_layer, layer_wish(chance)),
            (edits.change_layer, layer, layer_wish(chance)),
            (edits.move_layer, layer, chance.randrange(3)),
            (edits.remove_layer, layer) if chance.random() < 0.3 else (edits.move_layer, layer, 0),
        ]
    )
    change(desk, CARELESS, draft, *what)


def rows(desk: Desk) -> list[object]:
    with desk.database.transaction() as session:
        found = session.scalars(select(RosterOverride).order_by(RosterOverride.id))
        return [(each.id, each.layer_id, each.span, each.person_id, each.made_by, each.made_at) for each in found]


def same(found: Roster, plan: Plan) -> bool:
    wanted = as_roster(plan, found)
    return found.layers == wanted.layers and set(found.overrides) == set(wanted.overrides)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_shown_becomes_real_and_is_taken_back(desk: Desk, manager: Author, seed: int) -> None:
    chance = random.Random(seed)
    with desk.database.transaction() as session:
        backup = add_layer(session, manager, desk.roster_id, LayerWish("backup", [rotation(3, 4)])).id
        for day in range(0, 10, 2):
            for layer in (desk.layer_id, backup):
                person = chance.choice([1, 2, 3])
                add_override(
                    session, CARELESS, layer, OverrideRequest(span(day * DAY, chance.randrange(1, 40) * HOUR), person)
                )
    draft, refused = begin(desk, manager), 0
    before = roster(desk), rows(desk)
    for _ in range(STEPS):
        try:
            edit(chance, desk, draft)
        except RosterError:
            refused += 1
    assert refused < STEPS
    with desk.database.transaction() as session:
        merged = on_top(session, draft_of(session, draft), NOW)[1]
    assert merged.conflicts == ()
    force(desk, CARELESS, draft)
    assert same(roster(desk), merged.plan)
    undo_last(desk, CARELESS)
    assert (roster(desk), rows(desk)) == before
    force(desk, CARELESS, draft)
    assert same(roster(desk), merged.plan)
