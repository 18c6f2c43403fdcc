"""What becomes of calls and texts to a person, for the marks on their contact points and for their pages.

Reports of it may come from the request, or late from a status callback; both end here.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall import background
from oncall.calls import PhoneCall
from oncall.contact_faults import CALL, TEXT, clear_fault, code_of, is_about_the_number, note_fault
from oncall.drills.models import Drill
from oncall.messages import Message
from oncall.paging.models import Attempt, Page
from oncall.people import Person

# The phone rang, or could have.
_GOT_THROUGH: Final = frozenset({"completed", "busy", "no-answer"})


def call_settled(session: Session, call: PhoneCall, now: datetime) -> None:
    """A call of ours to a person is over: what its result says of their number."""
    person = session.get(Person, call.person_id) if call.person_id is not None else None
    if person is None or call.direction != "out" or call.number is None:
        return
    if call.result in _GOT_THROUGH:
        clear_fault(session, person.id, CALL, call.number)
    elif call.result == "failed":
        # One that the provider has taken failed in the network, which is about the number.
        error = call.error if call.sid is None else "the network could not reach the number"
        if person.phone == call.number and (call.sid is not None or is_about_the_number(error)):
            note_fault(session, person, CALL, error, now, mailed=call.purpose != "drill")
        attempts = select(Attempt.id).where(Attempt.call_id == call.id, Attempt.elsewhere_at.is_(None))
        for attempt_id in session.scalars(attempts):
            background.seek_elsewhere.wake(session, attempt_id=attempt_id)


def text_arrived(session: Session, message: Message) -> None:
    """The phone has the text."""
    if message.person_id is not None:
        clear_fault(session, message.person_id, TEXT, message.recipient)


def text_failed(session: Session, message: Message, now: datetime) -> None:
    """A text will not arrive any more."""
    person = session.get(Person, message.person_id) if message.person_id is not None else None
    if person is None:
        return
    # A report without a code is about the number as well; a request that failed without one is not.
    about = is_about_the_number(message.error) or (message.provider_sid is not None and not code_of(message.error))
    if person.phone == message.recipient and about:
        drilled = session.scalar(select(Drill.id).where(Drill.text_id == message.id)) is not None
        note_fault(session, person, TEXT, message.error, now, mailed=not drilled)
    attempts = (
        select(Attempt.id)
        .join(Page, Page.id == Attempt.page_id)
        .where(Page.state == "paging", Attempt.person_id == person.id, Attempt.round == Page.round)
        .where(Attempt.elsewhere_at.is_(None))
    )
    for attempt_id in session.scalars(attempts):
        background.seek_elsewhere.wake(session, attempt_id=attempt_id)
