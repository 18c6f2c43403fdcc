"""Errors say what happened and what to do, to people and to programs."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.platform.access import open_to_all

JSON = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def breaking(demo_app: Flask) -> FlaskClient:
    @open_to_all
    def broken() -> str:
        raise RuntimeError("the cat is on the keyboard")

    demo_app.add_url_rule("/broken", "broken", broken)
    return demo_app.test_client()


def test_nothing_here(demo: FlaskClient) -> None:
    answer = demo.get("/nothing", headers=BROWSER)
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert 'href="/"' in answer.text


def test_wrong_method_names_the_right_ones(demo: FlaskClient) -> None:
    answer = demo.post("/healthz", headers=BROWSER)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "wrong method" in answer.text


@pytest.mark.parametrize(("path", "headers"), [("/api/v1/nothing", BROWSER), ("/nothing", JSON)])
def test_programs_get_json(demo: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = demo.get(path, headers=headers)
    assert answer.status_code == 404
    assert answer.get_json()["error"].startswith("There is nothing at this address.")


def test_the_unexpected_gets_a_number_and_keeps_its_cause_to_itself(breaking: FlaskClient) -> None:
    answer = breaking.get("/broken", headers=BROWSER)
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "Number of this error" in answer.text
    assert "cat" not in answer.text


def test_pages_carry_the_headers_that_protect_them(demo: FlaskClient) -> None:
    for path in ("/", "/nothing"):
        headers = demo.get(path, headers=BROWSER).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'self'" in policy
        assert "unsafe" not in policy


def test_no_page_has_an_inline_script_or_style(demo: FlaskClient) -> None:
    for path in ("/", "/nothing", "/demo/timeline", "/simulator/"):
        page = demo.get(path, headers=BROWSER).text
        assert "<!doctype html>" in page
        assert "<style" not in page
        assert " style=" not in page
        assert page.count("<script") == page.count('<script type="module" src=')
