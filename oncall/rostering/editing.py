"""One change of rosters: alone, told in words, kept for undo, and never opening a gap silently."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from oncall.customers import Region
from oncall.people import Person
from oncall.roster_reading import read_rosters
from oncall.rostering.accepted_gaps import tell_accepted
from oncall.rostering.errors import BusyError, Gap, GapOpensError
from oncall.rostering.gap_rules import all_gaps, more
from oncall.rostering.models import RosterChange
from oncall.rostering.recording import merged, recorded
from schedules.wall_clock import written_time

# Hours that must be covered are looked at this far ahead.
GAP_AHEAD: Final = timedelta(days=30)
_TOLD_AT_MOST: Final = 3
# Held by whoever changes a roster: gaps depend on all of them, and changes are rare.
LOCK: Final = 7_215_004
_LOCK_NOT_AVAILABLE: Final = "55P03"


@dataclass(frozen=True)
class Author:
    """Who makes a change, when (UTC), whether its gaps are accepted, and whether they may act for others.

    `email` and `person_id` are their account's, so that they need not be told what they did; `site` is the address of
    the pages, for links in what others are told.
    """

    name: str
    now: datetime
    accepts_gaps: bool = False
    manages: bool = False
    email: str | None = None
    person_id: int | None = None
    site: str = ""


@dataclass
class Edit:
    """What the block of `editing` says of itself. What undoes an older change can't be undone itself."""

    words: str = ""
    undoes: bool = False


@contextmanager
def editing(session: Session, author: Author, roster_id: int | None) -> Iterator[Edit]:
    """Make a change and write it into the history; `roster_id` None: somebody's time off.

    Changes are made one after the other, whoever makes them. Raises BusyError when this one's turn does not come,
    GapOpensError when hours lose their last person
    and `author` has not accepted that: the caller rolls back, as for every RosterError. Once accepted, those in charge
    are told.
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
    if opened:
        tell_accepted(session, change, opened, author.site, _own_addresses(session, author))


def wait_for_others(session: Session) -> None:
    """From here to the end of the transaction nobody else changes a roster.

    Raises BusyError when somebody else's change lasts longer than connections of this process wait for locks.
    """
    try:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        raise BusyError from None


def open_gaps(session: Session, now: datetime) -> list[Gap]:
    """Hours of the next 30 days that must be covered and are not, for every region that a roster serves."""
    end = now + GAP_AHEAD
    return all_gaps(read_rosters(session, now, end).with_empty_ones(), region_zones(session), now, end)


def region_zones(session: Session) -> dict[str, str]:
    """Every region's time zone, by name in order."""
    return {region.name: region.time_zone for region in session.scalars(select(Region).order_by(Region.name))}


def _own_addresses(session: Session, author: Author) -> set[str]:
    person = None if author.person_id is None else session.get(Person, author.person_id)
    return {address.lower() for address in (author.email, person.email if person else None) if address}


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
