"""Ten times as many PINs as the limits allow, from 500 numbers at once: those that get an answer are the limits."""

import itertools
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path
from threading import Event, Lock

import pytest
from sqlalchemy import func, select

from core.db import Database
from core.settings import Settings
from oncall.models.access.pin_attempts import PinAttempt
from tests.calls import people
from tests.calls.conftest import begin
from tests.calls.people import ACME_PIN, Cast
from tests.calls.signing import Webhooks
from tests.calls.stack import AUTH_TOKEN, Gateway, running
from tests.conftest import SUNDAY_NIGHT

ATTEMPTS_AN_HOUR = 200
NUMBERS = [f"+3933370{number:05d}" for number in range(500)]
AT_ONCE = 20
TRIES_A_CALL = 3
# After five full hours the day is full too.
HOURS = 6
PATIENCE = 90.0

TOO_MANY = "too many wrong PINs lately"
WRONG = "This PIN is not right."
REAL_PINS = {value for name, value in vars(people).items() if name.endswith("_PIN")}


class Attack:
    """Guessers who never tire. `answers` counts what they were told."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._lock = Lock()
        self._calls = itertools.count()
        self._left = 0
        self._enough: Event | None = None
        self.answers: Counter[str] = Counter()

    def make(self, attempts: int, enough: Event | None = None) -> Counter[str]:
        """So many attempts, `AT_ONCE` at a time, and more of them until it is `enough`; what came of them."""
        self.answers, self._left, self._enough = Counter(), attempts, enough
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._guess, range(AT_ONCE)))
        return self.answers

    def _guess(self, _: int) -> None:
        webhooks = Webhooks(self._gateway.url, AUTH_TOKEN)
        for number in self._next_numbers():
            call = {"CallSid": f"CA{next(self._calls):032d}", "From": number, "CallStatus": "in-progress"}
            status, document = webhooks.post("/ivr/voice", call)
            assert status == 200, document
            self._try_pins(webhooks, call, document)
        webhooks.close()

    def _next_numbers(self) -> Iterator[str]:
        while self._goes_on():
            yield secrets.choice(NUMBERS)

    def _goes_on(self) -> bool:
        return self._left > 0 or (self._enough is not None and not self._enough.is_set())

    def _try_pins(self, webhooks: Webhooks, call: dict[str, str], document: str) -> None:
        for _ in range(TRIES_A_CALL):
            action = re.search(r'<Gather[^>]* action="([^"]+/pin[^"]*)"', document)
            if action is None or not self._take():
                return
            document = self._answer_to(webhooks, call, unescape(action[1]))

    def _answer_to(self, webhooks: Webhooks, call: dict[str, str], action: str) -> str:
        """Type a wrong PIN; who hears an apology instead of an answer goes on with it, as a telephone would."""
        status, document = webhooks.post(action, call | {"Digits": wrong_pin()})
        assert status == 200, document
        what = "too many" if TOO_MANY in document else "wrong" if WRONG in document else "something else"
        with self._lock:
            self.answers[what] += 1
        if what != "something else":
            return document
        print(document)  # shown when the test fails
        again = re.search(r"<Redirect[^>]*>([^<]+)</Redirect>", document)
        assert again is not None, document
        status, document = webhooks.post(unescape(again[1]), call)
        assert status == 200, document
        return document

    def _take(self) -> bool:
        with self._lock:
            goes_on = self._goes_on()
            self._left -= 1
            return goes_on


def wrong_pin() -> str:
    while (pin := f"{secrets.randbelow(10**8):08d}") in REAL_PINS:
        continue
    return pin


@pytest.fixture
def two_processes(migrated: Database, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway whose calls are shared out to two web processes."""
    with running(migrated, tmp_path, patient=True, WEB_CONCURRENCY="2") as gateway:
        begin(gateway)
        yield gateway
        gateway.wipe()


def test_what_is_answered_is_what_the_limits_allow(two_processes: Gateway) -> None:
    gateway, cast = two_processes, Cast.on(two_processes.network)
    limits = Settings(var_dir=gateway.folder)
    assert limits.pin_limit_all_hour * (HOURS - 1) == limits.pin_limit_all_day
    attack, answered = Attack(gateway), 0
    for hour in range(HOURS):
        gateway.set_time(SUNDAY_NIGHT + timedelta(hours=hour, minutes=hour))
        if hour == 1:
            with going_on(attack) as told:
                a_customer_gets_in_and_a_stranger_does_not(gateway, cast, attack)
            answers = told.result()
        else:
            answers = attack.make(ATTEMPTS_AN_HOUR)
        assert answers.total() >= ATTEMPTS_AN_HOUR > limits.pin_limit_all_hour
        expected = limits.pin_limit_all_hour if hour < HOURS - 1 else 0
        # On a machine that is too busy, an attempt may be used up and its guesser hear an apology.
        used = answers["wrong"] + answers["something else"]
        assert answers["wrong"] <= expected <= used, f"hour {hour}: {answers}"
        assert counted(gateway) == limits.pin_limit_all_hour * min(hour + 1, HOURS - 1)
        answered += answers["wrong"]
    assert answered <= limits.pin_limit_all_day
    with gateway.database.transaction() as session:
        most = session.scalar(
            select(func.count()).where(PinAttempt.pool == "common").group_by(PinAttempt.number)
            .order_by(func.count().desc()).limit(1)
        )  # fmt: skip
    assert counted(gateway) == limits.pin_limit_all_day
    assert (most or 0) <= limits.pin_limit_number_day


def counted(gateway: Gateway) -> int:
    """Attempts that used up the limit over all numbers."""
    query = select(func.count()).where(PinAttempt.pool == "common", PinAttempt.outcome != "right")
    with gateway.database.transaction() as session:
        return session.scalar(query) or 0


@contextmanager
def going_on(attack: Attack) -> Iterator[Future[Counter[str]]]:
    """An attack that ends when the block does, and not before; what came of it."""
    enough = Event()
    attack.answers = Counter()
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(attack.make, ATTEMPTS_AN_HOUR, enough)
        try:
            yield told
        finally:
            enough.set()


def a_customer_gets_in_and_a_stranger_does_not(gateway: Gateway, cast: Cast, attack: Attack) -> None:
    """While the attack goes on and the pool of all numbers is full."""
    gateway.network.wait(lambda: attack.answers["too many"] > 100, PATIENCE, "the limit is reached")
    cast.acme.dial()
    cast.acme.expect("type your PIN", PATIENCE)
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator", PATIENCE)
    cast.stranger.dial()
    cast.stranger.expect("type your PIN", PATIENCE)
    cast.stranger.press(f"{ACME_PIN}#")
    cast.stranger.expect(TOO_MANY, PATIENCE)
    cast.stranger.hung_up(PATIENCE)
    cast.acme.hang_up()
