"""The nightly look at the hours that must be covered: gaps of the next 30 days are mailed to those in charge."""

from collections.abc import Sequence
from datetime import time
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.locks import Lock
from core.text.tables import as_csv
from oncall.accounts.in_charge import in_charge
from oncall.models import messages
from oncall.models.customers import DEFAULT_REGIONS, Region
from oncall.models.messages import Channel
from oncall.models.stored_settings import read, write
from oncall.planning.editing import open_gaps
from oncall.rosters.errors import Gap
from oncall.runtime import Work
from schedules.wall_clock import wall_time, written_time

# Early enough to be read before the office opens.
_AT: Final = time(6)
_TOLD: Final = "gaps_told_on"


def report_gaps(work: Work) -> None:
    """Once a day, at 06:00 in the default region or as soon after it as a worker looks."""
    name = work.runtime.settings.default_region
    region = work.session.get(Region, name)
    local = wall_time(work.now, region.time_zone if region else DEFAULT_REGIONS.get(name, "Europe/Rome"))
    if local.time() < _AT or read(work.session, _TOLD) == local.date().isoformat():
        return
    if not work.session.scalar(select(func.pg_try_advisory_xact_lock(Lock.NIGHTLY_GAPS))):
        return  # another worker is at it
    write(work.session, _TOLD, local.date().isoformat())
    gaps = open_gaps(work.session, work.now)
    if not gaps:
        return
    subject, body = gap_mail(work.session, gaps, work.runtime.settings.public_url)
    for recipient in in_charge(work.session):
        key = f"gaps:{local.date()}:{recipient}"
        messages.post(
            work.session, work.now, key=key, channel=Channel.MAIL, recipient=recipient, subject=subject, body=body
        )


def gap_mail(session: Session, gaps: Sequence[Gap], public_url: str) -> tuple[str, str]:
    """Subject and body, gaps on the clocks of their regions."""
    hours = sum(gap.span.length.total_seconds() for gap in gaps) / 3600
    count = "1 gap" if len(gaps) == 1 else f"{len(gaps)} gaps"
    subject = f"Rosters: {count} in the next 30 days, {hours:.0f} hours without anybody on call"
    lines = [f"  {region}: {start} to {end}" for region, start, end in _rows(session, gaps)]
    body = "\n".join(
        [
            "In these hours customers may call, and nobody is on call for their region:",
            "",
            *lines,
            "",
            f"Cover them in the rosters: {public_url}/rosters",
            "",
        ]
    )
    return subject, body


def gaps_csv(session: Session, gaps: Sequence[Gap]) -> str:
    """Region, beginning and end on the region's clock, and both as UTC, a line each."""
    head = ("region", "from", "to", "from_utc", "to_utc")
    rows = zip(gaps, _rows(session, gaps), strict=True)
    return as_csv(head, ([*row, gap.span.start.isoformat(), gap.span.end.isoformat()] for gap, row in rows))


def _rows(session: Session, gaps: Sequence[Gap]) -> list[tuple[str, str, str]]:
    zones = {region.name: region.time_zone for region in session.scalars(select(Region))}
    return [
        (
            gap.region,
            written_time(gap.span.start, zones[gap.region]),
            written_time(gap.span.end, zones[gap.region]),
        )
        for gap in gaps
    ]
