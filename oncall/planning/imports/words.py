"""A preview of an import in words, for its page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from oncall.planning.imports.comparing import Collision, Reading, Shift, Trouble, Unclear
from oncall.planning.imports.shifts import Preview, counted
from oncall.planning.imports.stale import Removal
from oncall.planning.plans.words import spelled

_SHOWN_AT_MOST: Final = 200
# Each question lists all people: so many questions times people a page; others are asked when those are answered.
_CHOICES_AT_MOST: Final = 10_000
_QUESTIONS_AT_LEAST: Final = 40
_TIMES_AT_MOST: Final = 3


@dataclass(frozen=True)
class DirectoryPreview:
    """What would change, a line each. `gaps`: a warning in words, or nothing; `digest` names all of it."""

    lines: tuple[str, ...]
    gaps: str
    digest: str


@dataclass(frozen=True)
class Line:
    """Something in a list: what it is, and more about it. `aside`: a remark such as a line number.

    `asks`: a person is to be chosen, under this name; `chosen`: who is.
    """

    title: str
    detail: str = ""
    aside: str = ""
    asks: str = ""
    chosen: int | None = None


@dataclass(frozen=True)
class Tick:
    """Something to be decided about a whole list."""

    name: str
    label: str
    ticked: bool


@dataclass(frozen=True)
class Group:
    """A list of the page. `rest`: so many more are not shown; `state`: good, bad or nothing, for its look.

    `answers`: what was chosen in questions that are not shown, (name, value); `more`: how to see the rest.
    """

    name: str
    hint: str
    lines: tuple[Line, ...]
    rest: int
    state: str = ""
    tick: Tick | None = None
    answers: tuple[tuple[str, str], ...] = ()
    more: str = ""


@dataclass(frozen=True)
class Words:
    """All that a preview shows. `action` is the button's text, nothing when there is nothing to do.

    `people`: who can be chosen, (id, name); none when there is nothing to choose.
    """

    summary: str
    groups: tuple[Group, ...]
    gaps: str
    action: str
    digest: str
    people: tuple[tuple[int, str], ...] = ()

    @property
    def decides(self) -> bool:
        """Whether something can be chosen that changes what would be done."""
        return bool(self.people) or any(group.tick for group in self.groups)


def shift_words(preview: Preview, reading: Reading, zone: str) -> Words:
    """What an import of shifts would do, on the roster's clock."""
    found, names = preview.comparison, preview.names
    troubles = [each for each in found.troubles if not each.who]
    groups = [  # what needs a decision comes first
        _questions(preview, zone),
        _group(
            "In the way",
            "These are left out: an override stands there already. Change or remove it first to have them.",
            [_collision(each, names, zone) for each in found.collisions],
            "bad",
        ),
        _group("Not understood", "These are left out.", [_trouble(each) for each in troubles], "bad"),
        _removed(preview, zone),
        _doubtful(preview, zone),
        _group("Would be added", "", [_shift(each, names, zone) for each in found.added], "good"),
        _group("There already", "Nothing is to be done about these.", [_shift(e, names, zone) for e in found.present]),
    ]
    return Words(
        summary=_summary(preview, reading),
        groups=tuple(group for group in groups if group.lines),
        gaps=preview.gaps,
        action=_action(preview),
        digest=preview.digest,
        people=tuple((key, names[key]) for key in preview.people) if found.unclear else (),
    )


def directory_words(preview: DirectoryPreview) -> Words:
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


def _action(preview: Preview) -> str:
    added, removed = len(preview.comparison.added), len(preview.leaving)
    if added:
        return f"Import {_these(added, 'shift')}" + (f", remove {removed:,}" if removed else "")
    if removed:
        return f"Remove {_these(removed, 'shift')}"
    if preview.comparison.unclear or preview.outcome.doubtful or preview.outcome.removed:
        return "Import what was chosen"
    nameless = len(preview.outcome.nameless)
    return f"Note where {_these(nameless, 'shift')} came from" if nameless else ""


def _summary(preview: Preview, reading: Reading) -> str:
    found, gone = preview.comparison, len(preview.leaving)
    if found.added:
        words = f"{counted(len(found.added), 'shift')} would be added to {preview.layer}."
    elif gone:
        words = f"Nothing would be added to {preview.layer}."
    elif found.present and not (found.collisions or found.troubles or found.unclear):
        words = f"Everything is in {preview.layer} already: nothing would be changed."
    else:
        words = f"Nothing would be added to {preview.layer}."
    if gone:
        words += f" {counted(gone, 'shift')} would be removed."
    if reading.outside:
        events = counted(reading.outside, "event")
        words += f" {events} outside of the last 30 and the next 400 days left out."
    if reading.cancelled:
        words += f" {counted(reading.cancelled, 'cancelled event')} left out."
    if preview.outcome.nameless:
        words += (
            f" {counted(len(preview.outcome.nameless), 'shift')} of an earlier import will be known as this calendar's "
            "from here on: what it cancels can then be removed."
        )
    return words


