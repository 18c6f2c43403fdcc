"""The questions that more than one step of a caller's call asks. The answers, which import this, stand in the steps."""

from ivr.dialogue.callback import LONGEST_PAUSE_S
from ivr.prompts import calling_back, waiting
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from oncall.customers.call_back import may_be_called, registered_numbers
from oncall.paging.progress import search_for

# Together with the clip of about 18 s: a word at least every 30 s (product, hotline step 10).
PAUSE_AFTER_MUSIC = 1


def wait_on(turn: Turn, before: str = "") -> VoiceResponse:
    """One round of waiting: what goes on, how to be called back, music; then the next round."""
    turn.useful_answer()
    turn.call.waiting = turn.call.live
    rounds = turn.call.memo.rounds
    turn.call.memo.rounds = rounds + 1
    hint = waiting.WAIT_KEYS if rounds % 3 == 0 else ""
    status = waiting.status(search_for(turn.session, turn.call.ticket_id or 0))
    words = " ".join(filter(None, (before, status, hint)))
    return turn.ask("wait", words, timeout=PAUSE_AFTER_MUSIC, music=True)


def ask_number(turn: Turn, before: str = "") -> VoiceResponse:
    """Ask for the number to call: the one called from, else the customer's registered ones, else one to be typed."""
    turn.memo.part = None
    own, searching = turn.call.number, turn.call.memo.left_by is None
    if own is not None and may_be_called(turn.session, turn.settings, own):
        offered, words = [own], calling_back.offer(own[-2:], searching=searching)
    else:
        offered = list(registered_numbers(turn.session, turn.settings, turn.call.customer_id))
        words = calling_back.offer_registered([number[-2:] for number in offered], searching=searching)
    turn.call.memo.offered = tuple(offered)
    return turn.ask("callback", f"{before} {words}".strip(), keys=None, timeout=LONGEST_PAUSE_S)
