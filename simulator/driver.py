"""A telephone network inside a test, and phones that a test holds in its hand.

    with Network(auth_token="...", number="+39058400", voice_url=url, speed=20) as net:
        caller = net.phone("+390212345678", name="Acme")
        caller.dial()
        caller.expect("PIN")
        caller.press("48151623#")

`within` is always real seconds; everything inside a call takes its time divided by `speed`. A `patient` network does
not hurry who is slow (see `Pace`): a thread that has noticed on a phone what it waited for is about to act, until it
does anything here.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from simulator.config import Config
from simulator.driven_phone import DrivenPhone
from simulator.journal import Alert, Journal
from simulator.network.delivery import DeliveryFaults
from simulator.network.exchange import Exchange
from simulator.rest.faults import Kind
from simulator.server import Server

T = TypeVar("T")
PATIENCE = 90.0  # real seconds, for what comes at once on a machine that is not busy
QUIET_FOR = 0.05
# Real seconds for which the network waits for a person, and once more for one who was slow to wake up.
ACT_SECONDS = 0.5


class Network:
    """The simulator on a thread of its own, with a free port. Every method may be called from any thread."""

    def __init__(
        self, auth_token: str, number: str, speed: float = 1.0, port: int = 0, patient: bool = False, **settings: Any
    ) -> None:
        self.config = Config(auth_token, number)
        self.config.update(**settings)
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="telephone network", daemon=True)
        self.server = Server(self.config, speed, patient)
        self._about_to_act: dict[int, asyncio.TimerHandle] = {}
        self.phones: dict[str, DrivenPhone] = {}
        self.url = ""

    def start(self) -> Self:
        self._thread.start()
        self.url = self.run(self.server.open(port=self._port))
        return self

    def stop(self) -> None:
        """Ends every call and the server."""
        self.run(self.server.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def exchange(self) -> Exchange:
        """All state, for a look at what the phones cannot show."""
        return self.server.exchange

    # what is set

    def phone(self, number: str, name: str = "", role: str = "customer", note: str = "") -> DrivenPhone:
        """The phone with that number, added when there is none yet."""
        known = self.phones.get(number)
        if known is not None and not name:
            return known
        phone = self.do(lambda: self.exchange.add_phone(number, name, role, note))
        return self.phones.setdefault(number, DrivenPhone(self, phone))

    def configure(self, **settings: Any) -> None:
        """Changes addresses and other settings, e.g. `voice_url`, `sms_url`, `status_url`, `fallback_url`."""
        self.do(lambda: self.config.update(**settings))

    def set_speed(self, speed: float) -> None:
        self.do(lambda: self.exchange.pace.set_speed(speed))

    def fault(self, number: str, **faults: Any) -> None:
        """Sets faults of a number, also of one that no phone has, e.g. `busy=True`."""
        self.do(lambda: self.exchange.faults_for(number).change(faults))

    def fail_api(
        self,
        kind: Kind | Sequence[Kind],
        times: int | None = 1,
        path: str = "",
        method: str = "",
        probability: float = 1.0,
        seconds: float = 0.0,
    ) -> None:
        """The next `times` matching requests fail: 404, 429, 500, 502, 503, "hang", "reset", "drop" (done, answer
        lost), or "slow" (done, answered `seconds` later); of a list, one by chance each time."""
        self.do(lambda: self.server.api_faults.add(kind, times, path, method, probability, seconds))

    def heal_api(self) -> None:
        self.do(self.server.api_faults.clear)

    def disturb(self, slow: float = 0, duplicate: bool = False, late: float = 0, shuffled: float = 0) -> None:
        """Faults of every webhook and callback, call seconds; without arguments delivery is perfect again."""
        faults = DeliveryFaults(slow, duplicate, late, shuffled)
        self.do(lambda: setattr(self.exchange.courier, "faults", faults))

    def hold_callbacks(self) -> None:
        """Status callbacks wait from now on until `release`."""
        self.do(lambda: setattr(self.exchange.courier, "holding", True))

    @property
    def held(self) -> list[dict[str, str]]:
        """The parameters of the callbacks that wait, each with its address as `url`."""
        return [{**dict(hook.params), "url": hook.url} for hook in list(self.exchange.courier.held)]

    def release(self, order: list[int] | str = "given", keep_holding: bool = False) -> int:
        """Sends what waits, one by one: `given`, `reverse`, `shuffled`, or positions, which may repeat or miss."""
        return self.run(self.exchange.courier.release(order, keep_holding), 60)

    # what is seen

    @property
    def journal(self) -> Journal:
        return self.exchange.journal

    @property
    def warnings(self) -> list[Alert]:
        return list(self.journal.warnings)

    def assert_clean(self) -> None:
        """Fails when Twilio's debugger would show anything."""
        shown = "\n".join(f"{one.level} {one.code} {one.text} {one.url}" for one in self.warnings)
        assert not shown, f"the network has warnings:\n{shown}"  # noqa: S101 - called by tests

    def settle(self, within: float = PATIENCE) -> None:
        """Returns when no webhook, callback, text or REST request is under way, for a moment at least."""
        self.look_on()
        until, quiet_since = time.monotonic() + within, None
        while time.monotonic() < until:
            if not self.server.quiet():
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since >= QUIET_FOR:
                return
            time.sleep(0.005)
        busy = self.exchange.courier.busy
        raise AssertionError(f"the network is not quiet after {within} s: {busy} webhooks under way")

    def wait(self, condition: Callable[[], T], within: float = PATIENCE, what: str = "the condition") -> T:
        """Waits until the condition is true and returns its value."""
        self.look_on()
        until = time.monotonic() + within
        asked = time.monotonic()
        while not (value := condition()):
            now = time.monotonic()
            if now > until:
                raise AssertionError(f"{what} did not come true within {within} s")
            time.sleep(max(0.005, now - asked))  # whom we wait for needs the processor, too
            asked = time.monotonic()
        return value

    def reset(self) -> None:
        """Hangs up everything and forgets transcripts, texts, faults and journal; phones and addresses stay."""

        def forget() -> None:
            self.server.api_faults.clear()
            self.exchange.reset()

        self.do(forget)
        for phone in self.phones.values():
            phone.forget()

    # the network's own thread

    def do(self, action: Callable[[], T]) -> T:
        """Runs a function on the network's thread."""

        async def call() -> T:
            return action()

        return self.run(call())

    def run(self, work: Coroutine[Any, Any, T], within: float = PATIENCE) -> T:
        """Runs it on the network's thread; afterwards the network no longer waits for who asked."""
        person = threading.get_ident()

        async def act() -> T:
            try:
                return await work
            finally:
                self._go_on(person)

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result(within)

    # whom the network waits for

    def notice(self, person: int) -> None:
        """A thread is about to act. On the network's own thread."""
        if person not in self._about_to_act:
            self._about_to_act[person] = self._loop.call_later(ACT_SECONDS, self._go_on, person)
            self.exchange.pace.hold(person)

    def notice_soon(self) -> None:
        """This thread is about to act."""
        self._loop.call_soon_threadsafe(self.notice, threading.get_ident())

    def look_on(self) -> None:
        """This thread is not about to act."""
        self._loop.call_soon_threadsafe(self._go_on, threading.get_ident())

    def _go_on(self, person: int) -> None:
        timer = self._about_to_act.pop(person, None)
        if timer is not None:
            timer.cancel()
            self.exchange.pace.go_on(person)
