"""What a change of a draft is asked about, as one in force is; gaps are shown beside the draft instead."""

from datetime import datetime

from sqlalchemy.orm import Session

from oncall.models.planning.drafts import RosterDraft
from oncall.planning.editing import Author, keep_warnings
from oncall.planning.plans.plan import Plan, as_roster
from oncall.planning.questions.before_saving import Changed, Subject
from oncall.planning.questions.surprises import OF_A_PLAN, everybody, told
from oncall.planning.questions.swaps_agreed import agreed_swaps
from oncall.rosters.bad_rosters import BadRoster
from oncall.rosters.reading import read_rosters, refuse_bad


def ask(session: Session, author: Author, draft: RosterDraft, before: Plan, after: Plan, subject: Subject) -> None:
    """Raises AskFirstError unless the author has said yes to what the change of plans brings."""
    found = compared(session, draft, before, after, author.looks_at, subject)
    if found is None:
        return
    swaps = agreed_swaps(session, author.looks_at, draft.roster.name).get(draft.roster.name, ())
    asked = told(found, swaps, OF_A_PLAN)
    if not isinstance(asked, BadRoster):
        author.refuse_unasked(asked[0])
        keep_warnings(session, asked[1])


def compared(
    session: Session, draft: RosterDraft, before: Plan, after: Plan, now: datetime, subject: Subject | None = None
) -> Changed | None:
    """The draft's roster by one plan and by another; None when it is not there any more. Raises BadRosterError."""
    name = draft.roster.name
    read = read_rosters(session, now, None, name=name)
    refuse_bad(read, name)
    like = next(iter(read.rosters), None)
    if like is None:
        return None
    names, choosable = everybody(session)
    one, other = (as_roster(each, like, like.time_off) for each in (before, after))
    return Changed(one, other, now, names, subject or Subject(), choosable)
