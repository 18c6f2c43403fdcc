"""The telephone exchange: every call, phone, room and text, on one event loop."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from simulator.config import Config
from simulator.identity import is_e164
from simulator.journal import Journal
from simulator.network.calls import ENDED, INBOUND, Call, Phone
from simulator.network.conferences import Conferences
from simulator.network.courier import Courier, Hook
from simulator.network.phones import Entry, Faults
from simulator.network.queues import Queues
from simulator.network.recordings import Recordings
from simulator.network.registry import Registry
from simulator.network.sounds import Sounds
from simulator.network.texting import Texting
from simulator.pace import Pace

ENDED_SHOWN = 5.0  # real seconds for which a phone shows the call that has ended
PROGRESS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


class Exchange:
    """Holds all state; what people and programs do to it stands in the modules beside it."""

    def __init__(self, config: Config, speed: float = 1.0, patient: bool = False) -> None:
        self.config = config
        self.pace = Pace(speed, patient)
        self.journal = Journal()
        self.phones: dict[str, Phone] = {}
        self.other_faults: dict[str, Faults] = {}  # of numbers that no registered phone has
        self.courier = Courier(config, self.pace, self.journal, self.faults_of)
        self.calls: Registry[Call] = Registry(lambda call: call.status in ENDED)
        self.sounds = Sounds(self.courier)
        self.recordings = Recordings(self)
        self.conferences = Conferences(self)
        self.queues = Queues(self)
        self.texting = Texting(self)
        self.version = 1
        self._next_start = 0.0
        self._turned: asyncio.Event | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        self._turned = asyncio.Event()
        await self.courier.open()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.courier.close()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Starts work in the background; an exception in it becomes a warning that fails tests."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.journal.warn("error", 0, f"the simulator itself failed: {error!r}")
            context = {"message": "simulator task failed", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)

    def changed(self, phone: Phone | None = None) -> None:
        """Something that a page or a test may be waiting for has changed."""
        self.version += 1
        if self._turned is not None:
            self._turned.set()
        for watcher in phone.watchers if phone is not None else ():
            watcher()

    async def wait_change(self, after: int, seconds: float) -> None:
        """Returns when the version is above `after`, at the latest after that many real seconds."""
        until = asyncio.get_running_loop().time() + seconds
        while self.version <= after and self._turned is not None:
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                return
            self._turned.clear()
            try:
                await asyncio.wait_for(self._turned.wait(), left)
            except TimeoutError:
                return

    # phones

    def add_phone(self, number: str, name: str = "", role: str = "customer", note: str = "") -> Phone:
        """Adds a phone, or renames the one that has the number. Raises ValueError for a bad number."""
        if not is_e164(number) or number == self.config.number:
            raise ValueError(f"{number!r} cannot be the number of a phone")
        phone = self.phones.get(number)
        if phone is None:
            phone = self.phones[number] = Phone(number, name, role, note)
            phone.faults = self.other_faults.pop(number, phone.faults)
        else:
            phone.name, phone.role, phone.note = name or phone.name, role, note
        self.changed(phone)
        return phone

    def faults_of(self, number: str) -> Faults | None:
        phone = self.phones.get(number)
        return phone.faults if phone is not None else self.other_faults.get(number)

    def faults_for(self, number: str) -> Faults:
        """The faults of any number, to be changed."""
        return self.faults_of(number) or self.other_faults.setdefault(number, Faults())

    def write(self, phone: Phone | None, kind: str, text: str, call: str = "", seconds: float = 0.0) -> Entry:
        """A line in the phone's transcript."""
        now = self.pace.now()
        entry = Entry(now, call, kind, text, now + seconds if seconds else 0.0)
        if phone is not None:
            phone.write(entry)
            self.changed(phone)
        return entry

    def warn(self, code: int, text: str, call: Call | None = None, url: str = "", level: str = "warning") -> None:
        """An entry of the debugger, shown on the phone of the call too."""
        self.journal.warn(level, code, text, call.sid if call else "", url)
        if call is not None and call.phone is not None:
            self.write(call.phone, "warning", f"{code}: {text}", call.sid)
        self.changed()

    # the course of a call

    def queue_for_rate(self) -> float:
        """How long a new outgoing call waits because of the account's calls per second, in call seconds."""
        rate = self.config.calls_per_second
        if rate is None:
            return 0.0
        start = max(self.pace.now(), self._next_start)
        self._next_start = start + 1 / rate
        return start - self.pace.now()

    def progress(self, call: Call, status: str) -> None:
        """Moves the call on and sends the status callback that was asked for."""
        call.set_status("queued" if status == "initiated" else status)
        event = PROGRESS.get(status, "completed")
        target = call.callback
        if target is not None and event in (target.events or {"completed"}):
            params = call.params(status) + call.progress_params(event, self.pace.now())
            self.courier.post(Hook(target.url, params, target.method, call.sid, call.numbers))
        self.changed(call.phone)

    def answer(self, call: Call) -> None:
        """The call is connected; charged time begins."""
        if call.answered_at is not None or call.over.is_set():
            return
        call.answered_at, call.started = self.pace.now(), call.updated
        if call.phone is not None and call.phone.call is call:
            call.phone.take(call, "talking", self.pace.now())
        self.progress(call, "in-progress")

    def finish(self, call: Call, status: str = "completed") -> None:
        """Ends the call, whatever it is doing."""
        if call.over.is_set():
            return
        now = self.pace.now()
        if call.answered_at is None and status == "completed":
            status = "no-answer" if call.direction == INBOUND else "canceled"
        call.ended_at = now
        call.over.set()
        self.progress(call, status)
        call.ended = call.updated
        for task in (call.document, call.limit):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        if call.phone is not None and call.phone.call is call:
            note = "hung up" if call.hung_up else f"call ended ({status})"
            call.phone.release(call, now)
            self.write(call.phone, "note", note, call.sid)
            # pages show an ended call for a moment and have to be told when that is over
            asyncio.get_running_loop().call_later(ENDED_SHOWN, self.changed)
        self.changed(call.phone)

    def reset(self) -> None:
        """Hangs up everything and forgets what happened. Phones and addresses stay."""
        for call in self.calls:
            self.finish(call)
        for phone in self.phones.values():
            phone.clear()
        self.other_faults.clear()
        for keeper in (self.calls, self.recordings, self.conferences, self.queues, self.texting, self.journal):
            keeper.clear()
        self.courier.held.clear()
        self.courier.holding = False
        self.courier.faults = type(self.courier.faults)()
        self.changed()
