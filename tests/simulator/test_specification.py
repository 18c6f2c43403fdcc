"""Every answer of the REST API has the shape that Twilio's own document promises."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import requests

from simulator.driver import Network
from tests.simulator import specification
from tests.simulator.conftest import ACME, ADA, BRUNO, HOTLINE, Rest
from tests.simulator.gateway import Gateway

ROOM = (
    "<Response><Dial><Conference participantLabel='{label}' endConferenceOnExit='{ends}'>night</Conference>"
    "</Dial></Response>"
)


@pytest.fixture
def checked(rest: Rest) -> Callable[..., Any]:
    """Makes a request and checks its answer against the document; returns the body."""

    def ask(method: str, path: str, **params: Any) -> Any:
        act: dict[str, Callable[..., requests.Response]] = {"GET": rest.get, "POST": rest.post, "DELETE": rest.delete}
        answer = act[method](path, **params)
        body = answer.json() if answer.content else None
        specification.check(method, urlsplit(answer.url).path, answer.status_code, body)
        return body

    return ask


def test_account_and_number(checked: Callable[..., Any]) -> None:
    checked("GET", ".json")
    numbers = checked("GET", "/IncomingPhoneNumbers.json")
    path = f"/IncomingPhoneNumbers/{numbers['incoming_phone_numbers'][0]['sid']}.json"
    checked("GET", path)
    checked("POST", path, SmsUrl="https://example.org/sms")


def test_calls_in_every_state(net: Network, gateway: Gateway, checked: Callable[..., Any]) -> None:
    gateway.on("/voice", f"<Dial>{BRUNO}</Dial>")
    caller, ada, bruno = net.phone(ACME), net.phone(ADA), net.phone(BRUNO)
    caller.dial()
    bruno.answer()
    busy = checked("POST", "/Calls.json", To=BRUNO, From=HOTLINE, Twiml="<Response/>")["sid"]
    call = checked("POST", "/Calls.json", To=ADA, From=HOTLINE, Twiml="<Response><Pause length='99'/></Response>")
    path = f"/Calls/{call['sid']}.json"
    ada.rings()
    checked("GET", path)
    ada.answer()
    checked("POST", path, Twiml="<Response><Pause length='99'/></Response>")
    checked("POST", path, Status="completed")
    listed = checked("GET", "/Calls.json", PageSize=2)
    assert listed["next_page_uri"] is not None
    assert {one["status"] for one in checked("GET", "/Calls.json")["calls"]} == {"in-progress", "completed", "busy"}
    checked("DELETE", f"/Calls/{busy}.json")


def test_messages(net: Network, checked: Callable[..., Any]) -> None:
    net.phone(ADA)
    sent = checked("POST", "/Messages.json", To=ADA, From=HOTLINE, Body="Hello")
    lost = checked("POST", "/Messages.json", To="+390599999999", From=HOTLINE, Body="Hello")
    net.phone(ADA).send_text("WHO")
    net.settle()
    for sid, status in ((sent["sid"], "delivered"), (lost["sid"], "undelivered")):
        assert checked("GET", f"/Messages/{sid}.json")["status"] == status
    assert len(checked("GET", "/Messages.json")["messages"]) == 3


def test_conferences_and_participants(net: Network, checked: Callable[..., Any], rest: Rest) -> None:
    for number, label, ends in ((ADA, "ada", "true"), (BRUNO, "bruno", "false")):
        rest.call(number, Twiml=ROOM.format(label=label, ends=ends))
        net.phone(number).answer()
    net.wait(lambda: len(rest.get("/Conferences/night/Participants.json").json().get("participants", [])) == 2)
    conference = checked("GET", "/Conferences.json", Status="in-progress")["conferences"][0]
    path = f"/Conferences/{conference['sid']}"
    checked("GET", f"{path}.json")
    checked("GET", f"{path}/Participants.json")
    checked("GET", f"{path}/Participants/bruno.json")
    checked("POST", f"{path}/Participants/bruno.json", Muted="true", Hold="true")
    checked("POST", f"{path}/Participants.json", To=ACME, From=HOTLINE, Label="acme")
    checked("DELETE", f"{path}/Participants/bruno.json")
    net.phone(ADA).hang_up()
    net.wait(lambda: rest.get(f"{path}.json").json()["status"] == "completed")
    assert checked("GET", f"{path}.json")["reason_conference_ended"] is not None
    checked("POST", f"{path}.json", Status="completed")


def test_recordings_and_queues(net: Network, gateway: Gateway, checked: Callable[..., Any]) -> None:
    gateway.on("/voice", '<Record timeout="60" playBeep="false" action="/queue"/>')
    gateway.on("/queue", "<Enqueue>night</Enqueue>")
    caller = net.phone(ACME)
    caller.dial()
    net.wait(lambda: caller.phone.call is not None and caller.phone.call.recording)
    caller.speak("Hello", wait=True)
    in_progress = checked("GET", "/Recordings.json")["recordings"][0]
    assert in_progress["status"] == "in-progress"
    caller.press("#")
    caller.expect("hold music")
    net.settle()
    recording = checked("GET", f"/Recordings/{in_progress['sid']}.json")
    assert (recording["status"], recording["call_sid"]) == ("completed", caller.call_sid)
    queue = checked("GET", "/Queues.json")["queues"][0]
    assert checked("GET", f"/Queues/{queue['sid']}.json")["current_size"] == 1
    checked("DELETE", f"/Recordings/{in_progress['sid']}.json")


def test_the_check_itself_notices_a_wrong_answer() -> None:
    path = "/2010-04-01/Accounts/AC1/Queues.json"
    with pytest.raises(jsonschema.ValidationError):
        specification.check("GET", path, 200, {"queues": []})
    with pytest.raises(AssertionError, match="answers 404"):
        specification.check("GET", path, 404, {})
    with pytest.raises(AssertionError, match="not documented"):
        specification.check("GET", "/nowhere", 200, {})


def test_requests_are_checked_against_the_document(net: Network, rest: Rest) -> None:
    rest.call(ADA, Twiml="<Response/>", StatusCallbackEvent=["ringing", "answered"], Timeout=20)
    rest.get("/Calls.json", **{"StartTime>": "2026-01-01"})
    for record in net.journal.requests():
        specification.check_record(record)


@pytest.mark.parametrize(
    "wrong",
    [
        {"To": ADA, "From": HOTLINE, "Colour": "red"},
        {"To": ADA},
        {"To": ADA, "From": HOTLINE, "Timeout": "soon"},
        {"To": ADA, "From": HOTLINE, "Url": "/relative"},
        {"To": ADA, "From": HOTLINE, "Method": "PUT"},
        {"To": [ADA, BRUNO], "From": HOTLINE},
    ],
)
def test_a_wrong_request_is_noticed(net: Network, rest: Rest, wrong: dict[str, Any]) -> None:
    rest.post("/Calls.json", **wrong)
    with pytest.raises(AssertionError, match=r"Calls\.json"):
        specification.check_record(net.journal.requests()[-1])
