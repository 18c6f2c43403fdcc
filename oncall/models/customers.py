"""Customers, their contracts, products, registered numbers and PINs."""

import hashlib
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from schedules.staffed_hours import Plan


class Region(Base):
    """A region of contracts: its clock, and its office in staffed hours (None: no office to connect to)."""

    __tablename__ = "region"

    name: Mapped[str] = mapped_column(primary_key=True)
    time_zone: Mapped[str]
    office_number: Mapped[str | None]


# Regions that ship (support guide, Staffed hours). APAC's clock only dates its contracts: it has no on-call service.
DEFAULT_REGIONS = {
    "europe": "Europe/Rome",
    "america": "America/New_York",
    "middle_east": "Asia/Dubai",
    "apac": "Asia/Singapore",
}


class Customer(Base):
    """A company that bought a support plan.

    `retired_at`: since when (the gateway's time) it has no right to call; its tickets stay, and are worked on.
    """

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None]
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    phones: Mapped[list["CustomerPhone"]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="CustomerPhone.number"
    )
    contracts: Mapped[list["Contract"]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="Contract.id"
    )


class CustomerPhone(Base):
    """A number registered for a customer: nobody else's guesses can close it."""

    __tablename__ = "customer_phone"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True, index=True)
    customer: Mapped[Customer] = relationship(back_populates="phones")


class Contract(Base):
    """Cover from `start_date` to `end_date`, both included, by the region's calendar."""

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint(one_of("plan", Plan), name="plan"),
        CheckConstraint("start_date <= end_date", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    plan: Mapped[Plan] = mapped_column(EnumText(Plan))
    region_name: Mapped[str] = mapped_column(ForeignKey("region.name"))
    start_date: Mapped[date]
    end_date: Mapped[date]
    paid: Mapped[bool] = mapped_column(default=True)
    customer: Mapped[Customer] = relationship(back_populates="contracts")
    region: Mapped[Region] = relationship()
    products: Mapped[list["Product"]] = relationship(
        cascade="all, delete-orphan", order_by="Product.name", back_populates="contract"
    )
    pins: Mapped[list["Pin"]] = relationship(cascade="all, delete-orphan", back_populates="contract")


class Product(Base):
    """A product that a contract covers. `end_of_life` is its first day without support; None: not announced."""

    __tablename__ = "product"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    end_of_life: Mapped[date | None]
    contract: Mapped[Contract] = relationship(back_populates="products")


class Pin(Base):
    """A PIN of a contract: a blind index to find it and a keyed hash to compare, never the digits."""

    __tablename__ = "pin"
    __table_args__ = (
        Index("uq_pin_blind_index_in_force", "blind_index", unique=True, postgresql_where="revoked_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), index=True)
    blind_index: Mapped[bytes] = mapped_column(LargeBinary)
    keyed_hash: Mapped[bytes] = mapped_column(LargeBinary)
    length: Mapped[int | None] = mapped_column(SmallInteger)  # None: from before lengths were kept
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    contract: Mapped[Contract] = relationship(back_populates="pins")


def registered_customers(session: Session, number: str | None) -> list[int]:
    """Ids of the active customers for whom a calling number is registered (a reseller's line may serve several)."""
    if number is None:
        return []
    query = select(CustomerPhone.customer_id).where(CustomerPhone.number == number)
    query = query.join(Customer, Customer.id == CustomerPhone.customer_id).where(Customer.retired_at.is_(None))
    return list(session.scalars(query))


def default_zone(session: Session, region: str) -> str:
    """The time zone of a region, by the directory if it is there, else as it ships."""
    found = session.get(Region, region)
    return found.time_zone if found else DEFAULT_REGIONS.get(region, "Europe/Rome")


class AlarmToken(Base):
    """A token of a customer, kept only as SHA-256: it is long and random, so a plain hash is enough."""

    __tablename__ = "alarm_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)


def token_digest(token: str) -> bytes:
    """What is stored of an alarm token."""
    return hashlib.sha256(token.encode()).digest()
