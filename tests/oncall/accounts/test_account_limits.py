"""Limits on guessing passwords: exact at the same moment, and no way to shut an owner out."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.clock import real_now
from core.db import Database
from oncall.accounts.limits import ACCOUNT, ADDRESS, ALL, KNOWN, Claim, Limit, full_until, reserve
from oncall.models.access.accounts import SignInAttempt
from tests.oncall.accounts.account_desk import ADA, outcome, outcomes
from tests.web.signing_in import PASSWORD, add_account

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def wide(database: Database) -> Iterator[Database]:
    """A connection for each of 40 who try at once."""
    wide = Database(database.url, pool_size=40)
    yield wide
    wide.engine.dispose()


def test_when_the_next_try_fits(now: datetime) -> None:
    limit = Limit(hour=2, day=3)
    assert full_until([], limit, now) is None
    assert full_until([now], limit, now) is None
    assert full_until([now, now - 10 * MINUTE], limit, now) == now + 50 * MINUTE
    assert full_until([now - HOUR, now - HOUR], limit, now) is None
    assert full_until([now - 2 * HOUR, now - 3 * HOUR, now - 4 * HOUR], limit, now) == now + 20 * HOUR
    assert full_until([now, now, now - 23 * HOUR], limit, now) == now + HOUR


def one_account(count: int) -> list[Claim]:
    return [Claim("ada@example.org", f"198.51.100.{place}") for place in range(count)]


def one_address(count: int) -> list[Claim]:
    return [Claim(f"{place}@example.org", "198.51.100.7") for place in range(count)]


def all_different(count: int) -> list[Claim]:
    return [Claim(f"{place}@example.org", f"2001:db8:{place:x}::/64") for place in range(count)]


def one_browser(count: int) -> list[Claim]:
    return [Claim("ada@example.org", f"198.51.100.{place}", known="a browser") for place in range(count)]


@pytest.mark.parametrize(
    ("claims", "limit", "name"),
    [
        (one_account, ACCOUNT, "account"),
        (one_address, ADDRESS, "address"),
        (all_different, ALL, "all"),
        (one_browser, KNOWN, "browser"),
    ],
)
def test_tries_at_the_same_moment_never_exceed_the_limit(
    wide: Database, claims: Callable[[int], list[Claim]], limit: Limit, name: str
) -> None:
    add_account(wide)
    start = real_now()
    tries = claims(limit.hour + 40)
    assert outcomes(wide, tries, start) == {"wrong": limit.hour, name: 40}
    assert outcomes(wide, tries, start + HOUR) == {"wrong": limit.hour, name: 40}
    for hour in range(2, 5):
        outcomes(wide, tries, start + hour * HOUR)
    assert outcomes(wide, tries[:20], start + 6 * HOUR) == {name: 20}  # the day is used up
    assert outcome(wide, tries[0], at=start + 25 * HOUR) == "wrong"


def test_nobody_shuts_the_owner_out_of_a_known_browser(wide: Database) -> None:
    add_account(wide)
    now = real_now()
    outcomes(wide, one_account(15) + all_different(120), now)
    assert outcome(wide, ADA, PASSWORD, now) in {"account", "all"}
    own = Claim("ada@example.org", "198.51.100.7", known="my browser")
    assert outcome(wide, own, PASSWORD, now) == "right"


def test_right_passwords_count_against_nothing(database: Database) -> None:
    add_account(database)
    now = real_now()
    assert [outcome(database, ADA, PASSWORD, now) for _ in range(30)] == ["right"] * 30
    assert outcome(database, ADA, at=now) == "wrong"


def test_a_process_that_dies_while_it_looks_leaves_a_try_that_counts(database: Database) -> None:
    now = real_now()
    for _ in range(ACCOUNT.hour):
        with database.transaction() as session:
            reserve(session, ADA, now)
    assert outcome(database, ADA, PASSWORD, now) == "account"


def test_what_was_typed_is_not_kept_readable_and_old_tries_are_deleted(database: Database) -> None:
    now = real_now()
    outcome(database, Claim("my secret password", "198.51.100.7"), at=now - timedelta(days=3))
    outcome(database, Claim("my secret password", "198.51.100.7"), at=now)
    with database.transaction() as session:
        kept = session.scalars(select(SignInAttempt)).one()
    assert b"secret" not in (kept.email_digest or b"")
    assert kept.at == now
