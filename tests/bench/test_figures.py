"""How figures are taken from what the network wrote down."""

import math
from dataclasses import replace

import pytest

from bench.figures import Seen, by_kind, failures, hotline_webhooks, paging_delays, percentile, within

HOOK = Seen("webhook", "POST", "http://gw/ivr/call/7/priority?turn=3", "CA1", "+3900", "1", 10.0, 0.02, 200)
RING = Seen("request", "POST", "/2010-04-01/Accounts/AC1/Calls.json", "", "+3934", "", 10.04, 0.003, 201)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (0.991, 100), (1.0, 100), (0.0, 1)])
def test_percentile_is_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile(range(100, 0, -1), share) == expected


def test_percentile_of_nothing_is_no_number() -> None:
    assert math.isnan(percentile([], 0.5))


def test_a_page_takes_from_the_key_to_the_next_ring_of_its_technician() -> None:
    earlier, other = replace(RING, at=9.0), replace(RING, to="+3935", at=10.01)
    found = paging_delays([earlier, HOOK, other, RING, replace(RING, at=12.0)], {"CA1": "+3934"}, 0, 100)
    assert list(found.seconds) == pytest.approx([0.04])
    assert found.missing == 0


def test_a_page_that_rings_nobody_is_missing_and_not_fast() -> None:
    found = paging_delays([HOOK, replace(RING, at=9.0)], {"CA1": "+3934"}, 0, 100)
    assert (found.seconds, found.missing) == ((), 1)


def test_moves_of_calls_and_texts_are_no_rings() -> None:
    move = replace(RING, url="/2010-04-01/Accounts/AC1/Calls/CA1.json")
    text = replace(RING, url="/2010-04-01/Accounts/AC1/Messages.json")
    look = replace(RING, method="GET")
    assert paging_delays([HOOK, move, text, look], {"CA1": "+3934"}, 0, 100).missing == 1


def test_only_keys_pressed_within_the_measured_time_count() -> None:
    assert paging_delays([HOOK, RING], {"CA1": "+3934"}, 10.5, 100).seconds == ()
    assert within([HOOK], 10.0, 10.5) == [HOOK]
    assert within([HOOK], 9.0, 10.0) == []


@pytest.mark.parametrize("digits", ["", "3", "4"])
def test_only_the_keys_that_open_a_ticket_count(digits: str) -> None:
    assert paging_delays([replace(HOOK, digits=digits), RING], {"CA1": "+3934"}, 0, 100).seconds == ()


def test_webhooks_are_told_apart_by_what_they_are_about() -> None:
    room = replace(HOOK, url="http://gw/ivr/rooms/3/events", latency=0.03)
    sound = replace(HOOK, url="http://gw/static/hold.wav")
    lost = replace(HOOK, latency=None, status=None)
    hooks = hotline_webhooks([HOOK, room, sound, RING, lost])
    assert by_kind(hooks) == {"call priority": [0.02], "rooms events": [0.03]}
    assert failures(hooks) == 1
