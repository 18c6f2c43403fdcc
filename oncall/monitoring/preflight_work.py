"""Whether the service is at work now: workers, overdue pages, queues, clocks, mail. The other half of the preflight."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.clock import real_now
from core.settings import Settings
from oncall.accounts.in_charge import in_charge
from oncall.models.customers import Region
from oncall.monitoring import metrics
from oncall.monitoring.preflight import Check, Level

# Clocks that differ more make pages late, and lengths of calls wrong.
CLOCKS_APART: Final = timedelta(seconds=2)
# What waits for longer to be sent is worth a look, seconds: mails may be put off by their server.
_LONG_WAITS: Final = {"call": 30, "text": 60, "mail": 900}
_START: Final = "start `flask worker`"
_LOOK: Final = "look at the workers' logs, and whether there are enough of them"


def check_work(session: Session, settings: Settings, now: datetime) -> list[Check]:
    """What the database tells about work, clocks and who hears of trouble. `now`: the gateway's time."""
    session.execute(metrics.PATIENCE)
    return [
        _clocks(session),
        _default_region(session, settings),
        _in_charge(session),
        *_workers(session),
        *_queues(session, now),
    ]


def _clocks(session: Session) -> Check:
    before = real_now()
    theirs: datetime = session.scalars(text("SELECT clock_timestamp()")).one()
    return check_clocks(before, theirs, real_now())


def check_clocks(before: datetime, theirs: datetime, after: datetime) -> Check:
    """The database's clock was read between two readings of this machine's. Pure."""
    apart = max(before - theirs, theirs - after, timedelta(0))
    words = f"this machine's and the database's differ by {apart.total_seconds():.1f} s"
    if apart < CLOCKS_APART:
        return Check("clocks", Level.OK, words)
    return Check("clocks", Level.PROBLEM, words, "set both by NTP")


def _default_region(session: Session, settings: Settings) -> Check:
    name = settings.default_region
    if session.get(Region, name) is not None:
        return Check("DEFAULT_REGION", Level.OK, name)
    return Check("DEFAULT_REGION", Level.PROBLEM, f"there is no region {name}", "set it to a region of the directory")


def _in_charge(session: Session) -> Check:
    found = in_charge(session)
    if found:
        return Check("alarms", Level.OK, f"{len(found)} in charge are told by mail when nobody is rung")
    words = "nobody in charge has a mail address: nobody is told when the service is in trouble"
    remedy = "give a team leader or manager an `email`, or make a manager's account with `flask account`"
    return Check("alarms", Level.WARNING, words, remedy)


def _workers(session: Session) -> Iterator[Check]:
    work = metrics.work(session)
    if work.workers and work.newest_beat is not None:
        count = "1 worker lives" if work.workers == 1 else f"{work.workers} workers live"
        yield Check("worker", Level.OK, f"{count}, the last beat is {work.newest_beat:.0f} s old")
    else:
        yield Check("worker", Level.PROBLEM, "no worker is running: nobody is rung", _START)
    if work.overdue_seconds > metrics.LATE_SECONDS:
        words = f"one has been waiting for its next step for {work.overdue_seconds:.0f} s"
        yield Check("pages", Level.PROBLEM, words, _LOOK if work.workers else _START)
    else:
        yield Check("pages", Level.OK, f"{work.open_pages} open, none is overdue")


def _queues(session: Session, now: datetime) -> Iterator[Check]:
    queues = metrics.queues(session, now)
    for kind, patience in _LONG_WAITS.items():
        waiting = [queue for queue in queues if queue.kind == kind and queue.length]
        length, oldest = sum(queue.length for queue in waiting), max((q.oldest_seconds for q in waiting), default=0.0)
        words = f"{length} waiting" + (f", the oldest for {oldest:.0f} s" if waiting else "")
        if oldest > patience:
            yield Check(f"{kind}s", Level.WARNING, words, _LOOK)
        else:
            yield Check(f"{kind}s", Level.OK, words)


def check_mail(settings: Settings) -> Check:
    """Whether the mail server can be reached and takes our credentials. No mail is sent."""
    from oncall.delivery.mail import MailError, build_mailer  # only the check needs it

    try:
        words = build_mailer(settings).probe()
    except (MailError, OSError) as error:
        return Check("mail", Level.PROBLEM, str(error), "look at SMTP_URL, and whether the mail server runs")
    return Check("mail", Level.OK, words)
