"""An import of shifts into a layer: what it would do, and doing it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from oncall.models.rosters import RosterLayer, RosterOverride, span_of
from oncall.planning.editing import Author, editing, wait_for_others
from oncall.planning.imports.comparing import Comparison, ImportRefusedError, Reading, Shift
from oncall.planning.imports.stale import Choices, Frame, Outcome, Removal, origin_of, worked_out
from oncall.planning.imports.standing import NOTE, people_now, standing_in
from oncall.planning.plans.writing import collisions_told
from oncall.planning.questions.before_saving import key_of
from oncall.rosters.errors import AskFirstError, GoneError, RosterError
from schedules.rosters.overrides import Kind
from schedules.spans import Span

NO_CHOICES: Final = Choices()
_BEHIND: Final = timedelta(days=30)
_AHEAD: Final = timedelta(days=400)
_DAY: Final = timedelta(days=1)


class PreviewOutdatedError(RosterError):
    """What would be done is not what was shown."""


@dataclass(frozen=True)
class Preview:
    """What an import would do. `gaps`: a warning in words, or nothing; `digest` names all of it.

    `names` by ids, of the retired, too; `people`: the ids of those who can be on call, by name.
    """

    layer: str
    outcome: Outcome
    names: dict[int, str]
    people: tuple[int, ...]
    gaps: str
    digest: str
    choices: Choices = NO_CHOICES

    @property
    def comparison(self) -> Comparison:
        return self.outcome.comparison

    @property
    def leaving(self) -> tuple[Removal, ...]:
        """What would be removed."""
        return leaving(self.outcome, self.choices)


@dataclass(frozen=True)
class _Tried:
    """What a change would have brought: what is asked first, and what of it must be the same when it is done."""

    gaps: str = ""
    asked: tuple[str, ...] = ()


class _TakenBackError(Exception):
    """Ends a try."""


def import_window(now: datetime) -> Span:
    """The time whose shifts are imported: whole UTC days, so that a preview does not age by the minute."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Span(today - _BEHIND, today + _AHEAD + _DAY)


def preview_shifts(
    session: Session, author: Author, roster_id: int, layer_id: int, reading: Reading, choices: Choices = NO_CHOICES
) -> Preview:
    """What importing into the layer would do; nothing stays written. Raises RosterErrors and ImportRefusedError.

    The digest names what stands and what the file holds, and the gaps, not the choices themselves: they may still
    change.
    """
    layer = _layer(session, roster_id, layer_id)
    name, people = layer.name, people_now(session)
    frame = Frame(author.looks_at, import_window(author.looks_at), layer.roster.time_zone)
    standing = standing_in(session, layer_id, reading, frame.window)
    plain = worked_out(reading, people, standing, frame, NO_CHOICES)
    outcome = plain if choices == NO_CHOICES else worked_out(reading, people, standing, frame, choices)
    if reading.source.name and not (reading.events or reading.troubles or reading.outside or reading.cancelled):
        _refuse_empty(outcome)
    tried = attempt(session, author, lambda cautious: _write(session, cautious, layer, outcome, choices, ""))
    names = {each.person_id: each.name for each in standing if each.person_id is not None} | people.names
    told = digest(author, (layer_id, plain, tried.asked))
    return Preview(name, outcome, names, tuple(people.names), tried.gaps, told, choices)


def import_shifts(
    session: Session,
    author: Author,
    roster_id: int,
    layer_id: int,
    reading: Reading,
    source: str,
    seen: str,
    choices: Choices = NO_CHOICES,
) -> int:
    """Write what the preview with the digest `seen` has shown; how many shifts are new.

    `source` names the file in history. Raises PreviewOutdatedError when something has changed since, AskFirstError,
    and other RosterErrors: the caller rolls back.
    """
    author = as_seen(author, seen)
    wait_for_others(session)  # what is compared here is what will be written over
    preview = preview_shifts(session, author, roster_id, layer_id, reading, choices)
    refuse_outdated(preview.digest, seen)
    _write(session, author, _layer(session, roster_id, layer_id), preview.outcome, choices, source)
    return len(preview.comparison.added)


