"""A caller who hangs up in the middle of something: its result is still reported, but nobody listens any more."""

from ivr.turn import Turn

# The provider's word for a call that has been answered and is over.
_OVER = "completed"


def has_hung_up(talk: Turn) -> bool:
    """Whether this request only reports how something ended when the caller hung up (a recording, the office's ring).

    Such a request may come before or after the report that the call is over.
    """
    return talk.form.get("CallStatus") == _OVER or talk.form.get("Digits") == "hangup" or not talk.call.live
