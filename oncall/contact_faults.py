"""Contact points that have failed for good: in red until something gets through to them again, or they are changed."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from oncall import messages
from oncall.people import ACTIVE, Person
from oncall.provider_health import ProviderOutage
from oncall.rostering.in_charge import in_charge


class ContactWay(StrEnum):
    """What fails: calls, texts, or notices by another channel."""

    CALL = "call"
    TEXT = "text"
    OTHER = "other"


# Twilio's codes that speak of the number, not of our account or of the moment (Twilio's error dictionary).
STOPPED: Final = "21610"
_ABOUT_THE_NUMBER: Final = {
    "13223": "the number is not in a form that can be called",
    "13224": "the number does not exist",
    "13227": "calls to the number's country are not permitted",
    "21211": "the number does not exist",
    "21214": "the number can't be reached",
    "21215": "calls to the number's country are not permitted",
    "21217": "the number does not exist",
    "21408": "texts to the number's country are not permitted",
    STOPPED: "STOP was texted from that phone, so it gets no texts any more",
    "21612": "texts can't be sent to this number",
    "21614": "the number takes no texts",
    "21635": "the number is a landline",
    "30003": "the phone is off or out of reach",
    "30004": "the phone or its network refuses texts",
    "30005": "the number is not in service",
    "30006": "the number is a landline or can't be reached",
}


class ContactFault(Base):
    """A person's `address` (their E.164 number, or a channel's id) that failed for good for calls, texts or notices."""

    __tablename__ = "contact_fault"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "address"),
        CheckConstraint(one_of("kind", ContactWay), name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[ContactWay] = mapped_column(EnumText(ContactWay))
    address: Mapped[str]
    # What pages say of the address: the number, or the channel's service.
    shown: Mapped[str]
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    # The provider's code; empty when it gave none.
    code: Mapped[str]
    words: Mapped[str]
    person: Mapped[Person] = relationship(lazy="joined")


def code_of(error: str | None) -> str:
    """The provider's code at the beginning of an error's words; empty when there is none."""
    first = (error or "").partition(" ")[0]
    return first if first.isdigit() else ""


def is_about_the_number(error: str | None) -> bool:
    """Whether the provider refused for the number's sake, by the code at the beginning of its words."""
    return code_of(error) in _ABOUT_THE_NUMBER


def words_of_fault(error: str | None) -> str:
    """Why, for people, with the provider's own code."""
    code = code_of(error)
    known = _ABOUT_THE_NUMBER.get(code)
    return f"{known} ({code})" if known else error or "the network can't reach the number"


def note_fault(
    session: Session,
    person: Person,
    kind: ContactWay,
    error: str | None,
    now: datetime,
    *,
    channel: tuple[str, str] | None = None,
    mailed: bool = True,
) -> None:
    """Mark a person's number, or a `channel` (id, service); a second failure changes nothing.

    `mailed`: those in charge hear of it, once.
    """
    if person.retired:
        return
    address, shown = channel or (person.phone, person.phone)
    words = words_of_fault(error)
    values = {"person_id": person.id, "kind": kind, "address": address, "shown": shown, "since": now, "words": words}
    statement = insert(ContactFault).values(values | {"code": code_of(error)}).on_conflict_do_nothing()
    fault_id = session.scalar(statement.returning(ContactFault.id))
    if fault_id is None or not mailed:
        return
    told = f"{person.name}: {fault_words(kind, shown, words)}"
    body = f"{told}.\n{remedy(code_of(error))}\nUntil then pages for {person.name} go by other channels as well.\n"
    for recipient in in_charge(session):
        key, subject = f"fault:{fault_id}:{recipient}", f"Can't be reached: {told}"
        messages.post(
            session, now, key=key, channel=messages.Channel.MAIL, recipient=recipient, subject=subject, body=body
        )


def remedy(code: str) -> str:
    """What to do about it."""
    if code == STOPPED:
        return (
            "Let them text START from that phone to the hotline's number; the next text that arrives clears this."
            " A test from the roster's page, under Drills, sends one."
        )
    return "See whether the directory has the right address, or let somebody else cover."


_KINDS: Final = {
    ContactWay.CALL: "calls to {shown} fail",
    ContactWay.TEXT: "texts to {shown} fail",
    ContactWay.OTHER: "notices by {shown} fail",
}


_SHOWN: Final = {
    ContactWay.CALL: "Calls fail",
    ContactWay.TEXT: "Texts fail",
    ContactWay.OTHER: "Notices by {shown} fail",
}


def fault_words(kind: ContactWay, shown: str, words: str) -> str:
    """One line for people: what fails and why."""
    return f"{_KINDS[kind].format(shown=shown)}: {words}"


def shown_fault(fault: ContactFault) -> str:
    """The same for pages that viewers see, without the number."""
    return f"{_SHOWN[fault.kind].format(shown=fault.shown)}: {fault.words}"


def clear_fault(session: Session, person_id: int, kind: ContactWay, address: str) -> None:
    """Something got through."""
    same = (ContactFault.person_id == person_id, ContactFault.kind == kind, ContactFault.address == address)
    session.execute(delete(ContactFault).where(*same).execution_options(synchronize_session=False))


def clear_old_numbers(session: Session, person_id: int, phone: str) -> None:
    """The person has this phone now: what is known of another one is of no use any more."""
    other = (ContactFault.person_id == person_id, ContactFault.kind != ContactWay.OTHER, ContactFault.address != phone)
    session.execute(delete(ContactFault).where(*other).execution_options(synchronize_session=False))


def clear_channels(session: Session, person_id: int) -> None:
    """The person's other channels were changed."""
    same = (ContactFault.person_id == person_id, ContactFault.kind == ContactWay.OTHER)
    session.execute(delete(ContactFault).where(*same).execution_options(synchronize_session=False))


def faults(session: Session) -> Sequence[ContactFault]:
    """What is in red now, oldest first."""
    return session.scalars(_present().order_by(ContactFault.id)).all()


def known_faults(session: Session, person: Person) -> set[ContactWay]:
    """Kinds (call, text) that fail with the person's present number."""
    query = select(ContactFault.kind).where(ContactFault.person_id == person.id, ContactFault.address == person.phone)
    return set(session.scalars(query))


def expects_trouble(session: Session, person: Person) -> bool:
    """Whether a call or text to them will most likely fail: it did the last time, or nothing gets through at all."""
    known = exists().where(ContactFault.person_id == person.id, ContactFault.address == person.phone)
    return bool(session.scalar(select(or_(known, exists().where(ProviderOutage.open)))))


def _present() -> Select[ContactFault]:
    """Faults of numbers that people still have, and are rung at."""
    theirs = or_(ContactFault.kind == ContactWay.OTHER, ContactFault.address == Person.phone)
    return select(ContactFault).join(Person, Person.id == ContactFault.person_id).where(theirs, ACTIVE)
