"""Drafts of rosters: begun, changed, undone step by step, brought up to date, discarded. Nobody is rung by them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from oncall.models.planning.drafts import DraftState, RosterDraft, RosterDraftStep
from oncall.planning.drafts.asking import ask
from oncall.planning.drafts.plan import to_json
from oncall.planning.drafts.reading import conflicts_told, last_change_id, on_top, plan_in_force, shown_plan
from oncall.planning.drafts.words import in_short
from oncall.planning.editing import Author, wait_for_others
from oncall.planning.plans.edits import Edit
from oncall.planning.plans.plan import Plan
from oncall.planning.plans.reading import hand
from oncall.rosters.errors import GoneError, RosterError, TakenError
from schedules.wall_clock import written_time

_LONGEST_NAME: Final = 60


def begin(session: Session, author: Author, roster_id: int, name: str) -> RosterDraft:
    """A draft that is a copy of the live roster, without overrides that are over. Raises RosterErrors."""
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        raise RosterError(f"A draft needs a name of 1 to {_LONGEST_NAME} letters, such as “Summer plan”.")
    wait_for_others(session)
    copied = to_json(plan_in_force(session, roster_id, author.now))
    _refuse_known(session, roster_id, name)
    draft = RosterDraft(
        roster_id=roster_id, name=name, made_by=author.name, made_at=author.now, base=copied, base_at=author.now,
        base_change=last_change_id(session, roster_id), plan=copied, version=1, state=DraftState.OPEN,
    )  # fmt: skip
    session.add(draft)
    try:
        session.flush()
    except IntegrityError as error:
        if "ix_roster_draft_name" not in str(error.orig):
            raise
        raise _known(name) from None
    note(session, draft, author, "Begun as a copy of the live roster")
    return draft


def change(session: Session, author: Author, draft_id: int, version: int, edit: Edit) -> RosterDraft:
    """Change the draft, which must be the `version` looked at, by one of `plans.edits`.

    What was changed in the live roster since is taken into the draft at the same time, where it is in nobody's way.
    Raises RosterErrors, AskFirstError among them.
    """
    draft = open_draft(session, draft_id, version)
    force, merged = on_top(session, draft, author.looks_at)
    before = shown_plan(draft, merged)
    by = hand(session, author.name, author.now, draft.roster.time_zone, only_ahead=True)
    done = edit(before, by)
    if done.plan.facts == before.facts:
        return draft
    kept, plan = _kept(draft), done.plan
    if not merged.conflicts:
        plan = plan.without_past(author.looks_at)
        _begin_from(session, draft, author, force)
    draft.plan = to_json(plan)
    note(session, draft, author, done.words, kept)
    ask(session, author, draft, before, plan, done.subject)
    return draft


def undo(session: Session, author: Author, draft_id: int, step_id: int) -> RosterDraft:
    """Take back the draft's last change, which must be `step_id`: nobody undoes what they have not seen."""
    draft = _locked(session, draft_id)
    step = last_step(session, draft_id)
    if step is None or step.before is None or step.id != step_id:
        raise GoneError("Somebody has changed the draft meanwhile: load the page again, and look before you undo.")
    _put_back(draft, step.before)
    step.undone = True
    note(session, draft, author, f"Undone: {step.words}").undone = True
    return draft


def take_over(session: Session, author: Author, draft_id: int, version: int) -> RosterDraft:
    """Where draft and roster are in each other's way, take the live roster; all else of the draft stays."""
    draft = open_draft(session, draft_id, version)
    force, merged = on_top(session, draft, author.now)
    by = hand(session, author.name, author.now, draft.roster.time_zone)
    told = conflicts_told(session, draft, merged.conflicts, by)
    if not told:
        raise RosterError("Nothing is in the way of this draft: it is up to date.")
    kept = _kept(draft)
    _begin_from(session, draft, author, force)
    draft.plan = to_json(merged.plan.without_past(author.now))
    note(session, draft, author, f"Taken over from the live roster: {in_short(told)}", kept)
    return draft


def discard(session: Session, author: Author, draft_id: int, version: int) -> RosterDraft:
    """Close the draft for good; it stays as history. Raises RosterErrors."""
    draft = open_draft(session, draft_id, version)
    draft.state, draft.closed_by, draft.closed_at = DraftState.DISCARDED, author.name, author.now
    note(session, draft, author, "Discarded")
    return draft


