"""Overrides and rotations in the words of history, of refusals and of pages. Pure."""

from oncall.planning.plans.plan import Editor, LayerWish, PlannedLayer, PlannedOverride
from schedules.rosters.overrides import Kind
from schedules.rosters.rotation import Count
from schedules.spans import Span
from schedules.wall_clock import written_time, written_wall


def spelled(span: Span, zone: str) -> str:
    """A span on the roster's clock, for people."""
    return f"{written_time(span.start, zone)} to {written_time(span.end, zone)}"


def override_words(name: str | None, kind: str) -> str:
    """Who is put on call by an override of this kind; None is nobody."""
    if name is None:
        return "Nobody, on purpose"
    return f"{name} added" if kind == Kind.ADD else f"{name} covers"


def who_words(override: PlannedOverride, hand: Editor) -> str:
    """Who is put on call by it."""
    name = None if override.person_id is None else hand.people.get(override.person_id, "Somebody who has left")
    return override_words(name, override.kind)


def words_of(override: PlannedOverride, layer: PlannedLayer, hand: Editor) -> str:
    """For example "Carla Neri covers in first, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST"."""
    return f"{who_words(override, hand)} in {layer.name}, {spelled(override.span, hand.zone)}"


def rotations_words(wish: LayerWish) -> str:
    """For example "every 1 week from Mon 1 Jun 2026, 18:00, 2 turns"."""
    if not wish.rotations:
        return "no rotation"
    return "; ".join(
        f"every {each.every}{' on duty' if each.count is Count.ACTIVE else ''} from {written_wall(each.start)}, "
        f"{len(each.turns)} {'turn' if len(each.turns) == 1 else 'turns'}"
        for each in wish.rotations
    )
