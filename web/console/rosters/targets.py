"""What an address of rosters is about: the roster in force, or one of its drafts. The views are the same for both."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, ParamSpec, TypeAlias

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from oncall.delivery.contact_faults import faults
from oncall.drills.results import failing_drills
from oncall.models.access.roles import Role
from oncall.models.planning.drafts import RosterDraft
from oncall.models.rosters import Roster, RosterLayer, RosterOverride, span_of
from oncall.planning import roster_edits, swapping, undoing
from oncall.planning.drafts import changing
from oncall.planning.drafts.board import read_draft_board
from oncall.planning.drafts.reading import on_top, shown_plan
from oncall.planning.plans.edits import Edit
from oncall.planning.plans.plan import Plan, as_roster
from oncall.planning.plans.reading import planned_layer, roster_now
from oncall.planning.roster_edits import Seen
from oncall.planning.versions import version_of_layer
from oncall.planning.views.board import read_board
from oncall.rosters.bad_rosters import clock_of
from schedules.rosters.roster import Roster as RosterPlan
from schedules.spans import Span
from web.console.rosters import board_json, draft_json
from web.console.rosters.answers import author_of, refusals_told, saved
from web.console.rosters.bodies import Body, BodyError, UndoBody
from web.platform.access import current_account, needs, runtime

P = ParamSpec("P")
Json: TypeAlias = dict[str, Any]
Placed: TypeAlias = tuple[RosterPlan, str, Span | None]

_ADDRESSES: Final = ("/rosters/<id:roster_id>", "/rosters/<id:roster_id>/drafts/<id:draft_id>")


@dataclass(frozen=True)
class InForce:
    """The roster in force. `zone`: the clock on which times are read and told."""

    session: Session
    roster: Roster
    zone: str
    place = "there"

    def change(self, body: Body, seen: Seen, edit: Edit) -> Json:
        """Change it by one of `plans.edits`. Raises RosterErrors."""
        number = roster_edits.change(self.session, author_of(body), self.roster.id, seen, edit)
        return saved(self.session, **({"roster_id": self.roster.id} if number is None else {"id": number}))

    def undo(self, body: UndoBody) -> Json:
        """Any change that nothing later stands on."""
        undoing.undo(self.session, author_of(body), self.roster.id, body.change_id)
        return saved(self.session, roster_id=self.roster.id)

    def planned(self, like: RosterPlan, layer_id: int, override_id: int) -> Placed | None:
        """`like`, which is the roster; the name of the layer and the time of the override. None: no such layer."""
        layer = self.session.get(RosterLayer, layer_id)
        if layer is None or layer.roster_id != self.roster.id:
            return None
        row = self.session.get(RosterOverride, override_id)
        return like, layer.name, None if row is None or row.layer_id != layer_id else span_of(row.span)

    def board(self, start: datetime, end: datetime, now: datetime) -> Json:
        """From `start` to `end` (UTC), with swaps of whoever asks, and what is wrong with drills and contacts."""
        me = current_account().person_id
        swaps = [] if me is None else swapping.swaps_of(self.session, me)
        return board_json.board(read_board(self.session, self.roster.id, start, end), now) | {
            "swaps": [board_json.swap(self.session, each, me) for each in swaps],
            "failed_drills": failing_drills(self.session, now, self.roster.id),
            "contact_faults": len(faults(self.session)),
        }

    def layers(self) -> list[Json]:
        """As they can be edited."""
        rows = roster_now(self.session, self.roster.id).layers
        return [board_json.layer(planned_layer(row), version_of_layer(row)) for row in rows]

    def history(self) -> list[Json]:
        """Newest first, with what stood before and after each change, and whether it can be undone."""
        found = undoing.told(self.session, self.roster.id, self.zone)
        return [board_json.told_change(each, self.zone) for each in found]


@dataclass(frozen=True)
class InDraft:
    """A draft. A change names the version of it that it was made on in its address, whatever the versions of rows."""

    session: Session
    roster: Roster
    zone: str
    draft: RosterDraft
    place = "in the draft"

    def change(self, body: Body, seen: Seen, edit: Edit) -> Json:
        """Change it by one of `plans.edits`. Raises RosterErrors."""
        changing.change(self.session, author_of(body), self.draft.id, draft_version(), edit)
        return draft_saved(self.session, self.draft)

    def undo(self, body: UndoBody) -> Json:
        """The last change."""
        changing.undo(self.session, author_of(body), self.draft.id, body.change_id)
        return draft_saved(self.session, self.draft)

    def planned(self, like: RosterPlan, layer_id: int, override_id: int) -> Placed | None:
        """`like` with the draft's plan; the name of the layer and the override's time. None: no such layer."""
        plan = self.plan()
        layer = plan.layer(layer_id)
        if layer is None:
            return None
        override = layer.override(override_id)
        return as_roster(plan, like, like.time_off), layer.name, override.span if override else None

    def plan(self) -> Plan:
        """The draft on top of what is in force."""
        return shown_plan(self.draft, on_top(self.session, self.draft, runtime().clock.now())[1])

    def board(self, start: datetime, end: datetime, now: datetime) -> Json:
        """From `start` to `end` (UTC), with the live roster beside it."""
        return draft_json.board(read_draft_board(self.session, self.draft, start, end, now), now)

    def layers(self) -> list[Json]:
        """As they can be edited."""
        return [board_json.layer(each, str(self.draft.version)) for each in self.plan().layers]

    def history(self) -> list[Json]:
        """Newest first."""
        return [board_json.change(each, self.zone) for each in changing.history(self.session, self.draft.id)]


@contextmanager
def target(roster_id: int, draft_id: int | None) -> Iterator[InForce | InDraft]:
    """What the address names, in a transaction."""
    with runtime().database.transaction() as session:
        roster = session.get(Roster, roster_id) or abort(404)
        zone = clock_of(roster.time_zone)
        if draft_id is None:
            yield InForce(session, roster, zone)
        else:
            yield InDraft(session, roster, zone, draft_of(session, roster_id, draft_id))


def at_both(
    blueprint: Blueprint, method: str, path: str, role: Role
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Registers a view, whose `draft_id` is None by default, below the roster's address and below those of drafts."""

    def register(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        guarded = needs(role)(refusals_told(view))
        for address in _ADDRESSES:
            blueprint.add_url_rule(f"{address}/{path}", view.__name__, guarded, methods=[method])
        return guarded

    return register


def draft_of(session: Session, roster_id: int, draft_id: int) -> RosterDraft:
    """The draft, which must be one of the roster."""
    draft = session.get(RosterDraft, draft_id)
    if draft is None or draft.roster_id != roster_id:
        abort(404)
    return draft


def draft_version() -> int:
    """That of the draft which the sender has looked at."""
    version = request.args.get("version", type=int)
    if version is None:
        raise BodyError("version", "Say in the address which version of the draft this changes: ?version=1.")
    return version


def draft_saved(session: Session, draft: RosterDraft) -> Json:
    """What is said of a draft that was changed, or closed."""
    return saved(session, id=draft.id, version=draft.version, state=draft.state)
