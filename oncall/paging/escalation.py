"""Who is tried next: a pure function of the order of people, of who was tried, and of the paging times.

Reading of the product's paging order: one after the other in ring order, `rounds` times over; after that everybody
together, every `then_every` seconds, until somebody accepts.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from oncall.sla.paging_times import PagingTimes


@dataclass(frozen=True)
class Step:
    """Try `people` together as part of `round`; unless something happens before, go on after `wait` seconds."""

    people: tuple[int, ...]
    round: int
    wait: int


def is_everybody_round(round_: int, times: PagingTimes) -> bool:
    """Whether this round calls everybody at once."""
    return round_ > times.rounds


def behind(order: Sequence[int], person: int | None) -> list[int]:
    """Ring order that begins behind `person` and ends with them; as it is when they are not in it."""
    if person is None or person not in order:
        return list(order)
    place = order.index(person) + 1
    return [*order[place:], *order[:place]]


def next_step(
    order: Sequence[int],
    tried: Collection[tuple[int, int]],
    round_: int,
    times: PagingTimes,
    first: int | None = None,
) -> Step:
    """The next step of a page that stands in `round_`.

    `order`: ids of people in ring order, now (it may have changed since the last step: a handoff). `tried`: pairs of
    (round, person id) already tried. `first`: somebody to try before everyone else in the first round.
    """
    if first is not None and (1, first) not in tried and round_ == 1:
        return Step((first,), 1, times.no_answer)
    for candidate in range(round_, times.rounds + 1):
        for person in order:
            if (candidate, person) not in tried:
                return Step((person,), candidate, times.no_answer)
    together = max(round_, times.rounds + 1)
    if any(round_tried == together for round_tried, _ in tried):
        together += 1
    return Step(tuple(order), together, times.then_every)
