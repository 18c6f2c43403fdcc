"""A technician has hung up, or the line has dropped: nobody knows which, so the caller is asked."""

HUNG_UP = (
    "Your technician has hung up. If you are done, just hang up. If you were cut off, press 1, or stay on the line."
)
HUNG_UP_KEYS = "If you are done, just hang up. If you were cut off, press 1, or stay on the line."
HUNG_UP_AGAIN = "Your technician has hung up."
TRY_ONCE_MORE = "To try once more, press 1, or stay on the line. If you are done, just hang up."
WHAT_NEXT = "To speak with the next person on call, press 1. To be called back, press 2. If you are done, just hang up."


def ringing_again(first_name: str) -> str:
    """The technician is rung for a caller who stayed."""
    return f"I am calling {first_name} again. Please stay on the line."


def ringing_colleague(first_name: str) -> str:
    """Somebody else has taken the ticket meanwhile, and is rung for the caller."""
    return f"{first_name} has taken your ticket, and I am calling {first_name} for you. Please stay on the line."


def still_ringing(first_name: str) -> str:
    """The same, once the music is over."""
    return f"I am still calling {first_name}."


def unreached(first_name: str, *, busy: bool) -> str:
    """What came of it."""
    return f"{first_name}'s line is busy." if busy else f"{first_name} could not be reached."


NOBODY_CAME = "Nobody could be connected with you."


def silent_goodbye(first_name: str | None, *, wrong_keys: bool = False) -> str:
    """Nothing was chosen when the caller was asked what should happen next.

    `first_name`: of the technician; None for one who has left meanwhile. `wrong_keys`: other keys were pressed.
    """
    heard = "I only heard keys that are not in use here" if wrong_keys else "I did not hear a key"
    stays = "stays open." if first_name is None else f"stays with {first_name}, who is told by text."
    return f"{heard}, so I end this call. Your ticket {stays} Please call again if you need us. Goodbye."
