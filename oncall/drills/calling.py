"""The test call and the test text of a drill, and the rule that a drill disturbs nobody who has something to do."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.jobs import Urgency
from core.text.letters import gsm
from oncall.delivery.text_codes import random_code
from oncall.drills import words
from oncall.models import jobs, messages
from oncall.models.calls import CallState, Direction, PhoneCall, Purpose, call_person
from oncall.models.drills import Drill
from oncall.models.messages import Channel, Message
from oncall.models.pages import Attempt, Page, PageState
from oncall.models.people import Person
from oncall.models.ranks import DRILL
from oncall.paging.acknowledge import accepted_with_caller

_LONGEST_CALL: Final = timedelta(hours=4)


def is_busy(session: Session, person: Person, now: datetime) -> bool:
    """Whether a person is being rung, in a call, or wanted for a page now."""
    calls = select(PhoneCall.id).where(
        or_(PhoneCall.person_id == person.id, PhoneCall.number == person.phone),
        PhoneCall.state != CallState.ENDED,
        # The end of an old one was never reported: nobody talks for so long.
        or_(PhoneCall.direction == Direction.OUT, PhoneCall.created_at > now - _LONGEST_CALL),
    )
    paged = select(Attempt.id).join(Page, Page.id == Attempt.page_id)
    paged = paged.where(Attempt.person_id == person.id, Attempt.outcome.is_(None), Page.state == PageState.PAGING)
    if any(session.scalar(query.limit(1)) is not None for query in (calls, paged)):
        return True
    return bool(accepted_with_caller(session, person.id))


def ring(session: Session, drill: Drill, now: datetime) -> bool:
    """Put down a call; False when another one to this person has begun just now: nobody is rung twice at once."""
    drill.call_id = call_person(session, drill.person, Purpose.DRILL, now, rank=DRILL)
    if drill.call_id is None:
        return False
    jobs.place_call.with_urgency(Urgency.NORMAL).wake(session, call_id=drill.call_id)
    return True


def send_text(session: Session, drill: Drill, now: datetime, code_length: int) -> None:
    """Put down the test text, once."""
    drill.code = drill.code or random_code(code_length)
    key = f"drill:{drill.id}:text"
    body = gsm(words.test_text(drill, now))
    recipient = drill.person.phone
    person_id = drill.person_id
    messages.post(
        session, now, key=key, channel=Channel.TEXT, recipient=recipient, body=body, person_id=person_id, rank=DRILL
    )
    drill.text_id = session.scalars(select(Message.id).where(Message.key == key)).one()
