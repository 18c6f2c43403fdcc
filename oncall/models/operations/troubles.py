"""Troubles of the service itself, one row each: who has noticed, who tells, what was told."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ARRAY, CheckConstraint, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, EnumText, UTCDateTime, one_of


class TroubleKind(StrEnum):
    """What is wrong: a page's step is overdue, no worker lives, or a roster can't be worked out."""

    PAGES = "pages"
    WORKERS = "workers"
    ROSTERS = "rosters"


class Trouble(Base):
    """Something that keeps people from being rung. One open row of a kind, so that many watchers tell once.

    All instants are by the database's own clock. `seen_at`: when it was last noticed. `claimed_at`: when a process took
    it on to tell. `pages`: ids of the pages, or of the rosters, that were told of.
    """

    __tablename__ = "trouble"
    __table_args__ = (
        CheckConstraint(one_of("kind", TroubleKind), name="kind"),
        CheckConstraint("(times = 0) = (told_at IS NULL)", name="told"),
        Index("uq_trouble_open_kind", "kind", unique=True, postgresql_where="ended_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TroubleKind] = mapped_column(EnumText(TroubleKind))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    times: Mapped[int] = mapped_column(default=0)
    pages: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