def _questions(preview: Preview, zone: str) -> Group:
    """Those that nobody has answered yet come first, so that all are asked sooner or later."""
    unclear = preview.comparison.unclear
    answered = {each.who for each in unclear if each.person_id is not None} | set(preview.choices.people)
    ordered = sorted(unclear, key=lambda each: each.who in answered)
    most = max(_QUESTIONS_AT_LEAST, _CHOICES_AT_MOST // max(1, len(preview.people)))
    open_ = sum(each.who not in answered for each in ordered[most:])
    group = _group(
        "Whose are these?",
        "Choose who is meant, for all that say the same; the next import remembers it. Without a person they are left "
        "out, and what was imported of them before stays.",
        [_question(each, zone) for each in ordered[:most]],
        "bad",
        most=most,
    )
    hidden = tuple((f"who-{each.who}", str(each.person_id or "")) for each in ordered[most:] if each.who in answered)
    more = f"{counted(open_, 'more question')} when these are answered: press “Show my choices”." if open_ > 0 else ""
    return replace(group, rest=len(ordered[most:]), answers=hidden, more=more)


def _question(unclear: Unclear, zone: str) -> Line:
    times = "; ".join(spelled(span, zone) for span in unclear.spans[:_TIMES_AT_MOST])
    more = len(unclear.spans) - _TIMES_AT_MOST
    times += f" and {more:,} more" if more > 0 else ""
    numbers = [str(line) for line in unclear.lines]
    cut = ", …" if len(numbers) > _TIMES_AT_MOST else ""
    lines = f"line {numbers[0]}" if len(numbers) == 1 else f"lines {', '.join(numbers[:_TIMES_AT_MOST])}{cut}"
    detail = f"{times}. {unclear.reason} {unclear.remedy}".strip()
    return Line(unclear.summary.strip() or "No title", detail, lines, f"who-{unclear.who}", unclear.person_id)


def _removed(preview: Preview, zone: str) -> Group:
    gone = preview.outcome.removed
    if preview.choices.keep or any(not each.stated for each in gone):
        label = "Keep those that are merely not in the file: it holds only a part of the calendar."
        tick = Tick("keep", label, preview.choices.keep)
    else:
        tick = None
    lines = [_removal(each, preview.names, zone) for each in sorted(gone, key=lambda each: each.standing.span)]
    hint = "An earlier import of this calendar made these."
    if tick and not lines:
        lines = [Line("Nothing", "What is not in the file is kept.")]
    return _group("Would be removed", hint, lines, "bad", tick=tick)


def _doubtful(preview: Preview, zone: str) -> Group:
    gone = sorted(preview.outcome.doubtful, key=lambda each: each.standing.span)
    hint = (
        "An earlier import made these. They stay: the file may begin after them, end before them, or be of another "
        "calendar of that name."
    )
    tick = Tick("also", "Remove these, too.", preview.choices.also) if gone else None
    return _group("Not in this file", hint, [_removal(each, preview.names, zone) for each in gone], tick=tick)


def _removal(removal: Removal, names: dict[int, str], zone: str) -> Line:
    standing = removal.standing
    name = names.get(standing.person_id or 0, "Nobody")
    if removal.cancelled:
        why = "The calendar has cancelled it."
    elif removal.declined:
        why = f"{name} has declined it."
    elif removal.now_at:
        why = f"It was moved, to {spelled(removal.now_at, zone)}."
    elif removal.now_of:
        why = f"It is {names[removal.now_of]}'s now."
    else:
        why = "It is not in the calendar any more."
    return Line(name, f"{spelled(standing.span, zone)}. {why}")


def _these(number: int, what: str) -> str:
    return f"this {what}" if number == 1 else f"these {number:,} {what}s"


def _group(
    name: str, hint: str, lines: Sequence[Line], state: str = "", tick: Tick | None = None, most: int = _SHOWN_AT_MOST
) -> Group:
    return Group(name, hint, tuple(lines[:most]), max(0, len(lines) - most), state, tick)


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
