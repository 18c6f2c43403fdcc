"""What is worth a word about a roster, and no alarm: nobody behind the first, turns that never come on duty. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.planning.plans.words import spelled
from oncall.planning.questions.before_saving import listed
from oncall.planning.questions.rules import idle_sentence
from oncall.planning.questions.swap_cover import Agreed, becomes
from schedules.rosters.depth import Stretch, thin
from schedules.rosters.idle import idle_people
from schedules.rosters.roster import PersonId, Roster
from schedules.spans import Span


@dataclass(frozen=True)
class Warned:
    """A warning in words; `span` (UTC) and `person_id` where it is about a time in which nobody is behind somebody."""

    kind: str
    words: str
    span: Span | None = None
    person_id: int | None = None


def warnings_of(
    roster: Roster,
    layers: Sequence[Sequence[Stretch]],
    required: Iterable[Span],
    names: Mapping[int, str],
    at: datetime,
) -> Iterator[Warned]:
    """Of the layers' people side by side, in the hours that must be covered; and of the plan as it is from `at` on."""
    yield from _thin(layers, list(required), names)
    for layer in roster.layers:
        for each in idle_people(layer, roster.time_zone, at):
            people = listed([names.get(int(person), "somebody who has left") for person in each.people])
            yield Warned("idle", idle_sentence(people, layer, each.counted))


def swap_warning(roster: Roster, swap: Agreed, names: Mapping[int, str]) -> Warned:
    """Of an agreed swap that no longer covers its shift."""

    def name(person: PersonId) -> str:
        return names.get(int(person), "somebody who has left")

    def told(span: Span) -> str:
        return spelled(span, roster.time_zone)

    now = becomes(roster, swap, lambda people: listed([name(each) for each in people]) or "nobody", told)
    what = f"{name(swap.taker)} takes {swap.layer}, {told(swap.span)}, from {name(swap.giver)}"
    words = f"A swap no longer covers the shift it was made for ({what}): {now}. Cancel it, and ask anew"
    return Warned("swap", words)


def _thin(layers: Sequence[Sequence[Stretch]], required: list[Span], names: Mapping[int, str]) -> Iterator[Warned]:
    place = 0
    for each in thin(layers):
        person = each.people[0]
        while place < len(required) and required[place].end <= each.start:
            place += 1
        for span in required[place:]:
            if span.start >= each.end:
                break
            both = span.clip(each.start, each.end)
            if both:
                yield Warned("thin", f"Nobody is behind {names.get(int(person), 'them')}", both, int(person))
