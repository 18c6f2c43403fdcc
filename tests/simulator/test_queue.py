"""Enqueue, Leave and Dial Queue."""

from simulator.driver import Network
from tests.simulator.conftest import ACME, ADA, BRUNO, Rest
from tests.simulator.gateway import Gateway

ENQUEUE = '<Enqueue waitUrl="/wait" action="/after">night</Enqueue><Say>Behind the queue</Say>'


def _wait(form: dict[str, str]) -> str:
    return f"<Say>You are number {form['QueuePosition']} since {form['QueueTime']} seconds</Say><Pause length='3'/>"


def test_the_first_in_line_is_taken(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/voice", ENQUEUE)
    gateway.on("/wait", _wait)
    gateway.on("/greet", "<Say>You will be connected</Say>")
    gateway.on("/after", lambda form: f"<Say>Queue said {form['QueueResult']}</Say>")
    caller, second, ada = net.phone(ACME, "Acme"), net.phone(BRUNO), net.phone(ADA, "Ada")
    caller.dial()
    caller.expect("you are number 1 since 0 seconds")
    second.dial()
    second.expect("you are number 2")
    assert rest.get("/Queues.json").json()["queues"][0]["current_size"] == 2
    rest.call(ADA, Twiml=f'<Response><Dial><Queue url="{gateway.url("/greet")}">night</Queue></Dial></Response>')
    ada.answer()
    caller.expect("will be connected")
    net.wait(lambda: ada.phone.call is not None and ada.phone.call.room)
    ada.speak("Good evening")
    caller.expect("Ada: good evening")
    second.expect("you are number 1")
    ada.hang_up()
    caller.expect("queue said bridged")


def test_leave_goes_on_behind_the_queue(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", ENQUEUE.replace('action="/after"', ""))
    gateway.on("/wait", '<Gather numDigits="1" action="/key"><Say>Press one to leave</Say></Gather>')
    gateway.on("/key", "<Leave/>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("press one")
    caller.press("1")
    caller.expect("behind the queue")
    net.assert_clean()


def test_hanging_up_while_waiting_tells_the_action(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", ENQUEUE)
    gateway.on("/wait", _wait)
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("number 1")
    caller.hang_up()
    net.settle()
    assert gateway.received("/after")[0]["QueueResult"] == "hangup"


def test_a_missing_queue_is_an_error(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", '<Dial action="/after"><Queue>nowhere</Queue></Dial>')
    caller = net.phone(ACME)
    caller.dial()
    net.wait(lambda: gateway.received("/after"))
    assert gateway.received("/after")[0]["DialCallStatus"] == "failed"
    assert [one.code for one in net.warnings] == [13232]
