"""Changing a draft, with the questions that a change in force is asked; gaps are shown beside the draft instead."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Concatenate, ParamSpec

from sqlalchemy.orm import Session

from oncall.bad_rosters import BadRoster, answered
from oncall.roster_reading import read_rosters, refuse_bad
from oncall.rostering import asking_rules as rules
from oncall.rostering.asking import Changed, Subject
from oncall.rostering.drafting import change, locked
from oncall.rostering.drafting_edits import Done, Hand
from oncall.rostering.drafting_models import RosterDraft
from oncall.rostering.drafting_plan import Plan, as_roster, from_json
from oncall.rostering.drafting_reading import on_top, shown_plan
from oncall.rostering.editing import Author, keep_warnings
from oncall.rostering.errors import Question
from oncall.rostering.layering import LayerWish
from oncall.rostering.overriding import Wish
from oncall.rostering.surprises import everybody
from oncall.rostering.swap_cover import Agreed, broken
from oncall.rostering.swaps_agreed import agreed_swaps

P = ParamSpec("P")


def change_asking(
    session: Session,
    author: Author,
    draft_id: int,
    version: int,
    edit: Callable[Concatenate[Plan, Hand, P], Done],
    *args: P.args,
    **kwargs: P.kwargs,
) -> RosterDraft:
    """`drafting.change`, which is asked about first. Raises RosterErrors, AskFirstError among them."""
    draft = locked(session, draft_id)
    before = shown_plan(draft, on_top(session, draft, author.looks_at)[1])
    changed = change(session, author, draft_id, version, edit, *args, **kwargs)
    wishes = [_subject(each) for each in args]
    subject = next((each for each in wishes if each is not None), Subject())
    found = compared(session, changed, before, from_json(changed.plan), author.looks_at, subject)
    swaps = agreed_swaps(session, author.looks_at, draft.roster.name).get(draft.roster.name, ())
    told = None if found is None else answered(found.after, lambda _: _told(found, swaps))
    if told is not None and not isinstance(told, BadRoster):
        author.refuse_unasked(told[0])
        keep_warnings(session, told[1])
    return changed


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


def _told(changed: Changed, swaps: Sequence[Agreed]) -> tuple[list[Question], list[str]]:
    """Questions and warnings. What is over is not planned, and asked about when the draft is published."""
    asked = [*rules.away(changed), *rules.twice(changed), *rules.moves(changed), *rules.idle(changed)]
    return [*asked, *broken(changed, swaps)], rules.thinner(changed)


def _subject(wish: object) -> Subject | None:
    match wish:
        case Wish():
            return Subject(override=wish.span)
        case LayerWish():
            return Subject(layer=wish.name)
        case _:
            return None
