"""An import of shifts into a layer: what it would do, and doing it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from oncall.people import ACTIVE
from oncall.people import Person as PersonRow
from oncall.rostering.editing import GAP_AHEAD, Author, editing
from oncall.rostering.errors import GapOpensError, GoneError, RosterError, TakenError
from oncall.rostering.importing import Comparison, Reading, Shift, Standing, compared
from oncall.rostering.importing_people import People, Person
from oncall.rostering.overriding import REPLACE
from oncall.rosters import RosterLayer, RosterOverride, span_of
from schedules.spans import Span

NOTE: Final = "import"
_BEHIND: Final = timedelta(days=30)
_AHEAD: Final = timedelta(days=400)
_DAY: Final = timedelta(days=1)


class PreviewOutdatedError(RosterError):
    """What would be done is not what was shown."""


@dataclass(frozen=True)
class Preview:
    """What an import would do. `gaps`: a warning in words, or nothing; `digest` names all of it."""

    layer: str
    comparison: Comparison
    names: dict[int, str]
    gaps: str
    digest: str


@dataclass(frozen=True)
class _Tried:
    """What a change would have brought: the gaps' warning, and when they begin."""

    gaps: str = ""
    starts: tuple[tuple[str, str], ...] = ()


class _TakenBackError(Exception):
    """Ends a try."""


def import_window(now: datetime) -> Span:
    """The time whose shifts are imported: whole UTC days, so that a preview does not age by the minute."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Span(today - _BEHIND, today + _AHEAD + _DAY)


def preview_shifts(session: Session, author: Author, roster_id: int, layer_id: int, reading: Reading) -> Preview:
    """What importing into the layer would do; nothing stays written. Raises RosterErrors."""
    layer = _layer(session, roster_id, layer_id)
    name, people = layer.name, _people(session)
    comparison = compared(reading, people, _standing(session, layer_id, reading))
    tried = attempt(session, author, lambda cautious: _write(session, cautious, layer, comparison.added, ""))
    told = (layer_id, comparison, tried.starts)
    return Preview(name, comparison, people.names, tried.gaps, digest(told))


def import_shifts(
    session: Session, author: Author, roster_id: int, layer_id: int, reading: Reading, source: str, seen: str
) -> int:
    """Write the shifts that the preview with the digest `seen` has shown; how many they are.

    `source` names the file in history. Raises PreviewOutdatedError when something has changed since, GapOpensError,
    and other RosterErrors: the caller rolls back.
    """
    preview = preview_shifts(session, author, roster_id, layer_id, reading)
    refuse_outdated(preview.digest, seen)
    _write(session, author, _layer(session, roster_id, layer_id), preview.comparison.added, source)
    return len(preview.comparison.added)


def refuse_outdated(digest_now: str, seen: str) -> None:
    """Raises PreviewOutdatedError."""
    if digest_now != seen:
        raise PreviewOutdatedError("Something has changed since you looked: this is what the import would do now.")


def attempt(session: Session, author: Author, change: Callable[[Author], None]) -> _Tried:
    """Make a change, look at the gaps that it opens, and take it back. Raises RosterErrors other than for gaps."""
    cautious = replace(author, accepts_gaps=False)
    try:
        with session.begin_nested():
            change(cautious)
            raise _TakenBackError
    except _TakenBackError:
        return _Tried()
    except GapOpensError as error:
        # Where gaps are cut off by the end of what is looked at moves on with the time, and is no news.
        edge = author.now + GAP_AHEAD - _DAY
        inside = [gap for gap in error.gaps if author.now + _DAY < gap.span.start < edge]
        return _Tried(str(error), tuple((gap.region, gap.span.start.isoformat()) for gap in inside))


def digest(told: object) -> str:
    """A name for all that a preview shows; its parts must be plain data."""
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _write(session: Session, author: Author, layer: RosterLayer, shifts: Iterable[Shift], source: str) -> None:
    rows = [_row(author, layer, shift) for shift in shifts]
    with editing(session, author, layer.roster_id) as edit, _collisions_told(layer.name):
        session.add_all(rows)
        session.flush()
        edit.words = f"Imported {counted(len(rows), 'shift')} into {layer.name} from {source}"


def counted(number: int, what: str) -> str:
    """Such as "1 shift", "12 shifts"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


@contextmanager
def _collisions_told(layer: str) -> Iterator[None]:
    """The database has the last word: somebody may have put an override there since we looked."""
    try:
        yield
    except IntegrityError as error:
        if "ex_roster_override_overlap" not in str(error.orig):
            raise
        raise TakenError(f"Another override of {layer} has just been put there: look again at the preview.") from None


def _row(author: Author, layer: RosterLayer, shift: Shift) -> RosterOverride:
    return RosterOverride(
        layer_id=layer.id,
        span=Range(shift.span.start, shift.span.end),
        person_id=shift.person_id,
        kind=REPLACE,
        note=NOTE,
        made_by=author.name,
        made_at=author.now,
    )


def _people(session: Session) -> People:
    query = select(PersonRow.id, PersonRow.name, PersonRow.email).where(ACTIVE).order_by(PersonRow.name)
    rows = session.execute(query)
    return People(Person(*row) for row in rows)


def _standing(session: Session, layer_id: int, reading: Reading) -> list[Standing]:
    """The layer's overrides from the first event to the last."""
    if not reading.events:
        return []
    whole = Range(min(each.start for each in reading.events), max(each.end for each in reading.events))
    query = select(RosterOverride.span, RosterOverride.person_id, RosterOverride.kind, RosterOverride.made_by).where(
        RosterOverride.layer_id == layer_id, RosterOverride.span.overlaps(whole)
    )
    return [
        Standing(span_of(span), person_id, kind == REPLACE, made_by)
        for span, person_id, kind, made_by in session.execute(query)
    ]


def _layer(session: Session, roster_id: int, layer_id: int) -> RosterLayer:
    layer = session.get(RosterLayer, layer_id, populate_existing=True)
    if layer is None or layer.roster_id != roster_id:
        raise GoneError("This layer is not there any more: load the page again.")
    return layer
