"""Swaps: somebody asks a colleague to take a shift, who says yes or no; either may cancel it afterwards."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from oncall.models.people import Person
from oncall.models.planning.changes import RosterSwap, SwapState
from oncall.models.rosters import RosterOverride, span_of
from oncall.planning.editing import Author, editing
from oncall.planning.finding import layer_now, refuse_retired
from oncall.planning.plans.edits import put_in
from oncall.planning.plans.plan import OWN, PlannedOverride
from oncall.planning.plans.reading import at
from oncall.planning.plans.words import spelled
from oncall.planning.questions.before_saving import Subject
from oncall.planning.questions.swap_cover import shift_of
from oncall.planning.roster_edits import apply
from oncall.rosters.errors import GoneError, NotAllowedError, RosterError
from oncall.rosters.reading import load_roster
from schedules.rosters import swaps
from schedules.rosters.overrides import Override
from schedules.rosters.roster import duty_spans
from schedules.spans import Span


@dataclass(frozen=True)
class Shift:
    """A time (UTC) in a layer that somebody is on call for."""

    layer_id: int
    span: Span


def propose(
    session: Session, author: Author, asker: Person, other: Person, given: Shift, taken: Shift | None, note: str = ""
) -> RosterSwap:
    """Ask `other` to take `given`, which must be the asker's, in return for `taken`, which must be theirs.

    Nothing changes on the roster until they accept. Raises RosterErrors.
    """
    for person in (asker, other):
        refuse_retired(person)
    _traded(session, author, asker, other, given, taken)
    _refuse_past(author, given, taken)
    _refuse_not_theirs(session, asker, given)
    if taken is not None:
        _refuse_not_theirs(session, other, taken)
    swap = RosterSwap(
        state=SwapState.PROPOSED,
        asker_id=asker.id,
        other_id=other.id,
        layer_id=given.layer_id,
        span=Range(given.span.start, given.span.end),
        return_layer_id=taken.layer_id if taken else None,
        return_span=Range(taken.span.start, taken.span.end) if taken else None,
        note=note,
        proposed_at=author.now,
    )
    session.add(swap)
    session.flush()
    return swap


def accept(session: Session, author: Author, swap_id: int, person: Person) -> RosterSwap:
    """The colleague says yes: from now on overrides carry the swap out. A second time changes nothing.

    Raises RosterErrors: also when a shift is not theirs any more, or is overridden meanwhile.
    """
    layer = layer_now(session, _found(session, swap_id).layer_id)
    with editing(session, author, layer.roster_id) as edit:
        swap = _found(session, swap_id)
        if person.id != swap.other_id:
            raise NotAllowedError(f"Only {swap.other.name} can accept this swap.")
        if swap.state == SwapState.ACCEPTED:
            return swap
        _refuse_unless(swap, SwapState.PROPOSED)
        for each in (swap.asker, swap.other):
            refuse_retired(each)
        given, taken = shifts_of(swap)
        _refuse_past(author, given, taken)
        _refuse_not_theirs(session, swap.asker, given)
        if taken is not None:
            _refuse_not_theirs(session, swap.other, taken)
        swap.shift = _whole(session, given, swap.asker_id)
        swap.return_shift = None if taken is None else _whole(session, taken, swap.other_id)
        _carry_out(session, author, swap, given, taken)
        swap.state, swap.answered_at = SwapState.ACCEPTED, author.now
        edit.words = f"Swap: {told(session, swap)}"
        edit.subject = Subject(swap_id=swap.id)
    return swap


def refuse(session: Session, author: Author, swap_id: int, person: Person) -> RosterSwap:
    """The colleague says no. Raises RosterErrors."""
    with editing(session, author, layer_now(session, _found(session, swap_id).layer_id).roster_id) as edit:
        swap = _found(session, swap_id)
        if person.id != swap.other_id:
            raise NotAllowedError(f"Only {swap.other.name} can refuse this swap.")
        _refuse_unless(swap, SwapState.PROPOSED)
        swap.state, swap.answered_at = SwapState.REFUSED, author.now
        edit.words = f"Swap refused: {told(session, swap)}"
    return swap


def cancel(session: Session, author: Author, swap_id: int, person: Person | None) -> RosterSwap:
    """Either of the two takes it back, or a manager (`person` None, or another one): both shifts are as they were.

    Once a shift has begun only managers can: what was is a matter of pay. Raises RosterErrors.
    """
    with editing(session, author, layer_now(session, _found(session, swap_id).layer_id).roster_id) as edit:
        swap = _found(session, swap_id)
        if not author.manages and (person is None or person.id not in (swap.asker_id, swap.other_id)):
            raise NotAllowedError(f"Only {swap.asker.name} or {swap.other.name} can cancel this swap.")
        _refuse_unless(swap, SwapState.PROPOSED, SwapState.ACCEPTED)
        if swap.state == SwapState.ACCEPTED and not author.manages and _has_begun(author, swap):
            raise NotAllowedError("A shift of this swap has begun: ask a manager to cancel it.")
        for override in session.scalars(select(RosterOverride).where(RosterOverride.swap_id == swap.id)):
            session.delete(override)
        swap.state, swap.answered_at = SwapState.CANCELLED, author.now
        edit.words = f"Swap cancelled: {told(session, swap)}"
    return swap


def swaps_of(session: Session, person_id: int) -> list[RosterSwap]:
    """Swaps that wait for an answer of either side, or are agreed, newest first."""
    query = select(RosterSwap).where(
        or_(RosterSwap.asker_id == person_id, RosterSwap.other_id == person_id),
        RosterSwap.state.in_((SwapState.PROPOSED, SwapState.ACCEPTED)),
    )
    return list(session.scalars(query.order_by(RosterSwap.id.desc())))


def shifts_of(swap: RosterSwap) -> tuple[Shift, Shift | None]:
    """The shift that is given away, and the one taken in return."""
    given = Shift(swap.layer_id, span_of(swap.span))
    if swap.return_layer_id is None or swap.return_span is None:
        return given, None
    return given, Shift(swap.return_layer_id, span_of(swap.return_span))


def told(session: Session, swap: RosterSwap) -> str:
    """The swap in one sentence's words, on the clocks of the rosters."""
    given, taken = shifts_of(swap)
    words = f"{swap.other.name} takes {_shift_words(session, given)} from {swap.asker.name}"
    return words if taken is None else f"{words}, who takes {_shift_words(session, taken)}"


