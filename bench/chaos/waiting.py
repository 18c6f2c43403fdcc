"""A customer who calls while everything is busy, and when their technician's phone is asked to ring."""

import re
import time
from dataclasses import dataclass
from typing import Final

from bench.chaos import ledger
from bench.chaos.stage import Stage
from simulator.driven_phone import DrivenPhone

PATIENCE: Final = 60.0
_KEY: Final = re.compile(r"/priority\b")


@dataclass(frozen=True)
class Caller:
    """Seconds from the key that opened the page, as it was delivered, to the requests that call and text somebody."""

    region: int
    called: float
    texted: float | None


def call_in(stage: Stage, region: int) -> Caller:
    """Report a P1 problem and hold until a technician is there. Raises AssertionError when nobody comes."""
    number, pin = stage.world.customer(region)
    phone = stage.network.phone(number, f"Customer {region}")
    sid = phone.dial()
    for words, keys in (("type your PIN", f"{pin}#"), ("system administrator", "1"), ("critical", "1")):
        phone.expect(words, PATIENCE)
        phone.press(keys)
    try:
        return _called(stage, region, _key(stage, sid))
    finally:
        _leave(phone)


def _key(stage: Stage, sid: str) -> float:
    """When the key was delivered."""
    return stage.network.wait(lambda: _delivered(stage, sid), PATIENCE, "the key is delivered")


def _delivered(stage: Stage, sid: str) -> float:
    hooks = (hook for hook in stage.network.journal.webhooks("/priority") if hook.call == sid)
    return next((hook.at for hook in hooks if hook.param("Digits") == "1" and _KEY.search(hook.url)), 0.0)


def _called(stage: Stage, region: int, key: float) -> Caller:
    own = set(stage.world.phones(region))

    def first(kind: str) -> float | None:
        asked = ledger.sent(record for record in stage.network.journal.requests() if record.at >= key)
        return min((one.at for one in asked if one.kind == kind and one.to in own), default=None)

    end = time.monotonic() + PATIENCE
    while (called := first("call")) is None or (texted := first("text")) is None:
        if time.monotonic() > end:
            break
        time.sleep(0.25)
    assert called is not None, f"nobody of region {region} was called within {PATIENCE:.0f} s"
    texted = first("text")
    return Caller(region, called - key, None if texted is None else texted - key)


def _leave(phone: DrivenPhone) -> None:
    if phone.state != "idle":
        phone.hang_up()
