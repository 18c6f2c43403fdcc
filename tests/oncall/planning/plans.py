"""Plans of drafts for tests: layers of Ada (1), Bruno (2), Carla (3) and Dino (4), in hours from the first handoff."""

from dataclasses import replace
from datetime import datetime

from oncall.planning.plans.plan import OWN, Plan, PlannedLayer, PlannedOverride
from schedules.rosters.roster import Every, Rotation, Unit
from schedules.spans import Span
from tests.oncall.planning.conftest import HANDOFF, HOUR

__all__ = ["OWN", "Plan", "add", "layer", "over", "put", "weekly"]


def weekly(*people: int) -> Rotation:
    """A week each, from Monday 1 June 2026, 18:00."""
    turns = tuple((person,) for person in people)
    return Rotation(datetime(2026, 6, 1, 18), Every(1, Unit.WEEK), turns)  # noqa: DTZ001 - a wall-clock time


def layer(number: int, name: str, *people: int, overrides: tuple[PlannedOverride, ...] = ()) -> PlannedLayer:
    return PlannedLayer(number, name, (weekly(*people),), (), overrides)


def over(number: int, start: int, end: int, person: int | None = 3, **more: object) -> PlannedOverride:
    """An override between hours after the first handoff."""
    made = PlannedOverride(number, Span(HANDOFF + start * HOUR, HANDOFF + end * HOUR), person)
    return replace(made, **more)  # type: ignore[arg-type]


def put(plan: Plan, number: int, **facts: object) -> Plan:
    """The plan with other facts of a layer."""
    found = plan.layer(number)
    assert found is not None
    return plan.with_layer(replace(found, **facts))  # type: ignore[arg-type]


def add(plan: Plan, number: int, *overrides: PlannedOverride) -> Plan:
    """The plan with overrides put into a layer."""
    found = plan.layer(number)
    assert found is not None
    kept = [each for each in found.overrides if each.id not in {new.id for new in overrides}]
    return put(plan, number, overrides=tuple(sorted((*kept, *overrides), key=lambda each: each.span)))
