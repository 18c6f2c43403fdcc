"""The shapes of what programs get. They describe it in the OpenAPI document; tests hold every answer against them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from oncall.rosters.on_call import LayerOnCall, RosterOnCall


class PersonShape(BaseModel):
    """Somebody who is on call."""

    model_config = ConfigDict(extra="forbid")
    name: str
    phone: str = Field(description="E.164", examples=["+390584000001"])


class LayerShape(BaseModel):
    """A layer of a roster."""

    model_config = ConfigDict(extra="forbid")
    layer: str
    people: list[PersonShape] = Field(description="They share the duty; empty when nobody is to be rung.")
    why: Literal["rotation", "override", "off duty", "nobody"] = Field(
        description="What put them on call, or kept everybody off: outside the layer's hours, or no turn of a rotation."
    )
    reason: str = Field(description="The same in words, with who made an override, and who has time off.")
    until: datetime | None = Field(description="Nothing of this changes before that instant (UTC); null: ever.")


class RosterShape(BaseModel):
    """A roster's layers, in the order in which they are rung."""

    model_config = ConfigDict(extra="forbid")
    roster: str
    time_zone: str = Field(examples=["Europe/Rome"])
    layers: list[LayerShape]
    fault: str | None = Field(
        description="Why this roster can't be worked out; then it has no layers, and nobody is rung by it. Else null."
    )


class OnCallShape(BaseModel):
    """Who is on call."""

    model_config = ConfigDict(extra="forbid")
    at: datetime = Field(description="The instant (UTC) that this is about.")
    rosters: list[RosterShape]


class ErrorShape(BaseModel):
    """What is wrong, and what to do."""

    model_config = ConfigDict(extra="allow")
    error: str


def as_json(duties: Sequence[RosterOnCall]) -> str:
    """The text of `OnCallShape.rosters`."""
    return json.dumps([_roster(duty) for duty in duties], ensure_ascii=False, separators=(",", ":"))


def instant(at: datetime) -> str:
    """UTC, to the millisecond."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _roster(duty: RosterOnCall) -> dict[str, Any]:
    layers = [_layer(layer) for layer in duty.layers]
    return {"roster": duty.roster, "time_zone": duty.time_zone, "layers": layers, "fault": duty.fault or None}


def _layer(layer: LayerOnCall) -> dict[str, Any]:
    return {
        "layer": layer.layer,
        "people": [{"name": person.name, "phone": person.phone} for person in layer.people],
        "why": layer.why.value,
        "reason": layer.reason,
        "until": None if layer.until is None else instant(layer.until),
    }
