"""Whether agreed swaps still cover the shifts that they were made for: a rotation that is changed moves those. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from oncall.planning.questions.before_saving import Changed, asked
from oncall.rosters.errors import Asks, Question
from schedules.rosters.roster import PersonId, Roster, duty_spans
from schedules.spans import Span

# No turn that is swapped is longer; of one that is, a part is looked at.
_AROUND: Final = timedelta(days=62)


@dataclass(frozen=True)
class Agreed:
    """One side of an agreed swap: `taker` has `span` (UTC) in a layer instead of `giver`.

    `shift`: the whole shift that it was, or was a part of, when it was agreed; None: not known.
    """

    swap_id: int
    layer: str
    span: Span
    giver: PersonId
    taker: PersonId
    shift: Span | None = None


def shift_of(roster: Roster, layer: str, span: Span, person: PersonId) -> Span | None:
    """The whole shift of which the span is a part, by the rotations alone; None when not all of it is theirs alone."""
    bare = replace(roster, overrides=(), time_off=())
    if layer not in {each.name for each in roster.layers}:
        return None
    for duty in duty_spans(bare, layer, span.start - _AROUND, span.end + _AROUND):
        if duty.start <= span.start and span.end <= duty.end and duty.people == (person,):
            return Span(duty.start, duty.end)
    return None


def fits(roster: Roster, swap: Agreed) -> bool:
    """Whether the shift is still the giver's, and still begins and ends where the swap does, if it did."""
    now = shift_of(roster, swap.layer, swap.span, swap.giver)
    if now is None:
        return False
    was = swap.shift or now
    begins = swap.span.start != was.start or now.start == was.start
    return begins and (swap.span.end != was.end or now.end == was.end)


def broken(changed: Changed, swaps: Iterable[Agreed]) -> Iterator[Question]:
    """Swaps to come that covered their shift before the change, and do not any more."""
    names = {before.name: after.name for before, after in changed.rotated}
    for swap in swaps:
        if swap.layer not in names or swap.span.end <= changed.now:
            continue
        known = replace(swap, shift=swap.shift or shift_of(changed.before, swap.layer, swap.span, swap.giver))
        moved = replace(known, layer=names[swap.layer])
        if fits(changed.before, known) and not fits(changed.after, moved):
            now = becomes(changed.after, moved, changed.names_of, changed.told)
            words = (
                f"The swap in which {changed.name(swap.taker)} takes {moved.layer}, {changed.told(swap.span)}, from "
                f"{changed.name(swap.giver)} would no longer cover the shift it was made for: {now}."
            )
            yield asked(changed, Asks.SWAP, words, [((swap.swap_id, moved.layer), swap.span)])


def becomes(
    roster: Roster, swap: Agreed, names_of: Callable[[Sequence[PersonId]], str], told: Callable[[Span], str]
) -> str:
    """Who has that time by the rotations now, or from when to when the giver's shift is."""
    shift = shift_of(roster, swap.layer, swap.span, swap.giver)
    if shift is not None:
        return f"that is {told(shift)} now"
    bare = replace(roster, overrides=(), time_off=())
    duties = duty_spans(bare, swap.layer, swap.span.start, swap.span.end)
    others = dict.fromkeys(person for duty in duties for person in duty.people if person != swap.giver)
    return f"by the rotation {names_of(tuple(others))} would have that time, or part of it"
