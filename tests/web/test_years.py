"""Years in what pages, scripts and programs send: 2000 to 2099, else a refusal with a remedy; never an error."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import real_now
from core.db import Database
from oncall.accounts.api_tokens import make_program
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.signing_in import JSON

BAD = ["0001-01-01T00:00", "1999-12-31T23:59", "2100-01-01T00:00", "9999-12-31T23:59", "9999-12-31T23:59-05:00"]
UGLY = ["10000-01-01T00:00", "-2026-01-01T00:00", "99999999999999999999"]
SPAN = {"start": "2026-06-02T18:00", "end": "2026-06-03T06:00"}


def bodies(people: dict[str, int], at: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every date that a script of the pages can send, by the address that it goes to."""
    turn = {"start": "2026-06-01T18:00", "every": "1 week", "until": None, "turns": [[people["Ada"]]]}
    return {
        "override end": ("/rosters/1/overrides", {"layer_id": 1, "person_id": people["Ada"], **SPAN, "end": at}),
        "override start": ("/rosters/1/overrides", {"layer_id": 1, "person_id": people["Ada"], **SPAN, "start": at}),
        "time off": ("/rosters/1/time-off", {"person_id": people["Ada"], **SPAN, "end": at}),
        "layer start": ("/rosters/1/layers", {"name": "x", "rotations": [{**turn, "start": at}]}),
        "layer until": ("/rosters/1/layers", {"name": "x", "rotations": [{**turn, "until": at}]}),
        "draft": ("/rosters/1/drafts/1/overrides?version=1", {"layer_id": 1, "person_id": None, **SPAN, "end": at}),
    }


@pytest.fixture
def drafted(mara: Clerk) -> Clerk:
    assert mara.send("POST", "/rosters/1/drafts", name="Autumn").status_code == 201
    return mara


@pytest.mark.parametrize("at", [*BAD, *UGLY])
def test_dates_of_bodies(drafted: Clerk, people: dict[str, int], at: str) -> None:
    for what, (path, body) in bodies(people, at).items():
        answer = drafted.send("POST", path, **body)
        assert answer.status_code == 422, f"{what}: {answer.text}"
        assert answer.get_json()["error"], what
        if at in BAD and "until" not in what and at.count("-") == 2:
            assert "2000 to 2099" in answer.get_json()["error"], answer.text


@pytest.mark.parametrize("at", [*BAD, *UGLY])
def test_a_swap(ada: Clerk, people: dict[str, int], at: str) -> None:
    answer = ada.send("POST", "/rosters/1/swaps", layer_id=1, other_id=people["Bruno"], start=SPAN["start"], end=at)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("at", [*BAD, *UGLY])
@pytest.mark.parametrize(
    "path",
    [
        "/rosters/1/board.json?days=93&from={day}",
        "/rosters/1/figures.json?from={day}",
        "/rosters/1/figures.json?from=2026-01-01&to={day}",
        "/rosters/1/what-if.json?at={at}",
        "/rosters/1/drafts/1/board.json?days=93&from={day}",
    ],
)
def test_dates_of_addresses(drafted: Clerk, path: str, at: str) -> None:
    day = at.partition("T")[0]
    answer = drafted.client.get(path.format(day=day, at=at), headers=JSON)
    assert answer.status_code == 422, answer.text
    if at in BAD:
        assert "is out of reach: choose one from 2000 to 2099." in answer.get_json()["error"]


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_day_are_shown(drafted: Clerk, day: str) -> None:
    for path in (
        f"/rosters/1/board.json?days=93&from={day}",
        f"/rosters/1/figures.json?from={day}",
        f"/rosters/1/what-if.json?at={day}T23:59",
        f"/rosters/1/what-if.json?at={day}T23:59-12:00",
        f"/rosters/1/drafts/1/board.json?days=93&from={day}",
    ):
        answer = drafted.client.get(path, headers=JSON)
        assert answer.status_code == 200, (path, answer.text)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+05:00", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
                                "9999-12-31T23:59:59-05:00"])  # fmt: skip
def test_an_instant_of_a_program(roster_app: Flask, database: Database, at: str) -> None:
    with database.transaction() as session:
        token = make_program(session, "wallboard", real_now())
    try:
        client, headers = roster_app.test_client(), {"Authorization": f"Bearer {token}"}
        answer = client.get("/api/v1/on-call", query_string={"at": at}, headers=headers)
        assert (answer.status_code, answer.get_json()["error"]) == (422, "at: the year must be from 2000 to 2099.")
        last = client.get("/api/v1/on-call", query_string={"at": "2099-12-31T23:59:59-23:59"}, headers=headers)
        assert last.status_code == 200
    finally:
        roster_app.extensions["watch"].close()


written = st.text(max_size=30) | st.datetimes(timezones=st.none() | st.timezones()).map(lambda at: at.isoformat())
SUPPRESSED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@given(written)
@settings(deadline=None, max_examples=60, suppress_health_check=list(SUPPRESSED))
def test_nothing_that_is_sent_is_an_error(mara: Clerk, people: dict[str, int], at: str) -> None:
    for path, body in bodies(people, at).values():
        if "drafts" not in path:
            assert mara.send("POST", path, **body).status_code in {201, 409, 422}
    for query in ({"from": at, "days": "93"}, {"at": at}):
        address = "board.json" if "from" in query else "what-if.json"
        answer = mara.client.get(f"/rosters/1/{address}", query_string=query, headers=JSON)
        assert answer.status_code in {200, 422}, (query, answer.text)
