"""Rooms in which callers and technicians talk, and who stayed in them when."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from oncall.models.calls import CallState, PhoneCall
from oncall.models.people import person_fk
from oncall.models.tickets import Ticket


class ParticipantRole(StrEnum):
    """On which side somebody is in a room."""

    CALLER = "caller"
    TECHNICIAN = "technician"


class Conference(Base):
    """A conference for one ticket. `conference_sid` is known once the provider reports it."""

    __tablename__ = "room"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    conference_sid: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Real time at which the provider was last asked who is still on the line (`oncall.calls.conference_watch`).
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ticket: Mapped[Ticket] = relationship()
    stays: Mapped[list["Participant"]] = relationship(back_populates="room", order_by="Participant.id")

    @property
    def name(self) -> str:
        return f"nightline-room-{self.id}"


class Participant(Base):
    """One call's stay in a room, from the document that sent it there. A call that comes back gets another."""

    __tablename__ = "stay"
    __table_args__ = (CheckConstraint(one_of("role", ParticipantRole), name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # Call and turn that sent it here, such as "17:4": the same document can't make a second stay.
    key: Mapped[str] = mapped_column(unique=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"), index=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("phone_call.id"), index=True)
    role: Mapped[ParticipantRole] = mapped_column(EnumText(ParticipantRole))
    person_id: Mapped[int | None] = mapped_column(person_fk())
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    joined_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    room: Mapped[Conference] = relationship(back_populates="stays")
    call: Mapped[PhoneCall] = relationship()

    @property
    def label(self) -> str:
        return f"stay-{self.id}"


def ask_soon(session: Session, room_id: int) -> None:
    """Somebody in a room may be gone without a report of it: the provider is asked at once."""
    session.execute(update(Conference).where(Conference.id == room_id).values(asked_at=None))


def others_on_the_line(session: Session, call: PhoneCall) -> Sequence[PhoneCall]:
    """Other callers of this call's ticket who wait, or are in a conversation about it, as far as we were told."""
    there = select(Participant.id).where(
        Participant.call_id == PhoneCall.id, Participant.left_at.is_(None), Participant.role == ParticipantRole.CALLER
    )
    query = select(PhoneCall).where(
        PhoneCall.ticket_id == call.ticket_id,
        PhoneCall.id != call.id,
        PhoneCall.person_id.is_(None),
        PhoneCall.state == CallState.ANSWERED,
        PhoneCall.waiting | there.exists(),
    )
    return session.scalars(query.order_by(PhoneCall.id)).all()
