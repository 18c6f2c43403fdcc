"""Overrides: covering a shift, adding somebody, leaving a layer empty on purpose."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from oncall.people import Person
from oncall.rostering.asking import Subject
from oncall.rostering.editing import Author, editing
from oncall.rostering.errors import GoneError, RosterError, TakenError
from oncall.rostering.finding import layer_now, refuse_retired
from oncall.rostering.versions import refuse_changed_override, who_removed
from oncall.rosters import RosterLayer, RosterOverride, span_of
from schedules.overrides import Kind
from schedules.spans import Span
from schedules.wall_clock import written_time


@dataclass(frozen=True)
class Wish:
    """An override as somebody asks for it. `person_id` None is nobody, on purpose."""

    span: Span
    person_id: int | None
    kind: Kind = Kind.REPLACE
    note: str = ""


def add_override(session: Session, author: Author, layer_id: int, wish: Wish) -> RosterOverride:
    """Put an override into a layer. Raises TakenError when another one is in its way, and other RosterErrors."""
    layer = layer_now(session, layer_id)
    with editing(session, author, layer.roster_id) as edit:
        layer = layer_now(session, layer_id)  # now that nobody else removes it
        row = RosterOverride(layer_id=layer.id)
        _set(session, row, layer, wish, author)
        edit.words = _words(session, row, layer)
        edit.subject = Subject(override=wish.span)
    return row


def change_override(
    session: Session, author: Author, override_id: int, wish: Wish, version: str | None = None
) -> RosterOverride:
    """Give an override another span, person, kind or note; `version`: the one that the author has seen.

    Raises RosterErrors, ChangedError among them.
    """
    layer = layer_now(session, _found(session, override_id).layer_id)
    with editing(session, author, layer.roster_id) as edit:
        row = _found(session, override_id)  # now that nobody else changes it
        _refuse_swapped(row)
        refuse_changed_override(session, row, layer, version)
        before = _words(session, row, layer)
        _set(session, row, layer, wish, author)
        edit.words = f"{_words(session, row, layer)} (before: {before})"
        edit.subject = Subject(override=wish.span)
    return row


def remove_override(session: Session, author: Author, override_id: int, version: str | None = None) -> None:
    """Take an override away; `version`: the one that the author has seen. Raises RosterErrors."""
    layer = layer_now(session, _found(session, override_id).layer_id)
    with editing(session, author, layer.roster_id) as edit:
        row = _found(session, override_id)
        _refuse_swapped(row)
        refuse_changed_override(session, row, layer, version)
        edit.words = f"Removed: {_words(session, row, layer)}"
        session.delete(row)


def put_in(session: Session, row: RosterOverride, layer: RosterLayer) -> None:
    """Write an override. Raises TakenError when another one of the layer is in its way.

    The look beforehand can say who that is; the database has the last word, on writers too that don't look.
    """
    _refuse_taken(session, row, layer)
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        if "ex_roster_override_overlap" not in str(error.orig):
            raise
        raise TakenError(f"Another override of {layer.name} has just been put there: load the page again.") from None


def refuse_senseless(wish: Wish) -> None:
    """Raises RosterError for what no override can do."""
    if wish.kind == Kind.ADD and wish.person_id is None:
        raise RosterError("Nobody can't be added to a layer: choose a person, or replace its people by nobody.")


def _set(session: Session, row: RosterOverride, layer: RosterLayer, wish: Wish, author: Author) -> None:
    refuse_senseless(wish)
    person = None if wish.person_id is None else session.get(Person, wish.person_id)
    if wish.person_id is not None and person is None:
        raise GoneError("This person is not there any more: choose somebody else.")
    if person is not None and person.id != row.person_id:
        refuse_retired(person)
    forget_origin(row, wish.span, wish.person_id, wish.kind)
    row.span = Range(wish.span.start, wish.span.end)
    row.person_id, row.kind, row.note = wish.person_id, wish.kind, wish.note
    row.made_by, row.made_at = author.name, author.now
    put_in(session, row, layer)


def forget_origin(row: RosterOverride, span: Span, person_id: int | None, kind: Kind) -> None:
    """An imported override that is given another span, person or kind by hand belongs to its calendar no longer."""
    stands = row.span is not None and (span_of(row.span), row.person_id, row.kind) == (span, person_id, kind)
    if not stands:
        row.origin = None


def _found(session: Session, override_id: int) -> RosterOverride:
    row = session.get(RosterOverride, override_id, populate_existing=True)
    if row is None:
        by = who_removed(session, "roster_override", override_id) or " by somebody"
        raise GoneError(f"This override is not there any more: it was removed{by}. Load the page again.")
    return row


def _refuse_swapped(row: RosterOverride) -> None:
    refuse_swapped(row.swap_id)


def refuse_swapped(swap_id: int | None) -> None:
    """Raises RosterError for an override that a swap has made: one half of it can't be changed alone."""
    if swap_id is not None:
        raise RosterError("This override belongs to a swap: cancel the swap first, and both shifts are as they were.")


def _words(session: Session, row: RosterOverride, layer: RosterLayer) -> str:
    return f"{described(session, row)} in {layer.name}, {spelled(span_of(row.span), layer.roster.time_zone)}"


def described(session: Session, row: RosterOverride) -> str:
    """Who is put on call by it."""
    name = None if row.person_id is None else session.get_one(Person, row.person_id).name
    return override_words(name, row.kind)


def override_words(name: str | None, kind: Kind) -> str:
    """Who is put on call by an override of this kind; None is nobody."""
    if name is None:
        return "Nobody, on purpose"
    return f"{name} added" if kind == Kind.ADD else f"{name} covers"


def taken(who: str, layer: str, span: Span, zone: str, made_by: str) -> TakenError:
    """The refusal that says whose override (`who`: in `override_words`) is in the way."""
    by = f", by {made_by}" if made_by else ""
    there = f"{who} in {layer} already, {spelled(span, zone)}{by}."
    return TakenError(f"{there} Choose another time, or change that override.")


def spelled(span: Span, zone: str) -> str:
    """A span on the roster's clock, for people."""
    return f"{written_time(span.start, zone)} to {written_time(span.end, zone)}"


def _refuse_taken(session: Session, row: RosterOverride, layer: RosterLayer) -> None:
    query = (
        select(RosterOverride)
        .where(RosterOverride.layer_id == layer.id, RosterOverride.span.overlaps(row.span))
        .order_by(func.lower(RosterOverride.span))
    )
    with session.no_autoflush:
        other = next((each for each in session.scalars(query) if each is not row), None)
    if other is None:
        return
    raise taken(described(session, other), layer.name, span_of(other.span), layer.roster.time_zone, other.made_by)
