"""Swaps: asked, accepted or refused by the other person, undone when either cancels."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.planning.changes import RosterSwap
from oncall.models.rosters import RosterOverride
from oncall.planning.editing import Author
from oncall.planning.plans.plan import OverrideRequest
from oncall.planning.swapping import Shift, accept, cancel, propose, refuse, swaps_of, told
from oncall.rosters.errors import GoneError, NotAllowedError, RosterError, TakenError
from oncall.rosters.on_call import on_call
from schedules.spans import Span
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, NOW, WEEK, Desk, span
from tests.oncall.planning.in_force import add_override, remove_override

ADA = Author("Ada Rossi", NOW)
BRUNO = Author("Bruno Verdi", NOW)
# Ada has the first week, Bruno the second.
GIVEN, TAKEN = span(DAY, DAY), span(WEEK + DAY, DAY)


@pytest.fixture
def swap_id(desk: Desk) -> int:
    """Ada asks Bruno for her Tuesday against his."""
    with desk.database.transaction() as session:
        return ask(session, desk).id


def ask(session: Session, desk: Desk, *, back: bool = True) -> RosterSwap:
    taken = Shift(desk.layer_id, TAKEN) if back else None
    people = (desk.person(session, "Ada"), desk.person(session, "Bruno"))
    return propose(session, ADA, *people, Shift(desk.layer_id, GIVEN), taken)


def on_duty(session: Session, day: int) -> list[str]:
    [roster] = on_call(session, HANDOFF + day * DAY + HOUR)
    return [person.first_name for layer in roster.layers for person in layer.people]


def who(desk: Desk, *days: int) -> list[str]:
    with desk.database.transaction() as session:
        return [name for day in days for name in on_duty(session, day)]


def test_nothing_changes_until_the_other_accepts(desk: Desk, swap_id: int) -> None:
    assert who(desk, 1, 8) == ["Ada", "Bruno"]
    with desk.database.transaction() as session:
        accept(session, BRUNO, swap_id, desk.person(session, "Bruno"))
    assert who(desk, 0, 1, 2, 7, 8, 9) == ["Ada", "Bruno", "Ada", "Bruno", "Ada", "Bruno"]


def test_accepting_twice_changes_nothing_more(desk: Desk, swap_id: int) -> None:
    for _ in range(2):
        with desk.database.transaction() as session:
            accept(session, BRUNO, swap_id, desk.person(session, "Bruno"))
    with desk.database.transaction() as session:
        assert len(session.scalars(select(RosterOverride)).all()) == 2


def test_only_the_other_answers(desk: Desk, swap_id: int) -> None:
    for answer in (accept, refuse):
        with pytest.raises(NotAllowedError, match="Only Bruno Verdi can"), desk.database.transaction() as session:
            answer(session, ADA, swap_id, desk.person(session, "Ada"))


def test_refused_is_over(desk: Desk, swap_id: int) -> None:
    with desk.database.transaction() as session:
        refuse(session, BRUNO, swap_id, desk.person(session, "Bruno"))
    with pytest.raises(GoneError, match="refused already"), desk.database.transaction() as session:
        accept(session, BRUNO, swap_id, desk.person(session, "Bruno"))
    assert who(desk, 1, 8) == ["Ada", "Bruno"]


@pytest.mark.parametrize("name", ["Ada", "Bruno"])
def test_either_cancels_and_all_is_as_before(desk: Desk, swap_id: int, name: str) -> None:
    with desk.database.transaction() as session:
        accept(session, BRUNO, swap_id, desk.person(session, "Bruno"))
    with desk.database.transaction() as session:
        cancel(session, Author(name, NOW), swap_id, desk.person(session, name))
    assert who(desk, 1, 8) == ["Ada", "Bruno"]
    with desk.database.transaction() as session:
        assert swaps_of(session, desk.people["Ada"]) == []


def test_a_stranger_does_not_cancel(desk: Desk, swap_id: int) -> None:
    with pytest.raises(NotAllowedError, match="Only Ada Rossi or Bruno Verdi"), desk.database.transaction() as session:
        cancel(session, Author("Carla Neri", NOW), swap_id, desk.person(session, "Carla"))


def test_a_manager_cancels_so_that_somebody_else_can_cover(desk: Desk, swap_id: int) -> None:
    """Bruno has taken the shift and falls ill; it has begun."""
    night = GIVEN.start + HOUR
    with desk.database.transaction() as session:
        accept(session, BRUNO, swap_id, desk.person(session, "Bruno"))
    for name in ("Ada", "Bruno"):
        with pytest.raises(NotAllowedError, match="has begun: ask a manager"), desk.database.transaction() as session:
            cancel(session, Author(name, night), swap_id, desk.person(session, name))
    mara = Author("Mara Manager", night, accepts_gaps=True, manages=True)  # an hour of it is over
    with desk.database.transaction() as session:
        cancel(session, mara, swap_id, None)
        add_override(session, mara, desk.layer_id, OverrideRequest(Span(night, GIVEN.end), desk.people["Carla"]))
    assert who(desk, 1, 8) == ["Carla", "Bruno"]


def test_a_shift_given_for_nothing(desk: Desk) -> None:
    with desk.database.transaction() as session:
        swap = ask(session, desk, back=False)
        assert told(session, swap) == (
            "Bruno Verdi takes first, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 18:00 CEST, from Ada Rossi"
        )
        accept(session, BRUNO, swap.id, desk.person(session, "Bruno"))
    assert who(desk, 1, 8) == ["Bruno", "Bruno"]


def test_only_ones_own_future_shift_can_be_given(desk: Desk) -> None:
    with desk.database.transaction() as session:
        ada, bruno = desk.person(session, "Ada"), desk.person(session, "Bruno")
        with pytest.raises(RosterError, match="Ada Rossi is not alone on call in first"):
            propose(session, ADA, ada, bruno, Shift(desk.layer_id, TAKEN), None)
        with pytest.raises(RosterError, match="Bruno Verdi is not alone on call in first"):
            propose(session, ADA, ada, bruno, Shift(desk.layer_id, GIVEN), Shift(desk.layer_id, span(2 * DAY, DAY)))
        late = Author("Ada Rossi", GIVEN.start)
        with pytest.raises(RosterError, match="has begun"):
            propose(session, late, ada, bruno, Shift(desk.layer_id, GIVEN), None)
        with pytest.raises(RosterError, match="two people"):
            propose(session, ADA, ada, ada, Shift(desk.layer_id, GIVEN), None)


def test_shifts_that_overlap_in_a_layer_are_not_traded(desk: Desk) -> None:
    with desk.database.transaction() as session:
        ada, bruno = desk.person(session, "Ada"), desk.person(session, "Bruno")
        overlapping = Shift(desk.layer_id, span(DAY + HOUR, DAY))
        with pytest.raises(RosterError, match="the two shifts overlap in the layer 'Nights, first'"):
            propose(session, ADA, ada, bruno, Shift(desk.layer_id, GIVEN), overlapping)


def test_a_shift_that_was_covered_meanwhile_is_not_swapped(desk: Desk, manager: Author, swap_id: int) -> None:
    """Both halves or none."""
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(TAKEN, desk.people["Carla"]))
    with pytest.raises((RosterError, TakenError)), desk.database.transaction() as session:
        accept(session, BRUNO, swap_id, desk.person(session, "Bruno"))
    assert who(desk, 1, 8) == ["Ada", "Carla"]


def test_half_a_swap_is_not_taken_away(desk: Desk, manager: Author, swap_id: int) -> None:
    with desk.database.transaction() as session:
        accept(session, BRUNO, swap_id, desk.person(session, "Bruno"))
        half = session.scalars(select(RosterOverride.id)).first()
        assert half is not None
        with pytest.raises(RosterError, match="belongs to a swap"):
            remove_override(session, manager, half)
