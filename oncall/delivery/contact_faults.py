"""Contact points that have failed for good: in red until something gets through to them again, or they are changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from oncall.accounts.in_charge import in_charge
from oncall.models import messages
from oncall.models.contacts.contact_faults import ContactFault, ContactWay
from oncall.models.contacts.faults import Fault, FaultKind
from oncall.models.operations.provider_health import ProviderOutage
from oncall.models.people import ACTIVE, Person


def note_fault(
    session: Session,
    person: Person,
    kind: ContactWay,
    fault: Fault,
    now: datetime,
    *,
    channel: tuple[str, str] | None = None,
    mailed: bool = True,
) -> None:
    """Mark a person's number, or a `channel` (id, service); a second failure changes nothing, but as said below.

    `mailed`: those in charge hear of it, once.
    """
    if person.retired:
        return
    address, shown = channel or (person.phone, person.phone)
    where = {"person_id": person.id, "kind": kind, "address": address, "shown": shown, "since": now}
    what = {"fault_kind": fault.kind, "code": fault.code, "words": fault.shown}
    statement = insert(ContactFault).values(where | what)
    # An earlier release did not know whose it was; or the account was mended, and now the number shows to be bad.
    known = ContactFault.fault_kind
    worse = known.is_(None) | ((known == FaultKind.ACCOUNT) & (statement.excluded.fault_kind != FaultKind.ACCOUNT))
    statement = statement.on_conflict_do_update(index_elements=["person_id", "kind", "address"], set_=what, where=worse)
    fault_id = session.scalar(statement.returning(ContactFault.id))
    if fault_id is not None and mailed:
        _tell(session, person, f"{_MAILED[fault.kind is FaultKind.ACCOUNT]}:{fault_id}", kind, shown, fault, now)


# By whether it is our account's: a number that proves bad after that is told of as well.
_MAILED: Final = {False: "fault", True: "account"}


def _tell(
    session: Session, person: Person, cause: str, kind: ContactWay, shown: str, fault: Fault, now: datetime
) -> None:
    told = f"{person.name}: {fault_words(kind, shown, fault.shown)}"
    body = f"{told}.\n{remedy(fault.kind)}\nUntil then pages for {person.name} go by other channels as well.\n"
    for recipient in in_charge(session):
        key, subject = f"{cause}:{recipient}", f"Can't be reached: {told}"
        messages.post(
            session, now, key=key, channel=messages.Channel.MAIL, recipient=recipient, subject=subject, body=body
        )


# What to do where the fault is our account's.
OF_ACCOUNT: Final = (
    "The number is all right: the administrator of the account at the telephone provider has to change its settings."
)
_REMEDIES: Final = {
    FaultKind.PERSON: (
        "Let them text START from that phone to the hotline's number; the next text that arrives clears this."
        " A test from the roster's page, under Drills, sends one."
    ),
    FaultKind.ACCOUNT: f"{OF_ACCOUNT} The next one that gets through clears this.",
}


def remedy(kind: FaultKind | None) -> str:
    """What to do about it."""
    usual = "See whether the directory has the right address, or let somebody else cover."
    return usual if kind is None else _REMEDIES.get(kind, usual)


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
    _clear(session, person_id, ContactFault.kind == kind, ContactFault.address == address)


def clear_old_numbers(session: Session, person_id: int, phone: str) -> None:
    """The person has this phone now: what is known of another one is of no use any more."""
    _clear(session, person_id, ContactFault.kind != ContactWay.OTHER, ContactFault.address != phone)


def clear_channels(session: Session, person_id: int) -> None:
    """The person's other channels were changed."""
    _clear(session, person_id, ContactFault.kind == ContactWay.OTHER)


def _clear(session: Session, person_id: int, *those: ColumnElement[bool]) -> None:
    theirs = delete(ContactFault).where(ContactFault.person_id == person_id, *those)
    session.execute(theirs.execution_options(synchronize_session=False))


def faults(session: Session) -> Sequence[ContactFault]:
    """What is in red now, oldest first."""
    red = ContactFault.fault_kind.is_distinct_from(FaultKind.ACCOUNT)
    return session.scalars(_present().where(red).order_by(ContactFault.id)).all()


def account_faults(session: Session) -> Sequence[ContactFault]:
    """Numbers that our account at the provider may not call or text now, oldest first."""
    query = _present().where(ContactFault.fault_kind == FaultKind.ACCOUNT)
    return session.scalars(query.order_by(ContactFault.id)).all()


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
