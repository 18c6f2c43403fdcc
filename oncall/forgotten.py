"""Finding what was put down to be sent and then forgotten: its wake-up died, or used up its tries."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Text, cast, column, exists, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.clock import real_now
from core.wakeups import URGENT, wake
from oncall.calls import PhoneCall
from oncall.messages import Message
from oncall.send_queue import CALL, TEXT


def resend_forgotten(session: Session, paced: Collection[str]) -> None:
    """Wake whatever waits to be sent, or was claimed, without a job: that one died, or used up its tries.

    What is queued of the kinds in `paced` needs no job: the pacers find it.
    """
    calls = select(PhoneCall.id).where(PhoneCall.state.in_(["sending"] if CALL in paced else ["queued", "sending"]))
    for call_id in session.scalars(calls.where(_no_job("place_call", "call_id", PhoneCall.id)).limit(500)):
        wake(session, "place_call", priority=URGENT, call_id=call_id)
    due = Message.not_before.is_(None) | (Message.not_before <= real_now())
    unsent = select(Message.id).where(Message.state.in_(["queued", "sending"]), due)
    if TEXT in paced:
        unsent = unsent.where((Message.state == "sending") | (Message.channel != "text"))
    for message_id in session.scalars(unsent.where(_no_job("send_message", "message_id", Message.id)).limit(500)):
        wake(session, "send_message", message_id=message_id)


def _no_job(task: str, key: str, row_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Row and job are committed together, so a row without a waiting or running job is a forgotten one."""
    jobs = table("procrastinate_jobs", column("task_name"), column("status"), column("args", JSONB))
    mine = jobs.c.args[key].astext == cast(row_id, Text)
    alive = cast(jobs.c.status, Text).in_(["todo", "doing"])
    return ~exists(select(jobs.c.task_name).where(jobs.c.task_name == task, alive, mine))
