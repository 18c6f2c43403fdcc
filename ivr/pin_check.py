"""Whether a typed PIN may be looked at: decided and committed before the step itself begins."""

from oncall.calls import PhoneCall
from oncall.pin_guard import Verdict, caller_of, limits_from, reserve
from oncall.runtime import Runtime


def reserve_pin(runtime: Runtime, call_id: int, turn: int, digits: str, sid: str) -> Verdict | None:
    """The guard's verdict on this attempt; None when what was typed isn't a PIN (silence, star, zero).

    None also for a second look, and for another call than the one whose question it was (`sid`): those count nothing.
    """
    if not is_pin(digits):
        return None
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        call = session.get(PhoneCall, call_id)
        if call is None or call.turn != turn or call.sid != sid:
            return None
        caller = caller_of(session, call.number, verified=bool(call.memo.get("verified")))
        return reserve(session, call.id, turn, caller, now, limits_from(runtime.settings))


def is_pin(digits: str) -> bool:
    """Whether what was typed may be a PIN, and not silence, star or zero. Pure."""
    return len(digits) > 1 and digits.isdigit()
