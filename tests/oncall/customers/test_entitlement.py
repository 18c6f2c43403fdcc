"""The right to the after-hours service: each check, their order, and the edges of days in every region."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy.orm import Session

from oncall.customers.entitlement import ContractFacts, check, facts_of
from oncall.models.customers import Contract, Customer, Product, Region
from oncall.models.refusals import Reason

NOON = datetime(2026, 6, 14, 12, 0, tzinfo=UTC)
GOOD = ContractFacts(
    plan="platinum",
    region="europe",
    time_zone="Europe/Rome",
    starts=date(2026, 1, 1),
    ends=date(2026, 12, 31),
    paid=True,
    ends_of_life=(None,),
)
# Each fault on its own, in the order in which callers are told.
FAULTS: list[tuple[Reason, dict[str, Any]]] = [
    (Reason.RETIRED, {"retired": True}),
    (Reason.NOT_PLATINUM, {"plan": "gold"}),
    (Reason.LAPSED, {"ends": date(2026, 6, 13)}),
    (Reason.UNPAID, {"paid": False}),
    (Reason.APAC, {"region": "apac", "time_zone": "Asia/Singapore"}),
    (Reason.END_OF_LIFE, {"ends_of_life": (date(2026, 6, 14),)}),
]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_sound_contract_has_the_right() -> None:
    assert check(GOOD, NOON) is None


@pytest.mark.parametrize(("reason", "fault"), FAULTS)
def test_each_fault_is_refused_with_its_own_reason(reason: Reason, fault: dict[str, Any]) -> None:
    assert check(replace(GOOD, **fault), NOON) is reason


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6])
def test_of_several_faults_the_first_in_order_is_told(size: int) -> None:
    for some in combinations(FAULTS, size):
        faults = {name: value for _, fault in some for name, value in fault.items()}
        assert check(replace(GOOD, **faults), NOON) is some[0][0]


def test_not_begun_comes_where_lapsed_does() -> None:
    ahead = replace(GOOD, starts=date(2026, 6, 15))
    assert check(ahead, NOON) is Reason.NOT_BEGUN
    assert check(replace(ahead, paid=False, ends_of_life=()), NOON) is Reason.NOT_BEGUN
    assert check(replace(ahead, plan="basic"), NOON) is Reason.NOT_PLATINUM


@pytest.mark.parametrize("plan", ["basic", "gold"])
def test_any_plan_but_platinum_is_refused(plan: str) -> None:
    assert check(replace(GOOD, plan=plan), NOON) is Reason.NOT_PLATINUM


@pytest.mark.parametrize(
    ("zone", "last_second", "first_after"),
    [
        ("Europe/Rome", "2026-10-24T23:59:59+02:00", "2026-10-25T00:00:00+02:00"),
        ("Europe/Rome", "2026-10-25T23:59:59+01:00", "2026-10-26T00:00:00+01:00"),
        ("Asia/Dubai", "2026-12-31T23:59:59+04:00", "2027-01-01T00:00:00+04:00"),
        ("America/New_York", "2026-12-31T23:59:59-05:00", "2027-01-01T00:00:00-05:00"),
        ("America/New_York", "2026-11-01T23:59:59-05:00", "2026-11-02T00:00:00-05:00"),
        ("Asia/Singapore", "2026-06-30T23:59:59+08:00", "2026-07-01T00:00:00+08:00"),
    ],
)
def test_cover_runs_to_the_last_second_of_the_last_day_by_the_regions_clock(
    zone: str, last_second: str, first_after: str
) -> None:
    facts = replace(GOOD, time_zone=zone, ends=date.fromisoformat(last_second[:10]))
    assert check(facts, instant(last_second)) is None
    assert check(facts, instant(first_after)) is Reason.LAPSED


@pytest.mark.parametrize(
    ("zone", "too_early", "first_second"),
    [
        ("Europe/Rome", "2026-03-28T23:59:59+01:00", "2026-03-29T00:00:00+01:00"),
        ("Asia/Dubai", "2026-05-31T23:59:59+04:00", "2026-06-01T00:00:00+04:00"),
        ("America/New_York", "2026-03-07T23:59:59-05:00", "2026-03-08T00:00:00-05:00"),
    ],
)
def test_cover_begins_with_the_first_second_of_the_first_day(zone: str, too_early: str, first_second: str) -> None:
    facts = replace(GOOD, time_zone=zone, starts=date.fromisoformat(first_second[:10]))
    assert check(facts, instant(too_early)) is Reason.NOT_BEGUN
    assert check(facts, instant(first_second)) is None


def test_one_instant_is_another_day_elsewhere() -> None:
    evening_in_utc = instant("2026-12-31T21:30:00+00:00")
    assert check(replace(GOOD, time_zone="Asia/Dubai"), evening_in_utc) is Reason.LAPSED
    assert check(replace(GOOD, time_zone="Europe/Rome"), evening_in_utc) is None
    assert check(replace(GOOD, time_zone="America/New_York"), evening_in_utc) is None


def test_a_contract_of_one_day_is_in_force_on_it() -> None:
    assert check(replace(GOOD, starts=date(2026, 6, 14), ends=date(2026, 6, 14)), NOON) is None


@pytest.mark.parametrize(
    ("ends_of_life", "reason"),
    [
        ((), Reason.END_OF_LIFE),
        ((None,), None),
        ((date(2026, 6, 15),), None),
        ((date(2026, 6, 14),), Reason.END_OF_LIFE),
        ((date(2020, 1, 1), date(2021, 1, 1)), Reason.END_OF_LIFE),
        ((date(2020, 1, 1), None), None),
        ((date(2026, 6, 14), date(2026, 6, 15)), None),
    ],
)
def test_one_product_still_supported_is_enough(ends_of_life: tuple[date | None, ...], reason: Reason | None) -> None:
    assert check(replace(GOOD, ends_of_life=ends_of_life), NOON) is reason


@pytest.mark.parametrize(
    ("at", "reason"), [("2026-06-30T23:59:59-04:00", None), ("2026-07-01T00:00:00-04:00", Reason.END_OF_LIFE)]
)
def test_end_of_life_begins_at_midnight_of_the_region(at: str, reason: Reason | None) -> None:
    facts = replace(GOOD, region="america", time_zone="America/New_York", ends_of_life=(date(2026, 7, 1),))
    assert check(facts, instant(at)) is reason


def test_the_right_is_judged_after_hours_and_in_staffed_hours_alike() -> None:
    assert {check(GOOD, NOON.replace(hour=hour)) for hour in range(24)} == {None}


def test_every_reason_has_its_own_words_and_a_storable_name() -> None:
    labels = [reason.label for reason in Reason]
    assert len(set(labels)) == len(labels)
    assert all(label[0].isupper() and not label.endswith(".") for label in labels)
    assert all(reason.value == reason.name.lower() for reason in Reason)


def test_facts_come_from_the_stored_contract(session: Session) -> None:
    contract = Contract(
        customer=Customer(name="Acme"),
        plan="platinum",
        region=Region(name="middle_east", time_zone="Asia/Dubai"),
        start_date=date(2026, 1, 1),
        end_date=date(2026, 12, 31),
        paid=False,
        products=[Product(name="UC Suite", end_of_life=date(2028, 1, 1)), Product(name="Recorder", end_of_life=None)],
    )
    session.add(contract)
    session.flush()
    session.expire(contract)
    facts = facts_of(contract)
    assert facts.region == "middle_east"
    assert facts.time_zone == "Asia/Dubai"
    assert (facts.starts, facts.ends, facts.paid) == (date(2026, 1, 1), date(2026, 12, 31), False)
    assert facts.ends_of_life == (None, date(2028, 1, 1))
    assert check(facts, NOON) is Reason.UNPAID
