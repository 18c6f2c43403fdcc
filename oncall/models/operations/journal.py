"""Which facts of journals are in the database."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, UTCDateTime


class JournalFact(Base):
    """A fact that was brought in: the same key, however often it is read, is brought in once."""

    __tablename__ = "journal_fact"

    key: Mapped[str] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)
