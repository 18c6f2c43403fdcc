"""Who is slow to act is waited for; who only looks on is not."""

import time
from collections.abc import Iterator

import pytest

from simulator import driver
from simulator.driver import Network
from tests.simulator.conftest import ACME, HOTLINE
from tests.simulator.gateway import TOKEN, Gateway

MENU = '<Gather timeout="30" numDigits="1"><Say>Press a key</Say></Gather><Say>No key was pressed</Say>'
SLOW_SECONDS = 0.5  # real ones, in which fifty of a call would pass: more than a silence may last


@pytest.fixture
def net(gateway: Gateway) -> Iterator[Network]:
    with Network(TOKEN, HOTLINE, speed=100, patient=True, voice_url=gateway.url("/voice")) as net:
        gateway.on("/voice", MENU)
        yield net


def test_who_is_slow_to_press_a_key_is_not_silent(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "ACT_SECONDS", 60)
    caller = net.phone(ACME, "Acme")
    caller.dial()
    caller.expect("Press a key")
    time.sleep(SLOW_SECONDS)
    assert "No key was pressed" not in caller.story()
    caller.press("1")
    caller.hung_up()
    heard = [entry.text for entry in caller.transcript if entry.kind in {"said", "pressed"}]
    assert heard == ["Press a key", "1", "Press a key", "No key was pressed"], "the key led back to the menu"


def test_who_waits_for_more_is_not_about_to_act(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "ACT_SECONDS", 1000)
    caller = net.phone(ACME, "Acme")
    caller.dial()
    caller.expect("Press a key")
    caller.expect("No key was pressed")
    caller.hung_up()


def test_nobody_is_waited_for_without_end(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "ACT_SECONDS", 0.01)
    caller = net.phone(ACME, "Acme")
    caller.dial()
    caller.expect("Press a key")
    until = time.monotonic() + 60
    while "No key was pressed" not in caller.story():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_each_act_is_waited_for_as_long_as_the_first(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of an earlier patience is not that of the next."""
    pace, person = net.exchange.pace, 7
    monkeypatch.setattr(driver, "ACT_SECONDS", 0.2)
    net.do(lambda: net.notice(person))
    net.do(lambda: net._go_on(person))
    monkeypatch.setattr(driver, "ACT_SECONDS", 60)
    net.do(lambda: net.notice(person))
    begun = pace.now()
    time.sleep(SLOW_SECONDS)
    assert pace.now() - begun < 1
