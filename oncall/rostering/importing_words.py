"""A preview of an import in words, for its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oncall.rostering.importing import Collision, Reading, Shift, Trouble
from oncall.rostering.importing_shifts import Preview, counted
from oncall.rostering.overriding import spelled

if TYPE_CHECKING:  # it brings YAML along
    from oncall.rostering.importing_directory import DirectoryPreview

_SHOWN_AT_MOST: Final = 200


@dataclass(frozen=True)
class Line:
    """Something in a list: what it is, and more about it. `aside`: a remark such as a line number."""

    title: str
    detail: str = ""
    aside: str = ""


@dataclass(frozen=True)
class Group:
    """A list of the page. `rest`: so many more are not shown; `state`: good, bad or nothing, for its look."""

    name: str
    hint: str
    lines: tuple[Line, ...]
    rest: int
    state: str = ""


@dataclass(frozen=True)
class Words:
    """All that a preview shows. `action` is the button's text, nothing when there is nothing to do."""

    summary: str
    groups: tuple[Group, ...]
    gaps: str
    action: str
    digest: str


def shift_words(preview: Preview, reading: Reading, zone: str) -> Words:
    """What an import of shifts would do, on the roster's clock."""
    found, names = preview.comparison, preview.names
    groups = [  # what needs a decision comes first
        _group(
            "In the way",
            "These are left out: an override stands there already. Change or remove it first to have them.",
            [_collision(each, names, zone) for each in found.collisions],
            "bad",
        ),
        _group("Not understood", "These are left out.", [_trouble(each) for each in found.troubles], "bad"),
        _group("Would be added", "", [_shift(each, names, zone) for each in found.added], "good"),
        _group("There already", "Nothing is to be done about these.", [_shift(e, names, zone) for e in found.present]),
    ]
    number = len(found.added)
    return Words(
        summary=_summary(preview, reading),
        groups=tuple(group for group in groups if group.lines),
        gaps=preview.gaps,
        action=f"Import {_these(number, 'shift')}" if number else "",
        digest=preview.digest,
    )


def directory_words(preview: "DirectoryPreview") -> Words:
    """What an import of a directory file's roster would change."""
    lines = [Line(title, detail) for title, _, detail in (each.rpartition(": ") for each in preview.lines)]
    number = len(lines)
    return Words(
        summary="This is what the file would change. People, customers and other rosters in it are left alone."
        if number
        else "The roster is already as the file describes it.",
        groups=(_group("Would be changed", "", lines, "good"),) if lines else (),
        gaps=preview.gaps,
        action=f"Make {_these(number, 'change')}" if number else "",
        digest=preview.digest,
    )


def _summary(preview: Preview, reading: Reading) -> str:
    found = preview.comparison
    if not found.added:
        words = f"Nothing would be added to {preview.layer}."
        if found.present and not found.collisions and not found.troubles:
            words = f"Everything is in {preview.layer} already: nothing would be changed."
    else:
        words = f"{counted(len(found.added), 'shift')} would be added to {preview.layer}."
    if reading.outside:
        events = counted(reading.outside, "event")
        words += f" {events} outside of the last 30 and the next 400 days left out."
    if reading.cancelled:
        words += f" {counted(reading.cancelled, 'cancelled event')} left out."
    return words


def _these(number: int, what: str) -> str:
    return f"this {what}" if number == 1 else f"these {number:,} {what}s"


def _group(name: str, hint: str, lines: Sequence[Line], state: str = "") -> Group:
    return Group(name, hint, tuple(lines[:_SHOWN_AT_MOST]), max(0, len(lines) - _SHOWN_AT_MOST), state)


def _shift(shift: Shift, names: dict[int, str], zone: str) -> Line:
    return Line(names[shift.person_id], spelled(shift.span, zone), f"line {shift.line}")


def _collision(collision: Collision, names: dict[int, str], zone: str) -> Line:
    shift, other = collision.shift, collision.standing
    whose = "Nobody, on purpose," if other.person_id is None else names[other.person_id]
    verb = "covers" if other.covers else "is added"
    by = f", by {other.made_by}" if other.made_by else ""
    there = f"{whose} {verb if other.person_id else 'stands there'} already, {spelled(other.span, zone)}{by}."
    return Line(names[shift.person_id], f"{spelled(shift.span, zone)}. {there}", f"line {shift.line}")


def _trouble(trouble: Trouble) -> Line:
    title = trouble.summary.strip() or (f"UID {trouble.uid}" if trouble.uid else "No title")
    return Line(title, f"{trouble.reason} {trouble.remedy}".strip(), f"line {trouble.line}")
