"""Dial: numbers that ring together, a conference, or the head of a queue."""

import asyncio
import re
from contextlib import ExitStack

from simulator.grammar import SCREENING
from simulator.identity import Params, is_e164
from simulator.network.calls import OUTBOUND_DIAL, Call, Target
from simulator.network.queues import Bridge
from simulator.network.ringing import ring
from simulator.player.core import End, Player, Step
from simulator.player.queue import dial_queue
from simulator.player.room import dial_conference
from simulator.player.star import Star
from simulator.tasks import first
from simulator.twiml import Verb

MOST_NUMBERS = 10
TIME_LIMIT = 14_400


async def dial(player: Player, verb: Verb) -> Step:
    nouns = list(verb.children) or [Verb("Number", {}, verb.text)]
    kinds = {noun.name for noun in nouns}
    if len(kinds) > 1 or (kinds != {"Number"} and len(nouns) > 1):
        player.warn(12200, f"<Dial> with {len(nouns)} nouns: only the first one counts")
        nouns = nouns[:1]
    run = {"Conference": dial_conference, "Queue": dial_queue}.get(nouns[0].name)
    ringing = Ringing(player, verb, nouns)
    try:
        result = await (run(player, verb, nouns[0]) if run else ringing.run())
    except asyncio.CancelledError:
        if player.call.hung_up and "action" in verb.attributes:
            talked = ringing.connected.is_set()
            status = "completed" if run or talked else "no-answer"
            player.farewell(player.action(verb, (("DialCallStatus", status), ("DialBridged", str(talked).lower()))))
        raise
    finally:
        for noun in nouns:
            verb.problems += noun.problems
            noun.problems.clear()
    return player.action(verb, result)


class Ringing:
    """The legs of one Dial to numbers. The first that is answered wins, the others are hung up."""

    def __init__(self, player: Player, verb: Verb, nouns: list[Verb]) -> None:
        self.player, self.verb, self.nouns = player, verb, nouns[:MOST_NUMBERS]
        self.legs: list[Call] = []
        self.open: set[Call] = set()  # legs that still belong to this Dial
        self.winner: Call | None = None
        self.connected = asyncio.Event()
        self.done = asyncio.Event()

    async def run(self) -> Params:
        caller_id = self._caller_id()
        if caller_id is None:
            return (("DialCallStatus", "failed"), ("DialBridged", "false"))
        exchange, call = self.player.exchange, self.player.call
        timeout = self.verb.number("timeout", 30)
        for noun in self.nouns:
            self._start(noun, caller_id, timeout)
        if not self.open:
            self.done.set()
        exchange.write(call.phone, "note", "hears ringing", call.sid)
        star = Star()
        try:
            with ExitStack() as listening:
                if self.verb.flag("hangupOnStar"):
                    listening.enter_context(call.heard_by(star))
                await first(self.done.wait(), star.pressed.wait(), self._limit())
        finally:
            self._close()
        return self._result()

    def _start(self, noun: Verb, caller_id: str, timeout: float) -> None:
        exchange, call = self.player.exchange, self.player.call
        number = re.sub(r"[\s()./-]", "", noun.text)
        leg = Call(call.account, caller_id, number, OUTBOUND_DIAL, call)
        leg.callback = self._callback(noun)
        self.legs.append(exchange.calls.add(leg))
        if not is_e164(number):
            self.player.warn(13224, f"{noun.text!r} is no phone number", "error")
            exchange.finish(leg, "failed")
            return
        self.open.add(leg)
        leg.document = exchange.spawn(self._leg(leg, noun, timeout))
        leg.document.add_done_callback(lambda _: self._left(leg))

    async def _leg(self, leg: Call, noun: Verb, timeout: float) -> None:
        exchange = self.player.exchange
        if not await ring(exchange, leg, timeout):
            return
        self.winner = leg
        for other in self.open - {leg}:
            exchange.finish(other, "canceled")
        if noun.get("url"):
            request = self.player.request(noun.get("url"), noun.method())
            screen = Player(exchange, leg, SCREENING)
            if await screen.run(request) is End.HANG_UP:
                exchange.finish(leg)
                return
        self._bridge(leg)
        await leg.over.wait()

    def _bridge(self, leg: Call) -> None:
        call = self.player.call
        self.player.exchange.answer(call)
        self.connected.set()
        call.room = leg.room = Bridge(call, leg)
        for one in (call, leg):
            self.player.exchange.write(one.phone, "note", "connected", one.sid)

    def _left(self, leg: Call) -> None:
        """The leg has ended, or was moved away by the REST API."""
        self.open.discard(leg)
        if leg is self.winner and self.connected.is_set():
            self.player.call.room = leg.room = None
        if not self.open:
            self.done.set()

    def _close(self) -> None:
        for leg in list(self.open):
            self.player.exchange.finish(leg, "completed" if leg.live else "canceled")

    def _result(self) -> Params:
        leg = self.winner or (self.legs[0] if len(self.legs) == 1 else None)
        values: list[tuple[str, str]] = [("DialCallStatus", self._status())]
        if leg is not None:
            values.append(("DialCallSid", leg.sid))
        if self.winner is not None:
            seconds = self.winner.seconds(self.player.exchange.pace.now())
            values.append(("DialCallDuration", str(seconds)))
        return (*values, ("DialBridged", str(self.connected.is_set()).lower()))

    def _status(self) -> str:
        if self.winner is not None:
            return "completed"
        statuses = {leg.status for leg in self.legs}
        return next((one for one in ("no-answer", "busy", "failed") if one in statuses), "canceled")

    async def _limit(self) -> None:
        limit = self.verb.number("timeLimit", TIME_LIMIT, 1)
        await self.connected.wait()
        await self.player.exchange.pace.sleep(limit)

    def _caller_id(self) -> str | None:
        """The number the called phone shows; the account may show only its own number or its caller's."""
        call, own = self.player.call, self.player.exchange.config.number
        wanted = self.verb.get("callerId", call.caller)
        if wanted in {own, call.caller, call.called}:
            return wanted
        self.player.warn(13214, f"callerId {wanted!r} does not belong to the account", "error")
        return None

    def _callback(self, noun: Verb) -> Target | None:
        url = noun.get("statusCallback")
        if not url:
            return None
        events = frozenset(noun.get("statusCallbackEvent", "completed").split())
        return Target(self.player.request(url).url, noun.method("statusCallbackMethod"), events)