def leaving(outcome: Outcome, choices: Choices) -> tuple[Removal, ...]:
    """What would be removed, in the order of time."""
    gone = (*outcome.removed, *(outcome.doubtful if choices.also else ()))
    return tuple(sorted(gone, key=lambda each: each.standing.span))


def _refuse_empty(outcome: Outcome) -> None:
    if not (outcome.removed or outcome.doubtful):
        raise ImportRefusedError("There is no event in this file: choose another calendar, or other months.")


def refuse_outdated(digest_now: str, seen: str) -> None:
    """Raises PreviewOutdatedError."""
    if digest_now != seen:
        raise PreviewOutdatedError("Something has changed since you looked: this is what the import would do now.")


def attempt(session: Session, author: Author, change: Callable[[Author], None]) -> _Tried:
    """Make a change, look at what is asked first, and take it back. Raises RosterErrors other than those questions."""
    cautious = replace(author, accepts_gaps=False)
    try:
        with session.begin_nested():
            change(cautious)
            raise _TakenBackError
    except _TakenBackError:
        return _Tried()
    except AskFirstError as error:
        return _Tried(str(error), tuple(each.key for each in error.questions))


def digest(author: Author, told: object) -> str:
    """A name for all that a preview shows, as of when it was shown; its parts must be plain data."""
    return key_of("preview", author.looks_at, told)


def as_seen(author: Author, seen: str) -> Author:
    """Whoever imports what the preview with the digest `seen` has shown: it is asked about as of then."""
    return replace(author, accepts=author.accepts | {seen})


def _write(
    session: Session, author: Author, layer: RosterLayer, outcome: Outcome, choices: Choices, source: str
) -> None:
    comparison, gone = outcome.comparison, [each.standing.id for each in leaving(outcome, choices)]
    rows = [_row(author, layer, shift, outcome.calendar) for shift in comparison.added]
    with editing(session, author, layer.roster_id) as edit, collisions_told(layer.name, "look again at the preview"):
        for row in session.scalars(select(RosterOverride).where(RosterOverride.id.in_(gone))):
            session.delete(row)
        session.flush()  # their places may be needed
        session.add_all(rows)
        _remember(session, layer, outcome)
        session.flush()
        edit.words = _words(len(rows), len(gone), layer.name, source)


def _words(added: int, removed: int, layer: str, source: str) -> str:
    if not added and not removed:
        return f"Noted which shifts of {layer} are in {source}"
    if not added:
        return f"Removed {counted(removed, 'shift')} from {layer} that {source} does not have any more"
    words = f"Imported {counted(added, 'shift')} into {layer} from {source}"
    return f"{words}, and removed {removed:,} that it does not have any more" if removed else words


def _remember(session: Session, layer: RosterLayer, outcome: Outcome) -> None:
    """Shifts that stand already are this calendar's from here on, if an import has made them."""
    shifts = {each.span: each for each in outcome.comparison.present}
    query = select(RosterOverride).where(
        RosterOverride.layer_id == layer.id, or_(RosterOverride.origin.is_not(None), RosterOverride.note == NOTE)
    )
    for row in session.scalars(query) if shifts else ():
        shift = shifts.get(span_of(row.span))
        if shift is None or (row.origin is not None and row.origin["calendar"] not in outcome.calendars):
            continue
        origin = origin_of(outcome.calendar, shift.night, shift.chosen).to_json()
        if row.origin != origin:
            row.origin = origin


def counted(number: int, what: str) -> str:
    """Such as "1 shift", "12 shifts"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _row(author: Author, layer: RosterLayer, shift: Shift, calendar: str) -> RosterOverride:
    return RosterOverride(
        layer_id=layer.id,
        span=Range(shift.span.start, shift.span.end),
        person_id=shift.person_id,
        kind=Kind.REPLACE,
        note=NOTE,
        made_by=author.name,
        made_at=author.now,
        origin=origin_of(calendar, shift.night, shift.chosen).to_json(),
    )


def _layer(session: Session, roster_id: int, layer_id: int) -> RosterLayer:
    layer = session.get(RosterLayer, layer_id, populate_existing=True)
    if layer is None or layer.roster_id != roster_id:
        raise GoneError("This layer is not there any more: load the page again.")
    return layer
