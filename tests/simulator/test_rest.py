"""The REST API: credentials, refusals, calls and their course, faults of the API itself."""

import base64
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from simulator.driver import Network
from tests.simulator.conftest import ACME, ADA, BRUNO, HOTLINE, Rest
from tests.simulator.gateway import TOKEN, Gateway

HOLD = "<Response><Say>Hello</Say><Pause length='1000'/></Response>"


def test_wrong_credentials(net: Network, rest: Rest) -> None:
    answer = requests.get(rest.root + "/Calls.json", auth=(net.config.account_sid, "wrong"), timeout=60)
    assert answer.status_code == 401
    assert answer.json() == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }
    other = rest.root.replace(net.config.account_sid, "AC" + "0" * 32)
    assert rest.session.get(other + "/Calls.json", timeout=60).json()["code"] == 20404
    garbled = {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()}
    assert requests.get(rest.root + ".json", headers=garbled, timeout=60).status_code == 401


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": ""}, 21201),
        ({"To": "12"}, 21211),
        ({"From": ""}, 21213),
        ({"From": "nobody"}, 21212),
        ({"From": "+15005550001"}, 21210),
        ({"Twiml": None}, 21205),
        ({"Twiml": None, "Url": "ftp://example.org/x"}, 21205),
        ({"Twiml": "<Response>" + "x" * 4000}, 20001),
        ({"StatusCallback": "somewhere"}, 21609),
        ({"Timeout": "soon"}, 20001),
    ],
)
def test_refused_calls(rest: Rest, changes: dict[str, str | None], code: int) -> None:
    params: dict[str, str | None] = {"To": ADA, "From": HOTLINE, "Twiml": HOLD, **changes}
    answer = rest.post("/Calls.json", **{name: value for name, value in params.items() if value is not None})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_country_that_is_not_permitted(net: Network, rest: Rest) -> None:
    net.fault(ADA, not_permitted=True)
    assert rest.post("/Calls.json", To=ADA, From=HOTLINE, Twiml=HOLD).json()["code"] == 21215
    assert rest.post("/Messages.json", To=ADA, From=HOTLINE, Body="x").json()["code"] == 21408


def test_unknown_resources_and_methods(rest: Rest) -> None:
    for path in ("/Calls/CA1.json", "/Messages/SM1.json", "/Conferences/CF1.json", "/Nonsense.json"):
        answer = rest.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)
    assert rest.delete("/Calls.json").json()["code"] == 20004


def test_the_course_of_an_outgoing_call(net: Network, gateway: Gateway, rest: Rest) -> None:
    ada = net.phone(ADA, "Ada")
    events = ["initiated", "ringing", "answered", "completed"]
    sid = rest.call(ADA, Twiml=HOLD, StatusCallback=gateway.url("/status"), StatusCallbackEvent=events)
    assert rest.call_status(sid) in {"queued", "ringing"}
    ada.answer()
    ada.expect("hello")
    assert rest.call_status(sid) == "in-progress"
    ada.hang_up()
    net.settle()
    call = rest.get(f"/Calls/{sid}.json").json()
    assert (call["status"], call["direction"], call["from"], call["to"]) == ("completed", "outbound-api", HOTLINE, ADA)
    assert int(call["duration"]) >= 1
    reports = sorted(gateway.received("/status"), key=lambda form: int(form["SequenceNumber"]))
    assert [form["CallStatus"] for form in reports] == ["initiated", "ringing", "in-progress", "completed"]
    assert {form["CallbackSource"] for form in reports} == {"call-progress-events"}


def test_status_callbacks_tell_only_the_end_by_default(net: Network, gateway: Gateway, rest: Rest) -> None:
    net.phone(ADA).faults(busy=True)
    rest.call(ADA, Twiml=HOLD, StatusCallback=gateway.url("/status"))
    net.wait(lambda: gateway.received("/status"))
    net.settle()
    assert [form["CallStatus"] for form in gateway.received("/status")] == ["busy"]


def test_a_number_that_nobody_has_rings_without_answer(net: Network, rest: Rest) -> None:
    sid = rest.call("+390599999999", Twiml=HOLD, Timeout=20)
    net.wait(lambda: rest.call_status(sid) == "ringing")
    net.wait(lambda: rest.call_status(sid) == "no-answer")


