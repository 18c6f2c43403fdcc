"""What the parts of the exchange need of it: so that they know neither it nor each other."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from simulator.config import Config
from simulator.journal import Journal
from simulator.network.calls import Call, Phone
from simulator.network.courier import Courier
from simulator.network.phones import Faults
from simulator.network.registry import Registry
from simulator.pace import Pace


class ExchangePort(Protocol):
    """The exchange, as conferences, queues, recordings and texts see it."""

    config: Config
    pace: Pace
    journal: Journal
    courier: Courier
    phones: dict[str, Phone]
    calls: Registry[Call]

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Starts work in the background."""

    def changed(self, phone: Phone | None = None) -> None:
        """Something that a page or a test may be waiting for has changed."""

    def faults_of(self, number: str) -> Faults | None:
        """What is wrong with a number."""

    def warn(self, code: int, text: str, call: Call | None = None, url: str = "", level: str = "warning") -> None:
        """An entry of the debugger."""
