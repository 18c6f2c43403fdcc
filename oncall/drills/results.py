"""Drills as they are shown."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from oncall.drills.models import Drill

_MOST: Final = 50


def drills_of(session: Session, roster_id: int) -> Sequence[Drill]:
    """The roster's latest drills, newest first."""
    query = select(Drill).where(Drill.roster_id == roster_id).options(joinedload(Drill.person))
    return session.scalars(query.order_by(Drill.id.desc()).limit(_MOST)).all()
