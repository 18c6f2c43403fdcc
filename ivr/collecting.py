"""Keys typed with pauses: collected until hash, over two pauses, and judged once as a whole.

Twilio's Gather ends at a silence as it does at hash. Most networks tell which it was (FinishedOnKey), which Twilio does
not document; where nobody tells, what looks whole is judged at once. What was typed so far is kept sealed, as it may be
part of a PIN, and always at the same length.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from core.security.sealing import SealError, seal_for
from core.settings import Settings

MOST_PAUSES: Final = 2
# Whoever has typed all of it may still think of the hash, or of more digits.
HASH_PAUSE_S: Final = 3
# Longer than any PIN or telephone number.
_LONGEST: Final = 32
_PURPOSE: Final = "typed so far"


@dataclass(frozen=True)
class Part:
    """What was typed so far, over so many pauses."""

    keys: str = ""
    pauses: int = 0


@dataclass(frozen=True)
class Collected:
    """`keys`: everything typed. `wait`: seconds to go on for; None when it is to be judged as it stands."""

    keys: str
    pauses: int
    wait: int | None


def typed(form: Mapping[str, str], args: Mapping[str, str]) -> str:
    """What was typed. Networks differ in whether the hash that ends it comes along; a hash alone is a key like any."""
    if "silent" in args:
        return ""
    digits = form.get("Digits", "").strip()
    return digits if digits == "#" else digits.removesuffix("#")


def ended_by_hash(form: Mapping[str, str], args: Mapping[str, str]) -> bool | None:
    """Whether hash ended the typing, and not a silence; None where the network doesn't tell."""
    if "silent" in args:
        return False
    if form.get("Digits", "").strip().endswith("#") or form.get("FinishedOnKey") == "#":
        return True
    return False if "FinishedOnKey" in form else None


def collect(
    part: Part,
    keys: str,
    by_hash: bool | None,
    is_whole: Callable[[str], bool],
    pause: int,
    begins_anew: Callable[[str], bool] | None = None,
) -> Collected:
    """What has been typed by now, and whether to go on. Pure.

    `is_whole`: whether keys may be all of it. `pause`: seconds to wait for more of what is not. `begins_anew`: whether
    keys after a pause are all of it without the part before. It is asked only where nobody tells whether a hash ended
    that part, which then may have been a slip; without it `is_whole` says so.
    """
    if by_hash is None and part.keys and (begins_anew or is_whole)(keys):
        return Collected(keys[:_LONGEST], part.pauses + 1, None)
    whole, pauses = (part.keys + keys.removesuffix("#"))[:_LONGEST], part.pauses + 1
    if by_hash or pauses > MOST_PAUSES:
        return Collected(whole, pauses, None)
    if not is_whole(whole):
        return Collected(whole, pauses, pause)
    at_once = by_hash is None or not keys or len(whole) == _LONGEST
    return Collected(whole, pauses, None if at_once else HASH_PAUSE_S)


def sealed_part(settings: Settings, so_far: Collected) -> str:
    """To be kept until the next keys."""
    content = f"{so_far.pauses}{so_far.keys:<{_LONGEST}}".encode()
    return seal_for(settings.pin_secret, _PURPOSE).close_text(content)


def opened_part(settings: Settings, kept: str | None) -> Part:
    """What was kept; nothing when there is none, or none of ours."""
    if not kept:
        return Part()
    try:
        content = seal_for(settings.pin_secret, _PURPOSE).open_text(kept).decode()
        return Part(content[1:].rstrip(), int(content[0]))
    except (SealError, ValueError, IndexError):
        return Part()
