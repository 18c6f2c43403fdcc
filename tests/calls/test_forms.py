"""What may come to the webhooks at all: forms of our account, about things named as Twilio names them."""

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from core.db import Database
from simulator.signer import signature
from tests.calls.doors import FORM, PIN_KEY, PUBLIC, Door, sid_of
from tests.calls.people import ACME, ADA, DIRECTORY
from tests.calls.rows import fingerprint
from tests.conftest import SUNDAY_NIGHT
from tests.loading import load_directory

CALL = {"CallSid": sid_of(1), "From": ACME, "CallStatus": "ringing", "Direction": "inbound"}
TEXT = {"MessageSid": sid_of(1, "SM"), "From": ADA, "Body": "WHO"}


@pytest.fixture
def door(database: Database, tmp_path: Path) -> Door:
    with database.transaction() as session:
        load_directory(session, DIRECTORY, SUNDAY_NIGHT, PIN_KEY.encode())
    return Door.to(database, tmp_path)


@pytest.mark.parametrize(
    "sid",
    [
        *("", "1", "CA", "CA1042", "CA" + "0" * 31, "CA" + "0" * 33, "CA" + "g" * 32, "SM" + "0" * 32, "ca" + "0" * 32),
        *(" CA" + "0" * 32, "CA" + "0" * 32 + "\n", "CA" + "٣" * 32, "../" + "0" * 31, "CA" + "0" * 31 + "\x00"),
    ],
)
def test_a_call_is_named_as_twilio_names_it(door: Door, database: Database, sid: str) -> None:
    before = fingerprint(database)
    for path in ("/ivr/voice", "/ivr/call/1/pin?turn=1", "/ivr/away/pin", "/ivr/away/blind"):
        assert door.post(path, CALL | {"CallSid": sid}).status_code == 403, path
    if sid:
        for path in ("/ivr/status", "/ivr/call/1/status", "/ivr/rooms/1/events", "/ivr/call/1/recorded/message"):
            assert door.post(path, CALL | {"CallSid": sid, "CallStatus": "completed"}).status_code == 403, path
    assert fingerprint(database) == before


@pytest.mark.parametrize(
    ("path", "name", "wrong"),
    [
        ("/ivr/sms", "MessageSid", "SM1"),
        ("/ivr/sms", "SmsSid", "CA" + "0" * 32),
        ("/ivr/sms", "MessageSid", "MM" + "0" * 30),
        ("/ivr/messages/1/status", "MessageSid", "SM' OR 1=1 --"),
        ("/ivr/rooms/1/events", "ConferenceSid", "CF1"),
        ("/ivr/rooms/1/events", "ConferenceSid", "RE" + "0" * 32),
        ("/ivr/call/1/recorded/message", "RecordingSid", "../../Accounts"),
        ("/ivr/call/1/described?turn=1", "RecordingSid", "RE" + "0" * 31),
        ("/ivr/voice", "ParentCallSid", "nobody"),
    ],
)
def test_so_is_everything_else(door: Door, database: Database, path: str, name: str, wrong: str) -> None:
    before = fingerprint(database)
    assert door.post(path, CALL | TEXT | {name: wrong}).status_code == 403
    assert fingerprint(database) == before


@pytest.mark.parametrize("account", ["AC" + "9" * 32, "", "AC", "nobody", "ACÄ" + "0" * 31])
def test_another_account_is_refused(door: Door, database: Database, account: str) -> None:
    before = fingerprint(database)
    for path in ("/ivr/voice", "/ivr/sms", "/ivr/status", "/ivr/call/1/pin?turn=1", "/ivr/rooms/1/events"):
        assert door.post(path, CALL | TEXT | {"AccountSid": account}).status_code == 403, path
    assert door.post(f"/ivr/voice?AccountSid={account or 'none'}", CALL).status_code == 403
    assert fingerprint(database) == before


@pytest.mark.parametrize(
    "more", [{}, {"AccountSid": "ours"}, {"CallSid": "CA" + "A1" * 16}, {"ApiVersion": "2010-04-01"}]
)
def test_our_own_is_taken(door: Door, more: dict[str, str]) -> None:
    own = {name: door.settings.account_sid if value == "ours" else value for name, value in more.items()}
    answer = door.post("/ivr/voice", CALL | own)
    assert answer.status_code == 200
    assert "type your PIN" in answer.get_data(as_text=True)


@pytest.mark.parametrize("sid", [sid_of(7, "SM"), sid_of(7, "MM")])
def test_texts_with_and_without_pictures(door: Door, sid: str) -> None:
    assert "On call now" in door.post("/ivr/sms", TEXT | {"MessageSid": sid}).get_data(as_text=True)


