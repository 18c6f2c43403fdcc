"""The line of the preflight about texts: who gets no answer now, and how hard codes are to guess."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.settings import Settings
from oncall.models.messages import IncomingOutcome
from oncall.models.people import ACTIVE, Person
from oncall.monitoring.preflight import Check, Level
from oncall.texting.guard import texts_lately
from oncall.texting.limits import expected_lucky_codes_per_year, limits_from
from oncall.texting.silence import silent_numbers

_SUBJECT: Final = "codes by text"
_REMEDY: Final = (
    "ask them whether the texts were theirs; they can accept by key 1, on the ticket's page and by the menu"
)


def check_texts(session: Session, settings: Settings, now: datetime) -> Iterator[Check]:
    """Whether somebody guesses codes."""
    numbers = silent_numbers(session, now)
    if numbers:
        people = select(Person.name).where(Person.phone.in_(numbers), ACTIVE).order_by(Person.name)
        names = session.scalars(people).all()
        wrong = texts_lately(session, now)[IncomingOutcome.WRONG]
        words = f"no answer after too many texts: {', '.join(names)}; {wrong} wrong codes in the last hour"
        yield Check(_SUBJECT, Level.WARNING, words, _REMEDY)
        return
    lucky = expected_lucky_codes_per_year(limits_from(settings), 1, settings.code_length).all_numbers
    attack = f"an attack that never pauses would hit an open page {lucky:.2g} times a year"
    yield Check(_SUBJECT, Level.OK, f"codes of {settings.code_length} digits; {attack}")
