"""The simple verbs, and the table of all of them."""

import itertools

from simulator.identity import is_e164
from simulator.network.courier import HookError
from simulator.player.core import End, Handler, Player, Step
from simulator.player.dial import dial
from simulator.player.gather import gather
from simulator.player.queue import enqueue
from simulator.player.record import record
from simulator.speech import say_seconds
from simulator.twiml import Verb

KEY_TONE = 0.3  # call seconds of one tone of Play digits


async def say(player: Player, verb: Verb) -> Step:
    if not verb.text:
        player.warn(13520, "<Say> without words")
        return None
    for _ in _times(verb):
        await player.utter("said", verb.text, say_seconds(verb.text))
    return None


async def play(player: Player, verb: Verb) -> Step:
    digits = verb.get("digits")
    if digits:
        await player.utter("played", f"keys {digits}", len(digits) * KEY_TONE)
        return None
    url = player.request(verb.text).url
    try:
        seconds = await player.exchange.sounds.seconds(url, player.call.sid)
    except HookError as error:
        player.warn(error.code, f"sound not played: {error.text}", "error")
        return None
    for _ in _times(verb):
        await player.utter("played", url.rsplit("/", 1)[-1] or url, max(seconds, 0.1))
    return None


async def pause(player: Player, verb: Verb) -> Step:
    await player.exchange.pace.sleep(verb.number("length", 1))
    return None


async def redirect(player: Player, verb: Verb) -> Step:
    return player.request(verb.text, verb.method())


async def hang_up(player: Player, verb: Verb) -> Step:
    return End.HANG_UP


async def leave(player: Player, verb: Verb) -> Step:
    return End.LEAVE


async def reject(player: Player, verb: Verb) -> Step:
    if player.call.answered_at is not None:
        player.warn(12200, "<Reject> after the call was answered hangs up")
        return End.HANG_UP
    return End.BUSY if verb.get("reason") == "busy" else End.REJECTED


async def message(player: Player, verb: Verb) -> Step:
    """The old way of sending a text during a call."""
    to = verb.get("to", player.call.caller)
    if is_e164(to):
        player.exchange.texting.send_verb(verb, to, player.base, "outbound-call")
    else:
        player.warn(21211, f"<{verb.name}> to {to!r}")
    return player.action(verb, (("MessageStatus", "queued"),))


def _times(verb: Verb) -> "itertools.count[int] | range":
    count = int(verb.number("loop", 1))
    return range(count) if count else itertools.count()


HANDLERS: dict[str, Handler] = {
    "Say": say,
    "Play": play,
    "Pause": pause,
    "Gather": gather,
    "Record": record,
    "Dial": dial,
    "Enqueue": enqueue,
    "Leave": leave,
    "Redirect": redirect,
    "Hangup": hang_up,
    "Reject": reject,
    "Message": message,
    "Sms": message,
}
Player.handlers.update(HANDLERS)
