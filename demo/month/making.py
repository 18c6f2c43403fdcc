"""Making the month: once, in a database without any ticket, all of it in one transaction."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from heapq import heapify, heappop, heapreplace
from typing import Final

from sqlalchemy import case, exists, func, select, update
from sqlalchemy.orm import Session

from core.jobs import forget_wake_ups
from core.locks import Lock
from demo.month.scene import Instants, Scene, set_stage
from demo.month.script import Story
from demo.month.telling import tell
from oncall.models.customers import default_zone
from oncall.models.pages import Page, PageMove, PageState
from oncall.models.tickets import Ticket
from oncall.runtime import Work
from schedules.wall_clock import to_utc, wall_time

_SUNDAY: Final = 6
_BEGINS: Final = time(2)


class NoDemoError(Exception):
    """The telephone network is a real one: nothing may be made up in its database."""


def make_month(work: Work, stories: Iterable[Story]) -> int:
    """Play the stories up to the last Sunday at two before `work.now`; how many tickets they have led to.

    0, and nothing is made, where there is a ticket already. Raises NoDemoError.
    """
    session, runtime = work.session, work.runtime
    if not runtime.settings.simulated:
        raise NoDemoError("A month of tickets is made up for the simulated telephone network only.")
    session.execute(select(func.pg_advisory_xact_lock(Lock.DEMO_MONTH)))
    if session.scalar(select(exists().where(Ticket.id.is_not(None)))):
        return 0
    zone = default_zone(session, runtime.settings.default_region)
    stage = set_stage(work)
    sunday = last_sunday(work.now, zone)
    scenes = [Scene(stage, each, f"month:{place}", _begin(each, sunday, zone)) for place, each in enumerate(stories)]
    _play([tell(scene) for scene in scenes])
    stage.network.deliver(session)
    _date_moves(session, stage.runtime.clock.shift())
    forget_wake_ups(session)  # everything has been seen to
    return session.scalar(select(func.count(Ticket.id))) or 0


def last_sunday(now: datetime, zone: str) -> datetime:
    """The newest Sunday at two on the zone's clock that is not after `now`. Pure."""
    today = wall_time(now, zone).date()
    sunday = today - timedelta(days=(today.weekday() - _SUNDAY) % 7)
    found = to_utc(datetime.combine(sunday, _BEGINS), zone)
    return found if found <= now else to_utc(datetime.combine(sunday - timedelta(days=7), _BEGINS), zone)


def _begin(story: Story, sunday: datetime, zone: str) -> datetime:
    day = wall_time(sunday, zone).date() - timedelta(days=story.ago)
    return to_utc(datetime.combine(day, time.fromisoformat(story.at)), zone)


def _play(stories: Iterable[Instants]) -> None:
    """All stories together, in the order of time, as if each instant were now."""
    agenda = [(next(story), place, story) for place, story in enumerate(stories)]
    heapify(agenda)
    while agenda:
        _, place, story = agenda[0]
        following = next(story, None)
        if following is None:
            heappop(agenda)
        else:
            heapreplace(agenda, (following, place, story))


def _date_moves(session: Session, shift: timedelta) -> None:
    """The database notes moves of pages by its own clock: they get the instants that the pages have."""
    at = case((PageMove.to_state == PageState.ACCEPTED, Page.accepted_at), else_=Page.opened_at)
    session.execute(update(PageMove).where(PageMove.page_id == Page.id).values(at=at - shift))