def drafts(session: Session, roster_id: int) -> Sequence[RosterDraft]:
    """All drafts of a roster: open ones first, newest first."""
    query = select(RosterDraft).where(RosterDraft.roster_id == roster_id)
    return session.scalars(query.order_by((RosterDraft.state != DraftState.OPEN), RosterDraft.id.desc())).all()


def history(session: Session, draft_id: int, limit: int = 100) -> Sequence[RosterDraftStep]:
    """Who changed what when, newest first."""
    query = select(RosterDraftStep).where(RosterDraftStep.draft_id == draft_id)
    return session.scalars(query.order_by(RosterDraftStep.id.desc()).limit(limit)).all()


def last_step(session: Session, draft_id: int) -> RosterDraftStep | None:
    """The change that `undo` would take back."""
    query = select(RosterDraftStep).where(
        RosterDraftStep.draft_id == draft_id, RosterDraftStep.undone.is_(False), RosterDraftStep.before.is_not(None)
    )
    return session.scalar(query.order_by(RosterDraftStep.id.desc()).limit(1))


def open_draft(session: Session, draft_id: int, version: int) -> RosterDraft:
    """The open draft, which nobody else changes until the end of the transaction, nor any roster.

    Raises GoneError when it is closed, or not the `version` that somebody has looked at.
    """
    draft = _locked(session, draft_id)
    if draft.version != version:
        last = next(iter(history(session, draft.id, 1)))
        raise GoneError(
            f"{last.made_by} has changed this draft meanwhile: {last.words}. "
            "Look at what the draft has become, then try again."
        )
    return draft


def _locked(session: Session, draft_id: int) -> RosterDraft:
    wait_for_others(session)
    draft = session.get(RosterDraft, draft_id, populate_existing=True, with_for_update={"key_share": True})
    if draft is None:
        raise GoneError("This draft is not there any more: load the page again.")
    if draft.state != DraftState.OPEN:
        raise GoneError(f"The draft “{draft.name}” was {what_became(draft)}. It can't be changed any more.")
    return draft


def what_became(draft: RosterDraft) -> str:
    """Of a draft that is not open: "discarded by Mara Manager, Mon 1 Jun 2026, 10:00 CEST"."""
    if draft.closed_at is None:
        raise ValueError(f"draft {draft.id} is open")
    done = "published" if draft.state == DraftState.IN_FORCE else "discarded"
    return f"{done} by {draft.closed_by}, {written_time(draft.closed_at, draft.roster.time_zone)}"


def note(
    session: Session, draft: RosterDraft, author: Author, words: str, before: dict[str, object] | None = None
) -> RosterDraftStep:
    """A line of the draft's history, and a new version of it."""
    step = RosterDraftStep(draft_id=draft.id, at=author.now, made_by=author.name, words=words, before=before)
    draft.version += 1
    session.add(step)
    session.flush()
    return step


def _begin_from(session: Session, draft: RosterDraft, author: Author, force: Plan) -> None:
    """From now on the draft stands on the live roster at this moment."""
    at = max(draft.base_at, author.looks_at)
    draft.base, draft.base_at = to_json(force.without_past(at)), at
    draft.base_change = last_change_id(session, draft.roster_id)


def _kept(draft: RosterDraft) -> dict[str, object]:
    at = draft.base_at.isoformat()
    return {"plan": draft.plan, "base": draft.base, "base_at": at, "base_change": draft.base_change}


def _put_back(draft: RosterDraft, kept: dict[str, object]) -> None:
    for name in ("plan", "base", "base_change"):
        setattr(draft, name, kept[name])
    draft.base_at = datetime.fromisoformat(str(kept["base_at"]))


def _refuse_known(session: Session, roster_id: int, name: str) -> None:
    query = select(RosterDraft).where(
        RosterDraft.roster_id == roster_id, RosterDraft.name == name, RosterDraft.state != DraftState.DISCARDED
    )
    if session.scalar(query) is not None:
        raise _known(name)


def _known(name: str) -> TakenError:
    return TakenError(f"There is a draft “{name}” of this roster already: open that one, or choose another name.")
