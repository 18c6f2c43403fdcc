"""One client's connection, and where it is between accepting and closing."""

import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from gunicorn.workers.gthread import TConn

from core.serving.channel import Channel
from core.serving.intake import Intake, Part


class Stage(Enum):
    """Who has the connection: the poller, but for ANSWERING."""

    RECEIVING = auto()  # a request, or silence before it
    ANSWERING = auto()  # a thread
    SENDING = auto()  # the rest of an answer
    CLOSING = auto()  # all was sent; waiting for the client to close, so that it can read the end of the answer
    GONE = auto()


class Connection(TConn):
    """`deadline` and `since` are monotonic seconds; `watched` is what the poller watches for (0: nothing)."""

    def __init__(self, cfg: Any, channel: Channel, client: Any, server: Any) -> None:
        super().__init__(cfg, channel, client, server)
        self.channel = channel
        self.stage = Stage.RECEIVING
        self.intake = Intake()
        self.since = time.monotonic()
        self.deadline: float | None = None
        self.watched = 0
        self.on_event: Callable[[Any], None] | None = None  # what the poller calls
        self.keep = False  # open for another request after this answer
        self.truncated = False  # the thread gets less than the client announced
        self.drained_bytes = 0
        self.held_bytes = 0  # as last counted

    @property
    def idle(self) -> bool:
        """Nothing of a request has come yet."""
        return self.stage is Stage.RECEIVING and self.intake.part is Part.NOTHING

    @property
    def is_between_requests(self) -> bool:
        """A request was answered, and nothing of a further one has come."""
        return self.idle and self.parser is not None

    def holding(self) -> int:
        """Bytes that are kept in memory for it now."""
        return len(self.intake.data) + self.channel.backlog

    def begin(self, deadline: float) -> None:
        """Wait for a (further) request, until `deadline` for its first byte."""
        self.stage, self.intake, self.truncated = Stage.RECEIVING, Intake(), False
        self.since, self.deadline = time.monotonic(), deadline