def send_raw(door: Door, path: str, body: bytes, content_type: str | None, params: list[tuple[str, str]]) -> int:
    """A body of any kind, signed as if it had these parameters."""
    headers = {"X-Twilio-Signature": signature(door.settings.auth_token, PUBLIC + path, params)}
    client = door.app.test_client()
    return client.post(path, data=body, headers=headers, content_type=content_type).status_code


MULTIPART = b'--x\r\nContent-Disposition: form-data; name="CallSid"\r\n\r\n' + sid_of(1).encode() + b"\r\n--x--\r\n"
UPLOAD = MULTIPART.replace(b'name="CallSid"', b'name="CallSid"; filename="a.wav"')


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=x", MULTIPART),
        ("multipart/form-data; boundary=x", UPLOAD),
        ("multipart/form-data", MULTIPART),
        ("multipart/mixed; boundary=x", MULTIPART),
        ("application/json", json.dumps(CALL).encode()),
        ("text/plain", urlencode(CALL).encode()),
        ("text/xml", b"<Response/>"),
        ("application/octet-stream", urlencode(CALL).encode()),
        ("nonsense", urlencode(CALL).encode()),
        (None, urlencode(CALL).encode()),
        (f"{FORM}; charset=utf-16", urlencode(CALL).encode("utf-16")),
        (f"{FORM}; charset=utf-7", urlencode(CALL).encode()),
        (f"{FORM}; charset=latin-1", urlencode(CALL).encode()),
    ],
)
@pytest.mark.parametrize("path", ["/ivr/voice", "/ivr/sms", "/ivr/call/1/pin?turn=1", "/ivr/away/pin", "/ivr/hold"])
def test_anything_but_a_form_is_refused(
    door: Door, database: Database, path: str, content_type: str | None, body: bytes
) -> None:
    before = fingerprint(database)
    for params in ([], list(CALL.items()), [("CallSid", sid_of(1))]):
        assert send_raw(door, path, body, content_type, params) == 415
    assert fingerprint(database) == before


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF-8", f'{FORM}; charset="utf-8"', FORM.upper()])
def test_a_form_is_taken(door: Door, content_type: str) -> None:
    assert send_raw(door, "/ivr/voice", urlencode(CALL).encode(), content_type, list(CALL.items())) == 200


def test_two_values_of_a_name_that_decides_are_refused(door: Door, database: Database) -> None:
    before = fingerprint(database)
    for name, other in (("CallSid", sid_of(2)), ("AccountSid", "AC" + "9" * 32), ("RecordingSid", "RE1")):
        params = [
            *CALL.items(),
            ("AccountSid", door.settings.account_sid),
            ("RecordingSid", sid_of(3, "RE")),
            (name, other),
        ]
        assert send_raw(door, "/ivr/voice", urlencode(params).encode(), FORM, params) == 403, name
    assert door.post(f"/ivr/voice?CallSid={sid_of(2)}", CALL).status_code == 403
    assert fingerprint(database) == before


def test_thousands_of_parameters_are_refused(door: Door, database: Database) -> None:
    before = fingerprint(database)
    many = CALL | {f"P{number}": "" for number in range(5000)}
    assert door.post("/ivr/voice", many).status_code == 403
    assert door.post("/ivr/voice", CALL | {"Body": "x" * 150_000}).status_code == 413
    assert fingerprint(database) == before


@pytest.mark.parametrize("name", ["From", "Body", "Digits", "CallStatus", "RecordingUrl", "Unheard"])
def test_a_nul_is_refused(door: Door, database: Database, name: str) -> None:
    before = fingerprint(database)
    for path in ("/ivr/voice", "/ivr/sms", "/ivr/messages/1/status", "/ivr/call/1/recorded/message"):
        assert door.post(path, CALL | TEXT | {name: "a\x00b"}).status_code == 403, path
    assert fingerprint(database) == before


@pytest.mark.parametrize(
    "key", ["ä", "é" * 32, "%E4", "%ED%A0%80", "%00", "🔑", "x" * 40_000, "", "%FF%FE"], ids=lambda key: key[:8]
)
def test_a_key_of_a_recording_may_be_any_text(door: Door, key: str) -> None:
    client = door.app.test_client()
    assert client.get(f"/ivr/recordings/1.wav?key={key}").status_code == 403
    assert client.get(f"/ivr/recordings/1.wav?key={key}&key=").status_code == 403
    assert client.get("/ivr/recordings/1.wav").status_code == 403
