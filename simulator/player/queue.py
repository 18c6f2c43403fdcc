"""Enqueue and Dial Queue: waiting in line, and taking the next one out of it."""

from contextlib import ExitStack

from simulator.grammar import QUEUE_WAIT, SCREENING
from simulator.identity import Params
from simulator.network.calls import Target
from simulator.network.queues import LARGEST, Bridge, Waiting, WaitQueue
from simulator.player.core import End, Player, Request, Step
from simulator.player.room import HOLD_MUSIC, play_again
from simulator.player.star import Star
from simulator.tasks import first
from simulator.twiml import Verb


async def enqueue(player: Player, verb: Verb) -> Step:
    """Waits in a queue until somebody dials it, or the wait document says Leave or Hangup."""
    exchange, call = player.exchange, player.call
    most = int(verb.number("maxQueueSize", LARGEST, 1))
    queue, waiting = exchange.queues.enter(verb.text or "default", call, most)
    if waiting is None:
        return player.action(verb, _result(player, queue, None, "queue-full"))
    exchange.changed(call.phone)
    result = "hangup"
    try:
        result = await _wait(player, verb, queue, waiting)
    finally:
        exchange.queues.leave(queue, waiting)
        waiting.gone.set()
        call.room = None
        if call.hung_up:
            player.farewell(player.action(verb, _result(player, queue, waiting, "hangup")))
    if result == "hangup":
        player.farewell(player.action(verb, _result(player, queue, waiting, result)))
        return End.HANG_UP
    return player.action(verb, _result(player, queue, waiting, result))


async def _wait(player: Player, verb: Verb, queue: WaitQueue, waiting: Waiting) -> str:
    """The QueueResult."""
    exchange, call = player.exchange, player.call
    url = player.request(verb.get("waitUrl")).url if verb.get("waitUrl") else HOLD_MUSIC
    tune = Target(url, verb.method("waitUrlMethod"))
    music = play_again(player, tune, QUEUE_WAIT, lambda: queue.params(waiting, exchange.pace.now()))
    index, end = await first(waiting.taken.wait(), music)
    if index == 1:
        return "leave" if end is End.LEAVE else "hangup"
    if waiting.greeting is not None:
        await Player(exchange, call, SCREENING).run(Request(*waiting.greeting))
    assert waiting.taker is not None, "taken means that somebody took the call"  # noqa: S101
    call.room = Bridge(call, waiting.taker)
    exchange.write(call.phone, "note", "connected", call.sid)
    waiting.joined.set()
    await waiting.released.wait()
    return "bridged"


def _result(player: Player, queue: WaitQueue, waiting: Waiting | None, result: str) -> Params:
    seconds = int(player.exchange.pace.now() - waiting.since) if waiting else 0
    return (("QueueResult", result), ("QueueSid", queue.sid), ("QueueTime", str(seconds)))


async def dial_queue(player: Player, verb: Verb, noun: Verb) -> Params:
    """The parameters of the Dial's action, once the conversation with the first in line is over."""
    exchange, call = player.exchange, player.call
    queue = exchange.queues.named(noun.text)
    if queue is None:
        player.warn(13232, f"there is no queue {noun.text!r}", "error")
        return (("DialCallStatus", "failed"), ("DialBridged", "false"))
    greeting = (player.request(noun.get("url")).url, noun.method()) if noun.get("url") else None
    waiting = await _next(player, queue, greeting, verb.number("timeout", 30))
    if waiting is None:
        return (("DialCallStatus", "no-answer"), ("DialBridged", "false"))
    began, star = exchange.pace.now(), Star()
    try:
        await first(waiting.joined.wait(), waiting.gone.wait())
        if waiting.joined.is_set():
            call.room = Bridge(call, waiting.call)
            exchange.write(call.phone, "note", "connected", call.sid)
        with ExitStack() as listening:
            if verb.flag("hangupOnStar"):
                listening.enter_context(call.heard_by(star))
            limit = exchange.pace.sleep(verb.number("timeLimit", 14_400, 1))
            await first(waiting.gone.wait(), star.pressed.wait(), limit)
    finally:
        waiting.released.set()
        call.room = None
    seconds = max(1, round(exchange.pace.now() - began))
    joined = str(waiting.joined.is_set()).lower()
    return (
        ("DialCallStatus", "completed"),
        ("DialCallSid", waiting.call.sid),
        ("DialCallDuration", str(seconds)),
        ("DialBridged", joined),
    )


async def _next(player: Player, queue: WaitQueue, greeting: tuple[str, str] | None, timeout: float) -> Waiting | None:
    """The first in line; an empty queue is watched for `timeout` seconds."""
    pace = player.exchange.pace
    until = pace.now() + timeout
    while (waiting := queue.take(player.call, greeting)) is None:
        left = until - pace.now()
        if left <= 0:
            return None
        queue.arrived.clear()
        await first(queue.arrived.wait(), pace.sleep(left))
    return waiting
