"""Callers and technicians of the load: what they hear, and what they do after how long."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from bench.directory import Customer
from simulator.network import handset, lines
from simulator.network.calls import Phone
from simulator.network.exchange import Exchange

PATIENCE: Final = 40.0  # real seconds for which somebody waits for what must come
Span = tuple[float, float]
AFTER_BEEP: Final[Span] = (0.7, 1.2)  # the tone itself lasts half a second


@dataclass(frozen=True)
class Habits:
    """How long people take for things, in call seconds: between the least and the most."""

    between_keys: Span = (0.15, 0.3)
    thinking: Span = (0.8, 2.0)
    describing: Span = (3.0, 6.0)
    picking_up: Span = (4.0, 10.0)
    deciding: Span = (2.0, 4.0)
    talking: Span = (4.0, 8.0)
    leaving: Span = (0.5, 1.5)


class LostError(Exception):
    """What had to come did not come."""


class Hand:
    """A person with a phone, on the network's own event loop."""

    def __init__(self, exchange: Exchange, number: str, habits: Habits, random: Random) -> None:
        self.exchange, self.habits, self._random = exchange, habits, random
        self.phone: Phone = exchange.phones[number]
        self._turned = asyncio.Event()
        self.phone.watchers.append(self._turned.set)
        # The last line of the transcript that was matched; what an earlier phase left there doesn't count.
        self._since = self.phone.transcript[-1].id if self.phone.transcript else 0

    async def take_time(self, span: Span) -> None:
        await self.exchange.pace.sleep(self._random.uniform(*span))

    async def until(self, condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
        """Raises LostError when it doesn't come true in time (real seconds)."""
        try:
            async with asyncio.timeout(patience):
                while not condition():
                    self._turned.clear()
                    await self._turned.wait()
        except TimeoutError:
            raise LostError(f"{self.phone.number}: {what} (heard last: {self._last_heard()!r})") from None

    async def hears(self, *words: str) -> str:
        """Waits for one of these words on the line, from the moment its sentence begins; which it was."""
        found = ""

        def heard() -> bool:
            nonlocal found
            found = self._find(words)
            return bool(found) or self.phone.state == "idle"

        await self.until(heard, f"did not hear {' or '.join(words)}")
        if not found:
            raise LostError(f"{self.phone.number}: cut off before {' or '.join(words)}")
        return found

    def _find(self, words: tuple[str, ...]) -> str:
        for entry in reversed(self.phone.transcript):
            if entry.id <= self._since:
                break
            hit = next((one for one in words if one in entry.text), None)
            if hit is not None and entry.kind in {"said", "heard", "played", "note"}:
                self._since = entry.id
                return hit
        return ""

    def _last_heard(self) -> str:
        return self.phone.transcript[-1].text[:80] if self.phone.transcript else ""

    async def press(self, keys: str) -> None:
        """Key after key, at a person's pace."""
        for key in keys:
            if self.phone.call is None:
                raise LostError(f"{self.phone.number}: cut off while typing")
            handset.press(self.exchange, self.phone, key)
            await self.take_time(self.habits.between_keys)

    def hang_up(self) -> None:
        if self.phone.call is not None:
            handset.hang_up(self.exchange, self.phone)

    @property
    def idle(self) -> bool:
        return self.phone.state == "idle"


async def report_problem(hand: Hand, customer: Customer, dialled: Callable[[str], None]) -> None:
    """One whole call of a customer: PIN, level, priority, description, waiting, talking, hanging up."""
    dialled(lines.dial(hand.exchange, hand.phone).sid)
    await hand.hears("type your PIN")
    await hand.take_time(hand.habits.thinking)
    await hand.press(f"{customer.pin}#")
    for question in ("system administrator", "critical"):
        await hand.hears(question)
        await hand.take_time(hand.habits.thinking)
        await hand.press("1")
    await hand.hears("ticket number")
    if await hand.hears("beep", "A technician is here") == "beep":
        await _describe(hand)
        await hand.hears("A technician is here")
    await hand.take_time(hand.habits.talking)
    hand.hang_up()
    await hand.until(lambda: hand.idle, "the line was not freed")


async def _describe(hand: Hand) -> None:
    await hand.take_time(AFTER_BEEP)
    call = hand.phone.call
    if call is not None and call.recording:
        handset.speak(hand.exchange, hand.phone, "The whole exchange is down since midnight")
    await hand.take_time(hand.habits.describing)
    if call is not None and call.recording:
        await hand.press("#")


async def stand_by(hand: Hand, troubles: list[str]) -> None:
    """A technician for ever: picks up, accepts, talks until the caller has gone, hangs up."""
    while True:
        await hand.until(lambda: hand.phone.state == "ringing", "never rung", patience=3600)
        try:
            await _take_page(hand)
        except (LostError, ValueError) as error:
            troubles.append(f"technician {error}")
            hand.hang_up()


async def _take_page(hand: Hand) -> None:
    await hand.take_time(hand.habits.picking_up)
    if hand.phone.state != "ringing":
        return
    handset.answer(hand.exchange, hand.phone)
    await hand.hears("Press 1 to accept")
    await hand.take_time(hand.habits.deciding)
    await hand.press("1")
    await hand.hears("no longer on the line")
    await hand.take_time(hand.habits.leaving)
    hand.hang_up()
    await hand.until(lambda: hand.idle, "the line was not freed")
