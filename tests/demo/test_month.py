"""The month behind the demo: what its story leads to in a real database."""

import time
from pathlib import Path

from sqlalchemy import text

from core.clock import ShiftedClock, real_now
from core.db import Database
from core.settings import Settings
from demo import run
from demo.month.making import make_month
from demo.month.story import read_stories
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.runtime import Runtime, Work


def test_it(database: Database, tmp_path: Path, now) -> None:
    runtime = Runtime(Settings(var_dir=tmp_path), database, ShiftedClock(now - real_now()))
    directory = parse(run.DIRECTORY.read_text(encoding="utf-8"))
    with database.transaction() as session:
        apply(session, directory, now, PinKeys(b"a key for the test of the demo"))
    began = time.monotonic()
    with database.transaction() as session:
        print("tickets", make_month(Work(session, runtime, now), read_stories()))
    print("took", time.monotonic() - began)
    with database.transaction() as session:
        for row in session.execute(
            text(
                "select number, opened_at, due_at, taken_at, closed_at, priority, state, customer_id, channel, waits_for, (select name from person where id=assignee_id) from ticket order by id"
            )
        ):
            print(row)
        for t in (1042, 1052, 1056):
            for row in session.execute(
                text(
                    "select e.at, e.kind, e.words from ticket_event e join ticket t on t.id=ticket_id where number=:n order by e.at, e.id"
                ),
                {"n": t},
            ):
                print(row)
