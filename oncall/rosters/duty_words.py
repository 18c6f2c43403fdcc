"""Who is on call, as a table for people and as JSON for programs."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from oncall.rosters.on_call import RosterOnCall
from schedules.wall_clock import written_time


def duty_as_json(duty: RosterOnCall) -> dict[str, Any]:
    layers = [
        {
            "layer": layer.layer,
            "people": [{"name": person.name, "phone": person.phone} for person in layer.people],
            "why": layer.why.value,
        }
        for layer in duty.layers
    ]
    at = duty.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    fault = {"fault": duty.fault} if duty.fault else {}
    return {"roster": duty.roster, "at": at, "layers": layers, **fault}


def duty_as_table(duties: Sequence[RosterOnCall]) -> str:
    if not duties:
        return "There is no roster yet: load a directory with `flask load FILE`."
    lines: list[str] = []
    for duty in duties:
        width = max((len(layer.layer) for layer in duty.layers), default=0)
        lines.append(f"{duty.roster}, {written_time(duty.at, duty.time_zone)}")
        if duty.fault:
            lines.append("  can't be worked out: nobody is rung by it")
        for layer in duty.layers:
            people = ", ".join(f"{person.name} {person.phone}" for person in layer.people) or "nobody"
            lines.append(f"  {layer.layer:<{width}}  {people}  ({layer.reason})")
    return "\n".join(lines)
