"""What sending needs, and what calls, texts and mails have in common when the provider is asked for them.

A row is claimed by moving it from queued to sending, for as long as the worker lives and a request can take. Whoever
finds one in sending and not claimed any more knows that a process died or lost the provider's answer in between: the
provider is asked first whether it has the call or text already.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session, object_session

from core import log
from core.clock import real_now
from core.jobs import WORKERS
from oncall.delivery.apprise_sender import AppriseSender
from oncall.delivery.mail import Mailer
from oncall.delivery.provider_health import Tally
from oncall.delivery.telephony import ProviderError, Telephony
from oncall.models.calls import CallState, PhoneCall
from oncall.models.messages import Message, MessageState
from oncall.models.operations.provider_health import RequestKind, RequestResult
from oncall.runtime import Runtime

logger = log.get_logger(__name__)

# Waits before the next try of something the provider may take later (429, 5xx, time-outs), seconds.
BACK_OFF = (1, 2, 4, 8, 15, 30, 60, 120, 300)
# The provider's clock may differ a little from ours.
BEFORE = timedelta(seconds=2)
# Whoever declares a worker dead waits for claims that it is making, and after that it makes none (a share of its row).
_OURS = WORKERS.c.id == bindparam("id")
_STILL_ALIVE = select(WORKERS.c.id).where(_OURS).with_for_update(read=True, key_share=True)
_ALIVE = select(exists(WORKERS.c.id).where(_OURS))


class DeclaredDeadError(Exception):
    """This worker was silent for too long, or has lost track of a job: others do its work, it has to begin anew."""


class Worker(Protocol):
    """Who claims rows: a worker that may be declared dead."""

    @property
    def worker_id(self) -> int | None:
        """Its id while it lives, None before that."""


def _nobody(_kind: RequestKind) -> None:
    """Where no pacer runs beside the jobs."""


@dataclass(frozen=True)
class Sender:
    """What sending needs: the runtime, the telephone network, mail, other channels, and a count of what came of it.

    `worker`: who claims. `nudge`: tells its pacer of a kind that something is queued (`worker.pacer`).
    """

    runtime: Runtime
    telephony: Telephony
    mailer: Mailer
    worker: Worker | None = None
    nudge: Callable[[RequestKind], None] = _nobody
    notifier: AppriseSender = field(default_factory=AppriseSender)
    tally: Tally = field(default_factory=Tally)

    @property
    def worker_id(self) -> int | None:
        """Whose claims these are."""
        return self.worker.worker_id if self.worker is not None else None


def looked_up(look: Callable[[], list[str]]) -> list[str]:
    """What the provider finds. One that can't tell is asked to send: once too often is better than never."""
    try:
        return look()
    except ProviderError as error:
        if not error.permanent:
            raise
        logger.warning("could not be looked up, sending again", error=str(error))
        return []


def is_sending(row: PhoneCall | Message) -> bool:
    """Whether the provider is asked for it, or was as a worker died."""
    return row.state == (CallState.SENDING if isinstance(row, PhoneCall) else MessageState.SENDING)


def claimed(sender: Sender, row: PhoneCall | Message) -> bool:
    """Whether another worker is asking the provider at this moment: looking it up and sending, one request each.

    Workers of earlier versions don't leave their name: theirs counts for as long as two requests take.
    """
    lease = timedelta(seconds=2 * sender.runtime.settings.provider_timeout + 5)
    if not is_sending(row) or row.claimed_at is None or real_now() >= row.claimed_at + lease:
        return False
    session = object_session(row)
    if row.claimed_by is None or session is None:
        return True
    return bool(session.scalar(_ALIVE, {"id": row.claimed_by}))


def claim(session: Session, sender: Sender, row: PhoneCall | Message) -> None:
    """Take a locked row to ask the provider about it. Raises DeclaredDeadError when others do our work by now."""
    if sender.worker_id is not None and session.scalar(_STILL_ALIVE, {"id": sender.worker_id}) is None:
        raise DeclaredDeadError(f"worker {sender.worker_id} counts as dead: it claims nothing")
    match row:
        case PhoneCall():
            row.state = CallState.SENDING
        case Message():
            row.state = MessageState.SENDING
    row.claimed_at, row.claimed_by = real_now(), sender.worker_id
    row.tries += 1


def is_ours(sender: Sender, row: PhoneCall | Message) -> bool:
    """Whether a locked row is still in our hands: whoever was declared dead has no say about it any more."""
    return is_sending(row) and row.claimed_by == sender.worker_id


def let_go(row: PhoneCall | Message) -> None:
    """Nobody is asking the provider about it any more."""
    row.claimed_at = row.claimed_by = None


def back_off(tries: int) -> int:
    """Seconds until the next try."""
    return BACK_OFF[min(max(tries, 1), len(BACK_OFF)) - 1]


def wait_after(error: ProviderError, tries: int) -> timedelta:
    """How long a row waits after this failure: its back-off, or for as long as the provider has asked for."""
    return timedelta(seconds=max(back_off(tries), error.retry_after or 0))


def real(sender: Sender, instant: datetime) -> datetime:
    """An instant of the gateway's time in real time, as `not_before` has it."""
    return instant - sender.runtime.clock.shift()


def result_of(error: ProviderError) -> RequestResult:
    """What a failed request says of the network: one number refused, or nothing gets through."""
    return RequestResult.REFUSED if error.permanent and error.fault.about_number else RequestResult.FAILED
