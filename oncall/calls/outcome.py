"""What becomes of calls and texts to a person, for the marks on their contact points and for their pages.

Reports of it may come from the request, or late from a status callback; both end here.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.delivery.contact_faults import clear_fault, note_fault
from oncall.models import jobs
from oncall.models.calls import CallResult, Direction, PhoneCall, Purpose
from oncall.models.contacts.contact_faults import ContactWay
from oncall.models.contacts.faults import Fault, FaultKind, ProviderFault
from oncall.models.drills import Drill
from oncall.models.messages import Message
from oncall.models.pages import Attempt, Page, PageState
from oncall.models.people import Person

# The phone rang, or could have.
_GOT_THROUGH: Final = frozenset({CallResult.COMPLETED, CallResult.BUSY, CallResult.NO_ANSWER})
# What the network did not even get to see.
_OURS: Final = frozenset({FaultKind.ACCOUNT, FaultKind.REQUEST})
_NETWORK: Final = Fault(FaultKind.NETWORK, "", "the network could not reach the number")


def call_settled(session: Session, call: PhoneCall, fault: ProviderFault | None, now: datetime) -> None:
    """A call of ours to a person is over: what its result, and the `fault` if it failed, says of their number."""
    person = session.get(Person, call.person_id) if call.person_id is not None else None
    if person is None or call.direction != Direction.OUT or call.number is None:
        return
    if call.result in _GOT_THROUGH:
        clear_fault(session, person.id, ContactWay.CALL, call.number)
    elif call.result == CallResult.FAILED:
        about = _about_number(call, fault)
        if person.phone == call.number and about is not None:
            note_fault(session, person, ContactWay.CALL, about, now, mailed=call.purpose != Purpose.DRILL)
        attempts = select(Attempt.id).where(Attempt.call_id == call.id, Attempt.elsewhere_at.is_(None))
        for attempt_id in session.scalars(attempts):
            jobs.seek_elsewhere.wake(session, attempt_id=attempt_id)


def _about_number(call: PhoneCall, fault: ProviderFault | None) -> Fault | None:
    """What a failed call says about its number; None: nothing."""
    if fault is not None and fault.about_number:
        return fault
    if fault is not None and fault.kind in _OURS:
        return None
    # One that the provider has taken failed in the network, which is about the number.
    return _NETWORK if call.sid is not None else None


def text_arrived(session: Session, message: Message) -> None:
    """The phone has the text."""
    if message.person_id is not None:
        clear_fault(session, message.person_id, ContactWay.TEXT, message.recipient)


def text_failed(session: Session, message: Message, fault: ProviderFault, now: datetime) -> None:
    """A text will not arrive any more."""
    person = session.get(Person, message.person_id) if message.person_id is not None else None
    if person is None:
        return
    if person.phone == message.recipient and fault.about_number:
        drilled = session.scalar(select(Drill.id).where(Drill.text_id == message.id)) is not None
        note_fault(session, person, ContactWay.TEXT, fault, now, mailed=not drilled)
    attempts = (
        select(Attempt.id)
        .join(Page, Page.id == Attempt.page_id)
        .where(Page.state == PageState.PAGING, Attempt.person_id == person.id, Attempt.round == Page.round)
        .where(Attempt.elsewhere_at.is_(None))
    )
    for attempt_id in session.scalars(attempts):
        jobs.seek_elsewhere.wake(session, attempt_id=attempt_id)
