"""Secret addresses at which screens show how tonight stands, until they are revoked."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, EnumText, UTCDateTime, one_of


class DisplayKind(StrEnum):
    """A wall says how the service is, and names nobody; a widget says who is on call, within somebody else's page."""

    WALL = "wall"
    WIDGET = "widget"


class Display(Base):
    """Whoever knows the token looks, without signing in; only its SHA-256 is stored. Times are real ones.

    `roster_id`: the only roster that a widget shows; None for all of them.
    """

    __tablename__ = "display"
    __table_args__ = (CheckConstraint(one_of("kind", DisplayKind), name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DisplayKind] = mapped_column(EnumText(DisplayKind))
    name: Mapped[str]
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    roster_id: Mapped[int | None] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"), index=True)
    made_by: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
