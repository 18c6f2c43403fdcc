"""Technicians on the network's own event loop: they pick up or not, and press 1, 2 or nothing."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Final

from bench.people import Habits, Hand, LostError, Span
from simulator.driver import Network
from simulator.network import handset

FOR_EVER: Final = 1e6
_KEYS, _CALL_BACK, _TOGETHER, _OVER = "2 to pass it on", "call back now", "Connecting", "Goodbye"


@dataclass(frozen=True)
class Manner:
    """How somebody takes calls. Shares are from 0 to 1, what is left of `accepts` and `passes` presses nothing."""

    answers: float = 0.9
    accepts: float = 0.8
    passes: float = 0.12
    picking_up: Span = (2.0, 9.0)
    deciding: Span = (0.5, 3.0)


EAGER: Final = Manner(answers=1.0, accepts=1.0, passes=0.0, picking_up=(1.0, 4.0), deciding=(0.5, 1.5))


class Staff:
    """Everybody on duty, until `stop`."""

    def __init__(self, network: Network, numbers: Iterable[str], manner: Manner, seed: int = 1) -> None:
        self.network = network
        self.surprises: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        network.do(lambda: self._begin(list(numbers), manner, Random(seed)))

    def _begin(self, numbers: list[str], manner: Manner, random: Random) -> None:
        exchange = self.network.exchange
        for number in numbers:
            exchange.add_phone(number)
            hand = Hand(exchange, number, Habits(), Random(random.random()))
            self._tasks.append(asyncio.ensure_future(_on_duty(hand, manner, random, self.surprises)))

    def stop(self) -> None:
        self.network.do(lambda: [task.cancel() for task in self._tasks])


async def _on_duty(hand: Hand, manner: Manner, random: Random, surprises: list[str]) -> None:
    while True:
        await hand.until(lambda: hand.phone.state == "ringing", "never rung", FOR_EVER)
        try:
            await _take(hand, manner, random)
        except (LostError, ValueError) as error:
            surprises.append(str(error))  # the line died: with processes killed, it may
            hand.hang_up()
        await hand.until(lambda: hand.phone.state != "talking", "never freed", FOR_EVER)


async def _take(hand: Hand, manner: Manner, random: Random) -> None:
    await hand.take_time(manner.picking_up)
    if hand.phone.state != "ringing":
        return
    if random.random() >= manner.answers:
        await hand.until(lambda: hand.phone.state != "ringing", "never stopped ringing", FOR_EVER)
        return
    handset.answer(hand.exchange, hand.phone)
    await hand.until(lambda: hand.phone.state != "ringing", "not connected", 5)
    while hand.phone.state == "talking":
        heard = await hand.hears(_KEYS, _CALL_BACK, _TOGETHER, _OVER)
        if heard == _KEYS:
            await hand.take_time(manner.deciding)
            await _decide(hand, manner, random)
        elif heard == _TOGETHER:
            await hand.until(lambda: hand.idle or "no longer on the line" in _last(hand), "never alone", FOR_EVER)
            hand.hang_up()
        else:
            hand.hang_up()


async def _decide(hand: Hand, manner: Manner, random: Random) -> None:
    chance = random.random()
    key = "1" if chance < manner.accepts else "2" if chance < manner.accepts + manner.passes else ""
    if key and hand.phone.state == "talking":
        await hand.press(key)


def _last(hand: Hand) -> str:
    return hand.phone.transcript[-1].text
