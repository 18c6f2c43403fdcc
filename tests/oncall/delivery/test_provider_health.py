"""The breaker: when nothing gets through, and when something does again."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from oncall.delivery.provider_health import (
    Spell,
    Tally,
    forget_results,
    provider_state,
    silent_since,
    spells_until,
    write_results,
)
from oncall.models.operations.provider_health import ProviderOutage, ProviderResult, RequestKind, RequestResult

NOW = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)


def spells(*results: tuple[int, int, int]) -> list[Spell]:
    """From (seconds ago, sent, failed)."""
    return [Spell(NOW - timedelta(seconds=ago), sent, failed) for ago, sent, failed in results]


@pytest.mark.parametrize(
    ("results", "since"),
    [
        ([], None),
        ([(65, 0, 1), (40, 0, 1)], None),  # too few tried
        ([(65, 0, 1), (40, 0, 1), (5, 0, 1)], 65),
        ([(60, 0, 3)], 60),
        ([(55, 0, 9)], None),  # not long enough
        ([(300, 0, 5), (90, 1, 0), (65, 0, 2), (5, 0, 1)], 65),
        ([(300, 0, 5), (30, 1, 5), (5, 0, 9)], None),  # half of them get through
        ([(65, 1, 9), (5, 0, 9)], None),
    ],
)
def test_when_nothing_gets_through(results: list[tuple[int, int, int]], since: int | None) -> None:
    assert silent_since(spells(*results), NOW) == (None if since is None else NOW - timedelta(seconds=since))


def test_counts_of_processes_add_up(session: Session) -> None:
    at = NOW - timedelta(seconds=5)
    for _ in range(2):
        write_results(
            session,
            Counter(
                {
                    (at, RequestKind.CALL, RequestResult.SENT): 2,
                    (at, RequestKind.CALL, RequestResult.FAILED): 1,
                    (at, RequestKind.TEXT, RequestResult.FAILED): 4,
                }
            ),
        )
    write_results(session, Counter({(NOW - timedelta(hours=25), RequestKind.CALL, RequestResult.REFUSED): 1}))
    assert spells_until(session, NOW) == [Spell(at, 4, 10)]
    state = provider_state(session, NOW)
    assert (state.sent, state.refused, state.failed, state.nothing_gets_through) == (4, 0, 10, False)
    forget_results(session, NOW)
    assert set(session.scalars(select(ProviderResult.at))) == {at}


def test_counting_loses_nothing_that_was_not_written() -> None:
    tally = Tally()
    tally.count(RequestKind.CALL, RequestResult.FAILED, "20500 broken")
    taken = tally.take()
    tally.count(RequestKind.CALL, RequestResult.FAILED)
    assert sum(taken.values()) == 1
    tally.give_back(taken)
    assert sum(tally.take().values()) == 2
    assert (tally.take(), tally.last_words) == (Counter(), "20500 broken")


def test_one_outage_at_a_time(session: Session) -> None:
    session.add(ProviderOutage(since=NOW, noticed_at=NOW, open=False, over_at=NOW, words="old"))
    session.add(ProviderOutage(since=NOW, noticed_at=NOW, open=True, words="20500 broken"))
    session.flush()
    assert provider_state(session, NOW).since == NOW
    assert provider_state(session, NOW).words == "20500 broken"
    session.add(ProviderOutage(since=NOW, noticed_at=NOW, open=True, words="another"))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
