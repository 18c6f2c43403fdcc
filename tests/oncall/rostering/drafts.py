"""Drafts in tests: begun, changed as by somebody who has just looked, and published."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from oncall.roster_reading import load_rosters
from oncall.rostering import drafting, drafting_force, undoing
from oncall.rostering.drafting_models import RosterDraft
from oncall.rostering.drafting_plan import from_json
from oncall.rostering.editing import Author
from oncall.rostering.plan import Plan
from schedules.roster import Every, Roster, Rotation, Unit
from tests.oncall.rostering.conftest import NOW, WEEK, Desk

# Says yes to whatever is asked: tests of drafts are about something else.
OTHER = Author("Max Other", NOW, accepts_gaps=True, manages=True)


def begin(desk: Desk, author: Author, name: str = "Summer plan") -> int:
    with desk.database.transaction() as session:
        return drafting.begin(session, author, desk.roster_id, name).id


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
        drafting.change(session, author, draft_id, version, lambda plan, hand: edit(plan, hand, *args))


def undo(desk: Desk, author: Author, draft_id: int) -> None:
    with desk.database.transaction() as session:
        step = drafting.last_step(session, draft_id)
        assert step is not None
        drafting.undo(session, author, draft_id, step.id)


def force(desk: Desk, author: Author, draft_id: int) -> None:
    with desk.database.transaction() as session:
        drafting_force.put_into_force(session, author, draft_id, draft_of(session, draft_id).version)


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
        return [step.words for step in drafting.history(session, draft_id)]


def rotation(*people: int) -> Rotation:
    """A week each, from Monday 1 June 2026, 18:00."""
    turns = tuple((person,) for person in people)
    return Rotation(datetime(2026, 6, 1, 18), Every(1, Unit.WEEK), turns)  # noqa: DTZ001 - a wall-clock time
