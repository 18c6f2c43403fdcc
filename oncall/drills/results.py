"""Drills as they are shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from oncall.models.drills import Drill, DrillCallResult, DrillTextResult

_MOST: Final = 50


def drills_of(session: Session, roster_id: int) -> Sequence[Drill]:
    """The roster's latest drills, newest first."""
    query = select(Drill).where(Drill.roster_id == roster_id).options(joinedload(Drill.person))
    return session.scalars(query.order_by(Drill.id.desc()).limit(_MOST)).all()


def failing_drills(session: Session, now: datetime, roster_id: int | None = None) -> int:
    """How many people's shifts are still to begin after `now` and their phones have failed the latest finished test."""
    text_failed = func.coalesce(Drill.text_result, "") == DrillTextResult.FAILED
    latest = (
        select(or_(text_failed, Drill.call_result != DrillCallResult.CONFIRMED).label("failed"))
        .ext(distinct_on(Drill.person_id))
        .where(Drill.shift_at > now, Drill.call_result.is_distinct_from(DrillCallResult.NOT_NEEDED))
        .where(or_(text_failed, Drill.call_result.is_not(None)))
        .order_by(Drill.person_id, Drill.id.desc())
    )
    if roster_id is not None:
        latest = latest.where(Drill.roster_id == roster_id)
    found = latest.subquery()
    return session.scalar(select(func.count()).select_from(found).where(found.c.failed)) or 0
