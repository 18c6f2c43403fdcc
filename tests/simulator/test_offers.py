"""The keys that a prompt offers, and where it asks for a PIN."""

from typing import Any

import pytest

from ivr.prompts import calling_back, entrance, keypad, line_ended, problem, waiting
from ivr.technician import prompts as technicians
from simulator.driver import Network
from simulator.page.offers import Offer, offers
from simulator.page.view import phone_view
from tests.simulator.conftest import ACME
from tests.simulator.gateway import Gateway


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (entrance.greeting("Aurora", staffed=False), [("*#", "other languages")]),
        (entrance.greeting("Aurora", staffed=True), [("0#", "speak with our office now"), ("*#", "other languages")]),
        (entrance.PIN_AGAIN, []),
        (keypad.go_on(whole=True), [("#", "")]),
        (
            problem.LEVEL,
            [
                ("1", "system administrator or a partner, and have done first troubleshooting"),
                ("2", "end user"),
            ],
        ),
        (
            problem.PRIORITY,
            [("1", "P1, critical"), ("2", "P2, high"), ("3", "planned maintenance"), ("4", "anything else")],
        ),
        (waiting.WAIT_KEYS, [("1", "be called back instead of waiting")]),
        (
            calling_back.offer("12"),
            [("1#", "be called back on the number ending in 1, 2"), ("*#", "go on waiting")],
        ),
        (line_ended.WHAT_NEXT, [("1", "speak with the next person on call"), ("2", "be called back")]),
        (
            technicians.page_keys(3),
            [("1", "accept"), ("2", "pass it on"), ("3", "more"), ("5", "accept all 3"), ("9", "repeat")],
        ),
        (
            technicians.ALONE,
            [("1", "call back now"), ("2", "close the ticket with a spoken note"), ("3", "leave it open")],
        ),
        (
            technicians.aside(music=True),
            [("1", "go back"), ("2", "bring in a colleague"), ("3", "hand over"), ("4", "end the conversation")],
        ),
        (
            technicians.item_keys(True, False),
            [
                ("1", "accept"),
                ("2", "the next ticket"),
                ("3", "call the customer"),
                ("4", "close it with a spoken note"),
                ("9", "repeat"),
                ("*", "the menu"),
            ],
        ),
        ("No key was pressed. You have 2 pages.", []),
    ],
)
def test_the_keys_that_are_said_are_offered(prompt: str, expected: list[tuple[str, str]]) -> None:
    assert offers(prompt) == [Offer(*each) for each in expected]


def _asked(net: Network) -> tuple[bool, list[str]]:
    """What the page shows of the customer's call: is a PIN asked for, and which keys are offered?"""
    view = net.do(lambda: phone_view(net.exchange, net.exchange.phones[ACME]))
    asks: dict[str, Any] = (view["call"] or {}).get("asks") or {"pin": False, "keys": []}
    return asks["pin"], [each["keys"] for each in asks["keys"]]


def test_a_pin_is_offered_where_one_is_asked_for_only(net: Network, gateway: Gateway) -> None:
    """Not once it is begun, not where a number is asked for, and not where the PIN is only spoken of."""
    gateway.on(
        "/voice", '<Gather action="/level" timeout="60"><Say>Please type your PIN, then press hash.</Say></Gather>'
    )
    gateway.on(
        "/level", '<Gather action="/to" numDigits="1" timeout="60"><Say>PIN right. To go on, press 1.</Say></Gather>'
    )
    gateway.on(
        "/to", '<Gather action="/note" timeout="60"><Say>Type it. For the usual, press 1, then hash.</Say></Gather>'
    )
    gateway.on("/note", '<Say>After the tone.</Say><Record finishOnKey="#" timeout="60"/>')
    phone = net.phone(ACME, "Acme")
    phone.dial()
    net.wait(lambda: _asked(net) == (True, []))
    phone.press("12")
    assert _asked(net) == (False, [])
    phone.press("#")
    net.wait(lambda: _asked(net) == (False, ["1"]))
    phone.press("1")
    net.wait(lambda: _asked(net) == (False, ["1#"]))
    phone.press("1#")
    net.wait(lambda: _asked(net) == (False, ["#"]))
    phone.hang_up()
    assert _asked(net) == (False, [])


def test_star_is_offered_where_it_is_listened_to(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", '<Dial hangupOnStar="true" action="/after"><Conference>room</Conference></Dial>')
    gateway.on("/after", "<Dial><Conference>room</Conference></Dial>")
    phone = net.phone(ACME, "Acme")
    phone.dial()
    net.wait(lambda: _asked(net) == (False, ["*"]))
    phone.press("*")
    net.wait(lambda: _asked(net) == (False, []))
    phone.hang_up()
