"""Finding what was put down to be sent, or fetched, and then forgotten: its wake-up died, or used up its tries."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.clock import real_now
from core.jobs import QUEUED
from oncall.models import jobs
from oncall.models.calls import IN_ROOM, CallState, PhoneCall
from oncall.models.messages import Channel, Message, MessageState
from oncall.models.operations.provider_health import RequestKind
from oncall.models.pages import Attempt, Page, PageState
from oncall.models.work.recordings import UNFETCHED, Recording
from oncall.paging.engine import go_on

_STATUS = cast(QUEUED.c.status, Text)
_AT_ONCE = 500
# A recording is ready, and reported so, seconds after it ends.
_READY_BY_THEN: Final = timedelta(minutes=2)


def resend_forgotten(session: Session, paced: Collection[str]) -> None:
    """Wake whatever waits to be sent or fetched, or was claimed, without a job: it died, or used up its tries.

    What is queued of the kinds in `paced` needs no job: the pacers find it.
    """
    calls = select(PhoneCall.id).where(
        PhoneCall.state.in_([CallState.SENDING] if RequestKind.CALL in paced else [CallState.QUEUED, CallState.SENDING])
    )
    for call_id in session.scalars(calls.where(_no_job(jobs.place_call.name, "call_id", PhoneCall.id)).limit(_AT_ONCE)):
        jobs.place_call.wake(session, call_id=call_id)
    due = Message.not_before.is_(None) | (Message.not_before <= real_now())
    unsent = select(Message.id).where(Message.state.in_([MessageState.QUEUED, MessageState.SENDING]), due)
    if RequestKind.TEXT in paced:
        unsent = unsent.where((Message.state == MessageState.SENDING) | (Message.channel != Channel.TEXT))
    for message_id in session.scalars(
        unsent.where(_no_job(jobs.send_message.name, "message_id", Message.id)).limit(_AT_ONCE)
    ):
        jobs.send_message.wake(session, message_id=message_id)


def fetch_forgotten(session: Session, now: datetime) -> None:
    """Wake for sounds that nobody fetches: no report has said that they are ready, or the job died."""
    sounds = select(Recording.id).where(
        UNFETCHED,
        Recording.at < now - _READY_BY_THEN,
        _no_job(jobs.fetch_recording.name, "recording_id", Recording.id),
    )
    for recording_id in session.scalars(sounds.limit(_AT_ONCE)):
        jobs.fetch_recording.wake(session, recording_id=recording_id)


def wake_overdue(session: Session) -> None:
    """Wake open pages that need a look and have no job that is due: it died, or waits for its next try."""
    overdue = select(Page.id).where(Page.state == PageState.PAGING, Page.due_at < real_now())
    page_ids = list(session.scalars(overdue.order_by(Page.due_at).limit(_AT_ONCE)))
    page_ids += session.scalars(_left_behind().limit(_AT_ONCE)).all()
    # All jobs are read once: a look for each page would read them five hundred times.
    query = (
        select(QUEUED.c.args["page_id"].as_integer())
        .where(QUEUED.c.task_name == jobs.advance_page.name, QUEUED.c.args["page_id"].as_integer().in_(page_ids))
        .where(
            (_STATUS == "doing")
            | ((_STATUS == "todo") & (func.coalesce(QUEUED.c.scheduled_at, func.now()) <= func.now()))
        )
    )
    seen = set(session.scalars(query)) if page_ids else set()
    go_on(session, [page_id for page_id in page_ids if page_id not in seen])


def _left_behind() -> Select[int]:
    """Pages told in a call that ended, or became a conversation, in the very moment in which they joined it."""
    query = select(Attempt.page_id).distinct().join(PhoneCall, PhoneCall.id == Attempt.call_id)
    return query.where(Attempt.outcome.is_(None), (PhoneCall.state == CallState.ENDED) | PhoneCall.step.in_(IN_ROOM))


def _no_job(task: str, key: str, row_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Row and job are committed together, so a row without a waiting or running job is a forgotten one."""
    mine = QUEUED.c.args[key].astext == cast(row_id, Text)
    alive = _STATUS.in_(["todo", "doing"])
    return ~exists(select(QUEUED.c.task_name).where(QUEUED.c.task_name == task, alive, mine))
