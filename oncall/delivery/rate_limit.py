"""The limits on calls and texts a second, and the order in which queued ones leave.

There is no queue beside the rows themselves: a call or text in the state "queued" waits for its turn. A bucket of
tokens for each kind is a row that all workers share; it is reckoned by the database's clock alone. Whoever takes a
token holds the bucket's row until what it is for is claimed, so that it never goes to a lower rank while a higher one
waits.
"""

from typing import Any, Final

from sqlalchemy import Select, func, literal, select, text
from sqlalchemy.orm import Session

from core.settings import Settings
from oncall.models.calls import CallState, PhoneCall, Purpose
from oncall.models.messages import Channel, Message, MessageState
from oncall.models.operations.provider_health import RequestKind
from oncall.models.operations.send_rates import SendRate
from oncall.models.pages import Attempt, Page, PageState

# Longest pause that a provider may ask for, seconds: whatever its answer says, a page must not wait for an hour.
LONGEST_PAUSE: Final = 60.0


def rate_of(settings: Settings, kind: RequestKind) -> float:
    """The most of this kind a second; 0 is no limit."""
    return settings.calls_per_second if kind == RequestKind.CALL else settings.texts_per_second


def burst_of(rate: float) -> int:
    """How many may leave at once after a quiet time: half a second's worth, and one at least.

    The other half of the second's worth that is allowed makes up for requests that are not equally long on their way.
    """
    return max(1, int(rate / 2))


_LOCK: Final = text(
    "INSERT INTO send_rate (kind, next_at) VALUES (:kind, clock_timestamp())"
    # Further ahead than tokens and pauses ever reach, were they not put down by a clock that has been set back since.
    " ON CONFLICT (kind) DO UPDATE SET"
    " next_at = least(send_rate.next_at, clock_timestamp() + make_interval(secs => :furthest)),"
    " paused_until = CASE WHEN send_rate.paused_until IS NOT NULL"
    " THEN least(send_rate.paused_until, clock_timestamp() + make_interval(secs => :longest)) END"
    " RETURNING extract(epoch FROM greatest(next_at - make_interval(secs => :ahead), paused_until) - clock_timestamp())"
)
_USE: Final = text(
    "UPDATE send_rate SET next_at = greatest(next_at, clock_timestamp()) + make_interval(secs => :step)"
    " WHERE kind = :kind"
)
_SETTLE: Final = text(
    "UPDATE send_rate SET next_at = greatest(next_at, clock_timestamp() + make_interval(secs => :step))"
    " WHERE kind = :kind"
)
_PAUSE: Final = text(
    "INSERT INTO send_rate (kind, next_at, paused_until)"
    " VALUES (:kind, clock_timestamp(), clock_timestamp() + make_interval(secs => :seconds))"
    " ON CONFLICT (kind) DO UPDATE SET paused_until = greatest(send_rate.paused_until, excluded.paused_until)"
)


def seconds_to_token(session: Session, kind: RequestKind, rate: float) -> float:
    """Lock the bucket until the transaction's end; seconds until it has a token, 0 when it has one now."""
    ahead = (burst_of(rate) - 1) / rate
    limits = {"furthest": ahead + 1 / rate, "longest": LONGEST_PAUSE}
    left = session.scalar(_LOCK, {"kind": kind, "ahead": ahead} | limits)
    return max(0.0, float(left or 0))


def use_token(session: Session, kind: RequestKind, rate: float) -> None:
    """Take the token that `seconds_to_token` has found."""
    session.execute(_USE, {"kind": kind, "step": 1 / rate})


def settle(session: Session, kind: RequestKind, rate: float) -> None:
    """The provider has answered. Where single tokens are given out, the next one counts from now.

    How long a request was on its way is not known, so only this makes sure that the provider sees no two of them
    closer together than it allows.
    """
    if rate and burst_of(rate) == 1:
        session.execute(_SETTLE, {"kind": kind, "step": 1 / rate})


def pause(session: Session, kind: RequestKind, seconds: float) -> None:
    """Nothing of this kind leaves for so long: the provider has asked for it (429 with Retry-After)."""
    session.execute(_PAUSE, {"kind": kind, "seconds": min(seconds, LONGEST_PAUSE)})


