"""Only Twilio may speak to the webhooks: signed for this address and these parameters, or refused without effect."""

import base64
import hmac
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlencode

import pytest
from flask import Flask, Request
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from app import create_app
from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from ivr.twilio.signature import is_signed
from oncall.models.conferences import Conference, Participant
from oncall.models.messages import Message
from oncall.runtime import Runtime
from simulator.signer import signature
from tests.calls.rows import fingerprint
from tests.conftest import SUNDAY_NIGHT
from tests.web.night import a_night

TOKEN = "the-token-of-this-account"
PUBLIC = "https://hotline.example.org"
OLD_PUBLIC = "https://old.example.org"

# The only call of the night in the database that came in and goes on.
CALL_ID, CALLER = 3, f"CA{1043:032}"
# Twilio's own examples: Security, "Validating requests".
VECTOR_TOKEN = "12345"
VECTOR_PATH, VECTOR_QUERY = "/myapp.php", "foo=1&bar=2"
VECTOR_PARAMS = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
BARE, PORT_443 = "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "kvajT1Ptam85bY51eRf/AJRuM3w="
PORT_80, PORT_1234 = "0ZXoZLH/DfblKGATFgpif+LLRf4=", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="


def settings_for(public_url: str, token: str, folder: Path) -> Settings:
    return Settings(
        public_url=public_url,
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token=token,
        twilio_api_url="http://127.0.0.1:9",
        hotline_number="+390584943299",
        var_dir=folder,
    )


@pytest.mark.parametrize(
    ("public_url", "accepted"),
    [
        ("https://mycompany.com", {BARE, PORT_443}),
        ("http://mycompany.com", {PORT_80}),
        ("http://mycompany.com:1234", {PORT_1234}),
        ("https://other.example.org", set()),
    ],
)
def test_twilios_own_examples(public_url: str, accepted: set[str], tmp_path: Path) -> None:
    settings = settings_for(public_url, VECTOR_TOKEN, tmp_path)
    for each in (BARE, PORT_443, PORT_80, PORT_1234):
        builder = EnvironBuilder(VECTOR_PATH, query_string=VECTOR_QUERY, method="POST", data=VECTOR_PARAMS)
        builder.headers["X-Twilio-Signature"] = each
        assert is_signed(settings, Request(builder.get_environ())) == (each in accepted), each


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    """The gateway after a night with calls, a room and texts, so that a webhook that got through would change them."""
    with database.transaction() as session:
        a_night(session, SUNDAY_NIGHT)
        session.add(Conference(ticket_id=1, created_at=SUNDAY_NIGHT))
        session.flush()
        session.add(Participant(key="3:0", room_id=1, call_id=CALL_ID, role="caller", sent_at=SUNDAY_NIGHT))
        session.add(Message(key="k", channel="text", recipient="+390584000001", body="b", created_at=SUNDAY_NIGHT))
    runtime = Runtime(settings_for(PUBLIC, TOKEN, tmp_path), database, ShiftedClock.starting_at(SUNDAY_NIGHT))
    return create_app(runtime.settings, runtime)


def post(client: FlaskClient, path: str, params: Mapping[str, str], signed: str | None, **more: str) -> int:
    headers = dict(more) if signed is None else {"X-Twilio-Signature": signed, **more}
    answer = client.post(path, data=dict(params), headers=headers)
    if answer.status_code == 405:  # something to be fetched: it has no parameters
        answer = client.get(path, headers=headers)
    return answer.status_code


def webhooks(app: Flask) -> list[tuple[str, Mapping[str, str]]]:
    """Every address of the phone side, with ids of rows that exist, and the parameters that it takes."""
    found: list[tuple[str, Mapping[str, str]]] = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("ivr."):
            path = re.sub(r"<int:\w+>", "1", rule.rule.replace("<int:call_id>", str(CALL_ID))).replace(
                "<kind>", "description"
            )
            steps = ("wait", "priority", "left") if "<step>" in path else ("",)
            params = PARAMS if "POST" in (rule.methods or ()) else {}
            found += [(f"{path.replace('<step>', step)}?turn=0", params) for step in steps]
    return found


PARAMS = {
    "CallSid": CALLER,
    "From": "+390212345678",
    "CallStatus": "completed",
    "Digits": "1",
    "Body": "WHO",
    "MessageSid": f"SM{1:032}",
    "MessageStatus": "delivered",
    "StatusCallbackEvent": "participant-join",
    "ConferenceSid": f"CF{1:032}",
    "RecordingSid": f"RE{9:032}",
    "RecordingDuration": "9",
}


