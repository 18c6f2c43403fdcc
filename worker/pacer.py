"""Whose turn it is to be sent: jobs that were put down for a row, and a pacer beside them for what has to wait.

Without a limit each job sends its own row. With one, whoever would send takes a token first, and with it the row that
is next by rank; without a token the row stays queued, and the pacers of all workers sleep until the next one. So a call
for which there is a token leaves in its job at once, and a queue moves on though the worker that began it is gone.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select

from core import log
from oncall.calls.placing import CALLS
from oncall.delivery.outbox import Claimed
from oncall.delivery.rate_limit import next_row, rate_of, seconds_to_row, seconds_to_token, use_token
from oncall.delivery.sender import Sender
from oncall.models import jobs
from oncall.models.calls import CallState, PhoneCall
from oncall.models.messages import Channel, Message, MessageState
from oncall.models.operations.provider_health import RequestKind
from oncall.paging.bundling import take_turns
from oncall.runtime import Work
from worker.sending import MESSAGES

logger = log.get_logger(__name__)

# A pacer looks so often even when nobody has told it of anything, seconds: another worker may have died.
IDLE: Final = 1.0
# Requests of one kind that a pacer may have under way at once. Jobs send beside it.
SENDERS: Final = 8
# Calls that nobody wants any more, passed over with one look.
_MOST_DROPPED: Final = 50
_AFTER_TROUBLE: Final = 1.0


@dataclass(frozen=True)
class Wait:
    """Nothing can be sent now: look again after so long."""

    seconds: float


Turn = Claimed | Wait


@jobs.place_call.runner
def place_call(sender: Sender, *, call_id: int) -> None:
    paced = bool(rate_of(sender.runtime.settings, RequestKind.CALL))
    turn: Turn | None = None
    with sender.runtime.work() as work:
        # Not locked yet: whoever has the bucket passes over rows that somebody holds.
        state = work.session.scalar(select(PhoneCall.state).where(PhoneCall.id == call_id))
        if paced and state == CallState.QUEUED:
            turn = _claim_next(work, sender, RequestKind.CALL)
        elif (call := CALLS.lock(work.session, call_id)) is not None:
            turn = CALLS.take(work, sender, call)
    _send(sender, turn, RequestKind.CALL)


@jobs.send_message.runner
def send_message(sender: Sender, *, message_id: int) -> None:
    paced = bool(rate_of(sender.runtime.settings, RequestKind.TEXT))
    turn: Turn | None = None
    with sender.runtime.work() as work:
        seen = select(Message.state, Message.channel, Message.person_id, Message.page_id)
        row = work.session.execute(seen.where(Message.id == message_id)).one_or_none()
        if row is not None and paced and (row.state, row.channel) == (MessageState.QUEUED, Channel.TEXT):
            turn = _claim_next(work, sender, RequestKind.TEXT)
        elif row is not None:
            if row.page_id is not None and row.person_id is not None:
                take_turns(work.session, row.person_id)
            message = MESSAGES.lock(work.session, message_id)
            turn = MESSAGES.take(work, sender, message) if message is not None else None
    _send(sender, turn, RequestKind.TEXT)


def _send(sender: Sender, turn: Turn | None, kind: RequestKind) -> None:
    sender.nudge(kind)
    match turn:
        case Claimed(send):
            send()


def next_turn(sender: Sender, kind: RequestKind) -> Turn:
    """Claim the next row with a token, or say how long to wait until there may be both. For a kind that has a limit."""
    with sender.runtime.work() as work:
        wait = seconds_to_row(work.session, kind)
        if wait is None or wait > 0:
            return Wait(IDLE if wait is None else wait)
        return _claim_next(work, sender, kind)


def _claim_next(work: Work, sender: Sender, kind: RequestKind) -> Turn:
    rate = rate_of(sender.runtime.settings, kind)
    wait = seconds_to_token(work.session, kind, rate)
    if wait > 0:
        return Wait(wait)
    for _ in range(_MOST_DROPPED):
        row = next_row(work.session, kind)
        if row is None:  # others hold what there is
            return Wait(IDLE)
        claimed = _take(work, sender, row)
        if claimed is not None:
            use_token(work.session, kind, rate)
            return claimed
    return Wait(0.0)


def _take(work: Work, sender: Sender, row: PhoneCall | Message) -> Claimed | None:
    return CALLS.take(work, sender, row) if isinstance(row, PhoneCall) else MESSAGES.take(work, sender, row)


class Pacer:
    """A thread that sends what is queued of one kind, a token at a time."""

    def __init__(self, sender: Sender, kind: RequestKind) -> None:
        self._desk, self._kind = sender, kind
        self._told = threading.Event()
        self._open = threading.Event()
        self._stopping = self._troubled = False
        self._free = threading.Semaphore(SENDERS)
        self._thread = threading.Thread(target=self._run, name=f"pacer of {kind}s", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def nudge(self) -> None:
        """Something is queued."""
        self._told.set()

    def open(self) -> None:
        """Begin to take rows: there is a worker in whose name they can be claimed."""
        self._open.set()

    def close(self, until: float) -> bool:
        """Take nothing more, and wait for what is under way (until a monotonic instant); whether all of it is done."""
        self._open.clear()
        self._told.set()
        free = 0
        while free < SENDERS and self._free.acquire(timeout=max(0.0, until - time.monotonic())):
            free += 1
        if free:
            self._free.release(free)
        return free == SENDERS

    def stop(self) -> None:
        """Take nothing more, for good."""
        self._stopping = True
        self._open.clear()
        self._told.set()

    def join(self) -> None:
        """Wait for what is under way, as long as a request can take."""
        self._thread.join()

    def _run(self) -> None:
        with ThreadPoolExecutor(SENDERS, thread_name_prefix=f"{self._kind}s") as pool:
            while not self._stopping:
                if self._open.wait(IDLE) and self._free.acquire(timeout=IDLE):
                    self._told.clear()
                    self._look(pool)

    def _look(self, pool: ThreadPoolExecutor) -> None:
        match self._next_turn():
            case Claimed(send):
                try:
                    pool.submit(self._send, send)
                except RuntimeError:  # the machine has no thread to give
                    self._send(send)
            case Wait(seconds):
                self._free.release()
                self._told.wait(min(seconds, IDLE))

    def _next_turn(self) -> Turn:
        try:
            turn = next_turn(self._desk, self._kind) if self._open.is_set() else Wait(IDLE)
        except Exception:
            if not self._troubled:  # once for as long as the database is away
                logger.exception("could not look at what is queued", kind=self._kind)
            self._troubled = True
            return Wait(_AFTER_TROUBLE)
        self._troubled = False
        return turn

    def _send(self, send: Callable[[], None]) -> None:
        try:
            send()
        except Exception:
            logger.exception("could not be sent", kind=self._kind)
        finally:
            self._free.release()


class Pacers:
    """The pacers of a worker process, one for each kind that has a limit. They take nothing until `open`."""

    def __init__(self, sender: Sender) -> None:
        self.sender = replace(sender, nudge=self._nudge)
        kinds = [kind for kind in RequestKind if rate_of(sender.runtime.settings, kind)]
        self._running: dict[str, Pacer] = {kind: Pacer(self.sender, kind) for kind in kinds}

    def start(self) -> None:
        for pacer in self._running.values():
            pacer.start()

    def _nudge(self, kind: RequestKind) -> None:
        if kind in self._running:
            self._running[kind].nudge()

    def open(self) -> None:
        """Take rows in the name of the worker that the sender's lifeline holds now."""
        for pacer in self._running.values():
            pacer.open()

    def close(self, seconds: float) -> bool:
        """Take nothing more; whether what was under way is done within so long. To be called before handing back."""
        until = time.monotonic() + seconds
        done = [pacer.close(until) for pacer in self._running.values()]
        return all(done)

    def stop(self) -> None:
        """Take nothing more, and wait for what is under way, however long that takes."""
        for pacer in self._running.values():
            pacer.stop()
        for pacer in self._running.values():
            pacer.join()