def seconds_paused(session: Session, kind: RequestKind) -> float:
    """For how long the provider wants nothing of this kind; 0 when it has not asked for that, or not any more."""
    left = func.extract("epoch", SendRate.paused_until - func.clock_timestamp())
    return max(0.0, float(session.scalar(select(left).where(SendRate.kind == kind)) or 0))


def seconds_to_row(session: Session, kind: RequestKind) -> float | None:
    """Seconds until a queued row may be taken, 0 when there is one now; None when nothing is queued."""
    row = PhoneCall if kind == RequestKind.CALL else Message
    queued = _queued(kind)
    if session.scalar(select(queued.where(_ready(row)).exists())):
        return 0.0
    left = select(func.extract("epoch", func.min(row.not_before) - func.clock_timestamp())).where(*_conditions(kind))
    seconds = session.scalar(left)
    return None if seconds is None else max(0.0, float(seconds))


def next_row(session: Session, kind: RequestKind) -> PhoneCall | Message | None:
    """The row whose turn it is, locked; rows that somebody else holds are passed over."""
    return _next_call(session) if kind == RequestKind.CALL else _next_text(session)


def _conditions(kind: RequestKind) -> tuple[Any, ...]:
    if kind == RequestKind.CALL:
        return (PhoneCall.state == CallState.QUEUED,)
    return (Message.state == MessageState.QUEUED, Message.channel == Channel.TEXT)


def _queued(kind: RequestKind) -> Select[Any]:
    return select(literal(1)).select_from(PhoneCall if kind == RequestKind.CALL else Message).where(*_conditions(kind))


def _ready(row: type[PhoneCall] | type[Message]) -> Any:
    return row.not_before.is_(None) | (row.not_before <= func.clock_timestamp())


def _next_call(session: Session) -> PhoneCall | None:
    """By the most urgent page that is told in it, then whether somebody is on the line for that, then by age.

    People are rung once at a time, so there are hardly more queued calls than people; of pages there may be thousands.
    """
    told = select(func.min(Attempt.rank)).where(Attempt.call_id == PhoneCall.id, Attempt.outcome.is_(None))
    rank = func.coalesce(told.scalar_subquery(), PhoneCall.rank)
    waiting = _told_for_a_caller()
    on_the_line = PhoneCall.purpose.in_([Purpose.CALLBACK, Purpose.CONNECT]) | func.coalesce(
        waiting.c.rank <= rank, False
    )
    query = (
        select(PhoneCall)
        .outerjoin(waiting, waiting.c.call_id == PhoneCall.id)
        .where(*_conditions(RequestKind.CALL), _ready(PhoneCall))
        .order_by(rank, on_the_line.desc(), PhoneCall.created_at, PhoneCall.id)
        .limit(1)
        .with_for_update(of=PhoneCall, key_share=True, skip_locked=True)
    )
    return session.scalar(query.execution_options(populate_existing=True))


def _told_for_a_caller() -> Any:
    """Calls that tell a page whose caller is on the line, with the rank of that page. Callers are few: begin there."""
    caller = PhoneCall.__table__.alias("caller")
    return (
        select(Attempt.call_id, func.min(Attempt.rank).label("rank"))
        .join(Page, Page.id == Attempt.page_id)
        .join(caller, caller.c.ticket_id == Page.ticket_id)
        .where(caller.c.waiting, Page.state == PageState.PAGING, Attempt.outcome.is_(None))
        .group_by(Attempt.call_id)
        .subquery("waiting")
    )


def _next_text(session: Session) -> Message | None:
    """By rank, then whether it tells somebody of ours about a caller on the line, then by age."""
    first = _best_text(session)
    if first is None:
        return None
    waiting = session.scalars(select(PhoneCall.ticket_id).where(PhoneCall.waiting, PhoneCall.ticket_id.is_not(None)))
    tickets = set(waiting)
    if not tickets or first.ticket_id in tickets:
        return first
    about = Message.ticket_id.in_(tickets)
    return _best_text(session, Message.rank == first.rank, Message.page_id.is_not(None), about) or first


def _best_text(session: Session, *conditions: Any) -> Message | None:
    query = (
        select(Message)
        .where(*_conditions(RequestKind.TEXT), _ready(Message), *conditions)
        .order_by(Message.rank, Message.created_at, Message.id)
        .limit(1)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return session.scalar(query.execution_options(populate_existing=True))
