"""The history of rosters, and taking the last change back."""

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.log import get_logger
from oncall.rostering.drafting_force import open_again
from oncall.rostering.editing import Author, editing
from oncall.rostering.errors import GoneError, RosterError
from oncall.rostering.models import RosterChange
from oncall.rostering.recording import is_as_left, take_back
from oncall.rostering.versions import UNDONE

logger = get_logger(__name__)


def history(session: Session, roster_id: int, limit: int = 50) -> Sequence[RosterChange]:
    """Changes of the roster and of anybody's time off, newest first."""
    return session.scalars(_of(roster_id).order_by(RosterChange.id.desc()).limit(limit)).all()


def last_change(session: Session, roster_id: int) -> RosterChange | None:
    """The change that `undo` would take back."""
    query = _of(roster_id).where(RosterChange.undone.is_(False)).order_by(RosterChange.id.desc()).limit(1)
    return session.scalar(query.execution_options(populate_existing=True))


def undo(session: Session, author: Author, roster_id: int, change_id: int) -> RosterChange:
    """Take back the last change, which must be `change_id`: nobody undoes what they have not seen.

    Raises RosterErrors, GapOpensError among them.
    """
    latest = last_change(session, roster_id)
    with editing(session, author, roster_id if latest is None else latest.roster_id) as edit:
        change = last_change(session, roster_id)
        if change is None or change.id != change_id:
            raise GoneError("Somebody has changed the roster meanwhile: load the page again, and look before you undo.")
        if not all(is_as_left(session, step) for step in change.steps):
            raise GoneError("What this change did has been changed elsewhere since: it can't be taken back as a whole.")
        _take_back(session, change)
        change.undone = True
        open_again(session, author, change.id)
        edit.words = f"{UNDONE}{change.words}"
        edit.undoes = True
    return change


def _take_back(session: Session, change: RosterChange) -> None:
    try:
        take_back(session, change.steps)
    except IntegrityError as error:
        logger.info("undo refused", change_id=change.id, cause=str(error.orig))
        raise RosterError("It can't be taken back: something that it needs is gone, or its place is taken.") from None


def _of(roster_id: int) -> Select[RosterChange]:
    return select(RosterChange).where(or_(RosterChange.roster_id == roster_id, RosterChange.roster_id.is_(None)))
