"""What programs are told, as the description says, and only those with a token."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from core.clock import real_now
from core.db import Database
from oncall.accounts.api_tokens import make_program, revoke_program
from tests.web.console.rosters.roster_desk import MORNING, Clerk

URL = "/api/v1/on-call"


class Program:
    """Something that asks with a token."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, **query: str) -> TestResponse:
        return self.client.get(URL, query_string=query, headers=self.headers)

    def layers(self, **query: str) -> list[dict[str, Any]]:
        answer = self.ask(**query)
        assert answer.status_code == 200, answer.text
        [roster] = answer.get_json()["rosters"]
        found: list[dict[str, Any]] = roster["layers"]
        return found


@pytest.fixture
def app(roster_app: Flask) -> Iterator[Flask]:
    yield roster_app
    roster_app.extensions["watch"].close()


@pytest.fixture
def wallboard(app: Flask, database: Database) -> Program:
    with database.transaction() as session:
        return Program(app, make_program(session, "wallboard", real_now()))


@pytest.fixture
def description(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def matches(description: dict[str, Any], answer: TestResponse) -> bool:
    """Whether an answer is as the description promises for its status."""
    promised = description["paths"][URL]["get"]["responses"][str(answer.status_code)]
    schema = promised["content"]["application/json"]["schema"] | {"components": description["components"]}
    faults = list(Draft202012Validator(schema).iter_errors(answer.get_json()))
    assert faults == []
    return True


def test_who_is_on_call_now_and_then(wallboard: Program, mara: Clerk, people: dict[str, int]) -> None:
    [layer] = wallboard.layers()
    assert (layer["people"], layer["why"], layer["until"]) == ([], "nobody", "2026-06-01T16:00:00.000Z")
    [layer] = wallboard.layers(at="2026-06-01T16:00:00Z", roster="Nights", region="europe")
    assert layer["people"] == [{"name": "Ada Rossi", "phone": "+390584000001"}]
    assert (layer["why"], layer["until"]) == ("rotation", "2026-06-08T16:00:00.000Z")
    cover = {
        "layer_id": mara.get("/rosters/1/board.json")["layers"][0]["id"],
        "person_id": people["Carla"],
        "start": "2026-06-02T18:00",
        "end": "2026-06-03T09:00",
        "note": "a wedding",
    }
    assert mara.send("POST", "/rosters/1/overrides", **cover).status_code == 201
    # The notice of it comes with the commit, which is not to say before the next request.
    deadline = real_now() + timedelta(seconds=10)
    while wallboard.layers(at="2026-06-02T18:00+02:00")[0]["why"] != "override" and real_now() < deadline:
        pass
    [layer] = wallboard.layers(at="2026-06-02T18:00+02:00")
    assert [person["name"] for person in layer["people"]] == ["Carla Neri"]
    assert layer["reason"].startswith("override by Mara")
    assert layer["reason"].endswith("(a wedding)")


def test_a_plus_that_became_a_blank_is_understood(wallboard: Program) -> None:
    answer = wallboard.client.get(f"{URL}?at=2026-06-01T18:00+02:00", headers=wallboard.headers)
    assert answer.get_json()["at"] == "2026-06-01T16:00:00.000Z"


def test_the_answer_says_for_which_instant(wallboard: Program) -> None:
    told = datetime.fromisoformat(wallboard.ask().get_json()["at"])
    assert MORNING <= told < MORNING + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"rooster": "Nights"}, 422, "There is no parameter “rooster”: there are roster, region, at."),
        ({"at": "tonight"}, 422, "at: “tonight” is no instant: write it such as 2027-03-28T02:30:00Z."),
        ({"at": ""}, 422, "at: “” is no instant"),
        ({"at": "2026-06-01T18:00"}, 422, "at: it has no offset from UTC"),
        ({"at": "9999-12-31T23:59:59-23:00"}, 422, "at: the year must be from 2000 to 2099."),
        ({"roster": "Days"}, 404, "There is no roster 'Days'; rosters are: Nights."),
        ({"region": "apac"}, 404, "No roster serves the region 'apac'; served are: europe."),
        ({"roster": "Nights\0"}, 404, "There is no roster"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    wallboard: Program, description: dict[str, Any], query: dict[str, str], status: int, words: str
) -> None:
    answer = wallboard.ask(**query)
    assert answer.status_code == status
    assert answer.get_json()["error"].startswith(words)
    assert matches(description, answer)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic d2FsbDpib2FyZA==", "wrong"])
def test_nobody_is_told_without_a_token(app: Flask, description: dict[str, Any], header: str | None) -> None:
    answer = app.test_client().get(URL, headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "flask token NAME" in answer.get_json()["error"]
    assert matches(description, answer)


def test_an_account_is_no_program(app: Flask, mara: Clerk) -> None:
    assert mara.client.get(URL).status_code == 401


def test_a_revoked_token_is_refused(wallboard: Program, database: Database) -> None:
    assert wallboard.ask().status_code == 200
    with database.transaction() as session:
        revoke_program(session, "wallboard", real_now())
    deadline = real_now() + timedelta(seconds=10)
    while wallboard.ask().status_code == 200 and real_now() < deadline:
        pass
    assert wallboard.ask().status_code == 401


def test_the_description_is_valid_and_true(wallboard: Program, description: dict[str, Any]) -> None:
    validate(description)
    for query in ({}, {"at": "2026-06-09T00:00:00Z"}, {"roster": "Nights"}):
        assert matches(description, wallboard.ask(**query))
    asked = {each["name"] for each in description["paths"][URL]["get"]["parameters"]}
    assert asked == {"roster", "region", "at"}
