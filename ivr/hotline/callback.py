"""Being called back instead of waiting."""

from collections.abc import Sequence

from ivr.collecting import HASH_PAUSE_S, Collected, Part, collect, ended_by_hash, opened_part
from ivr.hotline.questions import LONGEST_PAUSE, ask_next, ask_number, wait_on
from ivr.prompts import calling_back, conversation, keypad
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.calls.goodbye import holder_of
from oncall.calls.known_ticket import wait_again
from oncall.customers.call_back import (
    Ours,
    Typed,
    homes_of,
    is_whole,
    judge_typed,
    may_be_called,
    typed_by,
)
from oncall.models.tickets import Ticket, TicketState
from oncall.tickets.intake import want_call_back


def callback(talk: Turn) -> VoiceResponse:
    """The number to call: the one called from or a registered one (1 ...), or another typed in.

    Star or silence goes on waiting.
    """
    if talk.call.memo.read_back:
        return _read_back_answered(talk)
    kept, offered = talk.call.memo.part, _offered(talk)
    homes = homes_of(talk.session, talk.settings, talk.call.number, talk.call.contract_id)
    found = typed_so_far(talk, offered, homes)
    if not found.keys.strip("*") and kept is None and talk.digits != "#":
        return _go_on(talk)
    if found.wait is not None:
        return talk.ask_on("callback", found, keypad.go_on(found.wait <= HASH_PAUSE_S))
    talk.call.memo.part = None
    if chosen := choice(found.keys, offered):
        want_call_back(talk.session, talk.call, chosen, talk.now)
        return goodbye(calling_back.agreed(chosen[-2:], _who_calls(talk)))
    return _typed(talk, found.keys)


def _go_on(talk: Turn, before: str = "") -> VoiceResponse:
    """Without a call back; after a conversation nobody is rung unless the caller says so."""
    talk.useful_answer()
    return ask_next(talk, before) if talk.call.memo.left_by is not None else wait_on(talk, before)


def typed_so_far(talk: Turn, offered: Sequence[str], homes: Sequence[str | None]) -> Collected:
    """The keys of this answer and of those before a pause."""
    part = opened_part(talk.settings, talk.call.memo.part)
    by_hash = ended_by_hash(talk.form, talk.args)
    return collect_number(part, talk.digits, by_hash, offered, homes)


def collect_number(
    part: Part, keys: str, by_hash: bool | None, offered: Sequence[str], homes: Sequence[str | None]
) -> Collected:
    """What has been typed at the call-back question by now. Pure.

    New keys may begin anew where they are a whole number only without those from before the pause.
    """

    def fits(typed: str) -> bool:
        return is_choice_or_number(typed, offered, homes)

    def begins_anew(typed: str) -> bool:
        return is_whole(typed, homes) and not fits(part.keys + typed)

    return collect(part, keys, by_hash, fits, LONGEST_PAUSE, begins_anew)


def is_choice_or_number(keys: str, offered: Sequence[str], homes: Sequence[str | None]) -> bool:
    """Whether keys may be all that is to come: a key that was offered, a whole number, or a slip. Pure."""
    slip = "*" in keys.lstrip("*") or not keys.strip("*")
    return slip or choice(keys, offered) is not None or is_whole(keys, homes)


def choice(keys: str, offered: Sequence[str]) -> str | None:
    """The offered number that a key means. Pure."""
    place = int(keys) if len(keys) == 1 and keys.isdecimal() else 0
    return offered[place - 1] if 0 < place <= len(offered) else None


def _offered(talk: Turn) -> list[str]:
    """What keys mean in this call's question; of a question that an earlier version asked, the number called from."""
    own, offered = talk.call.number, talk.call.memo.offered
    if offered is not None:
        return list(offered)
    return [own] if own is not None and may_be_called(talk.session, talk.settings, own) else []


def _who_calls(talk: Turn) -> str:
    """After a conversation nobody is looked for: the technician who has the ticket is told."""
    if talk.call.memo.left_by is None:
        return ""
    holder = holder_of(talk.session, talk.call)
    return calling_back.told_to_call(holder.first_name) if holder is not None else calling_back.TOLD_TO_CALL


def _typed(talk: Turn, keys: str) -> VoiceResponse:
    """Another number. It counts at once, also for who hangs up now; it is read back, as typing errs at night."""
    found = typed_by(talk.session, talk.settings, keys, talk.call.number, talk.call.contract_id)
    if found.number is None:
        if talk.useless_answer().is_play:
            return _go_on(talk, calling_back.ONLY_WRONG_KEYS)
        return ask_number(talk, calling_back.refused(found.refused))
    talk.useful_answer()
    want_call_back(talk.session, talk.call, found.number, talk.now)
    talk.call.memo.read_back = True
    return talk.ask("callback", calling_back.read_back(found.number, _who_calls(talk)), timeout=3)


def _read_back_answered(talk: Turn) -> VoiceResponse:
    if talk.digits not in {"", "2"} and not talk.useless_answer().is_play:
        return talk.ask("callback", f"{keypad.NOT_UNDERSTOOD} {calling_back.IF_WRONG}", timeout=3)
    talk.call.memo.read_back = False
    talk.useful_answer()
    if talk.digits != "2":
        return goodbye(calling_back.GOODBYE)
    wait_again(talk.work, talk.call)
    if (
        talk.session.get_one(Ticket, talk.call.ticket_id).state == TicketState.CLOSED
    ):  # nobody was told, as nobody waited
        talk.call.waiting = False
        return goodbye(conversation.TICKET_CLOSED)
    return ask_number(talk)


def typed_in(keys: str, offered: Sequence[str], homes: Sequence[str | None], ours: Ours) -> Typed:
    """The number (E.164) to call back, an offered one or a typed one, or why not. Pure."""
    chosen = choice(keys, offered)
    return Typed(chosen) if chosen is not None else judge_typed(keys, homes, ours)
