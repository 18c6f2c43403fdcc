"""Drafts: begun as a copy, changed by the rules of the live roster, undone step by step, brought up to date."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from oncall.models.planning.changes import RosterChange
from oncall.models.planning.drafts import RosterDraft
from oncall.planning.drafts import changing
from oncall.planning.editing import Author
from oncall.planning.plans import edits
from oncall.planning.plans.plan import OWN, LayerWish, OverrideRequest, Plan, PlannedLayer
from oncall.planning.swapping import Shift, accept, propose
from oncall.rosters.errors import GoneError, RosterError, TakenError
from schedules.rosters.overrides import Kind
from tests.oncall.planning.conftest import DAY, HOUR, NOW, WEEK, Desk, span
from tests.oncall.planning.draft_desk import OTHER, begin, change, draft_of, plan_of, rotation, undo, words
from tests.oncall.planning.in_force import add_override, remove_override


def first(plan: Plan) -> PlannedLayer:
    return plan.layers[0]


def test_a_draft_begins_as_a_copy_without_what_is_over(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        before = replace(manager, accepts_gaps=True)  # what is over is asked about
        add_override(session, before, desk.layer_id, OverrideRequest(span(-WEEK, DAY), desk.people["Carla"]))
        kept = add_override(
            session, manager, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Dino"], note="x")
        ).id
    draft = begin(desk, manager, "  Summer   plan ")
    [layer] = plan_of(desk, draft).layers
    assert (layer.id, layer.name, layer.rotations) == (
        desk.layer_id, "first", (rotation(desk.people["Ada"], desk.people["Bruno"]),),
    )  # fmt: skip
    [override] = layer.overrides
    assert (override.id, override.span, override.person_id, override.note) == (
        kept, span(DAY, DAY), desk.people["Dino"], "x",
    )  # fmt: skip
    with desk.database.transaction() as session:
        row = draft_of(session, draft)
        assert (row.name, row.made_by, row.made_at, row.state) == ("Summer plan", "Mara Manager", NOW, "open")
    assert words(desk, draft) == ["Begun as a copy of the live roster"]


def test_names_of_drafts(desk: Desk, manager: Author) -> None:
    one = begin(desk, manager)
    for name, error in (("", RosterError), ("x" * 61, RosterError), ("Summer plan", TakenError)):
        with pytest.raises(error):
            begin(desk, OTHER, name)
    begin(desk, manager, "Winter plan")
    with desk.database.transaction() as session:
        changing.discard(session, manager, one, draft_of(session, one).version)
    begin(desk, manager)
    with desk.database.transaction() as session:
        assert [(each.name, each.state) for each in changing.drafts(session, desk.roster_id)] == [
            ("Summer plan", "open"), ("Winter plan", "open"), ("Summer plan", "discarded"),
        ]  # fmt: skip
    row = {"roster_id": desk.roster_id, "name": "Winter plan", "made_by": "x", "made_at": NOW}
    copied = {"base": {}, "base_at": NOW, "base_change": 0, "plan": {}}
    with pytest.raises(IntegrityError), desk.database.engine.begin() as connection:
        connection.execute(insert(RosterDraft).values(**row, **copied))


def test_each_change_is_told_in_the_words_of_the_roster_and_undone_in_turn(desk: Desk, manager: Author) -> None:
    people, draft = desk.people, begin(desk, manager)
    seen = [plan_of(desk, draft)]
    night = LayerWish(" night  watch", [rotation(people["Carla"])])

    def then(edit: object, *args: object) -> Plan:
        change(desk, manager, draft, edit, *args)
        seen.append(plan_of(desk, draft))
        return seen[-1]

    plan = then(
        edits.add_override, desk.layer_id, OverrideRequest(span(DAY, 12 * HOUR), people["Carla"], note="dentist")
    )
    [override] = first(plan).overrides
    assert override.id >= OWN
    then(edits.change_override, override.id, OverrideRequest(span(2 * DAY, DAY), people["Dino"], Kind.ADD))
    layer = then(edits.add_layer, night).layers[-1]
    then(edits.move_layer, layer.id, 0)
    then(edits.change_layer, desk.layer_id, LayerWish("erste", [rotation(people["Dino"])]))
    then(edits.remove_override, override.id)
    then(edits.remove_layer, layer.id)
    told = list(reversed(words(desk, draft)))
    assert told[1:] == [
        "Carla Neri covers in first, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST",
        "Dino Bianchi added in first, Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 18:00 CEST "
        "(before: Carla Neri covers in first, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST)",
        "Layer night watch added: every 1 week from Mon 1 Jun 2026, 18:00, 1 turn",
        "Ringing order: night watch, first",
        "Layer erste (was first) changed: every 1 week from Mon 1 Jun 2026, 18:00, 1 turn",
        "Removed: Dino Bianchi added in erste, Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 18:00 CEST",
        "Layer night watch removed",
    ]
    while len(seen) > 1:
        assert plan_of(desk, draft) == seen.pop()
        undo(desk, manager, draft)
    assert plan_of(desk, draft) == seen[0]
    with desk.database.transaction() as session:
        assert changing.last_step(session, draft) is None
        assert session.scalars(select(RosterChange)).all() == [], "nothing of it is a change of the roster"
    assert words(desk, draft)[0] == f"Undone: {told[1]}"


def test_the_rules_are_those_of_the_roster(desk: Desk, manager: Author) -> None:
    people, draft = desk.people, begin(desk, manager)
    change(desk, manager, draft, edits.add_override, desk.layer_id, OverrideRequest(span(DAY, DAY), people["Carla"]))
    before = plan_of(desk, draft)
    [override] = first(before).overrides
    cases = [
        (edits.add_override, (desk.layer_id, OverrideRequest(span(DAY + 6 * HOUR, DAY), people["Dino"])),
         "Carla Neri covers in first already, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 18:00 CEST, "
         "by Mara Manager. Choose another time, or change that override."),
        (edits.add_override, (desk.layer_id, OverrideRequest(span(WEEK, DAY), 99)),
         "This person is not there any more: choose somebody else."),
        (edits.add_override, (desk.layer_id, OverrideRequest(span(WEEK, DAY), None, Kind.ADD)),
         "Nobody can't be added to a layer: choose a person, or replace its people by nobody."),
        (edits.add_override, (desk.layer_id, OverrideRequest(span(-WEEK, DAY), people["Dino"])),
         "A draft plans what is to come, and this time is over: choose another one."),
        (edits.add_override, (99, OverrideRequest(span(WEEK, DAY), people["Dino"])),
         "This layer is not in the draft any more: load the page again."),
        (edits.remove_override, (99,),
         "This override is not in the draft any more: somebody has removed it. Load the page again."),
        (edits.change_override, (override.id, OverrideRequest(span(DAY, DAY), 99)),
         "This person is not there any more: choose somebody else."),
        (edits.add_layer, (LayerWish("first", []),), "There is a layer first already: choose another name."),
        (edits.add_layer, (LayerWish(" ", []),),
         "A layer needs a name of 1 to 60 letters, such as “first” or “backup”."),
        (edits.change_layer, (desk.layer_id, LayerWish("first", [rotation(99)])),
         "Somebody in this rotation is not there any more: choose other people there first."),
        (edits.move_layer, (99, 0), "This layer is not in the draft any more: load the page again."),
    ]  # fmt: skip
    for edit, args, refusal in cases:
        with pytest.raises(RosterError) as refused:
            change(desk, manager, draft, edit, *args)
        assert str(refused.value) == refusal
        assert plan_of(desk, draft) == before


def test_what_changes_nothing_is_no_step(desk: Desk, manager: Author) -> None:
    draft = begin(desk, manager)
    same = LayerWish("first", first(plan_of(desk, draft)).rotations)
    change(desk, manager, draft, edits.change_layer, desk.layer_id, same)
    change(desk, manager, draft, edits.move_layer, desk.layer_id, 0)
    assert len(words(desk, draft)) == 1


def test_swaps_stay_whole(desk: Desk, manager: Author) -> None:
    """Their overrides can't be changed, and go with the layer of either."""
    people = desk.people
    with desk.database.transaction() as session:
        ada, bruno = desk.person(session, "Ada"), desk.person(session, "Bruno")
        given, taken = Shift(desk.layer_id, span(DAY, DAY)), Shift(desk.layer_id, span(WEEK + DAY, DAY))
        accept(session, Author("Bruno", NOW), propose(session, manager, ada, bruno, given, taken).id, bruno)
    draft = begin(desk, manager)
    one, _ = first(plan_of(desk, draft)).overrides
    for edit, args in (
        (edits.remove_override, (one.id,)),
        (edits.change_override, (one.id, OverrideRequest(one.span, people["Dino"]))),
    ):
        with pytest.raises(RosterError, match="belongs to a swap: cancel the swap first"):
            change(desk, manager, draft, edit, *args)
    change(desk, manager, draft, edits.remove_layer, desk.layer_id)
    assert plan_of(desk, draft) == Plan(())


