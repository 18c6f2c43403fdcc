"""A roster from a directory file: only this one, its people there already, seen before written, undone as a whole."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.directory.roster_import import import_directory, preview_directory, read_one, roster_in
from oncall.directory.roster_parsing import Names
from oncall.models.people import Person
from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import Roster, RosterLayer, RosterOverride
from oncall.models.stored_settings import read
from oncall.planning.editing import Author
from oncall.planning.imports.comparing import ImportRefusedError
from oncall.planning.imports.shifts import PreviewOutdatedError
from oncall.planning.undoing import last_change, undo
from oncall.rosters.errors import GapOpensError, GoneError
from tests.oncall.planning.conftest import NOW, Desk

FILE = """\
people:
  - {name: Somebody Else, phone: nonsense}
rosters:
  - name: Elsewhere
    whatever: it is not looked at
  - name: Nights
    regions: [europe]
    time_zone: Europe/Rome
    layers:
      - name: first
        rotation: {start: 2026-06-01T18:00, every: 2 days, people: [Carla Neri, Dino Bianchi]}
      - name: backup
        rotation: {start: 2026-06-01T18:00, every: 1 week, people: [Ada Rossi]}
    overrides:
      - {layer: first, from: 2026-06-03T18:00, to: 2026-06-04T06:00, person: Bruno Verdi}
"""
PEOPLE = ["Ada Rossi", "Bruno Verdi", "Carla Neri", "Dino Bianchi"]

# Says yes to what is asked: whom the file moves.
YES = Author("Mara Manager", NOW, accepts_gaps=True)


def bring_in(desk: Desk, author: Author, text: str = FILE) -> int:
    with desk.database.transaction() as session:
        wanted = roster_in(session, text.encode(), desk.roster_id)
        seen = preview_directory(session, author, desk.roster_id, wanted).digest
    with desk.database.transaction() as session:
        return import_directory(session, author, desk.roster_id, wanted, "directory.yaml", seen)


def layers(session: Session) -> list[tuple[str, int, int]]:
    rows = session.scalars(select(RosterLayer).order_by(RosterLayer.position))
    return [(row.name, row.rotations[0].every_n, len(row.overrides)) for row in rows]


def test_the_preview_tells_each_change_and_writes_nothing(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        wanted = roster_in(session, FILE.encode(), desk.roster_id)
        preview = preview_directory(session, manager, desk.roster_id, wanted)
        assert set(preview.lines) == {
            "roster Nights: layer backup added",
            "roster Nights: layer first: rotation changed",
            "roster Nights: override of first from Wed 3 Jun 2026, 18:00 to Thu 4 Jun 2026, 06:00 added",
        }
        assert preview.gaps.startswith(
            "This moves who is on call from Mon 1 Jun 2026, 18:00 CEST: Carla Neri instead of"
        )
    with desk.database.transaction() as session:
        assert layers(session) == [("first", 1, 0)]
        assert session.scalars(select(RosterChange)).all() == []


def test_it_is_one_change_the_second_time_none_and_undone_as_a_whole(desk: Desk, manager: Author) -> None:
    assert [bring_in(desk, YES), bring_in(desk, YES)] == [3, 0]
    with desk.database.transaction() as session:
        assert layers(session) == [("first", 2, 1), ("backup", 1, 0)]
        assert sorted(session.scalars(select(Person.name))) == PEOPLE
        assert list(session.scalars(select(Roster.name))) == ["Nights"]
        [change] = session.scalars(select(RosterChange))
        assert change.words == "Imported the roster from directory.yaml: 3 changes"
    with desk.database.transaction() as session:
        undo(session, YES, desk.roster_id, change.id)
    with desk.database.transaction() as session:
        assert layers(session) == [("first", 1, 0)]


def test_an_override_that_undo_brings_back_is_still_known_as_one_of_a_file(desk: Desk, manager: Author) -> None:
    bring_in(desk, YES)
    bring_in(desk, YES, FILE.partition("    overrides:")[0])
    with desk.database.transaction() as session:
        assert session.scalars(select(RosterOverride)).all() == []
        change = last_change(session, desk.roster_id)
        assert change is not None
        undo(session, YES, desk.roster_id, change.id)
    with desk.database.transaction() as session:
        [row] = session.scalars(select(RosterOverride))
        assert row.id in read(session, "directory_overrides")


def test_a_gap_is_asked_about(desk: Desk, manager: Author) -> None:
    holes = FILE.replace("[Ada Rossi]", "[Ada Rossi], until: 2026-06-10T18:00").replace(
        "[Carla Neri, Dino Bianchi]", "[Carla Neri], until: 2026-06-05T18:00"
    )
    with desk.database.transaction() as session:
        wanted = roster_in(session, holes.encode(), desk.roster_id)
        gaps = preview_directory(session, manager, desk.roster_id, wanted).gaps
        assert gaps.startswith("Nobody would be on call in europe: Wed 10 Jun 2026, 18:00 CEST")
    with pytest.raises(GapOpensError):
        bring_in(desk, manager, holes)
    assert bring_in(desk, Author("Mara", NOW, accepts_gaps=True), holes) == 3


def test_what_has_changed_since_is_shown_first(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        wanted = roster_in(session, FILE.encode(), desk.roster_id)
        seen = preview_directory(session, manager, desk.roster_id, wanted).digest
    bring_in(desk, YES)
    with pytest.raises(PreviewOutdatedError), desk.database.transaction() as session:
        import_directory(session, manager, desk.roster_id, wanted, "directory.yaml", seen)
    with pytest.raises(GoneError), desk.database.transaction() as session:
        roster_in(session, FILE.encode(), desk.roster_id + 1)


BOMB = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" if n else "a0: &a0 [x]\n" for n in range(9))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("people: []", "no section 'rosters'"),
        ("rosters: []", "no roster “Nights” in this file: it describes none"),
        ("rosters: [{name: Night}]", "did you mean 'Night'"),
        (FILE.replace("Carla Neri", "Carla Nero"), "line 11: .*there is no person 'Carla Nero'; did you mean 'Carla N"),
        (FILE.replace("[europe]", "[mars]"), "line 7: .*no region 'mars'"),
        (FILE + FILE[FILE.index("  - name: Nights") :], "line 16: .*'Nights' is in line 6 already"),
        (FILE + "wishes: []", "unknown key 'wishes'"),
        ("rosters: [[", "this is not YAML"),
        ("[" * 50_000, "nested too deeply"),
        ("rosters: &r [*r]", "repeats its parts"),
        (BOMB, "repeats its parts"),
        ("#" * 100_001, "larger than 100 KB"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_remedy(desk: Desk, text: str, words: str) -> None:
    with pytest.raises(ImportRefusedError, match=words), desk.database.transaction() as session:
        roster_in(session, text.encode(), desk.roster_id)


def test_other_letters_than_utf8() -> None:
    with pytest.raises(ImportRefusedError, match="Line 2 is no UTF-8 text"):
        read_one("rosters:\n  - name: José".encode("latin-1"), "Nights", Names(PEOPLE), ["europe"])
