"""The limits on guessing PINs: whom they stop, how they slide, and that they are no lever against customers."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.db import Database
from oncall.customers.pin_guard import Caller, Verdict, caller_of, forget_old
from oncall.models.access.pin_attempts import PinAttempt
from oncall.models.customers import Customer
from tests.oncall.customers.pin_desk import (
    ACME,
    ACME_PIN,
    ADA,
    DAY,
    GLOBEX,
    GLOBEX_PIN,
    HOUR,
    MOMENT,
    WRONG_PIN,
    PinDesk,
    allowed,
    fill_common,
    open_desk,
    stranger,
)


@pytest.fixture
def desk(database: Database) -> PinDesk:
    return open_desk(database)


# --- Who is limited by what


def test_a_number_has_five_tries_an_hour_and_ten_a_day(desk: PinDesk, now: datetime) -> None:
    assert desk.ask_often(6, stranger(1), now) == [Verdict.GO] * 5 + [Verdict.NUMBER_LIMIT]
    assert desk.ask_often(6, stranger(1), now + HOUR) == [Verdict.GO] * 5 + [Verdict.NUMBER_LIMIT]
    assert desk.ask(stranger(1), now + 2 * HOUR) is Verdict.NUMBER_LIMIT
    assert desk.ask(stranger(2), now + 2 * HOUR) is Verdict.GO


def test_withheld_callers_share_one_number(desk: PinDesk, now: datetime) -> None:
    assert allowed(desk.ask_often(7, Caller(None), now)) == 5
    assert desk.ask(Caller(None), now) is Verdict.NUMBER_LIMIT
    assert desk.ask(stranger(1), now) is Verdict.GO


def test_right_pins_count_for_nothing(desk: PinDesk, now: datetime) -> None:
    for _ in range(25):
        assert desk.try_pin("+4930111", ACME_PIN, now) == (Verdict.GO, "Acme")
    assert allowed(desk.ask_often(6, Caller("+4930111"), now)) == 5


def test_an_attempt_that_was_never_settled_counts_as_wrong(desk: PinDesk, now: datetime) -> None:
    desk.ask_often(5, stranger(1), now)
    assert desk.outcomes() == {"pending": 5}
    assert desk.ask(stranger(1), now + HOUR - MOMENT) is Verdict.NUMBER_LIMIT


def test_a_refused_attempt_does_not_prolong_the_refusal(desk: PinDesk, now: datetime) -> None:
    desk.ask_often(5, stranger(1), now)
    assert allowed(desk.ask_often(20, stranger(1), now + HOUR - MOMENT)) == 0
    assert desk.ask(stranger(1), now + HOUR) is Verdict.GO


def test_nobody_elsewhere_locks_a_registered_number_out(desk: PinDesk, now: datetime) -> None:
    fill_common(desk, now)
    assert desk.try_pin("+15550001", ACME_PIN, now) == (Verdict.COMMON_LIMIT, None)
    assert desk.try_pin(ACME, ACME_PIN, now) == (Verdict.OWN_ONLY, "Acme")


def test_a_registered_number_may_give_another_customers_pin_while_the_common_pool_has_room(
    desk: PinDesk, now: datetime
) -> None:
    assert desk.try_pin(ACME, GLOBEX_PIN, now) == (Verdict.GO, "Globex")
    fill_common(desk, now)
    assert desk.try_pin(ACME, GLOBEX_PIN, now) == (Verdict.OWN_ONLY, None)


def test_wrong_pins_from_a_registered_number_count_in_the_common_pool_too(desk: PinDesk, now: datetime) -> None:
    verdicts = [desk.try_pin(ACME, WRONG_PIN, now)[0] for _ in range(31)]
    assert verdicts == [Verdict.GO] * 20 + [Verdict.OWN_ONLY] * 10 + [Verdict.RING_BACK]
    assert desk.ask(stranger(1), now) is Verdict.COMMON_LIMIT
    assert desk.try_pin(GLOBEX, GLOBEX_PIN, now) == (Verdict.OWN_ONLY, "Globex")


def test_a_registered_number_that_was_rung_back_has_three_tries_a_call(desk: PinDesk, now: datetime) -> None:
    acme = Caller(ACME, (1,))
    assert desk.ask_often(31, acme, now)[-1] is Verdict.RING_BACK
    rung = Caller(ACME, (1,), verified=True)
    for call in desk.calls(2, now):
        verdicts = [desk.ask(rung, now, call=call, turn=turn) for turn in range(1, 5)]
        assert verdicts == [Verdict.OWN_ONLY] * 3 + [Verdict.NUMBER_LIMIT]
    assert desk.ask(acme, now) is Verdict.RING_BACK


def test_who_is_rung_back_goes_no_faster_through_other_customers_pins(desk: PinDesk, now: datetime) -> None:
    rung = Caller(ACME, (1,), verified=True)
    verdicts = [desk.ask(rung, now, call=call, turn=turn) for call in desk.calls(10, now) for turn in (1, 2, 3)]
    assert verdicts == [Verdict.GO] * 20 + [Verdict.OWN_ONLY] * 10


def test_a_technicians_number_is_limited_and_safe_as_a_registered_one(desk: PinDesk, now: datetime) -> None:
    fill_common(desk, now)
    verdicts = desk.ask_often(31, Caller(ADA, staff=True), now)
    assert verdicts == [Verdict.OWN_ONLY] * 30 + [Verdict.RING_BACK]
    assert desk.try_pin(ADA, ACME_PIN, now + HOUR) == (Verdict.GO, "Acme")


def test_what_the_directory_knows_of_a_number(desk: PinDesk) -> None:
    with desk.database.transaction() as session:
        acme = session.scalars(select(Customer).where(Customer.name == "Acme")).one().id
        assert caller_of(session, ACME) == Caller(ACME, (acme,))
        assert caller_of(session, ADA, verified=True) == Caller(ADA, staff=True, verified=True)
        assert caller_of(session, "+15550001") == Caller("+15550001")
        assert caller_of(session, None) == Caller(None)
    assert Caller(ADA, staff=True).registered
    assert Caller(ACME, (acme,)).registered
    assert not Caller(None).registered


# --- Time


def test_the_hour_slides(desk: PinDesk, now: datetime) -> None:
    for minute in range(5):
        assert desk.ask(stranger(1), now + timedelta(minutes=minute)) is Verdict.GO
    assert desk.ask(stranger(1), now + HOUR - MOMENT) is Verdict.NUMBER_LIMIT
    assert desk.ask(stranger(1), now + HOUR) is Verdict.GO  # the first one is an hour old now
    assert desk.ask(stranger(1), now + HOUR) is Verdict.NUMBER_LIMIT
    assert desk.ask(stranger(1), now + HOUR + timedelta(minutes=1)) is Verdict.GO


def test_the_day_slides(desk: PinDesk, now: datetime) -> None:
    for hour in range(10):
        assert desk.ask(stranger(1), now + hour * HOUR) is Verdict.GO
    assert desk.ask(stranger(1), now + DAY - MOMENT) is Verdict.NUMBER_LIMIT
    assert desk.ask(stranger(1), now + DAY) is Verdict.GO
    assert desk.ask(stranger(1), now + DAY) is Verdict.NUMBER_LIMIT


def test_a_year_of_patient_guessing_stays_within_what_the_document_says(desk: PinDesk, now: datetime) -> None:
    asked_every_20_minutes = [desk.ask(stranger(1), now + n * HOUR / 3) for n in range(3 * 24 * 3)]
    assert allowed(asked_every_20_minutes) == 30  # three days of ten


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(minutes=59)])
def test_a_clock_set_back_does_not_open_the_limits(desk: PinDesk, now: datetime, back: timedelta) -> None:
    desk.ask_often(5, stranger(1), now)
    assert desk.ask(stranger(1), now - back) is Verdict.NUMBER_LIMIT
    assert desk.ask(stranger(1), now + HOUR) is Verdict.GO


def test_a_clock_set_back_by_months_shuts_nobody_out_for_months(desk: PinDesk, now: datetime) -> None:
    desk.ask_often(5, stranger(1), now)
    fill_common(desk, now - HOUR)
    past = now - timedelta(days=200)
    assert desk.ask(stranger(1), past) is Verdict.GO


def test_a_clock_that_jumps_ahead_only_lets_old_attempts_age(desk: PinDesk, now: datetime) -> None:
    desk.ask_often(5, stranger(1), now)
    ahead = now + timedelta(days=200)
    assert allowed(desk.ask_often(6, stranger(1), ahead)) == 5
    assert desk.ask(stranger(1), now) is Verdict.NUMBER_LIMIT


def test_old_attempts_are_forgotten_and_counted_ones_kept(desk: PinDesk, now: datetime) -> None:
    for age in (timedelta(0), DAY, 2 * DAY, 2 * DAY + MOMENT, 30 * DAY, -30 * DAY):
        desk.ask(stranger(1), now - age)
    with desk.database.transaction() as session:
        assert forget_old(session, now) == 2  # what lies ahead stays: clocks differ, and are set back
        assert session.scalar(select(func.min(PinAttempt.at))) == now - 2 * DAY
        assert forget_old(session, now) == 0
