"""A roster from a directory file: its layers, rotations and overrides, with people who are there already."""

from collections.abc import Collection
from dataclasses import fields
from typing import Final

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.directory import Directory, DirectoryError
from oncall.directory.applying_rosters import FILE_OVERRIDES, apply_rosters
from oncall.directory.changes import Changes
from oncall.directory.claims import Claims
from oncall.directory.cursor import Cursor
from oncall.directory.problems import did_you_mean
from oncall.directory.roster_parsing import Names, read_roster
from oncall.models.customers import Region
from oncall.models.people import ACTIVE, Person
from oncall.models.rosters import Roster as RosterRow
from oncall.models.stored_settings import read, write
from oncall.planning.editing import Author, editing, wait_for_others
from oncall.planning.imports.comparing import ImportRefusedError
from oncall.planning.imports.shifts import as_seen, attempt, counted, digest, refuse_outdated
from oncall.planning.imports.words import DirectoryPreview
from oncall.rosters.errors import GoneError
from schedules.rosters.roster import Roster

# Reading YAML with the lines of all its parts takes 8 s a megabyte.
LARGEST: Final = 100_000
_MOST_PARTS: Final = 50_000


def roster_in(session: Session, content: bytes, roster_id: int) -> Roster:
    """The roster of this id as the file describes it under its name.

    Raises ImportRefusedError, with a line for each thing that is wrong in the file, and GoneError.
    """
    name = session.scalar(select(RosterRow.name).where(RosterRow.id == roster_id))
    if name is None:
        raise GoneError("This roster is not there any more.")
    names = select(Person.name).order_by(Person.name)
    left = dict.fromkeys(session.scalars(names.where(~ACTIVE)), 0)
    people = Names(session.scalars(names.where(ACTIVE)).all(), left)
    regions = session.scalars(select(Region.name).order_by(Region.name)).all()
    try:
        return read_one(content, name, people, regions)
    except DirectoryError as error:
        raise ImportRefusedError(str(error)) from None


def read_one(content: bytes, name: str, people: Names, regions: Collection[str]) -> Roster:
    """The roster of this name in the file; its other sections and rosters are not looked at.

    Raises DirectoryError and ImportRefusedError.
    """
    root = Cursor.at_root(_text(content))
    _refuse_endless(root.node)
    sections = root.keys((), [each.name for each in fields(Directory) if each.name != "sections"])
    if "rosters" not in sections:
        raise ImportRefusedError("This file has no section 'rosters': choose another.")
    found: list[Cursor] = []
    names: list[str] = []
    for item in sections["rosters"].items("name"):
        names.append(_name(item))
        if names[-1] == name:
            found.append(item)
    if not found:
        remedy = did_you_mean(name, names) if names else "it describes none"
        raise ImportRefusedError(f"There is no roster “{name}” in this file: {remedy}")
    claims = Claims()
    wanted, *_ = [read_roster(item, claims, people, regions) for item in found]  # a second one is refused by its name
    return wanted


def preview_directory(session: Session, author: Author, roster_id: int, wanted: Roster) -> DirectoryPreview:
    """What importing would do; nothing stays written. Raises RosterErrors."""
    changes = Changes()
    tried = attempt(session, author, lambda cautious: _write(session, cautious, roster_id, wanted, "", changes))
    lines = tuple(changes.lines)
    return DirectoryPreview(lines, tried.gaps, digest(author, (roster_id, wanted, lines, tried.asked)))


def import_directory(session: Session, author: Author, roster_id: int, wanted: Roster, source: str, seen: str) -> int:
    """Write what the preview with the digest `seen` has shown; the number of changes. Raises as `import_shifts`."""
    author = as_seen(author, seen)
    wait_for_others(session)
    refuse_outdated(preview_directory(session, author, roster_id, wanted).digest, seen)
    changes = Changes()
    _write(session, author, roster_id, wanted, source, changes)
    return len(changes.lines)


def _write(session: Session, author: Author, roster_id: int, wanted: Roster, source: str, changes: Changes) -> None:
    with editing(session, author, roster_id) as edit:
        before = read(session, FILE_OVERRIDES) or []
        apply_rosters(session, [wanted], changes)
        after = read(session, FILE_OVERRIDES) or []
        # Undoing brings rows back under their numbers: that they came from a file must be known then, too.
        if set(before) - set(after):
            write(session, FILE_OVERRIDES, sorted({*before, *after}))
        edit.words = f"Imported the roster from {source}: {counted(len(changes.lines), 'change')}"


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise ImportRefusedError("This file is larger than 100 KB: send the section 'rosters' alone.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ImportRefusedError(f"Line {line} is no UTF-8 text: save the file as UTF-8, and send it again.") from None


def _refuse_endless(root: yaml.Node) -> None:
    """YAML can name a part and use it again in others: a small file may stand for a huge one, or contain itself."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = _MOST_PARTS  # if it meets itself
            sizes[id(node)] = 1 + sum(map(size, _parts(node)))
        return sizes[id(node)]

    if size(root) >= _MOST_PARTS:
        raise ImportRefusedError("This file repeats its parts too often (by & and *): write them out.")


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _name(item: Cursor) -> str:
    """Whatever else is wrong with a roster that isn't ours does not matter."""
    if isinstance(item.node, yaml.MappingNode):
        for key, value in item.node.value:
            if key.value == "name" and isinstance(value, yaml.ScalarNode):
                return str(value.value)
    return ""
