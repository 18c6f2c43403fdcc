"""Carries webhooks and callbacks to the gateway, signed, with Twilio's time limits, retries and redirects."""

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlencode, urljoin

import aiohttp
from yarl import URL

from simulator.config import Config
from simulator.identity import Params
from simulator.journal import Journal, Record
from simulator.network.delivery import DeliveryFaults
from simulator.pace import Pace
from simulator.signer import signature

LARGEST_DOCUMENT = 64 * 1024
LARGEST_SOUND = 40 * 1024 * 1024
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Hook:
    """One message to the gateway. `numbers` are the phone numbers it is about: their faults apply."""

    url: str
    params: Params = ()
    method: str = "POST"
    call: str = ""
    numbers: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    largest: int = LARGEST_DOCUMENT


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    url: str


class HookError(Exception):
    """The gateway did not answer as it must. `code` is Twilio's, `cause` a word of retry policies (ct, rt, 4xx...)."""

    def __init__(self, code: int, text: str, cause: str = "") -> None:
        super().__init__(text)
        self.code, self.text, self.cause = code, text, cause


@dataclass(frozen=True)
class Tuning:
    """The part of a webhook's address after `#`: time limits in milliseconds, retries and their reasons."""

    connect: float
    read: float
    total: float
    retries: int
    reasons: frozenset[str]

    @classmethod
    def of(cls, fragment: str, limit: float) -> "Tuning":
        given = {name: values[0] for name, values in parse_qs(fragment).items()}

        def seconds(name: str, default: float) -> float:
            text = given.get(name, "")
            return min(int(text) / 1000, limit) if text.isdigit() else default

        retries = given.get("rc", "1")
        reasons = frozenset(given.get("rp", "ct").split(","))
        count = min(int(retries), 5) if retries.isdigit() else 1
        return cls(seconds("ct", min(5.0, limit)), seconds("rt", limit), seconds("tt", limit), count, reasons)

    def allows(self, cause: str) -> bool:
        return bool(cause) and (cause in self.reasons or "all" in self.reasons)


