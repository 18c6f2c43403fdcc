"""The limits on guessing PINs under attack, with repeated deliveries and with processes that break."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from core.db import PATIENT, Database
from oncall.customers.pin_guard import Caller, Limits, Verdict, reserve
from tests.oncall.customers.pin_desk import (
    ACME,
    ACME_PIN,
    GLOBEX,
    GLOBEX_PIN,
    HOUR,
    LIMITS,
    WRONG_PIN,
    PinDesk,
    allowed,
    fill_common,
    open_desk,
    stranger,
)


@pytest.fixture
def desk(database: Database) -> Iterator[PinDesk]:
    wide = Database(database.url, pool_size=50)  # a connection for each of 50 callers at once
    yield open_desk(wide)
    wide.engine.dispose()


# Which of the two a refused stranger is told depends on what he waited for when a busy machine made him wait too long.
REFUSED = {Verdict.NUMBER_LIMIT, Verdict.COMMON_LIMIT}


def storm(desk: PinDesk, numbers: Sequence[str], tries: int, now: datetime) -> list[tuple[str, Verdict]]:
    """So many wrong PINs from every number, 50 at a time, in a random order."""
    attempts = [number for number in numbers for _ in range(tries)]
    random.Random(7).shuffle(attempts)
    calls = desk.calls(len(attempts), now)

    def one(number: str, call: int) -> tuple[str, Verdict]:
        verdict, customer = desk.try_pin(number, WRONG_PIN, now, call=call)
        assert customer is None
        return number, verdict

    with ThreadPoolExecutor(50) as threads:
        return list(threads.map(one, attempts, calls))


def test_a_thousand_attempts_from_100_numbers_get_exactly_what_the_limits_say(desk: PinDesk, now: datetime) -> None:
    numbers = [f"+4930{n:07}" for n in range(100)]
    answered, customers = [], []
    for hour in range(5):  # 1,000 attempts in all, 2 from each number every hour
        at = now + hour * HOUR
        with ThreadPoolExecutor(1) as customer:
            gets_in = customer.submit(desk.try_pin, ACME, ACME_PIN, at)
            results = storm(desk, numbers, 2, at)
        answered.append(sum(verdict.may_try for _, verdict in results))
        customers.append(gets_in.result()[1])
        assert {v for _, v in results} <= {Verdict.GO, *REFUSED}
    assert answered == [20, 20, 20, 20, 20]
    assert customers == ["Acme"] * 5
    outcomes = desk.outcomes()
    assert (outcomes["wrong"], outcomes["right"], outcomes["pending"]) == (100, 5, 0)
    # The day is used up, though the hour isn't; a customer's own number still is heard at once.
    later = now + 6 * HOUR
    assert desk.try_pin("+15550001", WRONG_PIN, later)[0] is Verdict.COMMON_LIMIT
    assert desk.try_pin(ACME, ACME_PIN, later)[1] == "Acme"


def test_each_of_many_numbers_gets_exactly_its_own_limit(desk: PinDesk, now: datetime) -> None:
    desk.limits = Limits(number_hour=5, number_day=8, all_hour=10_000, all_day=10_000, registered_hour=30)
    numbers = [f"+4930{n:07}" for n in range(20)]
    for at, each in ((now, 5), (now + HOUR, 3), (now + 2 * HOUR, 0)):
        results = storm(desk, numbers, 8, at)
        answered = Counter(number for number, verdict in results if verdict.may_try)
        assert [answered[number] for number in numbers] == [each] * 20
        assert {v for _, v in results} <= {Verdict.GO, *REFUSED}


def test_a_faked_registered_number_under_load_gets_exactly_its_limit(desk: PinDesk, now: datetime) -> None:
    results = storm(desk, [ACME], 200, now)
    assert allowed(verdict for _, verdict in results) == 30
    assert {v for _, v in results if not v.may_try} == {Verdict.RING_BACK}
    assert desk.try_pin(GLOBEX, GLOBEX_PIN, now)[1] == "Globex"


@pytest.mark.parametrize(("verified", "most"), [(False, 30), (True, 3)])
def test_own_limits_are_exact_too_when_the_common_pool_is_full(
    desk: PinDesk, now: datetime, verified: bool, most: int
) -> None:
    fill_common(desk, now)
    call = desk.calls(1, now)[0]
    acme = Caller(ACME, (1,), verified=verified)
    with ThreadPoolExecutor(50) as threads:
        verdicts = list(threads.map(lambda turn: desk.ask(acme, now, call=call, turn=turn), range(200)))
    assert verdicts.count(Verdict.OWN_ONLY) == most
    assert allowed(verdicts) == most


# --- Repeated and broken deliveries


def test_a_turn_delivered_again_gets_its_first_answer_and_counts_once(desk: PinDesk, now: datetime) -> None:
    call = desk.calls(1, now)[0]
    assert [desk.ask(stranger(1), now, call=call, turn=2) for _ in range(9)] == [Verdict.GO] * 9
    assert allowed(desk.ask_often(9, stranger(1), now)) == 4
    assert desk.ask(stranger(1), now, call=call, turn=2) is Verdict.GO
    desk.settle(call, 2, right=False)
    assert desk.ask(stranger(1), now, call=call, turn=2) is Verdict.GO


def test_a_refused_turn_delivered_late_stays_refused(desk: PinDesk, now: datetime) -> None:
    desk.ask_often(5, stranger(1), now)
    call = desk.calls(1, now)[0]
    assert desk.ask(stranger(1), now, call=call) is Verdict.NUMBER_LIMIT
    assert desk.ask(stranger(1), now + 2 * HOUR, call=call) is Verdict.NUMBER_LIMIT
    desk.settle(call, 1, right=True)
    assert desk.outcomes() == {"pending": 5, "number_limit": 1}


def test_an_answer_of_own_pins_only_is_given_again_when_there_is_room_for_all(desk: PinDesk, now: datetime) -> None:
    fill_common(desk, now)
    call = desk.calls(1, now)[0]
    acme = Caller(ACME, (1,))
    assert desk.ask(acme, now, call=call) is Verdict.OWN_ONLY
    assert desk.ask(acme, now + HOUR, call=call) is Verdict.OWN_ONLY


def test_a_turn_delivered_many_times_at_once_counts_once(desk: PinDesk, now: datetime) -> None:
    for call in desk.calls(4, now):
        with ThreadPoolExecutor(16) as threads:
            waiting = [threads.submit(desk.ask, stranger(1), now, call=call) for _ in range(16)]
        assert {one.result() for one in waiting} == {Verdict.GO}
    assert desk.outcomes() == {"pending": 4}
    assert allowed(desk.ask_often(3, stranger(1), now)) == 1


def test_the_last_free_place_delivered_many_times_at_once_has_one_answer(desk: PinDesk, now: datetime) -> None:
    desk.ask_often(4, stranger(1), now)
    calls = desk.calls(6, now)
    with ThreadPoolExecutor(24) as threads:
        waiting = [(call, threads.submit(desk.ask, stranger(1), now, call=call)) for call in calls * 4]
    answers = {call: {one.result() for at, one in waiting if at == call} for call in calls}
    assert all(len(verdicts) == 1 for verdicts in answers.values())
    assert allowed(verdict for verdicts in answers.values() for verdict in verdicts) == 1


def test_the_first_outcome_stays(desk: PinDesk, now: datetime) -> None:
    call = desk.calls(1, now)[0]
    desk.ask(stranger(1), now, call=call)
    desk.settle(call, 1, right=False)
    desk.settle(call, 1, right=True)
    desk.settle(call, 7, right=True)  # never reserved
    assert desk.outcomes() == {"wrong": 1}


def test_a_rolled_back_reservation_leaves_nothing(desk: PinDesk, now: datetime) -> None:
    call = desk.calls(1, now)[0]
    with desk.database.transaction() as session:
        assert reserve(session, call, 1, stranger(1), now, LIMITS) is Verdict.GO
        session.rollback()
    assert desk.outcomes() == {}
    assert allowed(desk.ask_often(5, stranger(1), now)) == 5


@pytest.mark.real_seconds
def test_a_process_stuck_with_the_pool_holds_up_no_customer(desk: PinDesk, now: datetime) -> None:
    stuck_call = desk.calls(1, now)[0]
    with desk.database.transaction() as stuck, ThreadPoolExecutor(3) as threads:
        assert reserve(stuck, stuck_call, 1, stranger(1), now, LIMITS) is Verdict.GO
        began = time.monotonic()
        acme = threads.submit(desk.try_pin, ACME, ACME_PIN, now)
        same, other = [threads.submit(desk.ask, stranger(n), now) for n in (1, 2)]
        assert acme.result() == (Verdict.OWN_ONLY, "Acme")
        assert (same.result(), other.result()) == (Verdict.NUMBER_LIMIT, Verdict.COMMON_LIMIT)
        assert time.monotonic() - began < PATIENT.lock_ms / 1000, "shorter than anybody waits for a lock otherwise"
    assert desk.ask(stranger(2), now) is Verdict.GO
