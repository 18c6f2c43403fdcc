"""Settings that live in the database because all processes must see a change at once."""

from datetime import timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base
from oncall.sla.paging_times import PagingTimes

PAGING = "paging"
CLOCK_SHIFT = "clock_shift_seconds"
# Written by the database itself whenever a roster changes.
ROSTERS_VERSION = "rosters_version"
# The same for programs and their tokens.
PROGRAMS_VERSION = "programs_version"
# The same for customers, contracts, PINs, regions, blocked numbers, paging times and the pretended clock.
DIRECTORY_VERSION = "directory_version"
# When a directory file last changed something (UTC, ISO 8601): history tells nothing of files.
DIRECTORY_CHANGED_AT = "directory_changed_at"


class Setting(Base):
    """One named value."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)


def read(session: Session, name: str) -> Any:
    """The value, or None when it was never set."""
    row = session.get(Setting, name)
    return None if row is None else row.value


def write(session: Session, name: str, value: Any) -> None:
    """Set the value, whoever else is setting it."""
    statement = insert(Setting).values(name=name, value=value)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def paging_times(session: Session) -> PagingTimes:
    """The paging times in force; what only a later version knows is left out."""
    found: PagingTimes | None = session.info.get(PAGING)
    if found is None:
        stored = read(session, PAGING) or {}
        known = {name: value for name, value in stored.items() if name in PagingTimes.__dataclass_fields__}
        found = session.info[PAGING] = PagingTimes(**known)
    return found


def clock_shift(session: Session) -> timedelta | None:
    """How far the simulated network's time is from real time; None when nobody set it."""
    seconds = read(session, CLOCK_SHIFT)
    return None if seconds is None else timedelta(seconds=seconds)
