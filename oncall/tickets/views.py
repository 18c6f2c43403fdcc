"""A ticket and what happened on it, as plain frozen data for whoever shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.models.calls import CallState
from oncall.models.pages import AttemptOutcome, PageCause, PageState, Via
from oncall.models.tickets import EventKind, InterventionChannel, InterventionKind, TicketState, WaitsFor
from oncall.models.work.recordings import RecordingKind
from oncall.sla.promises import Priority


@dataclass(frozen=True)
class LineView:
    """One line of the timeline. `at` is UTC."""

    id: int
    at: datetime
    kind: EventKind
    words: str


@dataclass(frozen=True)
class AttemptView:
    """One person tried. `rank`: "first technician", "team leader"; `outcome` is None while they are being tried.

    `call_state`: how far the call to them has come (None: it could not be made).
    """

    id: int
    person_id: int
    person: str
    rank: str
    started_at: datetime
    ended_at: datetime | None
    outcome: AttemptOutcome | None
    call_state: CallState | None


@dataclass(frozen=True)
class PageView:
    """The newest search for somebody, with the people tried in its present round, in order."""

    state: PageState
    cause: PageCause
    round: int
    opened_at: datetime
    accepted_at: datetime | None
    accepted_by: str | None
    accepted_via: Via | None
    attempts: tuple[AttemptView, ...]


@dataclass(frozen=True)
class WorkView:
    """One intervention; `ended_at` is None while it goes on, and `length` then counts up to now."""

    id: int
    person: str
    kind: InterventionKind
    channel: InterventionChannel
    started_at: datetime
    ended_at: datetime | None
    length: timedelta
    note: str


@dataclass(frozen=True)
class RecordingView:
    """Something spoken; `seconds` is None until the provider says how long it is.

    `here`: whether its sound is kept; `fault`: why it never will be; `transcript`: its words, where they are known.
    """

    id: int
    kind: RecordingKind
    at: datetime
    seconds: int | None
    person: str | None
    here: bool = False
    fault: str | None = None
    transcript: str | None = None


@dataclass(frozen=True)
class LinkView:
    """Another ticket that belongs to this one, and how, such as "merged into"."""

    words: str
    number: int


@dataclass(frozen=True)
class TicketView:
    """A ticket as its timeline shows it. Instants are UTC; `zone` is the contract's region's, for showing them."""

    number: int
    customer: str
    priority: Priority
    state: TicketState
    zone: str
    opened_at: datetime
    due_at: datetime | None
    taken_at: datetime | None
    closed_at: datetime | None
    holder: str | None
    waits_for: WaitsFor | None
    links: tuple[LinkView, ...]
    caller_waits: bool
    page: PageView | None
    lines: tuple[LineView, ...]
    work: tuple[WorkView, ...]
    recordings: tuple[RecordingView, ...]


@dataclass(frozen=True)
class TicketLine:
    """A ticket in a list."""

    number: int
    customer: str
    priority: Priority
    state: TicketState


@dataclass(frozen=True)
class RefusalView:
    """A caller who was turned away: why, in a manager's words, and who it was (a customer, or a masked number)."""

    id: int
    at: datetime
    words: str
    who: str
