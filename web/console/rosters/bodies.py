"""What the roster pages send: read strictly, and refused with a sentence that names the field.

Times are wall-clock times of the roster's zone. One with an offset is taken as the instant that it names, for the hour
that an autumn night has twice: without, it is the first.
"""

from datetime import datetime
from typing import Annotated, Any, TypeVar

from flask import abort, request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from core.years import in_our_times
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from schedules.rosters.layers import DutyHours
from schedules.rosters.overrides import Kind
from schedules.rosters.rotation import Count, Every, Rotation
from schedules.spans import Span
from schedules.wall_clock import to_utc


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    if not line.isprintable():
        raise ValueError("it has characters that can't be shown")
    return line


Time = Annotated[datetime, AfterValidator(in_our_times)]
Line = Annotated[str, AfterValidator(_one_line)]
Note = Annotated[str, Field(max_length=300), AfterValidator(_one_line)]
Id = Annotated[int, Field(gt=0, lt=2**31)]


class BodyError(Exception):
    """The body makes no sense: where, and why."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


def _naive(at: datetime) -> datetime:
    if at.tzinfo is not None:
        raise ValueError("a wall-clock time has no offset: write it such as 2026-06-01T18:00")
    return at


WallTime = Annotated[Time, AfterValidator(_naive)]


class Body(BaseModel):
    """Every change says to what it was asked about the answer is yes: the keys of questions, or to all of it."""

    model_config = ConfigDict(extra="forbid")
    accept_gaps: bool = False
    accept: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=200)] = []


class SpanBody(BaseModel):
    """From when to when."""

    model_config = ConfigDict(extra="forbid")
    start: Time
    end: Time

    def span(self, zone: str) -> Span:
        """In UTC. Raises BodyError."""
        try:
            return Span(_instant(self.start, zone), _instant(self.end, zone))
        except ValueError:
            raise BodyError("end", "It must end after it starts.") from None


class OverrideBody(Body, SpanBody):
    """An override; `person_id` null is nobody, on purpose."""

    layer_id: Id
    person_id: Id | None
    kind: Kind = Kind.REPLACE
    note: Note = ""

    def wish(self, zone: str) -> OverrideRequest:
        return OverrideRequest(self.span(zone), self.person_id, self.kind, self.note.strip())


class VersionBody(Body):
    """What is changed or removed is of this version, or the request is refused: nobody else's change is lost."""

    version: Annotated[str, Field(max_length=64)]


class ChangedOverrideBody(OverrideBody, VersionBody):
    """An override, instead of the one that was seen."""


class TimeOffBody(Body, SpanBody):
    """Somebody's time off."""

    person_id: Id
    note: Note = ""


class ShiftBody(SpanBody):
    """A shift of a layer."""

    layer_id: Id


class SwapBody(ShiftBody):
    """A shift of mine for `other_id`, in return for one of theirs or for nothing."""

    other_id: Id
    in_return: ShiftBody | None = Field(default=None, alias="return")
    note: Note = ""


class HoursBody(BaseModel):
    """Hours of the week in which a layer is on duty."""

    model_config = ConfigDict(extra="forbid")
    days: list[str]
    from_: str = Field(alias="from")
    to: str


class RotationBody(BaseModel):
    """Turns of people's ids, every so often from a wall-clock start."""

    model_config = ConfigDict(extra="forbid")
    start: WallTime
    every: str
    until: WallTime | None = None
    turns: list[list[Id]]
    count: Count = Count.ALL

    def rotation(self) -> Rotation:
        turns = tuple(tuple(turn) for turn in self.turns)
        return Rotation(self.start, Every.parse(self.every), turns, self.until, self.count)


class LayerBody(Body):
    """A layer with its rotations and hours."""

    name: Line
    hours: list[HoursBody] = []
    rotations: list[RotationBody] = []

    def wish(self) -> LayerWish:
        """Raises BodyError."""
        hours = [
            _sensible(f"hours.{place}", lambda each=each: DutyHours.parse(each.days, each.from_, each.to))
            for place, each in enumerate(self.hours)
        ]
        rotations = [_sensible(f"rotations.{place}", each.rotation) for place, each in enumerate(self.rotations)]
        return LayerWish(self.name, rotations, hours)


class ChangedLayerBody(LayerBody, VersionBody):
    """A layer, instead of the one that was seen."""


class MoveBody(VersionBody):
    """A layer's new place, counted from 0."""

    position: Annotated[int, Field(ge=0, le=1000)]


class DraftBody(Body):
    """A new draft's name."""

    name: Annotated[Line, Field(max_length=300)]


class UndoBody(Body):
    """The change to take back: of a draft, the last one."""

    change_id: Id


Read = TypeVar("Read", bound=BaseModel)


def read_body(model: type[Read]) -> Read:
    """The request's JSON as a body of this kind. Raises BodyError."""
    if not request.is_json:
        abort(415, "Send JSON, with Content-Type: application/json.")
    try:
        return model.model_validate(request.get_json())
    except RecursionError:
        abort(400, "The JSON is nested too deeply: a change of rosters has a few levels.")
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        if field == "version" and first["type"] == "missing":
            raise BodyError(field, "version: send the one that you have read, of layers.json or board.json.") from None
        raise BodyError(field, f"{field or 'the request'}: {first['msg']}.") from None


def _sensible(field: str, read: Any) -> Any:
    try:
        return read()
    except ValueError as error:
        raise BodyError(field, f"{error}.") from None


def _instant(at: datetime, zone: str) -> datetime:
    return to_utc(at, zone) if at.tzinfo is None else at
