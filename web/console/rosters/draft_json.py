"""Drafts of rosters as JSON for their page: the board of the draft, and the live roster beside it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from oncall.models.planning.drafts import DraftState, RosterDraft
from oncall.planning.drafts.board import DraftBoard
from oncall.planning.drafts.changing import what_became
from oncall.planning.drafts.compare import Difference, Handover
from oncall.rosters.errors import Gap
from schedules.wall_clock import written_time
from web.console.rosters import board_json
from web.console.rosters.board_json import Json


def draft(row: RosterDraft, zone: str) -> Json:
    """A draft in the list of all. `closed` says in a sentence what has become of it; null while it is open."""
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "version": row.version,
        "by": row.made_by,
        "at": written_time(row.made_at, zone),
        "closed": closed(row),
    }


def closed(row: RosterDraft) -> str | None:
    """For example "Discarded by Mara Manager, Mon 1 Jun 2026, 10:00 CEST."; None while it is open."""
    if row.state == DraftState.OPEN:
        return None
    words = what_became(row)
    return f"{words[0].upper()}{words[1:]}."


def board(found: DraftBoard, now: datetime) -> Json:
    """The board as if the draft were in force, with the live roster and all that would change beside it."""
    zone = found.board.zone
    step = found.last_step
    comparison = {
        "differences": {
            str(layer): [_difference(each, zone) for each in spans] for layer, spans in found.differences.items()
        },
        "handovers": [_handover(each) for each in found.handovers],
        "hours": [
            {"person_id": each.person, "before": _hours(each.before), "after": _hours(each.after)}
            for each in found.hours
        ],
        "opens": _gaps(found.opens, zone),
        "closes": _gaps(found.closes, zone),
        "stay": _gaps(found.stay, zone),
        "changes": list(found.changes),
        "conflicts": list(found.conflicts),
    }
    return board_json.board(found.board, now) | {
        "in_force": [board_json.layer_shifts(layer, zone) for layer in found.in_force],
        "last_change": None if step is None else board_json.change(step, zone),
        "draft": draft(found.draft, zone) | comparison,
        "moves": None if found.moves is None else {"words": found.moves.words, "lines": list(found.moves.lines)},
        "swaps": [],
    }


def _difference(each: Difference, zone: str) -> Json:
    people = {"before": list(each.before), "after": list(each.after)}
    return board_json.span(each.start, each.end, zone) | people


def _handover(each: Handover) -> Json:
    return {"from": list(each.gone), "to": list(each.come), "hours": _hours(each.length)}


def _gaps(found: Iterable[Gap], zone: str) -> list[Json]:
    return [board_json.gap(each, zone) for each in found]


def _hours(length: timedelta) -> float:
    return round(length / timedelta(hours=1), 2)
