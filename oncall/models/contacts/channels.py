"""Other channels of a person than their phone: addresses in apprise's form, sealed, as most of them carry a token."""

from collections.abc import Sequence

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base
from core.security.sealing import Seal, SealError, seal_for


class PersonChannel(Base):
    """One address. `shown` names its service and is all that pages, tickets and logs ever say of it."""

    __tablename__ = "person_channel"
    __table_args__ = (UniqueConstraint("person_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # From 1, as the directory file has them.
    position: Mapped[int]
    shown: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


def channel_seal(secret: bytes) -> Seal:
    """The seal of addresses, under PIN_KEY."""
    return seal_for(secret, "channels")


def channels_of(session: Session, person_id: int) -> Sequence[PersonChannel]:
    """A person's channels in the order of the directory file."""
    query = select(PersonChannel).where(PersonChannel.person_id == person_id).order_by(PersonChannel.position)
    return session.scalars(query).all()


def set_channels(session: Session, person_id: int, wanted: Sequence[tuple[str, str]], seal: Seal) -> bool:
    """Make these (address, service) the person's channels; False, and nothing written, when they are so already."""
    present = channels_of(session, person_id)
    if [_address(row, seal) for row in present] == [address for address, _ in wanted]:
        return False
    for row in present:
        session.delete(row)
    session.flush()
    for position, (address, service) in enumerate(wanted, 1):
        row = PersonChannel(person_id=person_id, position=position, shown=service, sealed=seal.close(address.encode()))
        session.add(row)
    session.flush()
    return True


def _address(row: PersonChannel, seal: Seal) -> str | None:
    """None when it was sealed under another PIN_KEY: the file's is written anew."""
    try:
        return seal.open(row.sealed).decode()
    except SealError:
        return None
