"""Fifty calls at once, each with its own story."""

import time
from concurrent.futures import ThreadPoolExecutor

from simulator.driver import Network
from tests.simulator.gateway import Form, Gateway

CALLERS = 50


def test_fifty_calls_are_not_mixed_up(net: Network, gateway: Gateway) -> None:
    def typed(form: Form) -> str:
        return f"<Dial><Conference statusCallback='/e' statusCallbackEvent='join'>{form['Digits']}</Conference></Dial>"

    gateway.on("/voice", lambda form: f"<Gather action='/typed'><Say>You are {form['From'][-3:]}</Say></Gather>")
    gateway.on("/typed", typed)
    callers = [net.phone(f"+3902000{index:03}", f"Caller {index}") for index in range(CALLERS)]

    def converse(index: int) -> None:
        caller = callers[index]
        caller.dial()
        assert caller.expect(r"you are (\d+)").group(1) == f"{index:03}"
        caller.press(f"{index // 2}#")
        net.wait(lambda: len(_neighbours(net, index)) == 1)
        caller.speak(f"This is {index}")
        neighbour = index + 1 if index % 2 == 0 else index - 1
        heard = caller.expect(r"caller (\d+): this is (\d+)")
        assert heard.groups() == (str(neighbour), str(neighbour))

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(converse, range(CALLERS)))
    for index, caller in enumerate(callers):
        words = [entry.text for entry in caller.transcript if entry.kind == "heard"]
        neighbour = index + 1 if index % 2 == 0 else index - 1
        assert words == [f"Caller {neighbour}: This is {neighbour}"]
    assert len({caller.call_sid for caller in callers}) == CALLERS
    net.assert_clean()


def test_a_hundred_waiting_calls_cost_little(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", "<Say>Please wait</Say><Pause length='10'/><Redirect>/voice</Redirect>")
    net.set_speed(1)
    for index in range(100):
        net.phone(f"+3902000{index:03}").dial()
    for phone in net.phones.values():
        phone.expect("please wait")
    before = time.process_time()
    time.sleep(1)
    assert time.process_time() - before < 0.2


def _neighbours(net: Network, index: int) -> list[object]:
    call = net.phone(f"+3902000{index:03}").phone.call
    return list(call.room.audience(call)) if call is not None and call.room is not None else []
