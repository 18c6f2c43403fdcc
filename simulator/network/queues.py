"""Call queues: Enqueue waits in one, Dial Queue takes the first out of it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from simulator.identity import Params, new_sid, utc_now
from simulator.network.calls import Call
from simulator.network.exchange_port import ExchangePort
from simulator.network.registry import Registry

LARGEST = 1000


class Bridge:
    """Two calls that hear each other."""

    def __init__(self, one: Call, other: Call) -> None:
        self._calls = (one, other)

    def audience(self, call: Call) -> list[Call]:
        return [other for other in self._calls if other is not call]


@dataclass(eq=False)
class Waiting:
    """A call in a queue. `taken` is set by whoever dials the queue, `released` when the conversation is over."""

    call: Call
    since: float
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    taker: Call | None = None
    greeting: tuple[str, str] | None = None  # address and method of Queue url


class WaitQueue:
    def __init__(self, name: str, max_size: int = LARGEST) -> None:
        self.sid, self.name, self.max_size = new_sid("QU"), name, max_size
        self.waiting: deque[Waiting] = deque()
        self.created: datetime = utc_now()
        self.arrived = asyncio.Event()

    def average_wait(self, now: float) -> int:
        times = [now - one.since for one in self.waiting]
        return int(sum(times) / len(times)) if times else 0

    def params(self, waiting: Waiting, now: float) -> Params:
        """What a waitUrl request adds."""
        position = self.waiting.index(waiting) + 1 if waiting in self.waiting else 1
        return (
            ("QueueSid", self.sid),
            ("QueuePosition", str(position)),
            ("QueueTime", str(int(now - waiting.since))),
            ("AvgQueueTime", str(self.average_wait(now))),
            ("CurrentQueueSize", str(len(self.waiting))),
        )

    def take(self, taker: Call, greeting: tuple[str, str] | None) -> Waiting | None:
        """The call that has waited longest, which now belongs to the taker."""
        if not self.waiting:
            return None
        waiting = self.waiting.popleft()
        waiting.taker, waiting.greeting = taker, greeting
        waiting.taken.set()
        return waiting


class Queues:
    def __init__(self, exchange: ExchangePort) -> None:
        self._exchange = exchange
        self.all: Registry[WaitQueue] = Registry(lambda queue: not queue.waiting)

    def named(self, name: str) -> WaitQueue | None:
        return next((queue for queue in self.all if name in (queue.name, queue.sid)), None)

    def create(self, name: str, max_size: int = LARGEST) -> WaitQueue:
        return self.all.add(WaitQueue(name, max_size))

    def enter(self, name: str, call: Call, max_size: int = LARGEST) -> tuple[WaitQueue, Waiting | None]:
        """Joins the end of the queue, which is made when missing; None when it is full."""
        queue = self.named(name) or self.create(name)
        if len(queue.waiting) >= min(queue.max_size, max_size):
            return queue, None
        waiting = Waiting(call, self._exchange.pace.now())
        queue.waiting.append(waiting)
        queue.arrived.set()
        return queue, waiting

    @staticmethod
    def leave(queue: WaitQueue, waiting: Waiting) -> None:
        if waiting in queue.waiting:
            queue.waiting.remove(waiting)

    def clear(self) -> None:
        self.all.clear()
