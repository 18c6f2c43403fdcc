"""Part `database`: PostgreSQL is stopped while callers are at every step of their calls."""

import tempfile
from pathlib import Path
from typing import Final

from bench.chaos.part import Part
from bench.chaos.storm import STEPS, Figures, blow
from bench.outage import Server, Storm
from bench.report import Figure
from bench.stack import running

_SPEED: Final = 4.0


def measure(quick: bool) -> Part:
    """50 calls and 60 s; `quick`: fewer and shorter."""
    calls, seconds = (12, 10.0) if quick else (50, 60.0)
    with tempfile.TemporaryDirectory(prefix="nightline-storm-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = Server(folder / "postgres")
        database = server.database()
        try:
            with running(database, folder, _SPEED, WEB_CONCURRENCY="2") as gateway:
                return _as_part(blow(Storm(gateway, server), calls, seconds))
        finally:
            database.engine.dispose()
            server.stop()


def _as_part(found: Figures) -> Part:
    missing = found.calls - found.tickets + found.doubled
    figures = [
        Figure(f"callers who heard a person or the honest speech, of {found.calls}", found.talked + found.told_honestly,
               "", least=found.calls),
        Figure("  callers who spoke to a person", found.talked, ""),
        Figure("  PostgreSQL away for", found.away_seconds, "s"),
        Figure("application errors that the network noticed", found.network_warnings, "", 0),
        Figure("  callers who heard our apology meanwhile", found.apologies, ""),
        Figure("  report to the first word of a person: longest", max(found.waits, default=0.0), "s"),
        Figure("calls without a ticket of their own afterwards", missing, "", 0),
        Figure("tickets doubled", found.doubled, "", 0),
        Figure("interventions", found.interventions, "", least=found.calls),
        Figure("interventions or calls left unfinished", found.unfinished, "", 0),
        Figure("pages still open", found.open_pages, "", 0),
        Figure("  back until the first facts were brought in", found.import_seconds, "s"),
    ]  # fmt: skip
    remark = f"database: calls stood at {len(STEPS)} steps ({', '.join(STEPS)}) when PostgreSQL stopped."
    return Part("database", figures, [remark], {"lines": found.lines()})
