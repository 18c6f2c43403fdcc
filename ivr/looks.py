"""What a worker does by the clock besides its jobs: journals brought in, the fallback document renewed, watching."""

from collections.abc import Callable
from typing import Final

from ivr.away.replaying import replay
from ivr.fallback_upload import renew_fallback
from oncall.away.importing import bring_in
from oncall.away.journal import Journal
from oncall.desk import Desk
from oncall.watchdog.watching import LOOK_EVERY, Watchdog

_WATCHDOG: Final = Watchdog()


def bring_in_journal(desk: Desk) -> None:
    """What this machine put down while the database was away."""
    bring_in(desk.runtime, Journal(desk.runtime.settings), replay)


def watch(desk: Desk) -> None:
    """Whether pages are overdue, and other workers live."""
    _WATCHDOG.look(desk.runtime)


# Each at the worker's start, and then every so many seconds.
LOOKS: Final[tuple[tuple[Callable[[Desk], None], float], ...]] = (
    (bring_in_journal, 2.0),
    (renew_fallback, 15.0),
    (watch, LOOK_EVERY),
)
