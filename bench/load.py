"""The load, on the network's event loop: one call at a time, many at once, bare requests, as much as goes."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final
from xml.etree import ElementTree

from bench.directory import Customer, Town
from bench.figures import Seen, hotline_webhooks, is_priority_key
from bench.people import Habits, Hand, LostError, report_problem, stand_by
from simulator.identity import Params, new_sid
from simulator.journal import Record
from simulator.network.courier import Hook, HookError
from simulator.network.exchange import Exchange
from simulator.server import Server

ARRIVING: Final = 12.0  # seconds over which the first callers call
LAST_PAGES: Final = 2.0  # seconds granted to the last pages to ring somebody
LAG_EVERY: Final = 0.01
Note = Callable[[str], None]


@dataclass
class Result:
    """What a phase of the load brought. Times are seconds of the network's monotonic clock."""

    seen: list[Seen] = field(default_factory=list)
    technicians: dict[str, str] = field(default_factory=dict)  # by the caller's CallSid, who must ring
    start: float = 0.0
    end: float = 0.0
    calls: list[tuple[float, float]] = field(default_factory=list)  # beginning and end of each caller's call
    troubles: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)  # how late the network's own loop was, seconds


class Load:
    """All people of the town with their phones. One phase at a time."""

    def __init__(self, server: Server, town: Town) -> None:
        self.server, self.town = server, town
        self.exchange: Exchange = server.exchange
        self._random = Random(7)
        self._next = [iter(place) for place in town.places]
        self._delivered: list[tuple[float, Record]] = []  # what `bare` sends once more
        for phone in town.phones:
            self.exchange.add_phone(phone)

    async def single(self, tries: int, speed: float) -> Result:
        """So many calls one after the other, each with an idle gateway; the first three only warm it up."""
        habits = Habits(picking_up=(0.5, 1.5), deciding=(0.3, 1.0), talking=(0.5, 1.5), thinking=(0.3, 1.0))
        self.exchange.pace.set_speed(speed)
        result = self._begin()
        staff = self._technicians_stand_by(habits, result)
        for number in range(tries + 3):
            if number == 3:
                result.start = time.monotonic()
            await self._call(number % len(self.town.places), habits, result)
            await self._quiet()
        result.end = time.monotonic()
        await self._stop(staff)
        self.exchange.pace.set_speed(1.0)
        return self._finish(result)

    async def many(self, places: int, samples: int, longest: float, note: Note) -> Result:
        """So many calls at once, new ones replacing those that end, until there are enough samples (or time is up)."""
        habits = Habits()
        result = self._begin()
        work = self._technicians_stand_by(habits, result)
        work.append(asyncio.ensure_future(_measure_lag(result.lags)))
        work += [asyncio.ensure_future(self._place(place, habits, result, places)) for place in range(places)]
        await asyncio.sleep(ARRIVING + 1)
        note("all are calling")
        result.start = time.monotonic()
        result.lags.clear()
        keys, found = self._new_keys(self._newest()), 0
        while found < samples and time.monotonic() - result.start < longest:
            await asyncio.sleep(0.1)
            found += next(keys)
        result.end = time.monotonic()
        note("enough samples")
        await asyncio.sleep(LAST_PAGES)
        await self._stop(work)
        self._keep_deliveries(result)
        finished = self._finish(result)
        self._hang_up_all()
        await self._quiet()
        return finished

    async def bare(self, url: str, seconds: float) -> Result:
        """The same webhooks at the same pace to another address: those of the first `seconds` of `many`."""
        result = self._begin()
        result.start = time.monotonic()
        requests = [(at, record) for at, record in self._delivered if at < seconds]
        await asyncio.gather(*(self._send_later(at, url, record) for at, record in requests))
        result.end = time.monotonic()
        return self._finish(result)

    async def saturate(self, seconds: float, at_once: int) -> Result:
        """Callers who never think, up to the level question and away: greeting, PIN, level, end of the call."""
        result = self._begin()
        customers = itertools.cycle([one for place in self.town.places for one in place])
        result.start = time.monotonic()
        until = result.start + seconds
        await asyncio.gather(*(self._rush(customers, until) for _ in range(at_once)))
        result.end = time.monotonic()
        return self._finish(result)

    async def saturate_bare(self, url: str, seconds: float, at_once: int) -> Result:
        """The same number of hasty senders, to the bare route."""
        result = self._begin()
        result.start = time.monotonic()
        until = result.start + seconds

        async def send() -> None:
            while time.monotonic() < until:
                await self.exchange.courier.fetch(Hook(f"{url}/ivr/voice", _incoming("+390210000000", "ringing")))

        await asyncio.gather(*(send() for _ in range(at_once)))
        result.end = time.monotonic()
        return self._finish(result)

    # people

    def _technicians_stand_by(self, habits: Habits, result: Result) -> "list[asyncio.Future[None]]":
        hands = [Hand(self.exchange, number, habits, self._random) for number in self.town.technicians]
        return [asyncio.ensure_future(stand_by(hand, result.troubles)) for hand in hands]

    async def _place(self, place: int, habits: Habits, result: Result, places: int) -> None:
        await asyncio.sleep(ARRIVING * place / places)
        while True:
            await self._call(place, habits, result)

    async def _call(self, place: int, habits: Habits, result: Result) -> None:
        customer = next(self._next[place], None)
        if customer is None:
            raise RuntimeError(f"place {place} has run out of customers")
        hand = Hand(self.exchange, customer.phone, habits, self._random)
        begun = time.monotonic()

        def dialled(sid: str) -> None:
            result.technicians[sid] = customer.technician

        try:
            await report_problem(hand, customer, dialled)
        except (LostError, ValueError) as error:
            result.troubles.append(str(error))
            hand.hang_up()
        finally:
            result.calls.append((begun, time.monotonic()))

    def _hang_up_all(self) -> None:
        for call in self.exchange.calls:
            self.exchange.finish(call)

    # bookkeeping

    def _begin(self) -> Result:
        self.exchange.journal.clear()
        return Result()

    def _finish(self, result: Result) -> Result:
        result.seen = [_as_seen(record) for record in self.exchange.journal.records]
        result.warnings = [f"{one.code} {one.text}" for one in self.exchange.journal.warnings]
        return result

    def _newest(self) -> int:
        records = self.exchange.journal.records
        return records[-1].id if records else 0

    def _new_keys(self, known: int) -> Iterator[int]:
        """How many priority keys came since the last time, first since record `known`.

        It looks at nothing twice: meanwhile the network stands still.
        """
        while True:
            newest_first = reversed(self.exchange.journal.records)
            new = list(itertools.takewhile(lambda record: record.id > known, newest_first))  # noqa: B023 - used at once
            known = new[0].id if new else known
            yield sum(is_priority_key(_as_seen(record)) for record in new)

    def _keep_deliveries(self, result: Result) -> None:
        hooks = {id(one): one for one in self.exchange.journal.records if result.start <= one.at < result.end}
        wanted = [(one.at - result.start, one) for one in hooks.values() if hotline_webhooks([_as_seen(one)])]
        self._delivered = [pair for pair in wanted if pair[1].method == "POST"]

    async def _quiet(self) -> None:
        """Until no line is in use and nothing is under way, or half a minute has passed."""
        until, calm = time.monotonic() + 30, 0
        while calm < 3 and time.monotonic() < until:
            in_use = any(phone.call is not None for phone in self.exchange.phones.values())
            calm = calm + 1 if self.server.quiet() and not in_use else 0
            await asyncio.sleep(0.05)

    @staticmethod
    async def _stop(work: "Sequence[asyncio.Future[None]]") -> None:
        """Raises what made one of them fail."""
        failed = [task for task in work if task.done() and not task.cancelled()]
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        for task in failed:
            task.result()

    # requests without people

    async def _send_later(self, delay: float, url: str, record: Record) -> None:
        await asyncio.sleep(delay)
        params = tuple((name, value) for name, values in record.params.items() for value in values)
        await self._fetch(Hook(url + _as_seen(record).path, params))

    async def _rush(self, customers: "itertools.cycle[Customer]", until: float) -> None:
        while time.monotonic() < until:
            customer = next(customers)
            params = _incoming(customer.phone, "in-progress")
            asked = await self._fetch(Hook(self.server.config.voice_url, params))
            asked = await self._fetch(Hook(_next_address(asked), (*params, ("Digits", customer.pin))))
            await self._fetch(Hook(_next_address(asked), (*params, ("Digits", "1"))))
            over = tuple((name, "completed" if name == "CallStatus" else value) for name, value in params)
            await self._fetch(Hook(self.server.config.status_url, over))

    async def _fetch(self, hook: Hook) -> bytes:
        try:
            return (await self.exchange.courier.fetch(hook)).body
        except HookError as error:
            self.exchange.journal.warn("error", error.code, error.text)
            return b"<Response/>"


def _next_address(document: bytes) -> str:
    gather = ElementTree.fromstring(document).find("Gather")  # noqa: S314 - our own document
    if gather is None:
        raise LostError(f"no question in {document[:200]!r}")
    return gather.get("action", "")


def _incoming(phone: str, status: str) -> Params:
    return (("CallSid", new_sid("CA")), ("CallStatus", status), ("From", phone), ("To", "+390584943299"))


def _as_seen(record: Record) -> Seen:
    to, digits = record.param("To") or "", record.param("Digits") or ""
    return Seen(
        record.kind, record.method, record.url, record.call, to, digits, record.at, record.latency, record.status
    )


async def _measure_lag(lags: list[float]) -> None:
    """How late this event loop is: what it adds to every figure."""
    while True:
        due = time.monotonic() + LAG_EVERY
        await asyncio.sleep(LAG_EVERY)
        lags.append(time.monotonic() - due)
