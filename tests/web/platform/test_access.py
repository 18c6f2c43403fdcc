"""Every address says who may reach it, what forgets to is closed, and what asks for a role gets nobody else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Blueprint, Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import TestResponse

from app import create_app
from core.db import Database
from oncall.models.access.roles import Role
from tests.web.signing_in import BROWSER, JSON, add_account, disable, let_expire, revoke_all, signed_in
from web.platform.access import Access, current_account, declared_access, needs, open_to_all
from web.platform.csrf import EXEMPT_ENDPOINTS, exempt

SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Route:
    """One way to ask for something, and the role it takes (None: nobody has to sign in)."""

    endpoint: str
    path: str
    method: str
    role: Role | None

    def ask(self, client: FlaskClient, headers: dict[str, str]) -> TestResponse:
        return client.open(self.path, method=self.method, headers=headers)


@pytest.fixture
def whole(demo_app: Flask) -> Flask:
    """The whole application, the telephone's webhooks included, and one more address for each role."""
    runtime = demo_app.extensions["runtime"]
    app = create_app(runtime.settings, runtime)
    for role in Role:
        view = needs(role)(lambda: f"secret of {current_account().name}")
        app.add_url_rule(f"/for/{role.value}", f"for_{role.value}", view, methods=["GET", "POST"])
    return app


def routes(app: Flask) -> Iterator[Route]:
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            values = {name: _any_value(rule, name) for name in rule.arguments if name not in (rule.defaults or {})}
            declared = declared_access(app, rule.endpoint)
            # On a ticket, whoever has no link to it needs an account of a technician.
            role = Role.TECHNICIAN if declared is Access.TICKET else declared if isinstance(declared, Role) else None
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Route(rule.endpoint, url_for(rule.endpoint, **values), method, role)


def _any_value(rule: Rule, name: str) -> Any:
    """Something that fits there: one of the words, where only some do."""
    converter = rule._converters[name]
    return sorted(converter.items)[0] if isinstance(converter, AnyConverter) else 1


def with_role(app: Flask) -> list[Route]:
    found = [route for route in routes(app) if route.role is not None]
    assert {"account.page", "account.end_session", "sign_in.leave", "for_manager"} <= {each.endpoint for each in found}
    return found


def test_every_route_declares_who_may_reach_it(demo_app: Flask, twilio_app: Flask) -> None:
    for app in (demo_app, twilio_app):
        endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
        assert len(endpoints) >= 5
        assert {endpoint for endpoint in endpoints if declared_access(app, endpoint) is None} == set()


def test_so_does_every_route_of_the_whole_application(whole: Flask) -> None:
    access = {rule.endpoint: declared_access(whole, rule.endpoint) for rule in whole.url_map.iter_rules()}
    assert access["ivr.voice"] is Access.TWILIO
    assert access["home.index"] is Access.ALL
    assert access["account.page"] is Role.VIEWER
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


# --- Nobody gets in who hasn't signed in, on no route that asks for a role


def nobody(app: Flask, _database: Database) -> FlaskClient:
    return app.test_client()


def forger(app: Flask, database: Database) -> FlaskClient:
    add_account(database, Role.ADMINISTRATOR)
    client = app.test_client()
    client.set_cookie("nightline", "1")
    return client


def disabled(app: Flask, database: Database) -> FlaskClient:
    account = add_account(database, Role.ADMINISTRATOR)
    client = signed_in(app)
    disable(database, account)
    return client


def revoked(app: Flask, database: Database) -> FlaskClient:
    add_account(database, Role.ADMINISTRATOR)
    client = signed_in(app)
    revoke_all(database)
    return client


def expired(app: Flask, database: Database) -> FlaskClient:
    add_account(database, Role.ADMINISTRATOR)
    client = signed_in(app)
    let_expire(database)
    return client


@pytest.mark.parametrize("visitor", [nobody, forger, disabled, revoked, expired])
def test_every_route_with_a_role_refuses(
    whole: Flask, database: Database, visitor: Callable[[Flask, Database], FlaskClient]
) -> None:
    client = visitor(whole, database)
    for route in with_role(whole):
        answer = route.ask(client, BROWSER)
        assert answer.status_code == 303, route
        assert answer.headers["Location"].partition("?")[0] == "/sign-in", route
        program = route.ask(client, JSON)
        assert program.status_code == 401, route
        assert program.get_json()["error"].startswith("Sign in first"), route
        assert b"secret" not in answer.data + program.data


@pytest.mark.parametrize("mine", list(Role))
def test_every_route_refuses_a_role_too_small_for_it(whole: Flask, database: Database, mine: Role) -> None:
    add_account(database, mine)
    client = signed_in(whole)
    too_great = [route for route in with_role(whole) if route.role and not mine.includes(route.role)]
    assert len(too_great) >= 2 * (3 - list(Role).index(mine))
    for route in too_great:
        answer = route.ask(client, BROWSER)
        assert answer.status_code == 403, route
        assert f"yours is {mine.value}" in answer.text
        assert "secret" not in answer.text
        assert route.ask(client, JSON).get_json()["error"].startswith("This is not open to you")


@pytest.mark.parametrize("mine", list(Role))
def test_the_same_and_a_greater_role_get_in_and_the_view_knows_who(
    whole: Flask, database: Database, mine: Role
) -> None:
    add_account(database, mine)
    client = signed_in(whole)
    for role in Role:
        assert ("secret of Ada" in client.get(f"/for/{role.value}").text) is mine.includes(role)


def test_a_changed_role_counts_from_the_next_request_on(whole: Flask, database: Database) -> None:
    account = add_account(database, Role.ADMINISTRATOR)
    client = signed_in(whole)
    assert client.get("/for/administrator").status_code == 200
    with database.transaction() as session:
        from oncall.models.access.accounts import Account

        session.get_one(Account, account).role = Role.VIEWER
    assert client.get("/for/administrator").status_code == 403


def test_a_view_that_is_open_to_all_cannot_ask_who_it_is(whole: Flask) -> None:
    whole.add_url_rule("/careless", "careless", open_to_all(lambda: current_account().name))
    assert whole.test_client().get("/careless").status_code == 500


# --- Requests that change something come from our own pages


def changing(app: Flask) -> list[Route]:
    return [route for route in routes(app) if route.method not in SAFE]


def test_what_is_exempt_is_named_and_asks_for_no_role(whole: Flask) -> None:
    known = {route.endpoint: route.role for route in changing(whole)}
    assert set(known) >= EXEMPT_ENDPOINTS
    assert {endpoint for endpoint in known if exempt(endpoint) and not endpoint.startswith("ivr.")} == EXEMPT_ENDPOINTS
    assert {endpoint for endpoint, role in known.items() if exempt(endpoint) and role is not None} == set()


def test_all_others_refuse_without_a_token_or_with_a_wrong_one(whole: Flask, database: Database) -> None:
    add_account(database, Role.ADMINISTRATOR)
    client = signed_in(whole)
    guarded = [route for route in changing(whole) if not exempt(route.endpoint)]
    assert {"sign_in.enter", "sign_in.leave", "account.change_password"} <= {route.endpoint for route in guarded}
    for route in guarded:
        for token in ({}, {"X-CSRFToken": "wrong"}):
            answer = route.ask(client, BROWSER | token)
            assert answer.status_code == 400, route
            assert "It did not come from a page of ours" in answer.text
    assert client.get("/account").status_code == 200


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
