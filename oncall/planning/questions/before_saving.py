"""A roster before and after a change: what of it is touched, whom it concerns, in whose words it is told. Pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

from oncall.planning.plans.words import spelled
from oncall.rosters.errors import Asks, Choice, Question
from schedules.rosters.layers import Layer
from schedules.rosters.roster import PersonId, Roster
from schedules.spans import Span, merged
from schedules.wall_clock import to_utc

# Hours that must be covered are looked at this far ahead, and further where a change reaches further.
GAP_AHEAD: Final = timedelta(days=30)
# A change of a rotation is shown with what it moves in this time.
MOVES_AHEAD: Final = timedelta(days=14)
# A form is filled in so long before it is sent.
FILLING_IN: Final = timedelta(minutes=15)
# A yes holds so long: what is asked depends on the time, which goes on while somebody reads and decides.
YES_HOLDS: Final = timedelta(hours=1)
# Longer stretches are looked at so far: as much as hours for payroll can be asked for at once.
_LONGEST: Final = timedelta(days=731)
_TOLD_AT_MOST: Final = 3
_LISTED_AT_MOST: Final = 40
_DIGITS: Final = 12
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STAMPED: Final = re.compile(r"[a-z-]+-(\d{1,16})-[0-9a-f]+", re.ASCII)


@dataclass(frozen=True)
class Subject:
    """What a change is about, for the better choices that can be offered.

    `override`: the one that is made or changed; `swap_id`: the swap that is accepted; `layer`: the name of the layer
    whose rotations are changed.
    """

    override: Span | None = None
    swap_id: int | None = None
    layer: str | None = None


@dataclass(frozen=True)
class Changed:
    """One roster before and after a change at `now` (UTC). `names`: everybody's; `choosable`: who may be offered."""

    before: Roster
    after: Roster
    now: datetime
    names: Mapping[PersonId, str]
    subject: Subject = field(default_factory=Subject)
    choosable: tuple[PersonId, ...] = ()

    @property
    def zone(self) -> str:
        return self.after.time_zone

    @cached_property
    def touched(self) -> list[Span]:
        """The time (UTC) in which the two can differ, from the earliest on; what has no end ends in 30 days."""
        spans = {Span(each.start, each.end) for each in set(self.before.overrides) ^ set(self.after.overrides)}
        spans |= {Span(each.start, each.end) for each in set(self.before.time_off) ^ set(self.after.time_off)}
        spans |= set(self._rotated())
        return list(merged(spans))

    @cached_property
    def ahead(self) -> list[Span]:
        """What of it is to come."""
        return list(_clipped(self.touched, self.now, None))

    @cached_property
    def behind(self) -> list[Span]:
        """What of it is over."""
        return list(_clipped(self.touched, None, self.now))

    @cached_property
    def rotated(self) -> list[tuple[Layer, Layer]]:
        """Layers with other rotations or hours, before and after. A layer that only one side has is none of them."""
        known = {layer.name: layer for layer in self.before.layers}
        mine = {layer.name: layer for layer in self.after.layers}
        pairs = [(known.pop(name), mine.pop(name)) for name in [*known] if name in mine]
        if len(known) == len(mine):  # renamed
            pairs += zip(known.values(), mine.values(), strict=True)
        return [(one, other) for one, other in pairs if (one.rotations, one.hours) != (other.rotations, other.hours)]

    def name(self, person: PersonId | None) -> str:
        return "nobody" if person is None else self.names.get(person, "somebody who has left")

    def names_of(self, people: Sequence[PersonId]) -> str:
        """For example "Ada Rossi and Bruno Verdi"."""
        return listed([self.name(person) for person in people]) or "nobody"

    def told(self, span: Span) -> str:
        """On the roster's clock."""
        return spelled(span, self.zone)

    def told_all(self, spans: Sequence[Span]) -> str:
        """The first of them, and how many more."""
        rest = len(spans) - _TOLD_AT_MOST
        words = "; ".join(self.told(span) for span in spans[: _TOLD_AT_MOST if rest > 0 else None])
        return f"{words} and {rest} more" if rest > 0 else words

    def _rotated(self) -> Iterator[Span]:
        one, other = (
            Counter((each.rotations, each.hours) for each in side.layers) for side in (self.before, self.after)
        )
        for rotation in (rotation for rotations, _ in (one - other) + (other - one) for rotation in rotations):
            start = to_utc(rotation.start, self.zone)
            until = None if rotation.until is None else to_utc(rotation.until, self.zone)
            end = max(start, self.now if until is None else until) + GAP_AHEAD
            yield Span(start, end)
            if start > self.now:
                yield Span(self.now, start)


def asked(
    changed: Changed,
    asks: Asks,
    words: str,
    about: Iterable[tuple[object, Span]],
    lines: Iterable[str] = (),
    choices: Iterable[Choice] = (),
) -> Question:
    """A question. Its key names what it is `about`, whom and when: another one is asked anew."""
    said = [(whom, span.start, span.end) for whom, span in about]
    shown = list(lines)
    rest = len(shown) - _LISTED_AT_MOST
    if rest > 0:
        shown[_LISTED_AT_MOST:] = [f"and {rest} more"]
    key = key_of(asks.value, changed.now, (changed.after.name, said))
    return Question(asks, words, key, tuple(shown), tuple(choices))


def listed(names: Sequence[str]) -> str:
    """For example "Ada Rossi, Bruno Verdi and Carla Neri"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def key_of(what: str, now: datetime, said: object) -> str:
    """A name for what is `said`, which must be plain data, as of an instant (UTC).

    What is over, what comes next and how far is looked ahead depend on that instant, and may be others a moment later:
    so it is a part of the key, and the yes is held against what was asked then (`asked_at`).
    """
    stamp = (now - _EPOCH) // timedelta(microseconds=1)
    return f"{what.replace(' ', '-')}-{stamp}-{hashlib.sha256(repr(said).encode()).hexdigest()[:_DIGITS]}"


def asked_at(keys: Iterable[str], now: datetime) -> datetime:
    """When the questions (UTC) of these keys were asked; `now` when there are none, or their time is over."""
    found = (_STAMPED.fullmatch(key) for key in keys)
    instants = (_EPOCH + timedelta(microseconds=int(each[1])) for each in found if each)
    return max((at for at in instants if now - YES_HOLDS <= at <= now), default=now)


def _clipped(spans: Iterable[Span], start: datetime | None, end: datetime | None) -> Iterator[Span]:
    for span in spans:
        first = span.start if start is None else max(span.start, start)
        last = span.end if end is None else min(span.end, end)
        if first < last:
            yield _not_too_long(Span(first, last), from_the_end=end is not None)


def _not_too_long(span: Span, *, from_the_end: bool) -> Span:
    if span.length <= _LONGEST:
        return span
    return Span(span.end - _LONGEST, span.end) if from_the_end else Span(span.start, span.start + _LONGEST)
