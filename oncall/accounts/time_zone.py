"""On whose clock an account reads times."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from oncall.models.access.accounts import Account
from schedules.wall_clock import zone_info


def choose_time_zone(session: Session, account_id: int, zone: str) -> None:
    """`zone`: an IANA name, written as they are; empty for that of the service's own region. Raises UnknownZoneError.

    Only whoever reads is concerned: rosters and promises have clocks of their own.
    """
    known = zone_info(zone).zone if zone else None  # type: ignore[attr-defined]  # pytz's own, which it always has
    session.execute(update(Account).where(Account.id == account_id).values(time_zone=known))
