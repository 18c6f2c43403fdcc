"""What a worker does by the clock on the phone side: journals brought in, the fallback document renewed."""

from collections.abc import Callable
from typing import Final

from ivr.away.replaying import replay
from ivr.fallback_upload import renew_fallback
from oncall.away.importing import bring_in
from oncall.away.journal import Journal
from oncall.desk import Desk


def bring_in_journal(desk: Desk) -> None:
    """What this machine put down while the database was away."""
    bring_in(desk.runtime, Journal(desk.runtime.settings), replay)


# Each at the worker's start, and then every so many seconds.
LOOKS: Final[tuple[tuple[Callable[[Desk], None], float], ...]] = ((bring_in_journal, 2.0), (renew_fallback, 15.0))
