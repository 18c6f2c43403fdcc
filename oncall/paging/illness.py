"""Somebody on call is ill: they are not rung any more, whoever follows is, and those in charge hear of it at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.accounts.in_charge import in_charge
from oncall.models import messages
from oncall.models.messages import Channel
from oncall.models.pages import Attempt, Page, PageState
from oncall.models.people import ACTIVE, Person
from oncall.models.planning.changes import TimeOff
from oncall.models.rosters import span_of
from oncall.paging.acknowledge_elsewhere import pass_on
from oncall.planning.editing import Author
from oncall.planning.illness_words import illness_mail, illness_text
from oncall.planning.leave import add_time_off
from oncall.planning.views.absence import InPlace, in_place_of
from oncall.rosters.ahead import shifts_ahead
from oncall.rosters.errors import RosterError
from oncall.rosters.on_call import IN_CHARGE
from oncall.rosters.reading import PLANNED
from oncall.runtime import Work
from schedules.spans import Span

# A longer absence is planned on the rosters' pages, by a manager.
LONGEST: Final = timedelta(days=14)
NOTE: Final = "ill"
# A shift that begins later than this is not what somebody is ill for tonight.
_SOON: Final = timedelta(days=7)
_USUAL: Final = timedelta(days=1)


class WrongEndError(RosterError):
    """The illness can't end then."""


@dataclass(frozen=True)
class Opened:
    """What an illness opens: `parts` by time, with the names of all who are in them."""

    parts: Sequence[InPlace]
    names: dict[int, str]

    def instead(self, part: InPlace) -> str:
        """Who is rung first in that part: "Bruno Verdi (backup)"; empty for nobody on the roster."""
        people = ", ".join(self.names[int(person)] for person in part.people)
        return f"{people} ({part.by})" if people else ""


def usual_end(session: Session, person_id: int, now: datetime) -> datetime:
    """The end (UTC) of the shift that runs, or of the next one that begins soon; else a day from now."""
    ahead = shifts_ahead(session, person_id, now, now + _SOON + LONGEST).shifts
    first = next((each for each in ahead if each.span.start < now + _SOON and not each.span.open_ended), None)
    end = first.span.end if first is not None else now + _USUAL
    return min(end, now + LONGEST)


def opened_by(session: Session, person_id: int, now: datetime, until: datetime) -> Opened:
    """What it opens if they are not there from now on. Raises WrongEndError."""
    _check(now, until)
    parts = in_place_of(PLANNED.read_at(session, now).rosters, person_id, Span(now, until))
    ids = {int(person) for part in parts for person in part.people}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all()
    return Opened(parts, dict(rows))


def ill_until(session: Session, person_id: int, now: datetime) -> datetime | None:
    """Until when (UTC) they have reported ill; None when they have not."""
    query = select(TimeOff.span).where(TimeOff.person_id == person_id, TimeOff.note == NOTE, TimeOff.span.contains(now))
    found = session.scalar(query)
    return None if found is None else span_of(found).end


def report_ill(work: Work, author: Author, person: Person, until: datetime, zone: str) -> Opened:
    """From now on others are rung, also for pages that ring this person's phone. Raises RosterErrors.

    `author` has said yes to whatever it opens: nobody who is ill can be kept on call. Those in charge get a mail, team
    leaders and support managers a text as well. `zone`: the clock on which they are told.
    """
    opened = opened_by(work.session, person.id, work.now, until)
    row = add_time_off(work.session, author, person.id, Span(work.now, until), zone, NOTE)
    called = (
        select(Page)
        .join(Attempt, Attempt.page_id == Page.id)
        .where(Page.state == PageState.PAGING, Attempt.person_id == person.id, Attempt.outcome.is_(None))
    )
    for page in work.session.scalars(called).unique():
        pass_on(work.session, page, person, work.now)
    _tell(work, row.id, person, until, zone, opened)
    return opened


def _check(now: datetime, until: datetime) -> None:
    if until <= now:
        raise WrongEndError("This is over already: choose a time to come.")
    if until > now + LONGEST:
        raise WrongEndError(f"{LONGEST.days} days are the longest: ask a manager to plan a longer absence.")


def _tell(work: Work, row_id: int, person: Person, until: datetime, zone: str, opened: Opened) -> None:
    told = [(each, opened.instead(each)) for each in opened.parts]
    site = work.runtime.settings.public_url
    subject, body = illness_mail(person, until, zone, told, site)
    for address in in_charge(work.session):
        key = f"ill:{row_id}:{address}"
        messages.post(
            work.session, work.now, key=key, channel=Channel.MAIL, recipient=address, subject=subject, body=body
        )
    chiefs = select(Person).where(Person.role.in_(IN_CHARGE), ACTIVE, Person.id != person.id)
    for chief in work.session.scalars(chiefs.order_by(Person.id)):
        messages.post(
            work.session,
            work.now,
            key=f"ill:{row_id}:{chief.id}",
            channel=Channel.TEXT,
            recipient=chief.phone,
            body=illness_text(person, until, zone, told),
            person_id=chief.id,
        )
