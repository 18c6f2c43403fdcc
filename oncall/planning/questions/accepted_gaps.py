"""A gap that somebody has accepted is mailed to those in charge at once, not only in the next morning's list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.accounts.in_charge import in_charge
from oncall.models import messages
from oncall.models.messages import Channel
from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import Roster
from oncall.planning.plans.words import spelled
from oncall.rosters.errors import Gap
from schedules.wall_clock import wall_time, written_time


@dataclass(frozen=True)
class _Told:
    """A gap on the clock of a roster that serves its region."""

    gap: Gap
    roster: Roster

    @property
    def words(self) -> str:
        region, zone = self.gap.region.replace("_", " "), self.roster.time_zone
        return f"{region}, {spelled(self.gap.span, zone)}"

    @property
    def path(self) -> str:
        """Of the page that shows it."""
        day = wall_time(self.gap.span.start, self.roster.time_zone).date()
        return f"/rosters/{self.roster.id}?from={day}"


def tell_accepted(session: Session, change: RosterChange, gaps: Sequence[Gap], site: str, own: Collection[str]) -> None:
    """Put a mail down for each of those in charge; not for `own` addresses of the author, unless nobody else is left.

    In the change's own transaction, and once a change: its number is in the messages' keys. `site`: the address of the
    pages, for the link; none without.
    """
    told = _on_rosters(session, change, gaps)
    if not told:
        return
    subject, body = _mail(change, told, site)
    everybody = in_charge(session)
    for recipient in [address for address in everybody if address not in own] or everybody:
        key = f"gaps-accepted:{change.id}:{recipient}"
        messages.post(
            session, change.at, key=key, channel=Channel.MAIL, recipient=recipient, subject=subject, body=body
        )


def _on_rosters(session: Session, change: RosterChange, gaps: Sequence[Gap]) -> list[_Told]:
    """On the clock of the roster that was changed; where it does not serve the region, of the first one that does."""
    rosters = sorted(session.scalars(select(Roster)), key=lambda each: (each.id != change.roster_id, each.id))
    serving = [(gap, next((each for each in rosters if gap.region in each.regions), None)) for gap in gaps]
    return [_Told(gap, roster) for gap, roster in serving if roster is not None]


def _mail(change: RosterChange, told: Sequence[_Told], site: str) -> tuple[str, str]:
    hours = sum(each.gap.span.length.total_seconds() for each in told) / 3600
    count = "a gap" if len(told) == 1 else f"{len(told)} gaps"
    by = change.made_by or "Somebody"
    lines = [
        f"{by} has saved a change, and accepted that nobody is on call in these hours, in which customers may call:",
        "",
        *(f"  {each.words}" for each in told),
        "",
        f"The change: {change.words}.",
        f"Saved: {written_time(change.at, told[0].roster.time_zone)}.",
        "",
    ]
    if site:
        lines += [f"Look at it, cover the hours, or take the change back: {site}{told[0].path}", ""]
    length = "1 hour" if hours == 1 else f"{hours:.4g} hours"
    return f"Rosters: {by} accepted {count}, {length} without anybody on call", "\n".join(lines)
