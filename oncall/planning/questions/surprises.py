"""What a change of rosters brings that nobody may have meant: gaps in all of them together, and what each is asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.years import FIRST_YEAR
from oncall.models.customers import Region
from oncall.models.people import ACTIVE, Person, Role
from oncall.planning.plans.words import spelled
from oncall.planning.questions import rules
from oncall.planning.questions.before_saving import GAP_AHEAD, Changed, Subject, key_of, listed
from oncall.planning.questions.gap_rules import all_gaps, more
from oncall.planning.questions.swap_cover import Agreed, broken
from oncall.planning.questions.swaps_agreed import agreed_swaps
from oncall.rosters.bad_rosters import BadRoster, answered
from oncall.rosters.errors import Asks, Gap, Question
from oncall.rosters.reading import PLANNED, Read, read_rosters
from schedules.rosters.roster import Departure, PersonId, Roster
from schedules.spans import Span, merged

_EVER: Final = datetime(FIRST_YEAR - 100, 1, 1, tzinfo=UTC)
_TOLD_AT_MOST: Final = 3
EVERYTHING: Final = frozenset(Asks)
# Whoever publishes a draft has seen on its page whom it moves.
OF_A_DRAFT: Final = EVERYTHING - {Asks.MOVES, Asks.IDLE}
# A draft plans what is to come, shows its gaps beside it, and is asked about what is over when it is published.
OF_A_PLAN: Final = EVERYTHING - {Asks.GAP, Asks.PAST}
# What undoing the last change brings back was in force, and asked about then: but pay may have been reckoned since.
OF_THE_LAST: Final = frozenset({Asks.GAP, Asks.PAST, Asks.SWAP})
# An older one comes back among what was made since: nobody has been asked about them together.
OF_AN_OLDER: Final = EVERYTHING - {Asks.IDLE}

_RULES: Final = {
    Asks.AWAY: rules.away,
    Asks.TWICE: rules.twice,
    Asks.PAST: rules.past,
    Asks.MOVES: rules.moves,
    Asks.IDLE: rules.idle,
}


@dataclass(frozen=True)
class Surprises:
    """What is asked first, with the gaps among it, and what is worth a word and no question."""

    questions: tuple[Question, ...] = ()
    gaps: tuple[Gap, ...] = ()
    warnings: tuple[str, ...] = ()


def read_everything(session: Session) -> Read:
    """All rosters with what was and what will be: a change may reach far."""
    return read_rosters(session, _EVER, None, history=True)


def surprises(
    session: Session, before: Read, now: datetime, subject: Subject, *, asks: frozenset[Asks] = EVERYTHING
) -> Surprises:
    """What has come of a change since `before` was read.

    `asks`: what is asked about, gaps always.
    """
    after = read_everything(session)
    changed = list(_changed(session, before, after, now, subject))
    zones = region_zones(session)
    opened = _opened(before, after, zones, now, changed)
    clock = changed[0].zone if changed else None
    questions = [_gap_question(opened, zones, now, clock)] if opened else []
    warnings: list[str] = []
    swaps = agreed_swaps(session, now) if any(each.rotated for each in changed) else {}
    for each in changed:
        agreed = swaps.get(each.after.name, ())
        found = told(each, agreed, asks)
        if not isinstance(found, BadRoster):
            questions += found[0]
            warnings += found[1]
    return Surprises(tuple(questions), tuple(opened), tuple(warnings))


def told(
    changed: Changed, agreed: Sequence[Agreed], asks: frozenset[Asks]
) -> tuple[list[Question], list[str]] | BadRoster:
    """The questions of these kinds (but for gaps, which are of all rosters together), and warnings."""

    def tell(_roster: Roster) -> tuple[list[Question], list[str]]:
        found = [each for kind, rule in _RULES.items() if kind in asks for each in rule(changed)]
        swaps = broken(changed, agreed) if Asks.SWAP in asks else ()
        return [*found, *swaps], rules.thinner(changed)

    return answered(changed.after, tell)


def open_gaps(session: Session, now: datetime) -> list[Gap]:
    """Hours of the next 30 days that must be covered and are not, for every region that a roster serves."""
    end = now + GAP_AHEAD
    return all_gaps(PLANNED.read_at(session, now).with_empty_ones(), region_zones(session), now, end)


def region_zones(session: Session) -> dict[str, str]:
    """Every region's time zone, by name in order."""
    return {region.name: region.time_zone for region in session.scalars(select(Region).order_by(Region.name))}


def _changed(session: Session, before: Read, after: Read, now: datetime, subject: Subject) -> Iterator[Changed]:
    known = {roster.name: roster for roster in before.rosters}
    pairs = [(known[each.name], each) for each in after.rosters if each.name in known and known[each.name] != each]
    if not pairs:
        return
    names, choosable = everybody(session)
    for one, other in pairs:
        yield Changed(one, other, now, names, subject, choosable)


def everybody(session: Session) -> tuple[dict[PersonId, str], tuple[PersonId, ...]]:
    """All names by id, and who may be put on call."""
    rows = session.execute(select(Person.id, Person.name, Person.role, ACTIVE).order_by(Person.name)).all()
    names: dict[PersonId, str] = {id_: name for id_, name, *_ in rows}
    return names, tuple(id_ for id_, _, role, active in rows if active and role == Role.TECHNICIAN)


def _opened(
    before: Read, after: Read, zones: Mapping[str, str], now: datetime, changed: Sequence[Changed]
) -> list[Gap]:
    """Gaps of the next 30 days, and of all the time that the change touches, that were not there before."""
    one, other = (_for_gaps(each) for each in (before, after))
    if one == other:
        return []
    windows = merged([Span(now, now + GAP_AHEAD), *(span for each in changed for span in each.ahead)])
    found: list[Gap] = []
    for window in windows:
        sides = (all_gaps(each, zones, window.start, window.end) for each in (one, other))
        found += more(*sides)
    return sorted(found, key=lambda gap: (gap.region, gap.span))


def _for_gaps(read: Read) -> list[Roster]:
    """Who has left comes back at no instant to come: a clock that was set back must not bring them back."""
    return [
        replace(each, departures=tuple(Departure(one.person, _EVER) for one in each.departures))
        if each.departures
        else each
        for each in read.with_empty_ones()
    ]


def _gap_question(opened: Sequence[Gap], zones: Mapping[str, str], now: datetime, clock: str | None) -> Question:
    """One sentence for all regions, on the clock of the roster that is changed; behind it each region on its own."""
    regions = list(dict.fromkeys(gap.region for gap in opened))
    where = listed([_named(each) for each in regions]) if len(regions) <= _TOLD_AT_MOST else f"{len(regions)} regions"
    zone = clock if clock and len(regions) > 1 else zones[regions[0]]
    told = [spelled(span, zone) for span in merged(gap.span for gap in opened)]
    rest = len(told) - _TOLD_AT_MOST
    more_words = f" and {rest} more" if rest > 0 else ""
    words = f"Nobody would be on call in {where}: {'; '.join(told[:_TOLD_AT_MOST])}{more_words}."
    lines = [f"{_named(gap.region)}: {spelled(gap.span, zones[gap.region])}" for gap in opened]
    said = [(gap.region, gap.span.start, gap.span.end) for gap in opened]
    return Question(Asks.GAP, words, key_of(Asks.GAP.value, now, said), tuple(lines))


def _named(region: str) -> str:
    return region.replace("_", " ")
