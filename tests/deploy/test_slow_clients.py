"""A caller is heard at once, also while many clients are slow: Twilio waits 15 s, a person notices 2 s."""

import time

import pytest

from tests.deploy.site import Door, crowd

pytestmark = pytest.mark.real_seconds

IDLE, SLOW = 300, 100
BOUND_S = 2.0


@pytest.mark.parametrize("door", ["gunicorn", "nginx", "caddy"], indirect=True)
def test_a_call_is_answered_beside_idle_and_slow_clients(door: Door) -> None:
    took = []
    with crowd(door, IDLE, SLOW) as cut_off:
        for _ in range(12):
            begun = time.monotonic()
            status, document = door.incoming_call()
            took.append(time.monotonic() - begun)
            assert (status, "<Gather" in document) == (200, True)
            time.sleep(0.25)
        assert max(took) < BOUND_S, sorted(took)
        if door.tls is not None:
            return  # a proxy bears with them for longer: they cost it next to nothing
        until = time.monotonic() + 60
        while cut_off() < SLOW:
            assert time.monotonic() < until, f"only {cut_off()} slow clients were cut off"
            time.sleep(0.2)
