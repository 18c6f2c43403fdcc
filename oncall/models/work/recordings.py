"""What was spoken about tickets, with its sound and its words."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, EnumText, UTCDateTime
from oncall.models.people import person_fk


class RecordingKind(StrEnum):
    """What was recorded: the caller's description of the problem, a message instead of a call, a closing note."""

    DESCRIPTION = "description"
    MESSAGE = "message"
    NOTE = "note"


class Recording(Base):
    """Something spoken that belongs to a ticket: the caller's description, a technician's closing note.

    `fetched_at`: since when we keep its sound; `fault`: why not, once nobody tries any more. `transcript`: the
    words, as the provider has written them down.
    """

    __tablename__ = "recording"
    __table_args__ = (Index("ix_recording_unfetched", "id", postgresql_where="fetched_at IS NULL AND fault IS NULL"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    kind: Mapped[RecordingKind] = mapped_column(EnumText(RecordingKind))
    provider_sid: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    seconds: Mapped[int | None]
    person_id: Mapped[int | None] = mapped_column(person_fk())
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    fetched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fault: Mapped[str | None]
    transcript: Mapped[str | None]


class RecordingSound(Base):
    """The sound of a recording (WAV), sealed under PIN_KEY."""

    __tablename__ = "recording_sound"

    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


# Sounds that may still come.
UNFETCHED: Final = Recording.fetched_at.is_(None) & Recording.fault.is_(None)