def test_who_has_not_seen_the_last_change_is_told(desk: Desk, manager: Author) -> None:
    draft = begin(desk, manager)
    with desk.database.transaction() as session:
        seen = draft_of(session, draft).version
    wish = OverrideRequest(span(DAY, DAY), desk.people["Carla"])
    change(desk, OTHER, draft, edits.add_override, desk.layer_id, wish)
    step = _last_step_id(desk, draft)
    change(desk, OTHER, draft, edits.move_layer, desk.layer_id, 0)
    with pytest.raises(GoneError, match=r"^Max Other has changed this draft meanwhile: Carla Neri covers in first"):
        _change_at(desk, manager, draft, seen)
    for act in (changing.discard, changing.take_over):
        with pytest.raises(GoneError, match="meanwhile"), desk.database.transaction() as session:
            act(session, manager, draft, seen)
    undo(desk, OTHER, draft)
    with pytest.raises(GoneError, match="look before you undo"), desk.database.transaction() as session:
        changing.undo(session, manager, draft, step)
    assert first(plan_of(desk, draft)).overrides == ()


def _last_step_id(desk: Desk, draft: int) -> int:
    with desk.database.transaction() as session:
        step = changing.last_step(session, draft)
        assert step is not None
        return step.id


def _change_at(desk: Desk, author: Author, draft: int, version: int) -> None:
    with desk.database.transaction() as session:
        changing.change(session, author, draft, version, partial(edits.remove_layer, layer_id=desk.layer_id))


