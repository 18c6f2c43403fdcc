"""The control API that the softphone page uses."""

import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from simulator.driver import Network
from tests.simulator.conftest import ACME, ADA, HOTLINE, Rest
from tests.simulator.gateway import TOKEN, Gateway


@pytest.fixture
def api(net: Network) -> str:
    return f"{net.url}/simulator/api"


def _post(url: str, body: Any = None) -> requests.Response:
    return requests.post(url, json=body, timeout=60)


def _state(api: str, **params: Any) -> Any:
    return requests.get(f"{api}/state", params=params, timeout=60).json()


def _phone(api: str, number: str) -> Any:
    return next(phone for phone in _state(api)["phones"] if phone["number"] == number)


def test_a_call_through_the_page(net: Network, gateway: Gateway, api: str) -> None:
    gateway.on("/voice", '<Gather action="/typed"><Say>Your PIN</Say></Gather>')
    gateway.on("/typed", "<Pause length='2'/><Record timeout='30'/>")
    phones = [
        {"number": ACME, "name": "Acme", "role": "customer", "note": "PIN 1"},
        {"number": ADA, "role": "technician"},
    ]
    assert _post(f"{api}/phones", phones).status_code == 201
    assert _post(f"{api}/phones/{ACME}/dial").status_code == 200
    net.wait(lambda: (_phone(api, ACME)["call"] or {}).get("gathering"))
    view = _phone(api, ACME)
    assert (view["call"]["state"], view["call"]["with"], view["call"]["with_name"]) == ("talking", HOTLINE, "Hotline")
    assert [line["text"] for line in view["transcript"] if line["kind"] == "said"] == ["Your PIN"]
    assert _post(f"{api}/phones/{ACME}/press", {"digits": "12#"}).status_code == 200
    net.wait(lambda: (_phone(api, ACME)["call"] or {}).get("recording"))
    assert _post(f"{api}/phones/{ACME}/speak", {"text": "It is broken"}).json()["seconds"] > 0
    assert _post(f"{api}/phones/{ACME}/hangup").status_code == 200
    assert _phone(api, ACME)["call"]["state"] == "ended"
    assert requests.delete(f"{api}/phones/{ADA}", timeout=60).status_code == 204
    assert len(_state(api)["phones"]) == 1


def _has_status(rest: Rest, sid: str, status: str) -> bool:
    return rest.call_status(sid) == status


def test_ringing_phones_answer_and_decline(net: Network, rest: Rest, api: str) -> None:
    net.phone(ADA, "Ada")
    for action, status in (("decline", "busy"), ("answer", "in-progress")):
        sid = rest.call(ADA, Twiml="<Response><Pause length='100'/></Response>")
        net.phone(ADA).rings()
        assert _phone(api, ADA)["call"]["state"] == "ringing"
        assert _post(f"{api}/phones/{ADA}/{action}").status_code == 200
        net.wait(partial(_has_status, rest, sid, status))


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/phones", {"number": "12"}, 400),
        ("/phones", {"number": ADA, "role": "king"}, 400),
        (f"/phones/{ADA}/answer", None, 404),
        (f"/phones/{ACME}/answer", None, 400),
        (f"/phones/{ACME}/hangup", None, 400),
        (f"/phones/{ACME}/press", {"digits": "1"}, 400),
        (f"/phones/{ACME}/sing", None, 404),
        (f"/phones/{ACME}/dial", {"to": ADA}, 400),
        (f"/phones/{ACME}/text", {"body": ""}, 400),
        (f"/phones/{ACME}/faults", {"deaf": True}, 400),
        ("/speed", {"speed": 0}, 400),
        ("/api-faults", {"kind": 418}, 400),
    ],
)
def test_mistakes_get_a_sentence(net: Network, api: str, path: str, body: Any, status: int) -> None:
    net.phone(ACME, "Acme")
    answer = _post(api + path, body)
    assert answer.status_code == status
    assert isinstance(answer.json()["error"], str)


def test_texts_faults_speed_and_reset(net: Network, gateway: Gateway, api: str) -> None:
    gateway.on("/sms", "<Message>Thanks</Message>")
    net.phone(ADA, "Ada")
    assert _post(f"{api}/phones/{ADA}/text", {"body": "WHO"}).status_code == 200
    net.phone(ADA).expect_text("thanks")
    assert [(text["direction"], text["body"]) for text in _phone(api, ADA)["texts"]] == [
        ("out", "WHO"),
        ("in", "Thanks"),
    ]
    _post(f"{api}/phones/{ADA}/faults", {"failed": True})
    assert (_phone(api, ADA)["faults"]["failed"], _phone(api, ADA)["signal"]) == ("failed", 0)
    assert _post(f"{api}/speed", {"speed": 5}).json() == {"speed": 5.0}
    assert _post(f"{api}/reset").status_code == 200
    assert (_phone(api, ADA)["texts"], _phone(api, ADA)["faults"]["failed"]) == ([], "")


def test_the_long_poll_returns_when_something_changes(net: Network, api: str) -> None:
    net.phone(ADA, "Ada")
    version = _state(api)["version"]
    threading.Timer(0.2, lambda: net.phone(ACME, "Acme")).start()
    began = time.monotonic()
    changed = _state(api, after=version, wait=30)  # longer than the request itself has patience
    assert time.monotonic() - began > 0.1
    assert changed["version"] > version


def test_a_change_of_speed_reaches_what_is_being_said(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", "<Pause length='100'/><Say>At last</Say>")
    net.set_speed(1)
    caller = net.phone(ACME)
    caller.dial()
    net.wait(lambda: caller.state == "talking")
    net.set_speed(500)
    caller.expect("at last")


def test_the_program_starts_and_stops_cleanly(tmp_path: Path, net: Network) -> None:
    phones = tmp_path / "phones.json"
    phones.write_text('[{"number": "+390584000001", "name": "Ada", "role": "technician"}]')
    command = [sys.executable, "-m", "simulator", "--port", "0", "--auth-token", TOKEN, "--number", HOTLINE]
    with subprocess.Popen(
        [*command, "--phones", str(phones)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        state = requests.get(line.split()[-1] + "api/state", timeout=60).json()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert [phone["name"] for phone in state["phones"]] == ["Ada"]
    assert (process.returncode, errors) == (0, "")


def test_the_program_says_what_is_wrong_with_its_options() -> None:
    command = [sys.executable, "-m", "simulator", "--auth-token", TOKEN, "--number", "12"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("simulator: --number '12' is not")
