"""A draft is published as one change of the roster, or not at all; undoing it opens the draft again."""

import pytest
from sqlalchemy import select

from oncall.models.planning.drafts import RosterDraft
from oncall.models.rosters import Roster as RosterRow
from oncall.models.rosters import RosterLayer, RosterOverride
from oncall.planning.drafts.publishing import put_into_force
from oncall.planning.editing import Author, open_gaps
from oncall.planning.plans import edits
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from oncall.planning.undoing import history
from oncall.rosters.errors import GapOpensError, GoneError, RosterError
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, NOW, WEEK, Desk, span
from tests.oncall.planning.draft_desk import (
    OTHER,
    begin,
    change,
    draft_of,
    force,
    plan_of,
    roster,
    rotation,
    state,
    undo_last,
    words,
)
from tests.oncall.planning.in_force import add_layer, add_override, change_layer, change_override

CARELESS = Author("Mara Manager", NOW, accepts_gaps=True)
TRIES = 30


def busy_draft(desk: Desk, author: Author) -> int:
    """The rotation changed, two overrides trading places, one changed, one removed, one added, a new layer on top."""
    people = desk.people
    with desk.database.transaction() as session:
        for day, name in ((1, "Carla"), (3, "Dino"), (5, "Carla"), (6, "Dino")):
            add_override(session, author, desk.layer_id, OverrideRequest(span(day * DAY, DAY / 2), people[name]))
    draft = begin(desk, author)
    one, two, three, four = (each.id for each in plan_of(desk, draft).layers[0].overrides)
    for edit, args in (
        (edits.change_layer, (desk.layer_id, LayerWish("first", [rotation(people["Bruno"], people["Dino"])]))),
        (edits.change_override, (one, OverrideRequest(span(10 * DAY, DAY / 2), people["Carla"]))),
        (edits.change_override, (two, OverrideRequest(span(1 * DAY, DAY / 2), people["Dino"]))),
        (edits.change_override, (one, OverrideRequest(span(3 * DAY, DAY / 2), people["Carla"]))),
        (
            edits.change_override,
            (three, OverrideRequest(span(5 * DAY, DAY / 2), people["Bruno"], note="swapped by hand")),
        ),
        (edits.remove_override, (four,)),
        (edits.add_override, (desk.layer_id, OverrideRequest(span(20 * DAY, DAY), people["Carla"]))),
        (edits.add_layer, (LayerWish("night", [rotation(people["Carla"])]),)),
    ):
        change(desk, author, draft, edit, *args)
    night = plan_of(desk, draft).layers[-1].id
    change(desk, author, draft, edits.add_override, night, OverrideRequest(span(2 * DAY, DAY), None))
    change(desk, author, draft, edits.move_layer, night, 0)
    return draft


def test_all_of_it_becomes_real_as_one_change_and_is_taken_back_as_one(desk: Desk, manager: Author) -> None:
    people, draft = desk.people, busy_draft(desk, manager)
    before = roster(desk)
    force(desk, Author("Max Other", NOW), draft)
    now = roster(desk)
    assert [layer.name for layer in now.layers] == ["night", "first"]
    assert now.layer("first").rotations == (rotation(people["Bruno"], people["Dino"]),)
    held = sorted((each.layer, (each.start - HANDOFF) / DAY, each.person, each.by) for each in now.overrides)
    assert held == [
        ("first", 1, people["Dino"], "Mara Manager"),
        ("first", 3, people["Carla"], "Mara Manager"),
        ("first", 5, people["Bruno"], "Mara Manager"),
        ("first", 20, people["Carla"], "Mara Manager"),
        ("night", 2, None, "Mara Manager"),
    ]
    with desk.database.transaction() as session:
        [latest, *_] = history(session, desk.roster_id)
        assert latest.made_by == "Max Other"
        assert latest.words.startswith(
            "Draft “Summer plan” published: layer night added; Nobody, on purpose in night, Wed 3 Jun 2026"
        )
        assert latest.words.endswith("; layer first changed and 5 more")
        row = draft_of(session, draft)
        assert (row.state, row.closed_by, row.closed_at, row.change_id) == ("in force", "Max Other", NOW, latest.id)
    undo_last(desk, manager)
    assert roster(desk) == before
    assert state(desk, draft) == "open"
    assert words(desk, draft)[0] == "Taken back: no longer published, and open again"
    force(desk, manager, draft)
    assert roster(desk).layers == now.layers


def test_layers_trade_names_forth_and_back(desk: Desk, manager: Author) -> None:
    people = desk.people
    with desk.database.transaction() as session:
        backup = add_layer(session, manager, desk.roster_id, LayerWish("backup", [rotation(people["Carla"])])).id
    before, draft = roster(desk), begin(desk, manager)
    for layer, name in ((desk.layer_id, "x"), (backup, "first"), (desk.layer_id, "backup")):
        kept = plan_of(desk, draft).layer(layer)
        assert kept is not None
        change(desk, manager, draft, edits.change_layer, layer, LayerWish(name, kept.rotations))
    force(desk, manager, draft)
    with desk.database.transaction() as session:
        names = {row.id: row.name for row in session.scalars(select(RosterLayer))}
    assert names == {desk.layer_id: "backup", backup: "first"}
    undo_last(desk, manager)
    assert roster(desk) == before