def _carry_out(session: Session, author: Author, swap: RosterSwap, given: Shift, taken: Shift | None) -> None:
    shifts = [shift for shift in (given, taken) if shift is not None]
    overrides = _traded(session, author, swap.asker, swap.other, given, taken)
    for shift, each in zip(shifts, overrides, strict=True):
        span, person = Span(each.start, each.end), None if each.person is None else int(each.person)
        made = PlannedOverride(OWN, span, person, each.kind, each.note, each.by, each.made_at, swap.id)
        edit = partial(put_in, layer_id=shift.layer_id, override=made)
        apply(session, author, layer_now(session, shift.layer_id).roster_id, at(span), edit)


def _traded(
    session: Session, author: Author, asker: Person, other: Person, given: Shift, taken: Shift | None
) -> tuple[Override, ...]:
    """The overrides that put a swap into force, by the rule of `schedules.rosters.swaps`. Raises RosterError."""

    def of(person: Person, shift: Shift) -> swaps.Shift:
        layer = layer_now(session, shift.layer_id)
        return swaps.Shift(f"{layer.roster.name}, {layer.name}", shift.span.start, shift.span.end, person.id)

    back = None if taken is None else of(other, taken)
    try:
        return swaps.swap_overrides(of(asker, given), back, other.id, author.name, author.now)
    except ValueError as error:
        raise RosterError(f"This can't be swapped: {error}.") from None


def _whole(session: Session, shift: Shift, person_id: int) -> Range[datetime] | None:
    """The shift by the rotations, of which this is all or a part: should they move it, the swap fits no more."""
    layer = layer_now(session, shift.layer_id)
    roster = load_roster(session, layer.roster.name, shift.span.start, shift.span.end)
    whole = shift_of(roster, layer.name, shift.span, person_id)
    return None if whole is None else Range(whole.start, whole.end)


def _refuse_not_theirs(session: Session, person: Person, shift: Shift) -> None:
    """Whoever gives a shift away must be on call in all of it, and alone: an override replaces everybody."""
    layer = layer_now(session, shift.layer_id)
    roster = load_roster(session, layer.roster.name, shift.span.start, shift.span.end)
    duties = duty_spans(roster, layer.name, shift.span.start, shift.span.end)
    if any(duty.people != (person.id,) for duty in duties):
        when = spelled(shift.span, layer.roster.time_zone)
        raise RosterError(
            f"{person.name} is not alone on call in {layer.name} from {when}: choose a whole shift of theirs."
        )


def _refuse_past(author: Author, *shifts: Shift | None) -> None:
    if any(shift.span.start <= author.now for shift in shifts if shift is not None):
        raise RosterError("A shift that has begun can't be swapped: let somebody cover it from now on instead.")


def _has_begun(author: Author, swap: RosterSwap) -> bool:
    return any(shift.span.start <= author.now for shift in shifts_of(swap) if shift is not None)


def _refuse_unless(swap: RosterSwap, *states: str) -> None:
    if swap.state not in states:
        raise GoneError(f"This swap is {swap.state} already.")


def _found(session: Session, swap_id: int) -> RosterSwap:
    swap = session.get(RosterSwap, swap_id, populate_existing=True)
    if swap is None:
        raise GoneError("This swap is not there any more: load the page again.")
    return swap


def _shift_words(session: Session, shift: Shift) -> str:
    layer = layer_now(session, shift.layer_id)
    return f"{layer.name}, {spelled(shift.span, layer.roster.time_zone)},"
