"""Keys that decide nothing about a page: those without a meaning, and those to hear it again, or more of it.

A technician's call may tell several pages, so they are noted in its memo by attempt.
"""

from oncall.models.call_memo import Counts
from oncall.models.calls import PhoneCall


def note_wrong_key(call: PhoneCall, attempt_id: int) -> int:
    """Count one more in a locked call; how many there were for this attempt."""
    call.memo.wrong_keys_of = one_more(call.memo.wrong_keys_of, attempt_id)
    return call.memo.wrong_keys_of[str(attempt_id)]


def note_listening(call: PhoneCall, attempt_id: int) -> None:
    """A key was pressed in a locked call to hear the page again, or more about it."""
    call.memo.listened_to = one_more(call.memo.listened_to, attempt_id)


def pressed_wrong(call: PhoneCall | None, attempt_id: int) -> bool:
    """Whether there was any key without a meaning."""
    return call is not None and str(attempt_id) in call.memo.wrong_keys_of


def pressed_to_hear(call: PhoneCall | None, attempt_id: int) -> bool:
    """Whether somebody wanted to hear the page again, or more about it."""
    return call is not None and str(attempt_id) in call.memo.listened_to


def one_more(counts: Counts, attempt_id: int, begin: int = 0) -> Counts:
    """Counts by attempt with one more for this one, which begins at `begin`. Pure."""
    return {**counts, str(attempt_id): counts.get(str(attempt_id), begin) + 1}
