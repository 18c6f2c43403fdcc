"""Publishing a draft: all of it as one change of the roster, or nothing."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.planning.drafts import DraftState, RosterDraft
from oncall.planning.drafts.changing import note, open_draft
from oncall.planning.drafts.reading import conflicts_told, last_change_id, on_top
from oncall.planning.drafts.words import changes, in_short
from oncall.planning.editing import Author, editing
from oncall.planning.plans.edits import refuse_strangers
from oncall.planning.plans.plan import Plan, people_of
from oncall.planning.plans.reading import hand, roster_now
from oncall.planning.plans.writing import write
from oncall.planning.questions.surprises import OF_A_DRAFT
from oncall.rosters.errors import RosterError


class ConflictsError(RosterError):
    """What was changed in the live roster since is in the draft's way; `told`: a sentence each."""

    def __init__(self, told: list[str]) -> None:
        ways = "Take over the live roster there, or change the draft."
        super().__init__(f"This can't be published as it is. {' '.join(told)} {ways}")
        self.told = told


def put_into_force(session: Session, author: Author, draft_id: int, version: int) -> RosterDraft:
    """Make the roster what the draft says; what the draft did not touch stays as it is live.

    Raises RosterErrors: ConflictsError when both have changed the same thing since the draft was begun, GapOpensError
    until gaps are accepted, GoneError when the draft is closed or is not the `version` that was looked at.
    """
    draft = open_draft(session, draft_id, version)
    with editing(session, author, draft.roster_id) as edit:
        force, merged = on_top(session, draft, author.now)
        by = hand(session, author.name, author.now, draft.roster.time_zone)
        told = conflicts_told(session, draft, merged.conflicts, by)
        if told:
            raise ConflictsError(told)
        done = changes(force, merged.plan, by)
        if not done:
            raise RosterError("This draft changes nothing of the live roster: there is nothing to publish.")
        # Who stands in the live roster, and has left, leaves a gap there, which is asked about like any other.
        refuse_strangers(by, merged.plan.people() - force.people(), "in this draft")
        refuse_strangers(by, _rotated(force, merged.plan), "in this rotation")
        write(session, roster_now(session, draft.roster_id), force, merged.plan)
        edit.asks = OF_A_DRAFT
        edit.words = f"Draft “{draft.name}” published: {in_short(done)}"
    draft.change_id = last_change_id(session, draft.roster_id)
    draft.state, draft.closed_by, draft.closed_at = DraftState.IN_FORCE, author.name, author.now
    note(session, draft, author, f"Published: {in_short(done)}")
    return draft


def open_again(session: Session, author: Author, change_id: int) -> None:
    """The change that published a draft is taken back: the draft can be worked on again."""
    draft = session.scalar(select(RosterDraft).where(RosterDraft.change_id == change_id))
    if draft is None:
        return
    draft.state, draft.closed_by, draft.closed_at, draft.change_id = DraftState.OPEN, None, None, None
    note(session, draft, author, "Taken back: no longer published, and open again")


def _rotated(force: Plan, plan: Plan) -> set[int]:
    """Everybody in the rotations that are not as they are in force."""
    known = {each.id: each.rotations for each in force.layers}
    return people_of(one for each in plan.layers if known.get(each.id) != each.rotations for one in each.rotations)
