"""Being called back instead of waiting."""

from collections.abc import Sequence
from typing import Final

from ivr.collecting import HASH_PAUSE_S, Collected, Part, collect, ended_by_hash, opened_part
from ivr.dialogue.hung_up import ask_next
from ivr.dialogue.talk import Talk
from ivr.prompts import keypad
from ivr.twilio.twiml import VoiceResponse
from oncall.customers.call_back import is_whole, judge_typed, readings

# Between two keys: a number is looked up while it is typed.
LONGEST_PAUSE_S: Final = 8


def callback(talk: Talk) -> VoiceResponse:
    """The number to call, or whether the one that was read back is wrong."""
    return talk.read_back() if talk.memo.read_back else _number(talk)


def _number(talk: Talk) -> VoiceResponse:
    """The number to call: the one called from or a registered one (1 ...), or another typed in.

    Star or silence goes on waiting.
    """
    offered, homes = talk.offered(), talk.homes()
    by_hash = ended_by_hash(talk.form, talk.args)
    found = collect_number(opened_part(talk.settings, talk.memo.part), talk.digits, by_hash, offered, homes)
    talk.memo.part = None
    if not found.keys.strip("*") and talk.digits != "#":
        return go_on(talk)
    if found.wait is not None:
        return talk.ask_on("callback", found, keypad.go_on(found.wait <= HASH_PAUSE_S))
    if chosen := choice(found.keys, offered):
        return talk.call_back(chosen, typed=False)
    return _typed(talk, found.keys, homes)


def _typed(talk: Talk, keys: str, homes: Sequence[str | None]) -> VoiceResponse:
    """Another number, unless it is one that nobody is called back on."""
    judged = judge_typed(keys, homes, talk.ours(readings(keys, homes)))
    if judged.number is None:
        return talk.number_refused(keys, judged.refused)
    return talk.call_back(judged.number, typed=True)


def go_on(talk: Talk, before: str = "") -> VoiceResponse:
    """Without a call back; after a conversation nobody is rung unless the caller says so."""
    talk.useful_answer()
    before = f"{before} {talk.excuse}".strip()
    return ask_next(talk, before) if talk.memo.left_by is not None else talk.go_on(before)


def collect_number(
    part: Part, keys: str, by_hash: bool | None, offered: Sequence[str], homes: Sequence[str | None]
) -> Collected:
    """What has been typed at the call-back question by now. Pure.

    New keys may begin anew where they are a whole number only without those from before the pause.
    """

    def fits(typed: str) -> bool:
        return _is_choice_or_number(typed, offered, homes)

    def begins_anew(typed: str) -> bool:
        return is_whole(typed, homes) and not fits(part.keys + typed)

    return collect(part, keys, by_hash, fits, LONGEST_PAUSE_S, begins_anew)


def _is_choice_or_number(keys: str, offered: Sequence[str], homes: Sequence[str | None]) -> bool:
    """Whether keys may be all that is to come: a key that was offered, a whole number, or a slip. Pure."""
    slip = "*" in keys.lstrip("*") or not keys.strip("*")
    return slip or choice(keys, offered) is not None or is_whole(keys, homes)


def choice(keys: str, offered: Sequence[str]) -> str | None:
    """The offered number that a key means. Pure."""
    place = int(keys) if len(keys) == 1 and keys.isdecimal() else 0
    return offered[place - 1] if 0 < place <= len(offered) else None