def test_every_webhook_refuses_what_twilio_did_not_sign(app: Flask, database: Database) -> None:
    client, before = app.test_client(), fingerprint(database)
    addresses = webhooks(app)
    assert len(addresses) >= 10
    for path, params in addresses:
        wrong = {
            "unsigned": None,
            "nonsense": "bm9uc2Vuc2U=",
            "empty": "",
            "another token": signature("another-token", PUBLIC + path, params.items()),
            "other parameters": signature(TOKEN, PUBLIC + path, {**params, "Digits": "2"}.items()),
            "another path": signature(TOKEN, f"{PUBLIC}/ivr/elsewhere?turn=0", params.items()),
            "another turn": signature(TOKEN, PUBLIC + path.replace("turn=0", "turn=1"), params.items()),
            "no query": signature(TOKEN, PUBLIC + path.partition("?")[0], params.items()),
            "the old address": signature(TOKEN, OLD_PUBLIC + path, params.items()),
            "the proxy's address": signature(TOKEN, f"http://localhost{path}", params.items()),
        }
        if params:
            wrong["a parameter less"] = signature(TOKEN, PUBLIC + path, list(params.items())[1:])
            wrong["no parameters"] = signature(TOKEN, PUBLIC + path)
        for what, signed in wrong.items():
            assert post(client, path, params, signed) == 403, f"{path}: {what}"
            assert fingerprint(database) == before, f"{path}: {what} has changed something"


def test_the_same_webhooks_signed_are_taken(app: Flask, database: Database) -> None:
    client, before = app.test_client(), fingerprint(database)
    for path, params in webhooks(app):
        if params:
            assert post(client, path, params, signature(TOKEN, PUBLIC + path, params.items())) == 200, path
    after = fingerprint(database)
    assert {name for name in before if before[name] != after[name]} >= {"phone_call", "message", "recording"}


def signed_call(app: Flask, params: Mapping[str, str], public: str = PUBLIC, **headers: str) -> int:
    signed = signature(TOKEN, f"{public}/ivr/voice", params.items())
    return post(app.test_client(), "/ivr/voice", params, signed, **headers)


CALL = {"CallSid": f"CA{77:032}", "From": "+390212345678", "CallStatus": "ringing"}


def test_a_proxy_may_change_host_scheme_and_path(app: Flask, database: Database, tmp_path: Path) -> None:
    hidden = {"Host": "10.0.0.7:8000", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "hotline.example.org"}
    assert signed_call(app, CALL, **hidden) == 200
    below = Runtime(
        settings_for(f"{PUBLIC}/nightline", TOKEN, tmp_path), database, ShiftedClock.starting_at(SUNDAY_NIGHT)
    )
    stripped = create_app(below.settings, below)
    assert signed_call(stripped, CALL, f"{PUBLIC}/nightline") == 200
    assert signed_call(stripped, CALL) == 403


def test_headers_of_a_proxy_do_not_choose_the_address(app: Flask) -> None:
    """Else whoever reaches the gateway directly could have it check signatures made for another server."""
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Original-URL": "https://evil.example"}
    assert signed_call(app, CALL, "https://evil.example", **forged) == 403


@pytest.mark.parametrize(
    "more",
    [
        {"SomethingTwilioAddedLastWeek": "yes"},
        {"ForwardedFrom": "", "FromCity": "", "Digits": ""},
        {"FromCity": "  Forte dei Marmi  ", "CallerName": "Rossi "},
        {"FromCity": "Città di Castello", "CallerName": "日本\r\nline"},
    ],
)
def test_unknown_empty_and_odd_parameters_count_as_they_are(app: Flask, more: dict[str, str]) -> None:
    assert signed_call(app, CALL | more) == 200
    trimmed = {name: value.strip() for name, value in (CALL | more).items()}
    if trimmed != CALL | more:
        signed = signature(TOKEN, f"{PUBLIC}/ivr/voice", trimmed.items())
        assert post(app.test_client(), "/ivr/voice", CALL | more, signed) == 403


def test_repeated_parameters_are_sorted_and_count_once(app: Flask) -> None:
    repeated = [*CALL.items(), ("MediaUrl", "b"), ("MediaUrl", "a"), ("MediaUrl", "b")]
    text = f"{PUBLIC}/ivr/voiceCallSid{CALL['CallSid']}CallStatusringingFrom+390212345678MediaUrlaMediaUrlb"
    signed = base64.b64encode(hmac.digest(TOKEN.encode(), text.encode(), "sha1")).decode()
    assert signed == signature(TOKEN, f"{PUBLIC}/ivr/voice", repeated)
    headers = {"X-Twilio-Signature": signed, "Content-Type": "application/x-www-form-urlencoded"}
    client = app.test_client()
    assert client.post("/ivr/voice", data=urlencode(repeated), headers=headers).status_code == 200
    assert client.post("/ivr/voice", data=urlencode(repeated[:-3]), headers=headers).status_code == 403


def test_an_address_with_escaped_values_is_checked_as_it_was_given(app: Flask) -> None:
    path = "/ivr/call/3/wait?turn=0&again=1&RecordingUrl=https%3A%2F%2Fapi.example.org%2FRE1%3Fa%3Db%20c"
    params = {"CallSid": CALLER}
    assert post(app.test_client(), path, params, signature(TOKEN, PUBLIC + path, params.items())) == 200
    unescaped = signature(TOKEN, PUBLIC + unquote(path), params.items())
    assert post(app.test_client(), path, params, unescaped) == 403


def test_a_body_too_large_is_refused_before_it_is_read(app: Flask, database: Database) -> None:
    before = fingerprint(database)
    assert post(app.test_client(), "/ivr/sms", {"Body": "x" * 1_100_000}, "any") == 413
    assert fingerprint(database) == before
