"""Dial to numbers: who rings, who wins, and what the action is told."""

import pytest
from aiohttp import web

from simulator.driver import Network
from tests.simulator.conftest import ACME, ADA, BRUNO, HOTLINE, Rest
from tests.simulator.gateway import Gateway


def test_two_phones_talk_until_one_hangs_up(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", f'<Dial action="/after" callerId="{HOTLINE}">{ADA}</Dial>')
    gateway.on("/after", lambda form: f"<Say>Result {form['DialCallStatus']}</Say>")
    caller, ada = net.phone(ACME, "Acme"), net.phone(ADA, "Ada")
    caller.dial()
    ada.answer()
    net.wait(lambda: ada.phone.call is not None and ada.phone.call.room)
    assert ada.phone.call is not None
    assert (ada.phone.call.caller, ada.phone.call.direction) == (HOTLINE, "outbound-dial")
    ada.speak("Good morning")
    caller.expect("Ada: good morning")
    caller.speak("It burns")
    ada.expect("Acme: it burns")
    ada.hang_up()
    caller.expect("result completed")
    form = gateway.received("/after")[0]
    assert form["DialBridged"] == "true"
    assert int(form["DialCallDuration"]) >= 1


def test_first_answer_wins_and_the_others_stop_ringing(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", f"<Dial><Number>{ADA}</Number><Number>{BRUNO}</Number></Dial>")
    caller, ada, bruno = net.phone(ACME), net.phone(ADA, "Ada"), net.phone(BRUNO, "Bruno")
    caller.dial()
    ada.rings()
    bruno.answer()
    assert ada.hung_up() == "canceled"  # "no-answer", had it rung on
    bruno.talking()


@pytest.mark.parametrize(
    ("fault", "status"),
    [("busy", "busy"), ("failed", "failed"), ("no_answer", "no-answer"), ("reject", "busy")],
)
def test_not_answered(net: Network, gateway: Gateway, fault: str, status: str) -> None:
    gateway.on("/voice", f'<Dial timeout="10" action="/after">{ADA}</Dial>')
    caller, ada = net.phone(ACME), net.phone(ADA)
    ada.faults(**{fault: True})
    caller.dial()
    net.wait(lambda: gateway.received("/after"))
    form = gateway.received("/after")[0]
    assert (form["DialCallStatus"], form["DialBridged"]) == (status, "false")


def test_a_second_call_to_a_phone_in_use_is_busy(net: Network, gateway: Gateway, rest: Rest) -> None:
    ada = net.phone(ADA)
    first = rest.call(ADA, Twiml="<Response><Pause length='100'/></Response>")
    ada.answer()
    second = rest.call(ADA, Twiml="<Response><Pause/></Response>")
    net.wait(lambda: rest.call_status(second) == "busy")
    assert rest.call_status(first) == "in-progress"


@pytest.mark.parametrize("accepts", [True, False])
def test_screening_runs_on_the_called_side_before_joining(net: Network, gateway: Gateway, accepts: bool) -> None:
    gateway.on("/voice", f'<Dial action="/after"><Number url="/screen">{ADA}</Number></Dial>')
    gateway.on("/screen", '<Gather numDigits="1" action="/key"><Say>Press one</Say></Gather><Hangup/>')
    gateway.on("/key", lambda form: "" if form["Digits"] == "1" else "<Hangup/>")
    caller, ada = net.phone(ACME, "Acme"), net.phone(ADA, "Ada")
    caller.dial()
    ada.answer()
    ada.expect("press one")
    caller.speak("hello?")
    ada.press("1" if accepts else "2")
    if accepts:
        net.wait(lambda: ada.phone.call is not None and ada.phone.call.room)
        caller.speak("Anybody?")
        ada.expect("Acme: anybody")
        ada.hang_up()
    net.wait(lambda: gateway.received("/after"))
    form = gateway.received("/after")[0]
    assert form["DialCallStatus"] == "completed"
    assert form["DialBridged"] == str(accepts).lower()
    assert "hello?" not in ada.story()


def test_a_screening_document_without_answer_joins(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", f'<Dial><Number url="/screen">{ADA}</Number></Dial>')
    gateway.on("/screen", web.Response(status=204))
    caller, ada = net.phone(ACME, "Acme"), net.phone(ADA, "Ada")
    caller.dial()
    ada.answer()
    net.wait(lambda: ada.phone.call is not None and ada.phone.call.room)
    ada.speak("Here")
    caller.expect("Ada: here")
    net.assert_clean()


def test_answer_on_bridge_keeps_the_caller_unanswered(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/voice", f'<Dial answerOnBridge="true">{ADA}</Dial>')
    caller, ada = net.phone(ACME), net.phone(ADA)
    sid = caller.dial()
    ada.rings()
    assert rest.call_status(sid) == "ringing"
    ada.answer()
    caller.talking()


def test_star_hangs_up_the_other_side_only(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", f'<Dial hangupOnStar="true">{ADA}</Dial><Say>Back again</Say>')
    caller, ada = net.phone(ACME), net.phone(ADA)
    caller.dial()
    ada.answer()
    net.wait(lambda: caller.phone.call is not None and caller.phone.call.room)
    caller.press("*")
    caller.expect("back again")
    assert ada.hung_up() == "completed"


def test_time_limit_ends_the_conversation(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", f'<Dial timeLimit="10">{ADA}</Dial><Say>Time is up</Say>')
    caller, ada = net.phone(ACME), net.phone(ADA)
    caller.dial()
    ada.answer()
    caller.expect("time is up")
    ada.hung_up()


def test_the_caller_who_hangs_up_stops_the_ringing(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", f'<Dial action="/after">{ADA}</Dial>')
    caller, ada = net.phone(ACME), net.phone(ADA)
    caller.dial()
    ada.rings()
    caller.hang_up()
    assert ada.hung_up() == "canceled"
    net.settle()
    assert gateway.received("/after")[0]["CallStatus"] == "completed"


def test_number_status_callbacks_tell_the_course(net: Network, gateway: Gateway) -> None:
    events = "initiated ringing answered completed"
    number = f'<Number statusCallback="/leg" statusCallbackEvent="{events}">{ADA}</Number>'
    gateway.on("/voice", f"<Dial>{number}</Dial>")
    caller, ada = net.phone(ACME), net.phone(ADA)
    caller.dial()
    ada.answer()
    ada.talking()
    ada.hang_up()
    caller.hung_up()
    net.settle()
    reports = sorted(gateway.received("/leg"), key=lambda form: int(form["SequenceNumber"]))
    assert [form["CallStatus"] for form in reports] == ["initiated", "ringing", "in-progress", "completed"]
    assert {form["ParentCallSid"] for form in reports} == {caller.call_sid}
    assert reports[-1]["CallDuration"] >= "1"


def test_an_update_of_the_caller_ends_the_called_leg_at_once(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/voice", f'<Dial action="/after">{ADA}</Dial>')
    gateway.on("/other", "<Say>Something else</Say><Pause length='100000'/>")
    caller, ada = net.phone(ACME), net.phone(ADA)
    sid = caller.dial()
    ada.answer()
    net.wait(lambda: ada.phone.call is not None and ada.phone.call.room)
    rest.post(f"/Calls/{sid}.json", Url=gateway.url("/other"))
    caller.expect("something else")
    ada.hung_up()
    assert caller.state == "talking", "long before the other document has ended"
    net.settle()
    assert gateway.received("/after") == []


def test_an_update_of_the_called_leg_moves_it_away(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/voice", f'<Dial action="/after">{ADA}</Dial>')
    gateway.on("/after", lambda form: f"<Say>Left {form['DialCallStatus']}</Say>")
    caller, ada = net.phone(ACME), net.phone(ADA)
    caller.dial()
    ada.answer()
    net.wait(lambda: ada.phone.call is not None and ada.phone.call.room)
    moved = "<Response><Say>You are alone now</Say><Pause length='100'/></Response>"
    rest.post(f"/Calls/{ada.call_sid}.json", Twiml=moved)
    ada.expect("alone now")
    caller.expect("left completed")
    assert ada.state == "talking"


def test_foreign_caller_id_is_refused(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", f'<Dial callerId="+15005550000" action="/after">{ADA}</Dial>')
    gateway.on("/after", lambda form: f"<Say>Result {form['DialCallStatus']}</Say>")
    caller = net.phone(ACME)
    net.phone(ADA)
    caller.dial()
    caller.expect("result failed")
    assert [one.code for one in net.warnings] == [13214]