def test_what_the_draft_did_not_touch_stays_as_it_is(desk: Desk, manager: Author) -> None:
    """Somebody goes on changing the roster while the draft is made."""
    people = desk.people
    with desk.database.transaction() as session:
        old = add_override(session, manager, desk.layer_id, OverrideRequest(span(2 * DAY, DAY), people["Dino"])).id
        backup = add_layer(session, manager, desk.roster_id, LayerWish("backup", [rotation(people["Carla"])])).id
    draft = begin(desk, manager)
    change(
        desk, manager, draft, edits.add_override, desk.layer_id, OverrideRequest(span(8 * DAY, DAY), people["Carla"])
    )
    with desk.database.transaction() as session:
        change_override(session, OTHER, old, OverrideRequest(span(3 * DAY, DAY), people["Dino"]))
        change_layer(session, OTHER, backup, LayerWish("second", [rotation(people["Dino"])]))
        add_override(session, OTHER, desk.layer_id, OverrideRequest(span(12 * DAY, DAY), people["Dino"]))
    force(desk, manager, draft)
    now = roster(desk)
    assert [layer.name for layer in now.layers] == ["first", "second"]
    assert [(each.start - HANDOFF) / DAY for each in sorted(now.overrides, key=lambda each: each.start)] == [3, 8, 12]
    with desk.database.transaction() as session:
        assert history(session, desk.roster_id)[0].words == (
            "Draft “Summer plan” published: Carla Neri covers in first, "
            "Tue 9 Jun 2026, 18:00 CEST to Wed 10 Jun 2026, 18:00 CEST"
        )


def test_gaps_are_asked_about_before(desk: Desk, manager: Author) -> None:
    draft = begin(desk, manager)
    change(desk, manager, draft, edits.add_override, desk.layer_id, OverrideRequest(span(DAY, 12 * HOUR), None))
    before = roster(desk)
    with pytest.raises(GapOpensError, match="Nobody would be on call in europe: Tue 2 Jun 2026, 18:00 CEST"):
        force(desk, manager, draft)
    assert (roster(desk), state(desk, draft)) == (before, "open")
    force(desk, CARELESS, draft)
    with desk.database.transaction() as session:
        assert [gap.span for gap in open_gaps(session, NOW)] == [span(DAY, 12 * HOUR)]


def test_a_draft_that_changes_nothing(desk: Desk, manager: Author) -> None:
    draft = begin(desk, manager)
    with pytest.raises(RosterError, match="changes nothing of the live roster"):
        force(desk, manager, draft)
    assert state(desk, draft) == "open"


def test_twice(desk: Desk, manager: Author) -> None:
    draft = begin(desk, manager)
    change(
        desk, manager, draft, edits.add_override, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Carla"])
    )
    with desk.database.transaction() as session:
        seen = draft_of(session, draft).version
    force(desk, manager, draft)
    with pytest.raises(GoneError) as refused, desk.database.transaction() as session:
        put_into_force(session, OTHER, draft, seen)
    assert str(refused.value) == (
        "The draft “Summer plan” was published by Mara Manager, Mon 1 Jun 2026, 10:00 CEST. "
        "It can't be changed any more."
    )
    with pytest.raises(GoneError, match="It can't be changed any more"):
        change(desk, OTHER, draft, edits.remove_layer, desk.layer_id)


def test_removing_a_layer_takes_its_overrides_along_and_brings_them_back(desk: Desk, manager: Author) -> None:
    people = desk.people
    with desk.database.transaction() as session:
        backup = add_layer(session, manager, desk.roster_id, LayerWish("backup", [rotation(people["Carla"])])).id
        add_override(session, manager, backup, OverrideRequest(span(DAY, DAY), people["Dino"]))
        add_override(session, OTHER, backup, OverrideRequest(span(-WEEK, DAY), people["Dino"]))
    before, draft = roster(desk), begin(desk, manager)
    change(desk, manager, draft, edits.remove_layer, backup)
    force(desk, OTHER, draft)
    assert [layer.name for layer in roster(desk).layers] == ["first"]
    with desk.database.transaction() as session:
        assert session.scalars(select(RosterOverride)).all() == []
    undo_last(desk, OTHER)
    assert roster(desk) == before
    with desk.database.transaction() as session:
        assert len(session.scalars(select(RosterOverride)).all()) == 2


def test_a_draft_of_a_roster_that_goes(desk: Desk, manager: Author) -> None:
    draft = begin(desk, manager)
    with desk.database.transaction() as session:
        session.delete(session.get_one(RosterRow, desk.roster_id))
    with desk.database.transaction() as session:
        assert session.get(RosterDraft, draft) is None
    with pytest.raises(GoneError, match="This draft is not there any more"), desk.database.transaction() as session:
        put_into_force(session, manager, draft, 1)
