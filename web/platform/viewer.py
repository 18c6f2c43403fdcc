"""On whose clock whoever looks reads times."""

from datetime import datetime

from flask import g
from sqlalchemy.orm import Session

from oncall.accounts.sessions import SignedIn
from oncall.models.customers import default_zone
from schedules.wall_clock import abbreviation, to_local, written_time
from web.platform.access import runtime


def own_zone() -> str | None:
    """The time zone that whoever looks has chosen; None for nobody, or no choice."""
    account: SignedIn | None = g.get("account")
    return None if account is None else account.time_zone


def viewer_zone(session: Session) -> str:
    """Theirs, or that of the service's own region."""
    return own_zone() or default_zone(session, runtime().settings.default_region)


def on_both_clocks(at: datetime, zone: str) -> str:
    """An instant on the viewer's own clock, and on the one of `zone` beside it where that shows something else."""
    own = own_zone()
    ours, theirs = to_local(at, own or zone), to_local(at, zone)
    if own is None or ours.utcoffset() == theirs.utcoffset():
        return written_time(at, zone)
    beside = f"{theirs:%H:%M} {abbreviation(theirs)}" if ours.date() == theirs.date() else written_time(at, zone)
    return f"{written_time(at, own)} ({beside})"
