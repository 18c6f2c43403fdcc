"""Agreed swaps as plain data, by the name of their layer."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from oncall.models.planning.changes import RosterSwap, SwapState
from oncall.models.rosters import Roster, RosterLayer, span_of
from oncall.planning.questions.swap_cover import Agreed
from schedules.spans import Span


def agreed_swaps(session: Session, now: datetime, roster: str | None = None) -> dict[str, tuple[Agreed, ...]]:
    """Those with a shift that is not over at `now` (UTC), by the name of the roster; `roster`: of that one alone."""
    layers = {
        id_: (name, layer)
        for id_, name, layer in session.execute(
            select(RosterLayer.id, Roster.name, RosterLayer.name).join(Roster, Roster.id == RosterLayer.roster_id)
        )
    }
    query = select(RosterSwap).where(
        RosterSwap.state == SwapState.ACCEPTED,
        or_(func.upper(RosterSwap.span) > now, func.upper(RosterSwap.return_span) > now),
    )
    found: dict[str, list[Agreed]] = defaultdict(list)
    for swap in session.scalars(query.order_by(RosterSwap.id)):
        sides = [(swap.layer_id, swap.span, swap.asker_id, swap.other_id, swap.shift)]
        if swap.return_layer_id is not None and swap.return_span is not None:
            sides.append((swap.return_layer_id, swap.return_span, swap.other_id, swap.asker_id, swap.return_shift))
        for layer_id, span, giver, taker, shift in sides:
            name, layer = layers[layer_id]
            if roster in (None, name) and span_of(span).end > now:
                found[name].append(Agreed(swap.id, layer, span_of(span), giver, taker, _span(shift)))
    return {name: tuple(each) for name, each in found.items()}


def _span(stored: Range[datetime] | None) -> Span | None:
    return None if stored is None else span_of(stored)
