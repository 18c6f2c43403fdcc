"""`python -m bench.pages`: the console with a year of tickets behind it, and ten people who look at it at once.

Every page is asked for over ten connections as often as it is answered, which is more than ten people do; beside it the
bare Flask route under the same load. How many statements a page takes is counted twice, with a hundredth of it as well.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from flask import Flask
from sqlalchemy import event, select

import web
from bench.gateway import BIN, ROOT, Service, answers
from bench.outage import Server
from bench.ports import free_port
from bench.report import Figure, table
from bench.roster_world import PROCESSES, Place, World, standing
from bench.year import OPEN, fill_year
from core.clock import ShiftedClock, real_now
from core.settings import Settings
from oncall.accounts.sessions import open_session
from oncall.models.access.accounts import Account
from oncall.models.people import Person
from oncall.runtime import Runtime

TICKETS: Final = 20_000
CUSTOMERS: Final = 2000
YEAR: Final = World("year", people=60, rosters=1, overrides=100, times_off=60)
# A hundredth of it, for counting statements: as many are taken.
WEEK: Final = World("week", people=60, rosters=1, overrides=5, times_off=5)
_KEY: Final = b"only for measuring, thrown away"
USERS: Final = 10
PAGE_MS: Final = 300
SEARCH_MS: Final = 200
# The median of the bare route, asked over one connection, on the machine that the targets were written for.
_BARE_MS: Final = 2.0
# Answers that don't count: processes read some things when they are first asked.
_WARM_SECONDS: Final = 1.0
PAGES: Final = (
    *("/", "/board/state", "/my-work", "/on-call", "/on-call/mine", "/rosters/1", "/calendars", "/displays"),
    *(
        "/account",
        "/tickets",
        "/tickets?state=all",
        "/tickets?state=all&after={closed}",
        "/tickets?state=all&order=due",
    ),
    *("/tickets?state=all&missed=1", "/tickets?state=all&person=7&priority=P1", "/tickets/new", "/tickets/{open}"),
    "/tickets/{closed}",
)
SEARCHES: Final = (
    *("/tickets?state=all&q=voicemail", "/tickets?state=all&q=replication+node+13"),
    *("/tickets?state=all&q=town+1234", "/tickets?state=all&q=%2B390600012345", "/tickets?state=all&q=nothing+like+it"),
)


@dataclass(frozen=True)
class Took:
    """Milliseconds under load, and answers that were none."""

    median: float
    p99: float
    answers: int
    failed: int


@contextmanager
def year() -> Iterator[tuple[Place, str, dict[str, int], dict[str, int]]]:
    """The console with a year behind it, the bare route's address, statements by page with little and with all."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nightline-pages-")))
        server = Server(folder / "postgres")
        stack.callback(server.stop)
        week, place = stack.enter_context(standing(server.url, folder, (WEEK, YEAR)))
        fill_year(week.database, real_now(), _KEY, TICKETS // 100, CUSTOMERS // 100)
        fill_year(place.database, real_now(), _KEY, TICKETS, CUSTOMERS)
        week, place = (replace(each, cookie=_technician(each)) for each in (week, place))
        yield place, _bare(stack, folder), statements(week), statements(place)


def _technician(place: Place) -> str:
    """The cookie of a manager who takes turns: sees most."""
    with place.database.transaction() as session:
        person = session.scalars(select(Person).order_by(Person.id)).first()
        account = session.scalars(select(Account)).one()
        account.person = person
        return open_session(session, account.id, "", real_now())


def _bare(stack: ExitStack, folder: Path) -> str:
    address = f"127.0.0.1:{free_port()}"
    command = [str(BIN / "gunicorn"), "--bind", address, "--workers", str(PROCESSES), "bench.bare:create_app()"]
    service = Service("bare", command, {"PATH": "/usr/bin:/bin"}, folder)
    stack.callback(service.stop)
    service.wait_for(lambda: answers(f"http://{address}/"))
    return f"http://{address}/"


def statements(place: Place) -> dict[str, int]:
    """How many each page takes, in this process."""
    known = numbers(place)
    app = Flask("nightline", static_folder=None)
    settings = Settings(database_url=place.database.url, public_url=place.url)
    app.extensions["runtime"] = Runtime(settings, place.database, ShiftedClock())
    web.register(app)
    client = app.test_client()
    client.set_cookie("nightline", place.cookie, domain="127.0.0.1")
    found: dict[str, int] = {}
    seen: list[str] = []
    listener: Any = lambda _c, _u, statement, *_: seen.append(statement)  # noqa: E731
    event.listen(place.database.engine, "before_cursor_execute", listener)
    for path in (*PAGES, *SEARCHES):
        for _ in range(2):  # what is kept by a process is read the first time
            seen.clear()
            answer = client.get(path.format(**known), base_url=place.url, headers={"Accept": "text/html"})
            assert answer.status_code == 200, f"{path}: {answer.status}"
        found[path] = len(seen)
    event.remove(place.database.engine, "before_cursor_execute", listener)
    return found


def ask(url: str, cookie: str, seconds: float, connections: int) -> Took:
    """By a process of its own."""
    command = [sys.executable, "-m", "bench.asking", url, "--token", "none", "--cookie", f"nightline={cookie}"]
    command += ["--connections", str(connections), "--seconds", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    median, most = ((found[each] or math.inf) * 1000 for each in ("median", "p99"))
    return Took(median, most, found["answers"], found["failed"])


def numbers(place: Place) -> dict[str, str]:
    """An open and a closed ticket's."""
    with place.database.transaction() as session:
        first, last = session.connection().exec_driver_sql("SELECT min(number), max(number) FROM ticket").one()
    return {"open": str(last), "closed": str((first + last) // 2)}


def _figure(name: str, took: Took, most: float) -> Figure:
    spoilt = f"{took.failed} failed" if took.failed else ""
    return Figure(name, took.p99, "ms", most=round(most), samples=took.answers, spoilt=spoilt)


def main() -> int:
    """Ends with 0 also on a miss, as the other benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each page")
    options = parser.parse_args()
    with year() as (place, bare_url, before, after):
        bare = ask(bare_url, "", options.seconds, 1)
        crowded = ask(bare_url, "", options.seconds, USERS)
        scale = max(1.0, bare.median / _BARE_MS)
        figures = [
            Figure("bare Flask route, one connection, median", bare.median, "ms", samples=bare.answers),
            Figure(f"bare Flask route, {USERS} connections, p99", crowded.p99, "ms", samples=crowded.answers),
        ]
        known = numbers(place)
        for path in (*PAGES, *SEARCHES):
            shown = path.format(**known)
            ask(f"{place.url}{shown}", place.cookie, _WARM_SECONDS, USERS)
            took = ask(f"{place.url}{shown}", place.cookie, options.seconds, USERS)
            most = (SEARCH_MS if path in SEARCHES else PAGE_MS) * scale
            spoilt = f"{took.failed} failed" if took.failed else ""
            figures.append(
                Figure(f"{path}, p99", took.p99, "ms", most=round(most), samples=took.answers, spoilt=spoilt)
            )
    for path, number in after.items():
        grew = f"{before[path]} with a hundredth of it" if number > before[path] else ""
        figures.append(Figure(f"{path}, statements", number, "", most=max(number, 1), spoilt=grew))
    heading = [
        f"The console: {TICKETS:,} tickets ({OPEN} open), {CUSTOMERS:,} customers, 60 people, {USERS} users at once"
    ]
    print(
        table(
            figures,
            heading,
            [f"Targets are those of a machine whose bare route takes {_BARE_MS:g} ms, times {scale:.2f}."],
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
