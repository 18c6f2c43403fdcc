"""Changing the roster in force: read as a plan, changed by one of `plans.edits`, written back as one change."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import Session

from oncall.models.rosters import RosterLayer, RosterOverride
from oncall.planning.editing import Author, editing
from oncall.planning.finding import layer_now, override_now
from oncall.planning.plans.edits import Done, Edit
from oncall.planning.plans.reading import at, hand, plan_of, roster_now
from oncall.planning.plans.writing import write
from oncall.planning.versions import refuse_changed_layer, refuse_changed_override
from oncall.rosters.errors import ForeignError
from schedules.spans import Span


@dataclass(frozen=True)
class Seen:
    """What a change is about: a layer or an override, in the version that its author has seen (None: in any).

    `wanted`: the time (UTC) that an override is to have.
    """

    layer_id: int | None = None
    override_id: int | None = None
    version: str | None = None
    wanted: Span | None = None

    def overrides(self) -> ColumnElement[bool]:
        """Those that the change has to know: the one that it is about, and whatever is in its way."""
        return or_(RosterOverride.id == self.override_id, false() if self.wanted is None else at(self.wanted))

    def refuse_changed(self, session: Session, roster_id: int) -> None:
        """Raises GoneError, ChangedError, and ForeignError where it is not of this roster."""
        if self.override_id is not None:
            row = override_now(session, self.override_id)
            layer = layer_now(session, row.layer_id)
            refuse_foreign(layer, roster_id)
            refuse_changed_override(session, row, layer, self.version)
        if self.layer_id is not None:
            layer = layer_now(session, self.layer_id)
            refuse_foreign(layer, roster_id)
            refuse_changed_layer(session, layer, self.version)


def change(session: Session, author: Author, roster_id: int, seen: Seen, edit: Edit) -> int | None:
    """Change the roster by one of `plans.edits`. Raises RosterErrors, AskFirstError among them.

    Gives the id of the row that was added, or of the override that was changed.
    """
    with editing(session, author, roster_id) as recorded:
        seen.refuse_changed(session, roster_id)  # now that nobody else changes it
        done, number = apply(session, author, roster_id, seen.overrides(), edit)
        recorded.words, recorded.subject = done.words, done.subject
    return number


def apply(
    session: Session, author: Author, roster_id: int, known: ColumnElement[bool], edit: Edit
) -> tuple[Done, int | None]:
    """`change` as a part of a larger one, within `editing`; `known`: the overrides that the edit has to know."""
    roster = roster_now(session, roster_id)
    before = plan_of(session, roster, known)
    done = edit(before, hand(session, author.name, author.now, roster.time_zone))
    made = write(session, roster, before, done.plan)
    return done, None if done.number is None else made.get(done.number, done.number)


def refuse_foreign(layer: RosterLayer, roster_id: int) -> None:
    """Raises ForeignError where the layer is another roster's."""
    if layer.roster_id != roster_id:
        raise ForeignError
