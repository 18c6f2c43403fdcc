"""A request uses one connection of the pool at a time: two at once would let busy threads wait for each other."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from core.db import Database
from tests.web import night


@pytest.mark.parametrize(
    "path", ["/", "/readyz", "/metrics", "/demo/clock", "/demo/paging", "/demo/timeline", "/demo/timeline.json"]
)
def test_one_connection_at_a_time(
    demo_app: Flask, database: Database, now: datetime, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.clock.SHIFT_KEPT_SECONDS", 0)  # the clock asks the database each time
    with database.transaction() as session:
        night.a_night(session, now)
    held, most = 0, 0

    def out(*_: Any) -> None:
        nonlocal held, most
        held += 1
        most = max(most, held)

    def back(*_: Any) -> None:
        nonlocal held
        held -= 1

    event.listen(database.engine, "checkout", out)
    event.listen(database.engine, "checkin", back)
    try:
        assert demo_app.test_client().get(path).status_code == 200
        assert demo_app.test_client().post("/demo/clock", json={"set": "Sunday 02:00"}).status_code == 200
    finally:
        event.remove(database.engine, "checkout", out)
        event.remove(database.engine, "checkin", back)
    assert (held, most) == (0, 1)
