"""Who has a right to the after-hours service, and every reason to turn a caller away.

Pure: facts of a contract and an instant in, a reason or None out. What the caller then hears stands elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from oncall.models.customers import Contract
from oncall.models.refusals import Reason
from schedules.staffed_hours import Plan, is_staffed
from schedules.wall_clock import wall_time

# The on-call service is not offered in the Asia-Pacific time zone (support guide, after-hours service).
WITHOUT_ON_CALL: Final = "apac"


@dataclass(frozen=True)
class ContractFacts:
    """What the right to call depends on.

    `starts` and `ends` are both covered, on the calendar of `time_zone` (IANA name). `ends_of_life` has one entry
    a product: its first day without support, or None where that is not announced. `retired`: no customer any more.
    """

    plan: str
    region: str
    time_zone: str
    starts: date
    ends: date
    paid: bool
    ends_of_life: tuple[date | None, ...]
    retired: bool = False


def facts_of(contract: Contract) -> ContractFacts:
    """The facts of a stored contract, whose region and products are loaded."""
    return ContractFacts(
        plan=contract.plan,
        region=contract.region_name,
        time_zone=contract.region.time_zone,
        starts=contract.start_date,
        ends=contract.end_date,
        paid=contract.paid,
        ends_of_life=tuple(product.end_of_life for product in contract.products),
        retired=contract.customer.retired_at is not None,
    )


def check(facts: ContractFacts, now: datetime) -> Reason | None:
    """The first reason to refuse the after-hours service at `now` (aware UTC), or None when there is a right to it.

    Raises UnknownZoneError.
    """
    today = wall_time(now, facts.time_zone).date()
    return next((reason for reason, refuses in _IN_ORDER if refuses(facts, today)), None)


def is_open(plan: str, time_zone: str, office_number: str | None, now: datetime) -> bool:
    """Whether there is an office to be rung first, and somebody in it for this plan now."""
    return bool(office_number) and is_staffed(Plan(plan), time_zone, now)


def _is_past_end_of_life(facts: ContractFacts, today: date) -> bool:
    """Also without any product: then there is nothing to support."""
    return not any(end is None or today < end for end in facts.ends_of_life)


# The order in which a caller is told: a contract that would fail several checks fails the first.
_IN_ORDER: Final[tuple[tuple[Reason, Callable[[ContractFacts, date], bool]], ...]] = (
    (Reason.RETIRED, lambda facts, today: facts.retired),
    (Reason.NOT_PLATINUM, lambda facts, today: facts.plan != Plan.PLATINUM),
    (Reason.NOT_BEGUN, lambda facts, today: today < facts.starts),
    (Reason.LAPSED, lambda facts, today: today > facts.ends),
    (Reason.UNPAID, lambda facts, today: not facts.paid),
    (Reason.APAC, lambda facts, today: facts.region == WITHOUT_ON_CALL),
    (Reason.END_OF_LIFE, _is_past_end_of_life),
)
