"""One change of rosters: alone, told in words, kept for undo, and asked about when it is not what it looks like."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.locks import Lock
from oncall.models.people import Person
from oncall.models.planning.changes import RosterChange
from oncall.planning.questions.accepted_gaps import tell_accepted
from oncall.planning.questions.before_saving import GAP_AHEAD, Subject, asked_at
from oncall.planning.questions.surprises import EVERYTHING, open_gaps, read_everything, region_zones, surprises
from oncall.planning.recording import merged, recorded
from oncall.rosters.errors import AskFirstError, Asks, BusyError, Gap, GapOpensError, Question

__all__ = ["GAP_AHEAD", "Author", "Edit", "editing", "open_gaps", "region_zones", "wait_for_others", "warnings_of"]

_LOCK_NOT_AVAILABLE: Final = "55P03"
_WARNINGS: Final = "roster_warnings"


@dataclass(frozen=True)
class Author:
    """Who makes a change, when (UTC), what they have said yes to, and whether they may act for others.

    `accepts_gaps`: the gaps that open, and whatever else is asked; `accepts`: the questions of these keys.
    `email` and `person_id` are their account's, so that they need not be told what they did; `site` is the address of
    the pages, for links in what others are told.
    """

    name: str
    now: datetime
    accepts_gaps: bool = False
    manages: bool = False
    email: str | None = None
    person_id: int | None = None
    site: str = ""
    accepts: frozenset[str] = frozenset()

    @property
    def looks_at(self) -> datetime:
        """As of when (UTC) a change is asked about: a yes is said to what was asked then, not to what it is by now."""
        return asked_at(self.accepts, self.now)

    def refuse_unasked(self, questions: Sequence[Question], gaps: Sequence[Gap] = ()) -> None:
        """Raises AskFirstError, GapOpensError where one is of gaps, unless the author has said yes to all of them."""
        if self.accepts_gaps or all(each.key in self.accepts for each in questions):
            return
        raise (GapOpensError if gaps else AskFirstError)(questions, gaps)


@dataclass
class Edit:
    """What the block of `editing` says of itself. What undoes an older change can't be undone itself.

    `subject`: what it is about, for better choices. `asks`: what it is asked about.
    """

    words: str = ""
    undoes: bool = False
    asks: frozenset[Asks] = EVERYTHING
    subject: Subject = field(default_factory=Subject)


@contextmanager
def editing(session: Session, author: Author, roster_id: int | None) -> Iterator[Edit]:
    """Make a change and write it into the history; `roster_id` None: somebody's time off.

    Changes are made one after the other, whoever makes them. Raises BusyError when this one's turn does not come,
    AskFirstError when it looks right and may not be (GapOpensError: hours lose their last person) and `author` has not
    said yes to that: the caller rolls back, as for every RosterError. Once gaps are accepted, those in charge are told.
    """
    wait_for_others(session)
    before = read_everything(session)
    edit = Edit()
    with recorded(session) as steps:
        yield edit
    done = merged(steps)
    if not done and not edit.undoes:
        return
    found = surprises(session, before, author.looks_at, edit.subject, asks=edit.asks)
    author.refuse_unasked(found.questions, found.gaps)
    keep_warnings(session, found.warnings)
    change = RosterChange(
        roster_id=roster_id, at=author.now, made_by=author.name, words=edit.words, steps=done, undone=edit.undoes
    )
    session.add(change)
    session.flush()
    if found.gaps:
        tell_accepted(session, change, found.gaps, author.site, _own_addresses(session, author))


def wait_for_others(session: Session) -> None:
    """From here to the end of the transaction nobody else changes a roster.

    Raises BusyError when somebody else's change lasts longer than connections of this process wait for locks.
    """
    try:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": Lock.ROSTER_CHANGE})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        raise BusyError from None


def warnings_of(session: Session) -> list[str]:
    """What the change just made is worth a word of, and no question: for whoever has made it."""
    return list(session.info.get(_WARNINGS, ()))


def keep_warnings(session: Session, warnings: Sequence[str]) -> None:
    """For `warnings_of`."""
    session.info[_WARNINGS] = tuple(warnings)


def _own_addresses(session: Session, author: Author) -> set[str]:
    person = None if author.person_id is None else session.get(Person, author.person_id)
    return {address.lower() for address in (author.email, person.email if person else None) if address}
