"""Static files: whole and compressed by their content, kept for a year, and nothing else compressed beside them."""

import gzip
import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from assets import folder
from core.db import Database
from oncall.models.access.roles import Role
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.platform.test_access import routes
from tests.web.signing_in import BROWSER, add_account, signed_in
from web.platform.compression import MARK

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
YEAR = "public, max-age=31536000, immutable"
# Nothing that anybody writes, and what would come out escaped in a page or in JSON.
CANARY = "Zzcanaryzz"


@pytest.fixture
def client(roster_app: Flask) -> FlaskClient:
    return roster_app.test_client()


def named(client: FlaskClient, name: str) -> str:
    """The address of a file as pages have it."""
    page = client.get("/sign-in", headers=BROWSER).text
    found = re.search(rf'"(/static/{re.escape(name)}\?v=\w{{12}})"', page)
    assert found is not None
    return found[1]


def test_a_page_names_files_by_their_content(client: FlaskClient) -> None:
    address = named(client, "base.css")
    whole, source = client.get(address), client.get("/static/base.css")
    assert whole.headers["Cache-Control"] == YEAR
    assert "@import" not in whole.text
    assert source.headers["Cache-Control"] == "no-cache"
    assert '@import "nightline.css";' in source.text


@pytest.mark.parametrize("asked", ["v=000000000000", "v=", "v=../../access.py"])
def test_another_version_than_ours_is_kept_by_nobody(client: FlaskClient, asked: str) -> None:
    answer = client.get(f"/static/base.css?{asked}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_compressed_for_who_can_read_it(client: FlaskClient) -> None:
    address = named(client, "base.css")
    plain, packed = client.get(address), client.get(address, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["ETag"] != plain.headers["ETag"]
    refused = client.get(address, headers={"Accept-Encoding": "gzip;q=0, br"})
    assert refused.data == plain.data


@pytest.mark.parametrize("headers", [{}, GZIP])
def test_asked_again_it_says_that_nothing_changed(client: FlaskClient, headers: dict[str, str]) -> None:
    tag = client.get("/static/roster.js", headers=headers).headers["ETag"]
    again = client.get("/static/roster.js", headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_music_is_sent_as_it_is_and_in_parts(client: FlaskClient) -> None:
    whole = client.get("/static/hold.wav", headers=GZIP)
    assert "Content-Encoding" not in whole.headers
    part = client.get("/static/hold.wav", headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.data) == (206, whole.data[4:12])


@pytest.mark.parametrize(
    "name", ["none.css", "a" * 300, "a" * 4000, "../access.py", "..%2faccess.py", ".", "%00", "a/b.css", "base.css/"]
)
def test_nothing_else_is_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404
    assert client.get(f"/static/{name}?v=1").status_code == 404


def test_nothing_is_kept_of_what_strangers_ask_for(client: FlaskClient) -> None:
    before = folder._read.cache_info().currsize
    for place in range(50):
        assert client.get(f"/static/none-{place}.js").status_code == 404
    assert folder._read.cache_info().currsize == before


def test_only_what_says_so_is_compressed(roster_app: Flask, database: Database) -> None:
    """Every other answer, and those of the telephone network above all, goes out as it is."""
    runtime = roster_app.extensions["runtime"]
    app = create_app(runtime.settings, runtime)
    add_account(database, Role.ADMINISTRATOR, "root@example.org")
    client, compressed = signed_in(app, "root@example.org"), set()
    for route in routes(app):
        with client.open(route.path, method=route.method, headers={**BROWSER, **GZIP}) as answer:
            if "Content-Encoding" in answer.headers:
                compressed.add(route.endpoint)
    marked = {name for name, view in app.view_functions.items() if hasattr(view, MARK)}
    assert compressed <= marked
    assert {"rosters.page", "roster_reads.board"} <= compressed
    assert marked == {
        "rosters.index",
        "rosters.page",
        "rosters.draft_page",
        "roster_reads.board",
    }


def repeats(answer: TestResponse) -> bool:
    return CANARY.lower() in gzip.decompress(answer.data).decode().lower()


@pytest.mark.parametrize(
    "path",
    ["/rosters", "/rosters/1", "/rosters/1/drafts/1", "/rosters/1/board.json", "/rosters/1/drafts/1/board.json"],
)
def test_what_is_compressed_repeats_nothing_of_the_request(mara: Clerk, path: str) -> None:
    """Else its length would tell whoever chose the words how much of the page's secret they have guessed."""
    assert mara.send("POST", "/rosters/1/drafts", name="Summer").status_code == 201
    mara.client.set_cookie("other", CANARY)
    headers = {**GZIP, "Referer": f"http://localhost/{CANARY}", "User-Agent": CANARY, "Accept-Language": CANARY}
    query = f"rows={CANARY}&next=/{CANARY}&fault={CANARY}&{CANARY}={CANARY}"
    for sent in (query, query if path.endswith("json") else f"{query}&from={CANARY}&days={CANARY}"):
        answer = mara.client.get(f"{path}?{sent}", headers=headers)
        assert answer.headers["Content-Encoding"] == "gzip", path
        assert not repeats(answer)


def test_a_board_that_is_not_compressed_is_the_same(mara: Clerk) -> None:
    path = "/rosters/1/board.json?from=2026-06-01&days=14"
    plain, packed = mara.client.get(path), mara.client.get(path, headers=GZIP)
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert mara.client.get(path.replace("14", "94"), headers=GZIP).headers.get("Content-Encoding") is None


def test_the_first_board_is_fetched_beside_the_script(mara: Clerk) -> None:
    """At the very address that the script asks for; with days in the address it would be another one."""
    page = mara.client.get("/rosters/1").text
    found = re.search(r'rel="preload" as="fetch" crossorigin href="([^"]+)"', page)
    assert found is not None
    assert urlsplit(found[1])[2:4] == ("/rosters/1/board.json", "days=14")
    assert 'rel="preload"' not in mara.client.get("/rosters/1?days=31").text
