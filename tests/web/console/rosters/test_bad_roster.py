"""The page of a roster that can't be worked out: it says so, and is where the roster is mended."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import update

from core.clock import real_now
from core.db import Database
from oncall.accounts.api_tokens import make_program
from oncall.models.rosters import RosterRotation
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.signing_in import BROWSER

BOARD = "/rosters/1/board.json?from=2026-06-01&days=14"
FAR = {"until": "9999-12-31 23:59", "starts": "0001-01-01 00:00"}


@pytest.fixture(params=list(FAR))
def column(database: Database, mara: Clerk, request: pytest.FixtureRequest) -> str:
    with database.transaction() as session:
        session.execute(update(RosterRotation).values({request.param: datetime.fromisoformat(FAR[request.param])}))
    return str(request.param)


def test_the_page_says_so_instead_of_failing(mara: Clerk, column: str) -> None:
    page = mara.client.get("/rosters/1", headers=BROWSER)
    assert page.status_code == 200
    # The apostrophe is written as a reference.
    assert "be worked out, so nobody is rung by it" in page.text
    board = mara.get(BOARD)
    assert f"in the year {FAR[column][:4]}" in board["fault"]
    assert "Correct that (under Layers)" in board["fault"]
    assert [layer["shifts"] for layer in board["layers"]] == [[]]
    assert board["gaps"]


def test_it_is_mended_there(mara: Clerk, column: str) -> None:
    [layer] = mara.get("/rosters/1/layers.json")["layers"]
    [rotation] = layer["rotations"]
    assert FAR[column][:4].lstrip("0") in rotation["until" if column == "until" else "start"]
    good = rotation | {"start": "2026-06-01T18:00", "until": None}
    body = {"name": layer["name"], "hours": [], "rotations": [good], "version": layer["version"]}
    answer = mara.send("PUT", f"/rosters/1/layers/{layer['id']}", **body)
    assert answer.status_code == 200, answer.text
    board = mara.get(BOARD)
    assert board["fault"] is None
    assert board["layers"][0]["shifts"]
    assert "be worked out" not in mara.client.get("/rosters/1", headers=BROWSER).text


def test_what_needs_it_is_refused_with_a_sentence(mara: Clerk, ada: Clerk, people: dict[str, int], column: str) -> None:
    span = {"start": "2026-06-02T18:00", "end": "2026-06-03T06:00"}
    made = mara.send("POST", "/rosters/1/drafts", name="Autumn")
    assert made.status_code == 201
    for answer in (
        mara.client.get("/rosters/1/figures.json?from=2026-06-01", headers={"Accept": "application/json"}),
        mara.client.get("/rosters/1/drafts/1/board.json?from=2026-06-01", headers={"Accept": "application/json"}),
        ada.send("POST", "/rosters/1/swaps", layer_id=1, other_id=people["Bruno"], **span),
    ):
        assert answer.status_code == 409, answer.text
        assert "The roster Nights can't be worked out: " in answer.get_json()["error"]
    for path in ("/rosters/1/history.json", "/rosters/1/what-if.json", "/rosters/1/drills.json", "/rosters/gaps.csv"):
        assert mara.client.get(path).status_code == 200, path


def test_programs_are_told_of_it(roster_app: Flask, database: Database, column: str) -> None:
    with database.transaction() as session:
        token = make_program(session, "wallboard", real_now())
    try:
        answer = roster_app.test_client().get("/api/v1/on-call", headers={"Authorization": f"Bearer {token}"})
        [roster] = answer.get_json()["rosters"]
        assert (answer.status_code, roster["layers"]) == (200, [])
        assert "in the year" in roster["fault"]
    finally:
        roster_app.extensions["watch"].close()
