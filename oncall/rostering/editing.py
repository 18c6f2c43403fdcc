"""One change of rosters: alone, told in words, kept for undo, and never opening a gap silently."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from oncall.customers import Region
from oncall.roster_reading import load_rosters
from oncall.rostering.errors import Gap, GapOpensError
from oncall.rostering.gap_rules import all_gaps, more
from oncall.rostering.models import RosterChange
from oncall.rostering.recording import merged, recorded
from schedules.wall_clock import written_time

# Hours that must be covered are looked at this far ahead.
GAP_AHEAD: Final = timedelta(days=30)
_TOLD_AT_MOST: Final = 3
# Held by whoever changes a roster: gaps depend on all of them, and changes are rare.
_LOCK: Final = 7_215_004


@dataclass(frozen=True)
class Author:
    """Who makes a change, when (UTC), whether its gaps are accepted, and whether they may act for others."""

    name: str
    now: datetime
    accepts_gaps: bool = False
    manages: bool = False


@dataclass
class Edit:
    """What the block of `editing` says of itself. What undoes an older change can't be undone itself."""

    words: str = ""
    undoes: bool = False


@contextmanager
def editing(session: Session, author: Author, roster_id: int | None) -> Iterator[Edit]:
    """Make a change and write it into the history; `roster_id` None: somebody's time off.

    Changes are made one after the other, whoever makes them. Raises GapOpensError when hours lose their last person
    and `author` has not accepted that: the caller rolls back, as for every RosterError.
    """
    wait_for_others(session)
    before = open_gaps(session, author.now)
    edit = Edit()
    with recorded(session) as steps:
        yield edit
    done = merged(steps)
    if not done and not edit.undoes:
        return
    opened = more(before, open_gaps(session, author.now))
    if opened and not author.accepts_gaps:
        raise GapOpensError(opened, _warning(session, opened))
    change = RosterChange(
        roster_id=roster_id, at=author.now, made_by=author.name, words=edit.words, steps=done, undone=edit.undoes
    )
    session.add(change)
    session.flush()


def wait_for_others(session: Session) -> None:
    """From here to the end of the transaction nobody else changes a roster."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def open_gaps(session: Session, now: datetime) -> list[Gap]:
    """Hours of the next 30 days that must be covered and are not, for every region that a roster serves."""
    end = now + GAP_AHEAD
    return all_gaps(load_rosters(session, now, end), region_zones(session), now, end)


def region_zones(session: Session) -> dict[str, str]:
    """Every region's time zone, by name in order."""
    return {region.name: region.time_zone for region in session.scalars(select(Region).order_by(Region.name))}


def _warning(session: Session, opened: Sequence[Gap]) -> str:
    zones = region_zones(session)
    told = [
        f"{gap.region}: {written_time(gap.span.start, zones[gap.region])} to "
        f"{written_time(gap.span.end, zones[gap.region])}"
        for gap in opened[:_TOLD_AT_MOST]
    ]
    rest = len(opened) - len(told)
    more = f" and {rest} more" if rest else ""
    return f"Nobody would be on call in {'; '.join(told)}{more}. Save it all the same?"