def test_cancelling_stops_the_ringing_and_not_a_conversation(net: Network, rest: Rest) -> None:
    ada, bruno = net.phone(ADA), net.phone(BRUNO)
    ringing, talking = rest.call(ADA, Twiml=HOLD), rest.call(BRUNO, Twiml=HOLD)
    ada.rings()
    bruno.answer()
    assert rest.post(f"/Calls/{ringing}.json", Status="canceled").json()["status"] == "canceled"
    assert ada.hung_up() == "canceled"  # "no-answer", had it rung on
    assert rest.post(f"/Calls/{talking}.json", Status="canceled").json()["status"] == "in-progress"
    assert rest.post(f"/Calls/{talking}.json", Status="completed").json()["status"] == "completed"
    assert bruno.hung_up() == "completed"
    assert rest.post(f"/Calls/{talking}.json", Twiml=HOLD).json()["code"] == 21220


def test_a_call_that_still_rings_cannot_be_redirected(net: Network, rest: Rest) -> None:
    ada = net.phone(ADA)
    sid = rest.call(ADA, Twiml=HOLD)
    ada.rings()
    assert rest.post(f"/Calls/{sid}.json", Twiml=HOLD).json()["code"] == 21220


def test_the_time_limit_ends_a_call(net: Network, rest: Rest) -> None:
    net.phone(ADA).faults(auto_answer=0)
    sid = rest.call(ADA, Twiml=HOLD, TimeLimit=5)
    net.wait(lambda: rest.call_status(sid) == "completed")


def test_lists_filter_and_page(net: Network, rest: Rest) -> None:
    net.fault(ADA, busy=True)
    first, second, third = (rest.call(ADA, Twiml=HOLD) for _ in range(3))
    other = rest.call(BRUNO, Twiml=HOLD)
    page = rest.get("/Calls.json", To=ADA, PageSize=2).json()
    assert [call["sid"] for call in page["calls"]] == [third, second]
    assert page["previous_page_uri"] is None
    last = rest.session.get(net.url + page["next_page_uri"], timeout=60).json()
    assert [call["sid"] for call in last["calls"]] == [first]
    assert last["next_page_uri"] is None
    net.wait(lambda: len(rest.get("/Calls.json", Status="busy").json()["calls"]) == 3)
    everything = rest.get("/Calls.json", **{"StartTime>": "2020-01-01T00:00:00Z"}).json()["calls"]
    assert [call["sid"] for call in everything] == [other, third, second, first]
    assert rest.get("/Calls.json", **{"StartTime>": "2999-01-01"}).json()["calls"] == []
    assert rest.get("/Calls.json", PageSize="many").json()["code"] == 20001


def test_machine_detection_tells_a_voicemail_from_a_person(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/screen", "<Say>Press one</Say>")
    net.phone(ADA).faults(voicemail=1)
    net.phone(BRUNO).faults(auto_answer=1)
    for number in (ADA, BRUNO):
        rest.call(number, Url=gateway.url("/screen"), MachineDetection="Enable")
    net.wait(lambda: len(gateway.received("/screen")) == 2)
    assert {form["To"]: form["AnsweredBy"] for form in gateway.received("/screen")} == {
        ADA: "machine_start",
        BRUNO: "human",
    }


def test_too_many_requests_is_refused_without_effect(net: Network, rest: Rest) -> None:
    net.fail_api(429, times=2, path="/Calls", method="POST")
    for _ in range(2):
        answer = rest.post("/Calls.json", To=ADA, From=HOLD, Twiml=HOLD)
        assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, 20429, "1")
    assert rest.get("/Calls.json").json()["calls"] == []
    assert rest.post("/Calls.json", To=ADA, From=HOTLINE, Twiml=HOLD).status_code == 201


@pytest.mark.parametrize(("kind", "calls"), [("drop", 1), ("reset", 0)])
def test_a_lost_answer_says_nothing_about_the_call(net: Network, rest: Rest, kind: str, calls: int) -> None:
    net.fail_api(kind, path="/Calls")
    with pytest.raises(requests.ConnectionError):
        rest.post("/Calls.json", To=ADA, From=HOTLINE, Twiml=HOLD)
    assert len(rest.get("/Calls.json", To=ADA).json()["calls"]) == calls


