"""Every address says who may reach it; what forgets to is closed."""

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from app import create_app
from web.access import Access, declared_access


def test_every_route_declares_who_may_reach_it(demo_app: Flask, twilio_app: Flask) -> None:
    for app in (demo_app, twilio_app):
        endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
        assert len(endpoints) >= 5
        assert {endpoint for endpoint in endpoints if declared_access(app, endpoint) is None} == set()


def test_so_does_every_route_of_the_whole_application(demo_app: Flask) -> None:
    runtime = demo_app.extensions["runtime"]
    app = create_app(runtime.settings, runtime)
    access = {rule.endpoint: declared_access(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert access["ivr.voice"] is Access.TWILIO
    assert access["home.index"] is Access.ALL
    assert [endpoint for endpoint, declared in access.items() if declared is None] == []


def test_a_route_that_forgot_is_refused(demo_app: Flask) -> None:
    demo_app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = demo_app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert b"secret" not in answer.data


def test_the_telephones_webhooks_check_themselves(demo_app: Flask) -> None:
    ivr = Blueprint("ivr", __name__)
    ivr.add_url_rule("/ivr/voice", "voice", lambda: "<Response/>", methods=["POST"])
    demo_app.register_blueprint(ivr)
    assert demo_app.test_client().post("/ivr/voice").data == b"<Response/>"


@pytest.mark.parametrize(
    "path",
    [
        "/simulator",
        "/simulator/",
        "/simulator/api/state",
        "/demo/clock",
        "/demo/paging",
        "/demo/timeline",
        "/demo/timeline.json",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_demo_does_not_exist_outside_the_demo(twilio: FlaskClient, method: str, path: str) -> None:
    assert twilio.open(path, method=method, json={"set": "Sunday 02:00"}).status_code == 404
