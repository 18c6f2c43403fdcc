"""The people who are paged: technicians, team leaders, managers."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, SmallInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base


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
    """Someone who can be rung. `phone` is E.164; `pin_digest` opens the technician menu from that phone."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("role IN ('technician', 'team_leader', 'support_manager', 'executive')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None]
    role: Mapped[str]
    pin_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    pin_length: Mapped[int | None] = mapped_column(SmallInteger)  # None also for a PIN from before lengths were kept

    @property
    def first_name(self) -> str:
        return self.first_name_of(self.name)

    @staticmethod
    def first_name_of(name: str) -> str:
        return name.split(maxsplit=1)[0]


def by_phone(session: Session, number: str | None) -> Person | None:
    """The person whose phone it is, or None."""
    if number is None:
        return None
    return session.scalar(select(Person).where(Person.phone == number))


def with_role(session: Session, role: Role) -> Sequence[Person]:
    """Everybody in a role, in the order in which they were entered."""
    return session.scalars(select(Person).where(Person.role == role).order_by(Person.id)).all()


def person_fk() -> ForeignKey:
    """A reference to a person; whoever stands on a ticket can't be deleted."""
    return ForeignKey("person.id", ondelete="RESTRICT")
