"""Programs that may ask the gateway, as a table."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, UTCDateTime


class Program(Base):
    """A program that may ask. Of its token only the SHA-256 is kept: it is long and random, so a plain hash is enough.

    Written seldom: each change makes all processes forget which tokens they know.
    """

    __tablename__ = "program"
    __table_args__ = (Index("ix_program_name", "name", unique=True, postgresql_where=text("revoked_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
