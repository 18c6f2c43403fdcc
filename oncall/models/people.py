"""The people who are paged: technicians, team leaders, managers."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, LargeBinary, SmallInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, EnumText, UTCDateTime, one_of


class Role(StrEnum):
    """What a person is to the paging policy (product: the paging order; guide: the escalation matrix)."""

    TECHNICIAN = "technician"
    TEAM_LEADER = "team_leader"
    SUPPORT_MANAGER = "support_manager"
    EXECUTIVE = "executive"

    @property
    def spoken(self) -> str:
        return self.value.replace("_", " ")


class Person(Base):
    """Someone who can be rung. `phone` is E.164; `pin_digest` opens the technician menu from that phone.

    `retired_at`: since when (the gateway's time) they have left: never rung, texted, mailed or offered again, while
    their name stays on what they did. Two people may have one phone if at most one of them is active: it is passed on.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role"),
        Index("uq_person_phone_active", "phone", unique=True, postgresql_where="retired_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str]
    email: Mapped[str | None]
    role: Mapped[Role] = mapped_column(EnumText(Role))
    pin_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def retired(self) -> bool:
        return self.retired_at is not None

    pin_length: Mapped[int | None] = mapped_column(SmallInteger)  # None also for a PIN from before lengths were kept

    @property
    def first_name(self) -> str:
        return self.first_name_of(self.name)

    @staticmethod
    def first_name_of(name: str) -> str:
        return name.split(maxsplit=1)[0]


# For every query that looks for somebody to ring, to tell, or to choose: those who have not left.
ACTIVE: Final[ColumnElement[bool]] = Person.retired_at.is_(None)


def by_phone(session: Session, number: str | None) -> Person | None:
    """The active person whose phone it is, or None."""
    if number is None:
        return None
    return session.scalar(select(Person).where(Person.phone == number, ACTIVE))


def with_role(session: Session, role: Role) -> Sequence[Person]:
    """Everybody active in a role, in the order in which they were entered."""
    return session.scalars(select(Person).where(Person.role == role, ACTIVE).order_by(Person.id)).all()


def is_active(session: Session, person_id: int) -> bool:
    """Whether this person is known and has not left, as committed now."""
    return session.scalar(select(Person.id).where(Person.id == person_id, ACTIVE)) is not None


def person_fk() -> ForeignKey:
    """A reference to a person; whoever stands on a ticket can't be deleted."""
    return ForeignKey("person.id", ondelete="RESTRICT")