def test_a_discarded_draft_is_closed_and_says_so(desk: Desk, manager: Author) -> None:
    draft = begin(desk, manager)
    with desk.database.transaction() as session:
        changing.discard(session, manager, draft, draft_of(session, draft).version)
    said = "The draft “Summer plan” was discarded by Mara Manager, Mon 1 Jun 2026, 10:00 CEST. It can't be changed"
    with pytest.raises(GoneError, match=said):
        change(desk, OTHER, draft, edits.remove_layer, desk.layer_id)
    with pytest.raises(GoneError, match=said), desk.database.transaction() as session:
        changing.discard(session, OTHER, draft, draft_of(session, draft).version)
    assert words(desk, draft)[0] == "Discarded"


def test_what_is_changed_in_force_meanwhile_comes_along(desk: Desk, manager: Author) -> None:
    draft = begin(desk, manager)
    change(
        desk, manager, draft, edits.add_override, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Carla"])
    )
    with desk.database.transaction() as session:
        add_override(session, OTHER, desk.layer_id, OverrideRequest(span(3 * DAY, DAY), desk.people["Dino"]))
    change(
        desk,
        manager,
        draft,
        edits.add_override,
        desk.layer_id,
        OverrideRequest(span(5 * DAY, DAY), desk.people["Carla"]),
    )
    assert [each.span.start for each in first(plan_of(desk, draft)).overrides] == [
        span(day * DAY, DAY).start for day in (1, 3, 5)
    ]
    undo(desk, manager, draft)
    assert [each.span.start for each in first(plan_of(desk, draft)).overrides] == [span(DAY, DAY).start]


def test_taking_over_keeps_what_is_in_nobodys_way(desk: Desk, manager: Author) -> None:
    people, draft = desk.people, begin(desk, manager)
    change(desk, manager, draft, edits.add_override, desk.layer_id, OverrideRequest(span(DAY, DAY), people["Carla"]))
    change(
        desk, manager, draft, edits.add_override, desk.layer_id, OverrideRequest(span(5 * DAY, DAY), people["Carla"])
    )
    with desk.database.transaction() as session:
        with pytest.raises(RosterError, match="Nothing is in the way"):
            changing.take_over(session, manager, draft, draft_of(session, draft).version)
        theirs = add_override(session, OTHER, desk.layer_id, OverrideRequest(span(DAY + HOUR, HOUR), people["Dino"])).id
    before = plan_of(desk, draft)
    with desk.database.transaction() as session:
        changing.take_over(session, manager, draft, draft_of(session, draft).version)
    kept = first(plan_of(desk, draft)).overrides
    assert [(each.id, each.person_id) for each in kept] == [(theirs, people["Dino"]), (OWN + 1, people["Carla"])]
    assert words(desk, draft)[0] == (
        "Taken over from the live roster: Live by now: Dino Bianchi covers in first, Tue 2 Jun 2026, 19:00 CEST "
        "to Tue 2 Jun 2026, 20:00 CEST (by Max Other, Mon 1 Jun 2026, 10:00 CEST). That is in the way of the draft's: "
        "Carla Neri covers in first, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 18:00 CEST."
    )
    undo(desk, manager, draft)
    assert plan_of(desk, draft) == before
    with desk.database.transaction() as session:
        remove_override(session, OTHER, theirs)


def test_time_goes_on_and_overrides_end(desk: Desk, manager: Author) -> None:
    """One in force that is over leaves the draft unseen; the draft's own that is over is told."""
    people, draft = desk.people, begin(desk, manager)
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(HOUR, HOUR), people["Dino"]))
    later = Author("Mara Manager", NOW + 2 * DAY, manages=True)
    change(desk, later, draft, edits.add_override, desk.layer_id, OverrideRequest(span(3 * DAY, HOUR), people["Carla"]))
    assert [each.person_id for each in first(plan_of(desk, draft)).overrides] == [people["Carla"]]
    much = Author("Mara Manager", NOW + 9 * DAY, manages=True)
    change(desk, much, draft, edits.add_override, desk.layer_id, OverrideRequest(span(12 * DAY, HOUR), people["Carla"]))
    with desk.database.transaction() as session:
        changing.take_over(session, much, draft, draft_of(session, draft).version)
    assert "This is over, and is not published afterwards: Carla Neri covers" in words(desk, draft)[0]
    assert [each.span for each in first(plan_of(desk, draft)).overrides] == [span(12 * DAY, HOUR)]
