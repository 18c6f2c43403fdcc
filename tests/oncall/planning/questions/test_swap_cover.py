"""An agreed swap that no longer covers the shift it was made for is asked about, and stands on the board."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import update

from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.planning.changes import RosterSwap
from oncall.planning.editing import Author
from oncall.planning.plans.plan import LayerWish
from oncall.planning.swapping import Shift, accept, propose
from oncall.planning.views.board import read_board
from oncall.rosters.errors import AskFirstError, Asks
from schedules.rosters.roster import Every, Rotation
from schedules.spans import Span
from tests.oncall.planning.conftest import DIRECTORY, NOW, WEEK, Desk, span
from tests.oncall.planning.in_force import change_layer

MARA = Author("Mara Manager", NOW, manages=True)
# Bruno's second week, which he gives to Ada; Ada's third week goes to Bruno.
HIS, HERS = span(WEEK, WEEK), span(2 * WEEK, WEEK)


def agree(desk: Desk, his: Span = HIS, hers: Span | None = HERS) -> int:
    """Bruno asks Ada, who says yes."""
    with desk.database.transaction() as session:
        ada, bruno = desk.person(session, "Ada"), desk.person(session, "Bruno")
        back = None if hers is None else Shift(desk.layer_id, hers)
        swap = propose(session, Author("Bruno", NOW), bruno, ada, Shift(desk.layer_id, his), back)
        accept(session, Author("Ada", NOW), swap.id, ada)
        return swap.id


def rotation(desk: Desk, start: str, *names: str, every: str = "1 week") -> LayerWish:
    turns = tuple((desk.people[name],) for name in names)
    return LayerWish("first", [Rotation(datetime.fromisoformat(start), Every.parse(every), turns)])


def asked(desk: Desk, wish: LayerWish) -> list[str]:
    with pytest.raises(AskFirstError) as error, desk.database.transaction() as session:
        change_layer(session, MARA, desk.layer_id, wish)
    return [each.words for each in error.value.questions if each.asks is Asks.SWAP]


def on_board(desk: Desk) -> list[str]:
    with desk.database.transaction() as session:
        board = read_board(session, desk.roster_id, NOW, NOW + 4 * WEEK)
        return [each.words for each in board.warnings if each.kind == "swap"]


def save(desk: Desk, wish: LayerWish) -> None:
    with desk.database.transaction() as session:
        change_layer(session, replace(MARA, accepts_gaps=True), desk.layer_id, wish)


def test_the_shift_becomes_somebody_elses(desk: Desk) -> None:
    agree(desk)
    assert on_board(desk) == []
    wish = rotation(desk, "2026-06-01T18:00", "Ada", "Carla", "Ada", "Bruno")
    assert asked(desk, wish) == [
        "The swap in which Ada Rossi takes first, Mon 8 Jun 2026, 18:00 CEST to Mon 15 Jun 2026, 18:00 CEST, from "
        "Bruno Verdi would no longer cover the shift it was made for: by the rotation Carla Neri would have that time, "
        "or part of it."
    ]
    save(desk, wish)
    assert on_board(desk) == [
        "A swap no longer covers the shift it was made for (Ada Rossi takes first, Mon 8 Jun 2026, 18:00 CEST to "
        "Mon 15 Jun 2026, 18:00 CEST, from Bruno Verdi): by the rotation Carla Neri would have that time, or part of "
        "it. Cancel it, and ask anew"
    ]


def test_the_handoff_moves_by_two_hours(desk: Desk) -> None:
    """Both sides lose two hours at one end: others have them by the rotation."""
    agree(desk)
    wish = rotation(desk, "2026-06-01T20:00", "Ada", "Bruno")
    found = asked(desk, wish)
    assert [each.partition(" takes ")[0] for each in found] == [
        "The swap in which Ada Rossi", "The swap in which Bruno Verdi",
    ]  # fmt: skip
    assert "by the rotation Ada Rossi would have that time, or part of it" in found[0]
    save(desk, wish)
    assert len(on_board(desk)) == 2


def test_the_shift_grows_longer_than_the_swap(desk: Desk) -> None:
    """Two weeks in place of one: Bruno's shift goes on after what Ada took."""
    agree(desk, hers=None)
    wish = rotation(desk, "2026-05-25T18:00", "Ada", "Ada", "Bruno", "Bruno")
    [words] = asked(desk, wish)
    assert words.endswith("that is Mon 8 Jun 2026, 18:00 CEST to Mon 22 Jun 2026, 18:00 CEST now.")
    save(desk, wish)
    [words] = on_board(desk)
    assert "that is Mon 8 Jun 2026, 18:00 CEST to Mon 22 Jun 2026, 18:00 CEST now" in words


def test_a_part_of_a_shift_that_stays_in_it_is_no_matter(desk: Desk) -> None:
    """One day out of Bruno's week; the week grows on, and the day is his still."""
    agree(desk, his=span(9 * WEEK / 7, WEEK / 7), hers=None)
    wish = rotation(desk, "2026-05-25T18:00", "Ada", "Ada", "Bruno", "Bruno")
    assert asked(desk, wish) == []
    save(desk, wish)
    assert on_board(desk) == []


def test_a_swap_of_before_is_compared_with_what_was(desk: Desk) -> None:
    """Its whole shift was not kept then: a change is asked about all the same."""
    number = agree(desk, hers=None)
    with desk.database.transaction() as session:
        session.execute(update(RosterSwap).where(RosterSwap.id == number).values(shift=None))
    assert len(asked(desk, rotation(desk, "2026-05-25T18:00", "Ada", "Ada", "Bruno", "Bruno"))) == 1
    assert on_board(desk) == []


def test_a_file_that_is_loaded_asks_nobody_but_the_board_tells(desk: Desk) -> None:
    agree(desk)
    with desk.database.transaction() as session:
        changed = DIRECTORY.replace("[Ada Rossi, Bruno Verdi]", "[Carla Neri, Dino Bianchi]")
        apply(session, parse(changed), NOW, PinKeys(b"a key for the tests of rosters"))
    assert len(on_board(desk)) == 2
