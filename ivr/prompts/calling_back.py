"""A call back instead of waiting: on which number, and what becomes of it."""

from collections.abc import Sequence

from core.text.phones import spell
from oncall.customers.call_back import Refused

ONLY_WRONG_KEYS = "I could not understand a number."


def offer(last_digits: str | None, *, searching: bool = True) -> str:
    """The caller would rather be called back. `searching`: than wait for somebody who is looked for."""
    same = (
        f"To be called back on the number ending in {spell(last_digits)}, press 1, then hash."
        " For another number, type it, then press hash."
        if last_digits
        else "Please type the number we should call, then press hash."
    )
    return f"{same} {_back(searching)}"


def _back(searching: bool) -> str:
    return f"{'To go on waiting' if searching else 'To go back'}, press star, then hash."


def offer_registered(endings: Sequence[str], *, searching: bool = True) -> str:
    """Where the number called from is withheld or can't be called. `endings`: last digits of registered numbers."""
    if not endings:
        return f"I can't call the number you call from. {offer(None, searching=searching)}"
    first, *others = endings
    keys = f"To be called back on the registered number ending in {spell(first)}, press 1, then hash."
    for key, ending in enumerate(others, start=2):
        keys += f" On the one ending in {spell(ending)}, press {key}, then hash."
    return f"{keys} For another number, type it, then press hash. {_back(searching)}"


NOT_THAT_NUMBER = "I can't call that number."


def refused(reason: Refused | None) -> str:
    """Why a number that was typed is not called."""
    return f"{_NOT_CALLED[reason or Refused.UNKNOWN]} {NOT_THAT_NUMBER}"


_NOT_CALLED = {
    Refused.OURS: "That is our own number.",
    Refused.OFFICE: "That is the number of our office.",
    Refused.PERSON: "That is a number of our own team.",
    Refused.BLOCKED: "That number is blocked here.",
    Refused.EMERGENCY: "That is an emergency number.",
    Refused.PREMIUM: "That is a premium-rate number.",
    Refused.SHARED_COST: "That is a shared-cost number.",
    Refused.SATELLITE: "That is the number of a satellite phone.",
    Refused.PERSONAL: "That is a personal number, which leads on to others.",
    Refused.SPECIAL: "That is a special-rate number.",
    Refused.STAR: "A number can't have a star in it.",
    Refused.UNKNOWN: "That is not a whole telephone number.",
}
_SEARCH_GOES_ON = "Your ticket stays open, and we go on calling the technician."


def agreed(last_digits: str, who: str = "") -> str:
    """A call back on the number called from: confirmed, and goodbye. `who` does it, where that is known."""
    return f"We will call you back on the number ending in {spell(last_digits)}. {who or _SEARCH_GOES_ON} Goodbye."


def read_back(number: str, who: str = "") -> str:
    """A call back on a number that was typed: one wrong digit, and nobody is reached."""
    return f"We will call you back on plus {spell(number)}. {who or _SEARCH_GOES_ON} {IF_WRONG}"


IF_WRONG = "If the number is wrong, press 2. Otherwise you can hang up now."
GOODBYE = "We will call you back. Goodbye."


def told_to_call(first_name: str) -> str:
    """In place of the search that goes on: a caller who had talked with a technician is to be called back."""
    return f"Your ticket stays open, and {first_name} is told to call you."


TOLD_TO_CALL = "Your ticket stays open, and I am calling somebody who will call you back."
