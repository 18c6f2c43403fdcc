"""The state that the board shows: read, put into words and into HTML, and named by its content."""

import hashlib
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Flask, render_template
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.accounts import sessions
from oncall.delivery.contact_faults import account_faults
from oncall.delivery.provider_health import ProviderState, provider_state
from oncall.models.access.roles import Role
from oncall.models.customers import default_zone
from oncall.monitoring import metrics
from oncall.runtime import Runtime
from oncall.tickets.tonight import fingerprint
from web.console.board import words
from web.console.board.watchers import State
from web.console.tickets.words import millis

PARTS: Final = ("lights", "calls", "tickets", "on_call", "gaps")
# What the clock changes, and what changes slowly (rosters, gaps, workers), is seen after so long at the latest.
READ_ANEW_S: Final = 3.0


@dataclass(frozen=True)
class Light:
    """One part of the service and how it is. `state`: good, late or bad."""

    name: str
    state: str
    words: str


@dataclass(frozen=True)
class _Kept:
    state: State
    fingerprint: str
    until: float


class BoardState:
    """Reads for all watchers of a process, of each kind once, and only when something has changed."""

    def __init__(self, app: Flask, runtime: Runtime) -> None:
        self._app, self._runtime = app, runtime
        self._kept: dict[bool, _Kept] = {}
        self._lock = threading.Lock()

    def read(self, names_customers: bool) -> State:
        """The state now. Raises what the database raises."""
        now = self._runtime.clock.now()
        with self._lock, self._runtime.database.transaction() as session:
            found, kept = fingerprint(session), self._kept.get(names_customers)
            if kept is not None and kept.fingerprint == found and time.monotonic() < kept.until:
                return kept.state
            with self._app.test_request_context("/", base_url=self._runtime.settings.public_url):
                state = read_state(session, self._runtime, now, names_customers=names_customers)
            self._kept[names_customers] = _Kept(state, found, time.monotonic() + READ_ANEW_S)
            return state

    def now_ms(self) -> int:
        """The gateway's time, in milliseconds since 1970."""
        return millis(self._runtime.clock.now())

    def still_watching(self, ids: Collection[bytes]) -> Mapping[bytes, bool]:
        """Of these sessions those that go on, and whether they may see who customers are."""
        with self._runtime.database.transaction() as session:
            roles = sessions.roles_of(session, ids, real_now())
        return {id_: role.includes(Role.TECHNICIAN) for id_, role in roles.items()}


def read_state(session: Session, runtime: Runtime, now: datetime, *, names_customers: bool) -> State:
    """Within a request: the templates make addresses."""
    zone = default_zone(session, runtime.settings.default_region)
    shown = words.words(session, now, zone, names_customers=names_customers)
    lights = read_lights(session)
    parts = {name: render_template(f"board/{name}.html", tonight=shown, lights=lights) for name in PARTS}
    return State(hashlib.sha256("\x00".join(parts.values()).encode()).hexdigest()[:16], parts)


def read_lights(session: Session) -> list[Light]:
    """How the service is: for the board, and for whoever has not signed in."""
    network = _network(provider_state(session, real_now()), len(account_faults(session)))
    return [*_work(metrics.work(session)), *network]


def _network(state: ProviderState, refused: int) -> list[Light]:
    """Nothing as long as it works: whether the next call will get through nobody knows before.

    `refused`: numbers that the account at the provider may not call or text.
    """
    if state.nothing_gets_through:
        return [Light("Telephone network", "bad", "takes no calls: people are paged by other channels")]
    if refused:
        return [Light("Telephone network", "late", "refuses some numbers by the account's settings: run flask check")]
    return []


def _work(work: metrics.Work) -> list[Light]:
    lights = [Light("Database", "good", "answers")]
    if work.workers:
        late = work.overdue_seconds > metrics.LATE_SECONDS
        lights.append(Light("Worker", "late" if late else "good", "is behind" if late else "is running"))
    else:
        lights.append(Light("Worker", "bad", "is not running: nobody is rung"))
    return lights