def test_a_slow_answer_is_about_what_was_done_at_once(net: Network, rest: Rest) -> None:
    net.fail_api("slow", path="/Calls", seconds=30)
    with pytest.raises(requests.Timeout):
        rest.session.post(rest.root + "/Calls.json", data={"To": ADA, "From": HOTLINE, "Twiml": HOLD}, timeout=2)
    net.settle()  # nobody waits for whoever has gone
    asked = time.monotonic()
    net.fail_api("slow", path="/Calls", method="GET", seconds=0.2)
    assert len(rest.get("/Calls.json", To=ADA).json()["calls"]) == 1
    assert time.monotonic() - asked > 0.2


def test_an_api_that_hangs_and_one_that_fails_by_chance(net: Network, rest: Rest) -> None:
    net.fail_api("hang", path="/Messages")
    with pytest.raises(requests.Timeout):
        rest.session.get(rest.root + "/Messages.json", timeout=0.2)
    net.fail_api(500, times=None, probability=0.5)
    statuses = [rest.get("/Queues.json").status_code for _ in range(40)]
    assert 5 < statuses.count(500) < 35
    net.heal_api()
    assert rest.get("/Queues.json").status_code == 200
    with pytest.raises(ValueError, match="kind is one of"):
        net.fail_api(418)


def test_an_api_that_fails_in_several_ways(net: Network, rest: Rest) -> None:
    net.fail_api([429, 500], times=None, probability=0.5)
    statuses = [rest.get("/Calls.json").status_code for _ in range(60)]
    assert {200, 429, 500} == set(statuses)
    assert 15 < statuses.count(200) < 45
    with pytest.raises(ValueError, match="kind is one of"):
        net.fail_api([])


def test_a_slow_answer_comes_after_the_deed(net: Network, rest: Rest) -> None:
    ada = net.phone(ADA)
    net.fail_api("slow", path="/Calls", method="POST", seconds=0.5)
    with ThreadPoolExecutor(1) as other:
        asked = time.monotonic()
        answer = other.submit(rest.post, "/Calls.json", To=ADA, From=HOTLINE, Twiml=HOLD)
        ada.rings()
        assert not answer.done()
        assert answer.result().status_code == 201
    assert time.monotonic() - asked >= 0.5
    with pytest.raises(ValueError, match="not below 0"):
        net.fail_api("slow", seconds=-1)


def test_calls_beyond_the_accounts_rate_wait_in_line(net: Network, rest: Rest) -> None:
    net.configure(calls_per_second=0.5)
    ada, bruno = net.phone(ADA), net.phone(BRUNO)
    rest.call(ADA, Twiml=HOLD)
    late = rest.call(BRUNO, Twiml=HOLD)
    assert int(rest.get(f"/Calls/{late}.json").json()["queue_time"]) > 1000
    ada.rings()
    bruno.rings()
    assert bruno.phone.since - ada.phone.since > 1


def test_the_number_shows_and_takes_its_addresses(net: Network, gateway: Gateway, rest: Rest) -> None:
    number = rest.get("/IncomingPhoneNumbers.json", PhoneNumber=HOTLINE).json()["incoming_phone_numbers"][0]
    assert (number["phone_number"], number["voice_url"]) == (HOTLINE, gateway.url("/voice"))
    path = f"/IncomingPhoneNumbers/{number['sid']}.json"
    changed = rest.post(path, VoiceUrl=gateway.url("/new"), StatusCallback=gateway.url("/status")).json()
    assert (changed["voice_url"], changed["status_callback"]) == (gateway.url("/new"), gateway.url("/status"))
    gateway.on("/new", "<Say>New address</Say>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("new address")


def test_the_journal_has_every_request_with_its_answer(net: Network, rest: Rest) -> None:
    began = time.monotonic()
    rest.call(ADA, Twiml=HOLD)
    took = time.monotonic() - began
    record = net.journal.requests("/Calls.json", "POST")[0]
    assert (record.status, record.param("To")) == (201, ADA)
    assert record.latency is not None
    assert 0 < record.latency <= took
    assert '"status": "queued"' in record.body
    assert TOKEN not in record.body
