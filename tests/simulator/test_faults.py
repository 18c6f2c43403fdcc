"""Phones and deliveries that misbehave, on purpose."""

import pytest

from simulator.driver import Network
from tests.simulator.conftest import ACME, ADA, HOTLINE, Rest
from tests.simulator.gateway import Gateway

ALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
SCREEN = '<Gather numDigits="1" timeout="5" action="/accepted"><Say loop="2">Press one</Say></Gather><Hangup/>'


def test_voicemail_answers_talks_and_never_presses_a_key(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/screen", SCREEN)
    ada = net.phone(ADA, "Ada")
    ada.faults(voicemail=10, voicemail_text="one one one, please leave a message")
    sid = rest.call(ADA, Url=gateway.url("/screen"))
    ada.expect("press one")
    assert ada.hung_up() == "completed"
    assert rest.call_status(sid) == "completed"
    assert "one one one," in ada.story()
    assert gateway.received("/accepted") == []


def test_a_voicemail_is_recognised_by_a_gather_that_listens_to_words(
    net: Network, gateway: Gateway, rest: Rest
) -> None:
    gateway.on("/screen", SCREEN.replace("<Gather", '<Gather input="dtmf speech"'))
    net.phone(ADA).faults(voicemail=1, voicemail_text="I am not here, " * 9 + "one")
    rest.call(ADA, Url=gateway.url("/screen"))
    net.wait(lambda: gateway.received("/accepted"))
    assert gateway.received("/accepted")[0]["SpeechResult"].endswith("here, one")


def test_a_declined_call_is_busy_and_auto_answer_answers(net: Network, rest: Rest) -> None:
    ada = net.phone(ADA)
    twiml = "<Response><Say>Hello</Say></Response>"
    sid = rest.call(ADA, Twiml=twiml)
    ada.decline()
    assert rest.call_status(sid) == "busy"
    ada.faults(auto_answer=1)
    rest.call(ADA, Twiml=twiml)
    ada.expect("hello")


def test_no_coverage_never_rings(net: Network, rest: Rest) -> None:
    ada = net.phone(ADA)
    ada.faults(failed="no-answer")
    sid = rest.call(ADA, Twiml="<Response/>")
    net.wait(lambda: rest.call_status(sid) == "no-answer")
    assert "ringing" not in ada.story()
    assert ada.transcript == []


def test_duplicates_reach_the_gateway_twice_with_one_token(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/screen", "<Say>Hello</Say>")
    net.phone(ADA).faults(duplicate=True, auto_answer=0)
    rest.call(ADA, Url=gateway.url("/screen"), StatusCallback=gateway.url("/status"), StatusCallbackEvent=ALL_EVENTS)
    net.phone(ADA).hung_up()
    net.settle()
    tokens = [one.token for one in gateway.seen if one.path == "/screen"]
    assert len(tokens) == 2
    assert len(set(tokens)) == 1
    numbers = sorted(form["SequenceNumber"] for form in gateway.received("/status"))
    assert numbers == ["0", "0", "1", "1", "2", "2", "3", "3"]


def test_late_callbacks_and_slow_webhooks_of_one_number(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/screen", "<Say>Hello</Say><Pause length='100'/>")
    ada = net.phone(ADA)
    ada.faults(late=20, slow=8, auto_answer=0)
    rest.call(ADA, Url=gateway.url("/screen"), StatusCallback=gateway.url("/status"), StatusCallbackEvent=["ringing"])
    ada.expect("hello")
    assert gateway.received("/status") == []
    answered = next(entry.at for entry in ada.transcript if "ringing" in entry.text)
    assert next(entry.at for entry in ada.transcript if entry.kind == "said") - answered > 8
    net.wait(lambda: gateway.received("/status"))


def test_held_callbacks_are_released_in_any_order(net: Network, gateway: Gateway, rest: Rest) -> None:
    net.hold_callbacks()
    net.phone(ADA).faults(auto_answer=0)
    rest.call(
        ADA,
        Twiml="<Response><Say>Hi</Say></Response>",
        StatusCallback=gateway.url("/status"),
        StatusCallbackEvent=ALL_EVENTS,
    )
    net.wait(lambda: len(net.held) == 4)
    assert gateway.received("/status") == []
    assert [one["CallStatus"] for one in net.held] == ["initiated", "ringing", "in-progress", "completed"]
    assert net.release([3, 0, 3, 1]) == 4
    assert [form["CallStatus"] for form in gateway.received("/status")] == [
        "completed",
        "initiated",
        "completed",
        "ringing",
    ]
    assert net.held == []


def test_everything_can_be_disturbed_and_healed(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", "<Say>Hello</Say>")
    caller = net.phone(ACME)
    net.disturb(duplicate=True)
    caller.dial()
    caller.hung_up()
    assert len(gateway.received("/voice")) == 2
    net.disturb()
    caller.dial()
    caller.expect("hello")
    caller.expect("hello")
    assert len(gateway.received("/voice")) == 3


def test_a_withheld_number(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", lambda form: f"<Say>You are {form['From']}</Say>")
    caller = net.phone(ACME)
    caller.dial(anonymous="anonymous")
    caller.expect("you are anonymous")


@pytest.mark.parametrize(
    "bad", [{"deaf": True}, {"voicemail": "soon"}, {"late": -1}, {"reject": "rudely"}, {"failed": "twice"}]
)
def test_unknown_faults_are_refused(net: Network, bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        net.phone(ADA).faults(**bad)


def test_a_text_on_its_way_is_forgotten_too(net: Network, gateway: Gateway, rest: Rest) -> None:
    """Or it would be read as one of what comes next."""
    ada = net.phone(ADA, "Ada")
    net.set_speed(0.001)
    rest.post("/Messages.json", To=ADA, From=HOTLINE, Body="of before", StatusCallback=gateway.url("/sent"))
    net.reset()
    net.set_speed(40)
    rest.post("/Messages.json", To=ADA, From=HOTLINE, Body="of now")
    ada.expect_text("of now")
    net.settle()
    assert [text.body for text in ada.phone.texts] == ["of now"]
    assert gateway.received("/sent") == []


def test_reset_forgets_everything_but_the_phones(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/voice", "<Say>Hello</Say><Pause length='100'/>")
    caller = net.phone(ACME, "Acme")
    caller.faults(slow=1)
    caller.dial()
    caller.expect("hello")
    net.fail_api(500)
    net.reset()
    assert (caller.state, caller.transcript, net.warnings) == ("idle", [], [])
    assert rest.get("/Calls.json").json()["calls"] == []
    caller.dial()
    caller.expect("hello")
    assert net.config.number == HOTLINE
