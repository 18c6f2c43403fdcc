"""What was typed for a PIN, and whether it may be looked at: decided and committed before the step itself begins."""

from collections.abc import Mapping
from typing import Final

from core.settings import Settings
from ivr.collecting import Collected, collect, ended_by_hash, opened_part, typed
from oncall.customers.pin_guard import Verdict, caller_of, limits_from, reserve
from oncall.models.calls import PhoneCall
from oncall.runtime import Runtime

# Longest pause between two keys of a PIN, seconds.
PIN_PAUSE: Final = 6


def reserve_pin(
    runtime: Runtime, call_id: int, turn: int, form: Mapping[str, str], args: Mapping[str, str]
) -> Verdict | None:
    """The guard's verdict on this attempt; None when that isn't a whole PIN (silence, star, zero, hash, a part).

    None also for a second look, and for another call than the one whose question it was: those count nothing.
    """
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        call = session.get(PhoneCall, call_id)
        if call is None or call.turn != turn or call.sid != form.get("CallSid", ""):
            return None
        found = pin_typed(runtime.settings, call.memo.part, form, args)
        if found.wait is not None or not is_pin(found.keys):
            return None
        caller = caller_of(session, call.number, verified=call.memo.verified)
        return reserve(session, call.id, turn, caller, now, limits_from(runtime.settings))


def pin_typed(settings: Settings, kept: str | None, form: Mapping[str, str], args: Mapping[str, str]) -> Collected:
    """What has been typed for a PIN by now; `kept`: what of it was typed before a pause, sealed."""
    part, keys = opened_part(settings, kept), typed(form, args)
    if "*" in keys or (not part.keys and keys in {"", "0", "#"}):
        return Collected(keys, 0, None)
    return collect(part, keys, ended_by_hash(form, args), lambda whole: len(whole) >= settings.pin_length, PIN_PAUSE)


def is_pin(keys: str) -> bool:
    """Whether what was typed may be a PIN, and not silence, star or zero. Pure."""
    return len(keys) > 1 and keys.isdigit()
