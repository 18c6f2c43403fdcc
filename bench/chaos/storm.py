"""PostgreSQL is stopped for a while during many calls at different steps, and what becomes of each."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select

from bench.outage import Storm, snapshot_renewed
from bench.pins import pin_of
from bench.stack import Gateway
from oncall.models.calls import PhoneCall
from oncall.models.operations.journal import JournalFact
from oncall.models.pages import Page
from oncall.models.tickets import Intervention, Ticket
from simulator.driven_phone import DrivenPhone

# After hours for everybody: a Sunday at 02:00 in Rome.
_NIGHT: Final = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)
STEPS: Final = ("greeting", "pin", "level", "priority", "describing", "waiting")
# How long before the database stops a caller has to dial to be at that step then, call seconds.
_LEADS: Final = (-3.0, 6.0, 9.0, 12.0, 34.0, 48.0)
# Nobody is silent at a question for longer than that: it would be asked again, and the call ended.
_SILENT: Final = 9.0
_TECHNICIANS: Final = 8
_LONGEST: Final = 150.0  # real seconds for one caller to reach somebody
# The last conversations have so long to be concluded, real seconds.
_LAST_ENDS: Final = 10.0
_HONEST: Final = "technical fault of our own"
_SORRY: Final = "something went wrong on our side"


@dataclass
class Figures:
    """What became of the calls. `waits`: real seconds from the report of the problem to the first word heard."""

    calls: int
    away_seconds: float = 0.0
    talked: int = 0
    told_honestly: int = 0  # of those who did not talk with anybody
    lost: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    apologies: int = 0
    tickets: int = 0
    doubled: int = 0
    interventions: int = 0
    unfinished: int = 0
    open_pages: int = 0
    facts: int = 0
    network_warnings: int = 0
    slowest_webhook: float = 0.0
    import_seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        whole = self.talked == self.tickets == self.calls and self.interventions >= self.calls
        return whole and not (self.lost or self.doubled or self.unfinished or self.open_pages or self.network_warnings)

    def lines(self) -> list[str]:
        """For people."""
        waits = sorted(self.waits) or [0.0]
        return [
            f"{self.calls} calls at {len(STEPS)} steps, PostgreSQL away for {self.away_seconds:.0f} s",
            f"callers who talked with a technician: {self.talked}, lost: {len(self.lost)}",
            f"tickets: {self.tickets}, doubled: {self.doubled}, interventions: {self.interventions},"
            f" unfinished: {self.unfinished}, pages still open: {self.open_pages}",
            f"seconds from the report to the first word: median {waits[len(waits) // 2]:.1f}, longest {waits[-1]:.1f}",
            f"slowest webhook: {self.slowest_webhook:.2f} s; callers who heard an apology: {self.apologies};"
            f" warnings of the network: {self.network_warnings}",
            f"facts of the journal: {self.facts}, the first {self.import_seconds:.1f} s after the database was back",
            *self.lost,
        ]


def _directory(calls: int) -> str:
    people = "".join(
        f'  - {{name: Tech{n:02} Night, phone: "+3934710000{n:02}", email: t{n}@example.org, role: technician}}\n'
        for n in range(_TECHNICIANS)
    )
    customers = "".join(
        f'  - name: Customer {n:03}\n    email: c{n}@example.org\n    phones: ["+3902990000{n:03}"]\n'
        f'    pin: "{_pin(n)}"\n    contract: {{plan: platinum, region: europe, start: 2026-01-01, end: 2035-12-31,'
        f" paid: true, products: [{{name: UC Suite}}]}}\n"
        for n in range(calls)
    )
    everybody = ", ".join(f"Tech{n:02} Night" for n in range(_TECHNICIANS))
    return (
        f"people:\n{people}customers:\n{customers}rosters:\n  - name: Nights\n    regions: [europe]\n"
        "    time_zone: Europe/Rome\n    layers:\n      - name: first\n        rotation:"
        f" {{start: 2026-01-05T18:00, every: 1 week, people: [[{everybody}]]}}\n"
    )


def _pin(number: int) -> str:
    return pin_of(31_415_926 + 7919 * number)


def blow(storm: Storm, calls: int, seconds: float) -> Figures:
    """Let so many callers come, stop the database for so many real seconds while each is at a step of its own."""
    gateway = storm.gateway
    gateway.load(_directory(calls))
    gateway.set_paging(no_answer=60, then_every=60, rounds=3, drop_grace=1)
    gateway.set_time(_NIGHT)
    snapshot_renewed(storm.gateway)
    figures, stop = Figures(calls), threading.Event()
    stopped, speed = threading.Event(), gateway.network.exchange.pace.speed
    technicians = [gateway.network.phone(f"+3934710000{n:02}", f"Tech{n:02}") for n in range(_TECHNICIANS)]
    callers = [gateway.network.phone(f"+3902990000{n:03}", f"Customer {n:03}") for n in range(calls)]
    with ThreadPoolExecutor(calls + _TECHNICIANS + 1) as threads:
        at_work = [threads.submit(_work, phone, stop, stopped) for phone in technicians]
        on_the_phone = [
            threads.submit(_call, phone, _pin(n), n % len(STEPS), speed, stopped, figures)
            for n, phone in enumerate(callers)
        ]
        time.sleep(max(_LEADS) / speed)
        storm.stop()
        begun = time.monotonic()
        stopped.set()
        time.sleep(seconds)
        figures.away_seconds = time.monotonic() - begun
        storm.back()
        back = time.monotonic()
        storm.wait(lambda: _facts(gateway) > 0, "the first facts of the journal")
        figures.import_seconds = time.monotonic() - back
        for each in on_the_phone:
            each.result(_LONGEST + 60)
        stop.set()
        for each in at_work:
            each.result(60)
    storm.brought_in()
    gateway.settle(60)
    end = time.monotonic() + _LAST_ENDS
    while _unfinished(gateway) and time.monotonic() < end:
        time.sleep(0.2)
    _count(gateway, callers, figures)
    return figures


def _call(phone: DrivenPhone, pin: str, place: int, speed: float, stopped: threading.Event, figures: Figures) -> None:
    """Call up to the step of this place, be there when the database is stopped, then go on until somebody speaks."""
    try:
        time.sleep((max(_LEADS) - _LEADS[place]) / speed)
        _as_far_as(phone, pin, place, lambda: stopped.wait(_SILENT / speed))
        reported = time.monotonic()
        phone.expect("Good evening from", _LONGEST)
        figures.waits.append(time.monotonic() - reported)
        figures.talked += 1
    except AssertionError as error:
        figures.told_honestly += _HONEST in phone.story()
        figures.lost.append(f"{phone.number} at {STEPS[place]}: {str(error).splitlines()[0]}\n{phone.story()}")
    finally:
        phone.hang_up()


def _as_far_as(phone: DrivenPhone, pin: str, place: int, wait: Callable[[], bool]) -> None:
    phone.dial()
    questions = ((1, "type your PIN", f"{pin}#"), (2, "system administrator", "1"), (3, "critical", "1"))
    for at, words, keys in questions:
        phone.expect(words, 60)
        if at == place:
            wait()
        phone.press(keys)
    if place == 4:
        phone.expect("beep", 60, complete=True)
        wait()
    if place == 5:
        phone.press("#")
        phone.expect("We are calling|No answer yet|Nobody has answered|has taken your ticket", 60)
        wait()


def _work(phone: DrivenPhone, stop: threading.Event, stopped: threading.Event) -> None:
    """A technician who picks up, presses the key and speaks until the line is free; before the storm nobody does."""
    stopped.wait(180)
    while not stop.is_set():
        try:
            phone.rings(0.5)
            before = len(phone.transcript)
            phone.answer(1)
            if _hears(phone, before, "Press 1 to"):
                phone.press("1")
                if _hears(phone, before, "Connecting"):
                    _speak(phone)
        except AssertionError:
            pass  # it stopped ringing, or the line is dead: the next one
        if phone.state == "talking":
            phone.hang_up()


def _hears(phone: DrivenPhone, before: int, words: str) -> bool:
    """Whether these words come up in this call, before it ends."""
    until = time.monotonic() + 12
    while time.monotonic() < until and phone.state == "talking":
        if any(words in line.text for line in phone.transcript[before:]):
            return True
        time.sleep(0.05)
    return False


def _speak(phone: DrivenPhone) -> None:
    """Speak until the caller has heard it and hung up."""
    for _ in range(10):
        phone.speak(f"Good evening from {phone.number}", wait=True)
        time.sleep(0.3)
        if phone.state != "talking":
            return


def _count(gateway: Gateway, callers: list[DrivenPhone], figures: Figures) -> None:
    figures.apologies = sum(_SORRY in phone.story() for phone in callers)
    tickets = gateway.rows(Ticket)
    figures.tickets = len(tickets)
    figures.doubled = sum(count - 1 for count in Counter(ticket.customer_id for ticket in tickets).values())
    work = gateway.rows(Intervention)
    figures.interventions = len(work)
    figures.unfinished = _unfinished(gateway)
    figures.open_pages = len(gateway.rows(Page, Page.state == "paging"))
    figures.network_warnings = len(gateway.network.warnings)
    figures.slowest_webhook = max((hook.latency or 0 for hook in gateway.network.journal.webhooks("/ivr/")), default=0)
    figures.facts = _facts(gateway)


def _unfinished(gateway: Gateway) -> int:
    """Interventions and calls without an end; some are concluded only after the grace for dropped lines."""
    calls = gateway.rows(PhoneCall, PhoneCall.state != "ended")
    return len(calls) + sum(each.ended_at is None for each in gateway.rows(Intervention))


def _facts(gateway: Gateway) -> int:
    with gateway.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(JournalFact)) or 0
