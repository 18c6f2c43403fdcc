"""What is asked before a change is saved that looks right and may not be. Pure; each rule looks at one roster."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

from oncall.planning.drafts.compare import Difference, differences
from oncall.planning.questions.before_saving import FILLING_IN, MOVES_AHEAD, Changed, asked
from oncall.planning.questions.choices import best_people, counting, from_next_handoff, from_now
from oncall.rosters.coverage import left_of
from oncall.rosters.errors import Asks, Choice, Question
from schedules.rosters.depth import Rungs, joined, side_by_side, stretches, thin
from schedules.rosters.idle import idle_people
from schedules.rosters.layers import WEEKDAYS, Layer
from schedules.rosters.roster import PersonId, Roster, duty_spans
from schedules.spans import Span, in_common, merged
from schedules.wall_clock import written_time

_HOUR: Final = timedelta(hours=1)
_ALWAYS: Final = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def away(changed: Changed) -> Iterator[Question]:
    """Somebody covers, or is added, while they have time off: they would not be rung."""
    for layer in changed.after.layers:
        found = _away(changed.after, layer.name, changed.ahead)
        known = _away(changed.before, layer.name, changed.ahead)
        for person, spans in found.items():
            new = left_of(spans, known.get(person, ()))
            if new:
                yield _away_question(changed, layer.name, person, new)


def _away_question(changed: Changed, layer: str, person: PersonId, spans: list[Span]) -> Question:
    free = best_people(changed)
    words = f"{changed.name(person)} has time off and would not be rung: {layer}, {changed.told_all(spans)}."
    lines = [f"{layer}, {changed.told(span)}: {changed.name(person)} has time off" for span in spans]
    return asked(
        changed, Asks.AWAY, words, [((layer, person), span) for span in spans], lines, [*free, *_refusing(changed)]
    )


def _away(roster: Roster, layer: str, spans: Iterable[Span]) -> dict[PersonId, list[Span]]:
    """By the person of an override: when it holds and they are away."""
    found: dict[PersonId, list[Span]] = {}
    if layer not in {each.name for each in roster.layers}:
        return found
    for window in spans:
        for duty in duty_spans(roster, layer, window.start, window.end):
            person = duty.override.person if duty.override else None
            if person is not None and person in duty.absent:
                found.setdefault(person, []).append(Span(duty.start, duty.end))
    return {person: list(merged(each)) for person, each in found.items()}


def twice(changed: Changed) -> Iterator[Question]:
    """One person stands in several layers, and nobody is behind them where somebody was."""
    for person, spans in _fallen(changed, doubled=True).items():
        layers = [each.name for each in changed.after.layers if _stands_in(changed.after, each.name, person, spans[0])]
        who, where = changed.name(person), " and ".join(layers)
        words = f"{who} would be in {where} at once, with nobody behind: {changed.told_all(spans)}."
        choices = [*best_people(changed), *_refusing(changed)]
        lines = [f"{changed.told(span)}: only {who}" for span in spans]
        yield asked(changed, Asks.TWICE, words, [(person, span) for span in spans], lines, choices)


def thinner(changed: Changed) -> list[str]:
    """A warning in words for each time in which nobody is behind the only one any more."""
    return [
        f"Nobody is behind {changed.name(person)}: {changed.told_all(spans)}."
        for doubled in (False, True)
        for person, spans in _fallen(changed, doubled=doubled).items()
    ]


def _fallen(changed: Changed, *, doubled: bool) -> dict[PersonId, list[Span]]:
    """By the only person who is left: when there were others before."""
    found: dict[PersonId, list[Span]] = {}
    for window in changed.ahead:
        before = side_by_side(stretches(changed.before, window.start, window.end))
        deep = (each for each in before if len(each.people) > 1)
        for each, _, both in in_common(_alone(changed.after, window, doubled=doubled), deep):
            found.setdefault(each.people[0], []).append(both)
    return {person: list(merged(spans)) for person, spans in found.items()}


def _alone(roster: Roster, window: Span, *, doubled: bool) -> list[Rungs]:
    after = stretches(roster, window.start, window.end)
    if doubled:
        return joined(each for each in side_by_side(after) if each.is_doubled)
    return [each for each in thin(after) if not each.is_doubled]


def _stands_in(roster: Roster, layer: str, person: PersonId, span: Span) -> bool:
    return any(person in duty.people for duty in duty_spans(roster, layer, span.start, span.end))


def past(changed: Changed) -> Iterator[Question]:
    """Hours that are over would change hands: what was is a matter of pay."""
    gained, lost = (_moved(changed, one, other) for one, other in _both_ways(changed))
    everything = [*chain.from_iterable(gained.values()), *chain.from_iterable(lost.values())]
    if not everything or min(span.start for span in everything) > changed.now - FILLING_IN:
        return
    people = sorted({*gained, *lost}, key=changed.name)
    sums = [_signed(_sum(gained.get(each, ())) - _sum(lost.get(each, ()))) for each in people]
    hours = ", ".join(f"{changed.name(person)} {words}" for person, words in zip(people, sums, strict=True))
    when = changed.told_all(list(merged(everything)))
    words = f"This changes hours that are over, and so the hours for payroll: {hours}; {when}."
    lines = [
        f"{changed.told(span)}: {changed.name(person)} {'was' if found is gained else 'was not'} on call"
        for found in (lost, gained)
        for person, spans in found.items()
        for span in spans
    ]
    about = [(each, span) for found in (lost, gained) for each, spans in found.items() for span in spans]
    yield asked(changed, Asks.PAST, words, about, lines, [*from_now(changed), *from_next_handoff(changed)])


def _both_ways(changed: Changed) -> Iterator[tuple[Roster, Roster]]:
    yield changed.after, changed.before
    yield changed.before, changed.after


def _moved(changed: Changed, one: Roster, other: Roster) -> dict[PersonId, list[Span]]:
    """When somebody is on call in the one, in whatever layer, and not in the other."""
    held, known = _held(one, changed.behind), _held(other, changed.behind)
    parts = {person: left_of(spans, known.get(person, ())) for person, spans in held.items()}
    return {person: spans for person, spans in parts.items() if spans}


def _held(roster: Roster, windows: Iterable[Span]) -> dict[PersonId, list[Span]]:
    found: dict[PersonId, list[Span]] = {}
    for window in windows:
        for layer in roster.layers:
            for duty in duty_spans(roster, layer.name, window.start, window.end):
                for person in duty.people:
                    found.setdefault(person, []).append(Span(duty.start, duty.end))
    return {person: list(merged(spans)) for person, spans in found.items()}


def _sum(spans: Iterable[Span]) -> timedelta:
    return sum((span.length for span in spans), timedelta())


def _signed(length: timedelta) -> str:
    return f"{'−' if length < timedelta() else '+'}{abs(length) / _HOUR:.4g} h"


def moves(changed: Changed) -> Iterator[Question]:
    """A rotation that is changed moves who is on call now or in the next 14 days."""
    found = moved(changed)
    if not found:
        return
    layer, first = found[0]
    when = "now" if first.start <= changed.now else f"from {written_time(first.start, changed.zone)}"
    instead = f"{changed.names_of(first.after)} instead of {changed.names_of(first.before)}"
    more = f", and {len(found) - 1} more within 14 days" if len(found) > 1 else ""
    until = written_time(first.end, changed.zone)
    words = f"This moves who is on call {when}: {instead} in {layer} until {until}{more}."
    lines = [_line(changed, name, each) for name, each in found]
    about = [((name, each.before, each.after), Span(each.start, each.end)) for name, each in found]
    yield asked(changed, Asks.MOVES, words, about, lines, from_next_handoff(changed) if when == "now" else ())


def moved(changed: Changed) -> list[tuple[str, Difference]]:
    """By the name of the layer, from now on: who comes on call in the place of whom, in the order of time."""
    end = changed.now + MOVES_AHEAD
    found = [
        (after.name, each)
        for before, after in changed.rotated
        for each in differences(
            duty_spans(changed.before, before.name, changed.now, end),
            duty_spans(changed.after, after.name, changed.now, end),
        )
    ]
    return sorted(found, key=lambda each: each[1].start)


def _line(changed: Changed, layer: str, each: Difference) -> str:
    instead = f"{changed.names_of(each.after)} instead of {changed.names_of(each.before)}"
    return f"{layer}, {changed.told(Span(each.start, each.end))}: {instead}"


def idle(changed: Changed) -> Iterator[Question]:
    """Somebody's turns never fall on the hours of the layer that is made or changed."""
    known = {layer.name: idle_words(layer, changed, counting=False) for layer in changed.before.layers}
    for layer in changed.after.layers:
        words = idle_words(layer, changed, counting=False)
        if words and words != known.get(layer.name):
            yield asked(
                changed, Asks.IDLE, " ".join(words), [(each, _ALWAYS) for each in words], (), counting(changed, layer)
            )


def idle_words(layer: Layer, changed: Changed, *, counting: bool = True) -> list[str]:
    """A sentence for each rotation in which somebody never comes on duty; with `counting`, the remedy too."""
    found = idle_people(layer, changed.zone, changed.now)
    return [idle_sentence(changed.names_of(each.people), layer, each.counted and counting) for each in found]


def idle_sentence(names: str, layer: Layer, remedy: bool) -> str:
    """For example "The turns of Ada Rossi never fall on the hours of first (sat 09:00 to 18:00)."."""
    hours = "; ".join(
        f"{' '.join(WEEKDAYS[day] for day in sorted(each.days))} {each.from_:%H:%M} to {each.to:%H:%M}"
        for each in layer.hours
    )
    more = " Let the rotation count only the days on duty." if remedy else ""
    return f"The turns of {names} never fall on the hours of {layer.name} ({hours}).{more}"


def _refusing(changed: Changed) -> Sequence[Choice]:
    swap_id = changed.subject.swap_id
    return [] if swap_id is None else [Choice("Refuse the swap", instead=f"/swaps/{swap_id}/refuse")]
