"""Drafts in tests: begun, changed as by somebody who has just looked, and published."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from oncall.models.planning.drafts import RosterDraft
from oncall.planning import undoing
from oncall.planning.drafts import changing, publishing
from oncall.planning.drafts.plan import from_json
from oncall.planning.editing import Author
from oncall.planning.plans.plan import Plan
from oncall.rosters.reading import load_rosters
from schedules.rosters.roster import Every, Roster, Rotation, Unit
from tests.oncall.planning.conftest import NOW, WEEK, Desk

# Says yes to whatever is asked: tests of drafts are about something else.
OTHER = Author("Max Other", NOW, accepts_gaps=True, manages=True)


def begin(desk: Desk, author: Author, name: str = "Summer plan") -> int:
    with desk.database.transaction() as session:
        return changing.begin(session, author, desk.roster_id, name).id


def draft_of(session: Session, draft_id: int) -> RosterDraft:
    return session.get_one(RosterDraft, draft_id)


def plan_of(desk: Desk, draft_id: int) -> Plan:
    with desk.database.transaction() as session:
        return from_json(draft_of(session, draft_id).plan)


def change(desk: Desk, author: Author, draft_id: int, edit: Any, *args: object) -> None:
    """With a yes to whatever is asked."""
    author = replace(author, accepts_gaps=True)
    with desk.database.transaction() as session:
        version = draft_of(session, draft_id).version
        changing.change(session, author, draft_id, version, lambda plan, hand: edit(plan, hand, *args))


def undo(desk: Desk, author: Author, draft_id: int) -> None:
    with desk.database.transaction() as session:
        step = changing.last_step(session, draft_id)
        assert step is not None
        changing.undo(session, author, draft_id, step.id)


def force(desk: Desk, author: Author, draft_id: int) -> None:
    with desk.database.transaction() as session:
        publishing.put_into_force(session, author, draft_id, draft_of(session, draft_id).version)


def undo_last(desk: Desk, author: Author) -> None:
    """Take back the roster's own last change."""
    with desk.database.transaction() as session:
        last = undoing.last_change(session, desk.roster_id)
        assert last is not None
        undoing.undo(session, author, desk.roster_id, last.id)


def roster(desk: Desk) -> Roster:
    """The roster that is in force."""
    with desk.database.transaction() as session:
        [found] = load_rosters(session, NOW, NOW + 8 * WEEK)
        return found


def state(desk: Desk, draft: int) -> str:
    with desk.database.transaction() as session:
        return draft_of(session, draft).state


def words(desk: Desk, draft_id: int) -> list[str]:
    """The draft's history, newest first."""
    with desk.database.transaction() as session:
        return [step.words for step in changing.history(session, draft_id)]


def rotation(*people: int) -> Rotation:
    """A week each, from Monday 1 June 2026, 18:00."""
    turns = tuple((person,) for person in people)
    return Rotation(datetime(2026, 6, 1, 18), Every(1, Unit.WEEK), turns)  # noqa: DTZ001 - a wall-clock time
