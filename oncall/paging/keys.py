"""Keys that decide nothing about a page: those without a meaning, and those to hear it again, or more of it.

A technician's call may tell several pages, so they are noted in its memo by attempt.
"""

from typing import Final

from oncall.calls import PhoneCall

_WRONG: Final = "wrong_keys_of"
_LISTENED: Final = "listened_to"


def note_wrong_key(call: PhoneCall, attempt_id: int) -> int:
    """Count one more in a locked call; how many there were for this attempt."""
    return _count(call, _WRONG, attempt_id)


def note_listening(call: PhoneCall, attempt_id: int) -> None:
    """A key was pressed in a locked call to hear the page again, or more about it."""
    _count(call, _LISTENED, attempt_id)


def pressed_wrong(call: PhoneCall | None, attempt_id: int) -> bool:
    """Whether there was any key without a meaning."""
    return call is not None and str(attempt_id) in call.memo.get(_WRONG, {})


def pressed_to_hear(call: PhoneCall | None, attempt_id: int) -> bool:
    """Whether somebody wanted to hear the page again, or more about it."""
    return call is not None and str(attempt_id) in call.memo.get(_LISTENED, {})


def _count(call: PhoneCall, what: str, attempt_id: int) -> int:
    counts: dict[str, int] = dict(call.memo.get(what, {}))
    counts[str(attempt_id)] = counts.get(str(attempt_id), 0) + 1
    call.memo[what] = counts
    return counts[str(attempt_id)]
