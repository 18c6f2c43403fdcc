"""Drafts of rosters as tables: apart from the rosters' own, so that no query that rings people can ever find them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from oncall.models.rosters import Roster


class DraftState(StrEnum):
    """Whether a draft is still planned on, was put into force, or thrown away."""

    OPEN = "open"
    IN_FORCE = "in force"
    DISCARDED = "discarded"


class RosterDraft(Base):
    """A plan for a roster that nobody is rung by.

    `base` is the live roster of when it was begun, or last brought up to date, at `base_at` (UTC), after the roster's
    change `base_change` (0: none); `plan` is what the draft makes of it. `version` counts its changes. Once put into
    force it names the change that did so.
    """

    __tablename__ = "roster_draft"
    __table_args__ = (
        CheckConstraint(one_of("state", DraftState), name="state"),
        CheckConstraint(f"(state = '{DraftState.OPEN}') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("(closed_by IS NULL) = (closed_at IS NULL)", name="closed_by"),
        # History names drafts: one that is in force, and may come back by an undo, keeps its name.
        Index(
            "ix_roster_draft_name",
            "roster_id",
            "name",
            unique=True,
            postgresql_where=text(f"state <> '{DraftState.DISCARDED}'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    roster_id: Mapped[int] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"))
    name: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    base: Mapped[dict[str, Any]] = mapped_column(JSONB)
    base_at: Mapped[datetime] = mapped_column(UTCDateTime)
    base_change: Mapped[int]
    plan: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(server_default=text("1"), default=1)
    state: Mapped[DraftState] = mapped_column(
        EnumText(DraftState), server_default=text(f"'{DraftState.OPEN}'"), default=DraftState.OPEN
    )
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    change_id: Mapped[int | None] = mapped_column(ForeignKey("roster_change.id", ondelete="SET NULL"), index=True)
    roster: Mapped[Roster] = relationship()


class RosterDraftStep(Base):
    """One change of a draft, in words. `before`: base and plan as they were; null where there is nothing to undo."""

    __tablename__ = "roster_draft_step"
    __table_args__ = (Index("ix_roster_draft_step_draft_id", "draft_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("roster_draft.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by: Mapped[str]
    words: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    undone: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
