"""The history of rosters, and taking changes back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.log import get_logger
from oncall.models.planning.changes import RosterChange, RosterSwap
from oncall.models.rosters import RosterOverride, RosterRotation
from oncall.planning.before_after import Sides, names_in, sides
from oncall.planning.drafts.publishing import open_again
from oncall.planning.editing import Author, editing
from oncall.planning.questions.surprises import OF_AN_OLDER, OF_THE_LAST
from oncall.planning.recording import is_as_left, take_back
from oncall.planning.touching import in_the_way
from oncall.planning.versions import UNDONE
from oncall.rosters.errors import GoneError, RosterError

logger = get_logger(__name__)


@dataclass(frozen=True)
class Told:
    """A change with what stood before and after it. `touched_by`: the later change that has to be undone before it."""

    change: RosterChange
    sides: Sides
    touched_by: RosterChange | None

    @property
    def undoable(self) -> bool:
        return not self.change.undone and self.touched_by is None


def history(session: Session, roster_id: int, limit: int = 50) -> Sequence[RosterChange]:
    """Changes of the roster and of anybody's time off, newest first."""
    return session.scalars(_of(roster_id).order_by(RosterChange.id.desc()).limit(limit)).all()


def last_change(session: Session, roster_id: int) -> RosterChange | None:
    """The newest one that is not undone: nothing later touches it."""
    query = _of(roster_id).where(RosterChange.undone.is_(False)).order_by(RosterChange.id.desc()).limit(1)
    return session.scalar(query.execution_options(populate_existing=True))


def undo(session: Session, author: Author, roster_id: int, change_id: int) -> RosterChange:
    """Take back a change that nothing later touches.

    Raises RosterErrors, GapOpensError among them; GoneError when it was taken back already, when a later change stands
    on it, or when what it left is not as it left it.
    """
    place = roster_id if (seen := _found(session, roster_id, change_id)) is None else seen.roster_id
    with editing(session, author, place) as edit:
        change = _found(session, roster_id, change_id)  # now that nobody else changes anything
        if change is None:
            raise GoneError("This change is not in the history of this roster any more: load the page again.")
        _refuse(session, roster_id, change)
        last = last_change(session, roster_id)
        edit.asks = OF_THE_LAST if last is not None and last.id == change.id else OF_AN_OLDER
        _take_back(session, change)
        change.undone = True
        open_again(session, author, change.id)
        edit.words = f"{UNDONE}{change.words}"
        edit.undoes = True
    return change


def told(session: Session, roster_id: int, zone: str, limit: int = 50) -> list[Told]:
    """The history of a roster for its page, on the clock of `zone`: newest first."""
    changes = history(session, roster_id, limit)
    names = names_in(session, (change.steps for change in changes))
    return [
        Told(change, sides(change.steps, names, zone), other if not change.undone else None)
        for change, other in in_the_way(changes)
    ]


def _refuse(session: Session, roster_id: int, change: RosterChange) -> None:
    if change.undone:
        by = next((each.made_by for each in _undoings_of(session, roster_id, change)), "")
        raise GoneError(f"This is undone already{f', by {by}' if by else ''}: load the page again, and look.")
    later = session.scalars(_of(roster_id).where(RosterChange.id >= change.id).order_by(RosterChange.id.desc())).all()
    other = next(found for each, found in in_the_way(later) if each is change)
    if other is not None:
        raise GoneError(
            f"This can't be undone before what came after it: {other.words} (by {other.made_by}). Undo that first."
        )
    if not all(is_as_left(session, step) for step in change.steps) or _is_filled(session, change):
        raise GoneError("What this change did has been changed elsewhere since: it can't be taken back as a whole.")


def _is_filled(session: Session, change: RosterChange) -> bool:
    """Whether a layer that it has added has something in it by now that history does not know of."""
    made = [step["after"]["id"] for step in change.steps if step["table"] == "roster_layer" and step["before"] is None]
    if not made:
        return False
    known = {(step["table"], (step["after"] or step["before"]).get("id")) for step in change.steps}
    for table in (RosterRotation, RosterOverride, RosterSwap):
        rows = session.scalars(select(table.id).where(table.layer_id.in_(made)))
        if any((table.__tablename__, id_) not in known for id_ in rows):
            return True
    return False


def _undoings_of(session: Session, roster_id: int, change: RosterChange) -> Sequence[RosterChange]:
    query = _of(roster_id).where(RosterChange.words == f"{UNDONE}{change.words}", RosterChange.id > change.id)
    return session.scalars(query.order_by(RosterChange.id).limit(1)).all()


def _found(session: Session, roster_id: int, change_id: int) -> RosterChange | None:
    query = _of(roster_id).where(RosterChange.id == change_id)
    return session.scalar(query.execution_options(populate_existing=True))


def _take_back(session: Session, change: RosterChange) -> None:
    try:
        take_back(session, change.steps)
    except IntegrityError as error:
        logger.info("undo refused", change_id=change.id, cause=str(error.orig))
        raise RosterError("It can't be taken back: something that it needs is gone, or its place is taken.") from None


def _of(roster_id: int) -> Select[RosterChange]:
    return select(RosterChange).where(or_(RosterChange.roster_id == roster_id, RosterChange.roster_id.is_(None)))
