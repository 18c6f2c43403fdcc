"""Settings that live in the database because all processes must see a change at once."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base

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
LONGEST_RING = 590
# In place of a time of day: nobody is drilled.
NEVER = "never"


class Setting(Base):
    """One named value."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)


@dataclass(frozen=True)
class PagingTimes:
    """How a page goes on. Seconds, but for `rounds`, `readings` and `goodbye_rings`. Defaults are those that ship.

    `drill`: the time of day, on the roster's clock, at which whoever comes on call next is called for a test; or never.
    """

    no_answer: int = 45
    rounds: int = 3
    then_every: int = 300
    readings: int = 2
    promise: int = 1800
    # So long a report that a caller has come into a room may be late, before it counts as not having happened.
    drop_grace: int = 4
    # The technician's line has ended (product, hotline step 11): so long a caller who presses nothing stays before the
    # technician is rung, how often that is done in a call, after what length of a conversation it is counted anew, and
    # how long a caller who is asked what should happen next may be silent.
    goodbye_pause: int = 10
    goodbye_rings: int = 2
    goodbye_talk: int = 60
    goodbye_silence: int = 20
    office_rings: int = 25
    handoff_notice: int = 3600
    # A call or text that the telephone network has not taken so long: the person's other channels are asked as well.
    other_after: int = 15
    # Before the notices of the usual handoff at 18:00, and while somebody in the office can still find a cover.
    drill: str = "16:00"

    def __post_init__(self) -> None:
        """Raises ValueError. Twilio rings for 600 s at most, and is told to ring 10 s longer than we wait."""
        for name, value in vars(self).items():
            if name == "drill":
                self._check_drill()
            elif isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 86400:
                raise ValueError(f"{name} must be a whole number from 1 to 86400, not {value!r}")
        for name in ("no_answer", "office_rings"):
            if getattr(self, name) > LONGEST_RING:
                raise ValueError(f"{name} must be a whole number from 1 to {LONGEST_RING}, not {getattr(self, name)!r}")

    def _check_drill(self) -> None:
        try:
            if self.drill != NEVER and f"{time.fromisoformat(self.drill):%H:%M}" != self.drill:
                raise ValueError
        except (TypeError, ValueError):
            raise ValueError(f'drill must be a time of day such as "16:00", or {NEVER}, not {self.drill!r}') from None

    @property
    def drill_at(self) -> time | None:
        """The time of day of drills; None when there are none."""
        return None if self.drill == NEVER else time.fromisoformat(self.drill)


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
