"""What is private is kept by no browser and no proxy, and who was reached by https is never asked for by http."""

from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from core.db import Database
from core.settings import Settings
from oncall.accounts.api_tokens import make_program
from oncall.models.access.roles import Role
from tests.web.conftest import build
from tests.web.console.rosters.roster_desk import MORNING, Clerk
from tests.web.console.test_feeds import get_feed
from tests.web.platform.test_access import routes
from tests.web.signing_in import BROWSER, JSON, add_account, signed_in

HSTS = "Strict-Transport-Security"


@pytest.fixture
def whole(roster_app: Flask) -> Flask:
    runtime = roster_app.extensions["runtime"]
    return create_app(runtime.settings, runtime)


@pytest.mark.parametrize("headers", [BROWSER, JSON], ids=["page", "json"])
def test_every_answer_but_static_files_is_kept_nowhere(
    whole: Flask, database: Database, headers: dict[str, str]
) -> None:
    """Signed in as an administrator, on every address and method."""
    add_account(database, Role.ADMINISTRATOR, "root@example.org")
    seen, client = set(), signed_in(whole, "root@example.org")
    for route in routes(whole):
        answer = route.ask(client, headers)
        kept = answer.headers.get("Cache-Control", "")
        answer.close()
        if route.endpoint != "simulator.forward":
            assert kept == "no-store", f"{route}: {answer.status_code} {kept}"
        seen.add(answer.status_code)
    assert {200, 303, 400, 404} <= seen


@pytest.mark.parametrize(
    "path",
    [
        *("/rosters/1/figures.csv?from=2026-06-01&to=2026-07-01", "/rosters/gaps.csv", "/rosters/1/board.json"),
        *("/rosters/1/layers.json", "/rosters/1", "/account", "/calendars"),
    ],
)
def test_private_csv_json_and_pages(mara: Clerk, path: str) -> None:
    answer = mara.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_programs_answer(whole: Flask, database: Database) -> None:
    with database.transaction() as session:
        token = make_program(session, "wallboard", MORNING)
    for sent in (token, "wrong"):
        answer = whole.test_client().get("/api/v1/on-call", headers={"Authorization": f"Bearer {sent}"})
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_calendar_is_asked_about_each_time(mara: Clerk) -> None:
    """A proxy never keeps it; whoever has fetched it may, and hears that nothing has changed."""
    path = get_feed(mara, "1")
    answer = mara.client.get(path)
    again = mara.client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    unknown = mara.client.get("/calendar/unknown.ics")
    assert [(each.status_code, each.headers["Cache-Control"]) for each in (answer, again, unknown)] == [
        (200, "private, no-cache"),
        (304, "private, no-cache"),
        (404, "no-store"),
    ]


def test_static_files_may_be_kept(whole: Flask) -> None:
    with whole.test_client().get("/static/hold.wav") as answer:
        assert answer.status_code == 200
        assert "no-store" not in answer.headers["Cache-Control"]
        assert answer.headers["ETag"]
    with whole.test_client().get("/static/none.css") as answer:
        assert answer.headers["Cache-Control"] == "no-store"


def app_at(public_url: str, database: Database, folder: Path) -> Flask:
    settings = Settings(var_dir=folder, public_url=public_url)
    return create_app(settings, build(settings, database, MORNING).extensions["runtime"])


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/static/hold.wav", "/healthz", "/none", "/ivr/hold", "/api/v1/on-call"]
)
def test_https_only_once_it_was_https(database: Database, tmp_path: Path, path: str) -> None:
    for public_url, told in (("https://hotline.example.org", "max-age=31536000"), ("http://127.0.0.1:8000", None)):
        with app_at(public_url, database, tmp_path).test_client().get(path) as answer:
            assert answer.headers.get(HSTS) == told


def test_also_on_a_refusal_and_not_by_a_proxys_word(database: Database, tmp_path: Path) -> None:
    client = app_at("https://hotline.example.org", database, tmp_path).test_client()
    with client.get("/", headers={"Host": "evil.example"}) as answer:
        assert (answer.status_code, answer.headers.get(HSTS)) == (400, "max-age=31536000")
    client = app_at("http://127.0.0.1:8000", database, tmp_path).test_client()
    with client.get("/", headers={"X-Forwarded-Proto": "https"}) as answer:
        assert HSTS not in answer.headers
