"""What a worker does by the clock besides its jobs: journals brought in, the fallback document renewed, watching."""

from collections.abc import Callable
from typing import Final

from ivr.fallback.upload import renew_fallback
from ivr.offline.replaying import replay
from oncall.delivery.sender import Sender
from oncall.monitoring.watchdog.watching import LOOK_EVERY, Watchdog
from oncall.outage.journal import Journal
from oncall.outage.replay import bring_in

_WATCHDOG: Final = Watchdog()


def bring_in_journal(sender: Sender) -> None:
    """What this machine put down while the database was away."""
    bring_in(sender.runtime, Journal(sender.runtime.settings), replay)


def watch(sender: Sender) -> None:
    """Whether pages are overdue, and other workers live."""
    _WATCHDOG.look(sender.runtime)


# Each at the worker's start, and then every so many seconds.
LOOKS: Final[tuple[tuple[Callable[[Sender], None], float], ...]] = (
    (bring_in_journal, 2.0),
    (renew_fallback, 15.0),
    (watch, LOOK_EVERY),
)