class Courier:
    """`fetch` asks for an answer, `post` sends a callback that nobody waits for."""

    def __init__(
        self,
        config: Config,
        pace: Pace,
        journal: Journal,
        faults_of: Callable[[str], DeliveryFaults | None],
    ) -> None:
        self.config, self.pace, self.journal = config, pace, journal
        self.faults = DeliveryFaults()  # of every number
        self._faults_of_number = faults_of
        self.held: list[Hook] = []
        self.holding = False
        self.random = Random(0)  # noqa: S311 - only shuffles
        self.busy = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=300)
        self._session = aiohttp.ClientSession(connector=connector, auto_decompress=True)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def fetch(self, hook: Hook) -> Answer:
        """The answer to a webhook. The request goes on even when the call that asked has ended. Raises HookError."""
        task = self._start(self._fetch(hook))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_ignore_result)
            raise

    def post(self, hook: Hook) -> None:
        """Sends a callback in the background; while callbacks are held it only joins the line."""
        if self.holding:
            self.held.append(hook)
        else:
            self._start(self._deliver(hook))

    async def release(self, order: list[int] | str = "given", keep_holding: bool = False) -> int:
        """Sends the held callbacks one after the other: order `given`, `reverse`, `shuffled` or a list of positions."""
        waiting, self.held = self.held, []
        self.holding = keep_holding
        for position in self._positions(order, len(waiting)):
            await self._start(self._send_callback(waiting[position]))
        return len(waiting)

    def _positions(self, order: list[int] | str, count: int) -> list[int]:
        positions = list(range(count))
        if isinstance(order, list):
            return order
        if order == "reverse":
            positions.reverse()
        elif order == "shuffled":
            self.random.shuffle(positions)
        elif order != "given":
            raise ValueError("order is given, reverse, shuffled or a list of positions")
        return positions

    def _start(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        self.busy += 1
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[Any]") -> None:
        self.busy -= 1
        self._tasks.discard(task)

    def _faults_of(self, hook: Hook) -> list[DeliveryFaults]:
        own = (self._faults_of_number(number) for number in hook.numbers)
        return [self.faults, *(one for one in own if one is not None)]

    async def _fetch(self, hook: Hook) -> Answer:
        faults = self._faults_of(hook)
        slow = max(one.slow for one in faults)
        if slow:
            await self.pace.sleep(slow)
        answer = await self._insist(hook)
        if any(one.duplicate for one in faults):
            # as if the first answer had been lost on its way: the second one counts
            answer = await self._insist(hook)
        return answer

    async def _deliver(self, hook: Hook) -> None:
        faults = self._faults_of(hook)
        delay = max(one.late + one.slow for one in faults)
        spread = max(one.shuffled for one in faults)
        if delay or spread:
            await self.pace.sleep(delay + self.random.uniform(0, spread))
        for _ in range(2 if any(one.duplicate for one in faults) else 1):
            await self._send_callback(hook)

    async def _send_callback(self, hook: Hook) -> None:
        try:
            await self._insist(hook)
        except HookError as error:
            self.journal.warn("warning", error.code, error.text, hook.call, hook.url)

    async def _insist(self, hook: Hook) -> Answer:
        url, fragment = urldefrag(hook.url)
        tuning = Tuning.of(fragment, self.config.webhook_timeout)
        until = time.monotonic() + tuning.total
        for attempt in range(tuning.retries + 1):
            try:
                return await self._follow(replace(hook, url=url), tuning, until)
            except HookError as error:
                left = until - time.monotonic()
                if attempt == tuning.retries or not tuning.allows(error.cause) or left <= 0:
                    raise
        raise AssertionError("the loop above returns or raises")

    async def _follow(self, hook: Hook, tuning: Tuning, until: float) -> Answer:
        for _ in range(10):
            answer, location = await self._request(hook, tuning, until)
            if location is None:
                return answer
            hook = replace(hook, url=urljoin(hook.url, location), method="GET", params=())
        raise HookError(11200, f"more than 10 redirects at {hook.url}")

    async def _request(self, hook: Hook, tuning: Tuning, until: float) -> tuple[Answer, str | None]:
        record = self.journal.begin("webhook", hook.method, hook.url, _as_lists(hook.params))
        record.call, record.token = hook.call, hook.token
        try:
            answer, location = await self._exchange(hook, tuning, until, record)
        except HookError as error:
            self.journal.end(record, record.status, record.body, error.text)
            raise
        except BaseException:
            self.journal.end(record, None, "", "given up")
            raise
        if answer.status >= 400:
            cause = "4xx" if answer.status < 500 else "5xx"
            raise HookError(11200, f"HTTP {answer.status} from {hook.url}", cause)
        return answer, location

    async def _exchange(self, hook: Hook, tuning: Tuning, until: float, record: Record) -> tuple[Answer, str | None]:
        assert self._session is not None, "the courier is not open"  # noqa: S101
        url, data = _addressed(hook)
        limit = max(until - time.monotonic(), 0.001)
        timeout = aiohttp.ClientTimeout(total=limit, sock_connect=tuning.connect, sock_read=tuning.read)
        try:
            with self.pace.awaiting_answer():
                async with self._session.request(
                    hook.method, URL(url, encoded=True), data=data, headers=self._headers(hook, url),
                    allow_redirects=False, timeout=timeout,
                ) as response:  # fmt: skip
                    body = await _read(response, hook.largest)
            shown = body.decode("utf-8", "replace") if hook.largest == LARGEST_DOCUMENT else f"{len(body)} bytes"
            self.journal.end(record, response.status, shown)
            location = response.headers.get("Location") if response.status in REDIRECTS else None
            kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
            return Answer(response.status, kind, body, hook.url), location
        except aiohttp.ConnectionTimeoutError as error:
            raise HookError(11205, f"no connection to {hook.url} in time", "ct") from error
        except TimeoutError as error:
            raise HookError(11200, f"no answer from {hook.url} within {limit:.0f} s", "rt") from error
        except aiohttp.ClientConnectorError as error:
            raise HookError(11205, f"no connection to {hook.url}: {error.strerror or error}", "ct") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise HookError(11200, f"bad answer from {hook.url}: {error}", "rt") from error

    def _headers(self, hook: Hook, url: str) -> dict[str, str]:
        signed = hook.params if hook.method == "POST" else ()
        headers = {
            "X-Twilio-Signature": signature(self.config.auth_token, url, signed),
            "I-Twilio-Idempotency-Token": hook.token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        if hook.method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return headers


def _addressed(hook: Hook) -> tuple[str, bytes | None]:
    """The address with a GET's parameters in its query, and the body of a POST."""
    if hook.method == "POST":
        return hook.url, urlencode(hook.params).encode()
    if not hook.params:
        return hook.url, None
    return hook.url + ("&" if "?" in hook.url else "?") + urlencode(hook.params), None


async def _read(response: aiohttp.ClientResponse, largest: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > largest:
            raise HookError(11750, f"more than {largest // 1024} kB from {response.url}")
    return bytes(body)


def _as_lists(params: Params) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for name, value in params:
        lists.setdefault(name, []).append(value)
    return lists


def _ignore_result(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()
