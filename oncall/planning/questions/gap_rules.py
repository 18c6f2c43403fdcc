"""Gaps of all rosters together, and which of them are new. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oncall.rosters.coverage import gaps, left_of
from oncall.rosters.errors import Gap
from schedules.rosters.roster import Roster
from schedules.spans import Span


def all_gaps(rosters: Sequence[Roster], zones: Mapping[str, str], start: datetime, end: datetime) -> list[Gap]:
    """Hours that must be covered and are not, for every region (name and zone) that a roster serves."""
    found: list[Gap] = []
    for region, zone in zones.items():
        serving = [roster for roster in rosters if region in roster.regions]
        if serving:
            found += [Gap(region, span) for span in gaps(serving, zone, start, end)]
    return found


def more(before: Sequence[Gap], after: Sequence[Gap]) -> list[Gap]:
    """The parts of the gaps that were not there before."""
    known, found = _by_region(before), _by_region(after)
    return [Gap(region, part) for region, spans in found.items() for part in left_of(spans, known.get(region, ()))]


def _by_region(found_gaps: Sequence[Gap]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for gap in found_gaps:
        found.setdefault(gap.region, []).append(gap.span)
    return found
