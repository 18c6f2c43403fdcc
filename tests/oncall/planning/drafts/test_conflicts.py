"""Somebody changes in force what a draft changes too: refused with what and whose, and nothing is lost."""

import pytest
from sqlalchemy.orm import Session

from oncall.planning.drafts.changing import take_over
from oncall.planning.drafts.publishing import ConflictsError
from oncall.planning.editing import Author
from oncall.planning.plans import edits
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from tests.oncall.planning.conftest import DAY, HOUR, Desk, span
from tests.oncall.planning.draft_desk import OTHER, begin, change, draft_of, force, plan_of, roster, rotation, state
from tests.oncall.planning.in_force import (
    add_layer,
    add_override,
    change_layer,
    change_override,
    remove_layer,
    remove_override,
)


def _same_layer(session: Session, desk: Desk, _override: int) -> None:
    change_layer(session, OTHER, desk.layer_id, LayerWish("first", [rotation(desk.people["Dino"])]))


def _same_override(session: Session, desk: Desk, override: int) -> None:
    change_override(session, OTHER, override, OverrideRequest(span(2 * DAY, DAY), desk.people["Bruno"]))


def _same_override_removed(session: Session, _desk: Desk, override: int) -> None:
    remove_override(session, OTHER, override)


def _in_the_way(session: Session, desk: Desk, _override: int) -> None:
    add_override(
        session, OTHER, desk.layer_id, OverrideRequest(span(8 * DAY + HOUR, HOUR), desk.people["Dino"], note="x")
    )


@pytest.mark.parametrize(
    ("meanwhile", "words_"),
    [
        (_same_layer, "Layer first has been changed in the live roster (by Max Other, Mon 1 Jun 2026, 10:00 CEST), and "
         "the draft changes it too."),
        (_same_override, "An override that the draft changes has been changed in the live roster: Bruno Verdi covers "
         "in first, Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 18:00 CEST (by Max Other, Mon 1 Jun 2026, 10:00 "
         "CEST). The draft has: Carla Neri covers in first, Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 06:00 CEST."),
        (_same_override_removed, "An override that the draft changes has been removed in the live roster (by Max "
         "Other, Mon 1 Jun 2026, 10:00 CEST). The draft has: Carla Neri covers"),
        (_in_the_way, "Live by now: Dino Bianchi covers in first, Tue 9 Jun 2026, 19:00 CEST to Tue 9 Jun 2026, "
         "20:00 CEST (by Max Other, Mon 1 Jun 2026, 10:00 CEST). That is in the way of the draft's: Carla Neri covers"),
    ],
)  # fmt: skip
def test_both_changed_the_same_thing(desk: Desk, manager: Author, meanwhile: object, words_: str) -> None:
    """Refused with what and whose; nothing is lost: what is not in the way is published after taking over."""
    people = desk.people
    with desk.database.transaction() as session:
        override = add_override(session, manager, desk.layer_id, OverrideRequest(span(2 * DAY, DAY), people["Dino"])).id
    draft = begin(desk, manager)
    first = LayerWish("first", [rotation(people["Carla"])])
    for edit, args in (
        (edits.change_layer, (desk.layer_id, first)),
        (edits.change_override, (override, OverrideRequest(span(2 * DAY, DAY / 2), people["Carla"]))),
        (edits.add_override, (desk.layer_id, OverrideRequest(span(8 * DAY, DAY), people["Carla"]))),
        (edits.add_override, (desk.layer_id, OverrideRequest(span(15 * DAY, DAY), people["Dino"]))),
    ):
        change(desk, manager, draft, edit, *args)
    with desk.database.transaction() as session:
        meanwhile(session, desk, override)  # type: ignore[operator]
    before, plan = roster(desk), plan_of(desk, draft)
    with pytest.raises(ConflictsError) as refused:
        force(desk, manager, draft)
    assert words_ in str(refused.value)
    assert len(refused.value.told) == 1
    assert (roster(desk), plan_of(desk, draft), state(desk, draft)) == (before, plan, "open")

    with desk.database.transaction() as session:
        take_over(session, manager, draft, draft_of(session, draft).version)
    force(desk, manager, draft)
    now = roster(desk)
    assert any(each.start == span(15 * DAY, DAY).start for each in now.overrides)
    assert (now.layers == before.layers) is (meanwhile is _same_layer)


def test_a_layer_that_was_removed_in_force_is_told(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        backup = add_layer(session, manager, desk.roster_id, LayerWish("backup", [rotation(1)])).id
    draft = begin(desk, manager)
    change(desk, manager, draft, edits.add_override, backup, OverrideRequest(span(DAY, DAY), desk.people["Carla"]))
    with desk.database.transaction() as session:
        remove_layer(session, OTHER, backup)
    with pytest.raises(ConflictsError, match=r"removed in the live roster \(by Max Other, Mon 1 Jun"):
        force(desk, manager, draft)
