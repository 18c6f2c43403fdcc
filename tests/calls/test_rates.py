"""Two workers and one telephone number: never more a second than it may, and what matters most goes first."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.clock import real_now
from core.db import Database
from core.jobs import Urgency
from core.schema import upgrade
from oncall.delivery.rate_limit import burst_of
from oncall.models import jobs
from oncall.models.calls import PhoneCall
from oncall.models.messages import Channel, Message, post
from oncall.models.ranks import DRILL, OTHER, P1, P2
from simulator.journal import Record
from tests.calls.conftest import begin
from tests.calls.stack import Gateway, running
from tests.conftest import SUNDAY_NIGHT, throwaway_database

pytestmark = pytest.mark.real_seconds

CALLS, TEXTS = 2.0, 8.0
BURSTS = {"/Calls": burst_of(CALLS), "/Messages": burst_of(TEXTS)}
# When each was claimed, with its token: a worker may be held up between that and its request.
CLAIMS = """
CREATE TABLE claim (number text, path text, at timestamptz);
CREATE FUNCTION note_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO claim VALUES (NEW.number, '/Calls', NEW.claimed_at); RETURN NULL; END $$;
CREATE FUNCTION note_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO claim VALUES (NEW.recipient, '/Messages', NEW.claimed_at); RETURN NULL; END $$;
CREATE TRIGGER note AFTER UPDATE ON phone_call FOR EACH ROW
WHEN (NEW.state = 'sending' AND NEW.claimed_at IS DISTINCT FROM OLD.claimed_at) EXECUTE FUNCTION note_call();
CREATE TRIGGER note AFTER UPDATE ON message FOR EACH ROW
WHEN (NEW.state = 'sending' AND NEW.claimed_at IS DISTINCT FROM OLD.claimed_at) EXECUTE FUNCTION note_text();
"""
PATIENCE = 90.0


@pytest.fixture(scope="module")
def paced_process(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway of two workers with limits."""
    with throwaway_database(postgres_server) as url:
        database = Database(url)
        upgrade(database.engine)
        with database.transaction() as session:
            session.execute(text(CLAIMS))
        folder = Path(tmp_path_factory.mktemp("paced"))
        with running(database, folder, CALLS_PER_SECOND=str(CALLS), TEXTS_PER_SECOND=str(TEXTS)) as gateway:
            gateway.start_worker("second")
            gateway.network.wait(
                lambda: "worker started" in (gateway.folder / "second.log").read_text(), 40, "a second worker"
            )
            yield gateway
        database.engine.dispose()


@pytest.fixture
def paced(paced_process: Gateway) -> Iterator[Gateway]:
    begin(paced_process)
    yield paced_process
    paced_process.network.assert_clean()


def number(place: int) -> str:
    return f"+3933300000{place:02}"


def put_down(gateway: Gateway, ranks: list[int], *, calls: bool = True, texts: bool = True) -> None:
    """Calls and texts of these ranks, all at the same moment, each to a number of its own: +3933300000NN."""
    with gateway.database.transaction() as session:
        for place, rank in enumerate(ranks):
            if texts:
                to = number(place)
                post(session, SUNDAY_NIGHT, key=f"t:{place}", channel=Channel.TEXT, recipient=to, body="Hi", rank=rank)
            if not calls:
                continue
            call = PhoneCall(
                direction="out",
                purpose="hotline",
                number=number(place),
                state="queued",
                step="answered",
                memo={},
                rank=rank,
                created_at=SUNDAY_NIGHT + timedelta(seconds=place),
            )
            session.add(call)
            session.flush()
            jobs.place_call.with_urgency(Urgency.NORMAL).wake(session, call_id=call.id)


def requests(gateway: Gateway, path: str, count: int) -> list[Record]:
    """The first `count` requests that ask for a call or a text, as the network saw them."""

    def asked() -> list[Record]:
        return gateway.network.journal.requests(f"{path}.json", "POST")

    gateway.network.wait(lambda: len(asked()) >= count, PATIENCE, f"{count} requests to {path}")
    return asked()


def claimed(gateway: Gateway, path: str) -> list[int]:
    """In the order in which workers took them: of two that ask in one moment, the later may be heard first."""
    with gateway.database.transaction() as session:
        query = text("SELECT number FROM claim WHERE path = :path ORDER BY at, ctid")
        return [int(number[-2:]) for number in session.scalars(query, {"path": path})]


def places(records: list[Record]) -> list[int]:
    return [int((record.param("To") or "")[-2:]) for record in records]


def assert_rate(gateway: Gateway, records: list[Record], path: str, rate: float) -> None:
    """From the first claim of some to the last one's arrival, w seconds later: no more than rate * w + burst."""
    with gateway.database.transaction() as session:
        rows = session.execute(text("SELECT number, at FROM claim WHERE path = :path ORDER BY at"), {"path": path})
        claims: dict[str, datetime] = dict(rows.all())
    monotonic_zero = real_now() - timedelta(seconds=time.monotonic())
    came = sorted(
        (record.at, (claims[record.param("To") or ""] - monotonic_zero).total_seconds()) for record in records
    )
    for first in range(len(came)):
        for last in range(first, len(came)):
            window = came[first : last + 1]
            span = window[-1][0] - min(claimed for _, claimed in window)
            assert len(window) <= rate * span + BURSTS[path] + 1e-2, f"{len(window)} in {span:.3f} s"


def test_two_workers_keep_to_one_rate_and_one_order(paced: Gateway) -> None:
    for place in range(10):
        paced.network.phone(number(place), f"Phone {place}")
    ranks = [DRILL, OTHER, P2, P1, P1, P2, OTHER, P1]
    put_down(paced, ranks)
    calls, texts = requests(paced, "/Calls", 8), requests(paced, "/Messages", 8)
    for records, path, rate in ((calls, "/Calls", CALLS), (texts, "/Messages", TEXTS)):
        assert len(records) == 8
        assert_rate(paced, records, path, rate)
    assert claimed(paced, "/Calls") == [3, 4, 7, 2, 5, 1, 6, 0]
    assert calls[-1].at - calls[0].at < 8 / CALLS + 6, "the tokens that there are get used"
    paced.settle()
    assert {message.state for message in paced.rows(Message)} <= {"accepted", "sent", "delivered"}


def test_with_a_free_token_a_call_leaves_at_once(paced: Gateway) -> None:
    paced.network.phone(number(0), "Phone 0")
    begun = real_now()
    put_down(paced, [P1], texts=False)
    requests(paced, "/Calls", 1)
    assert (real_now() - begun).total_seconds() < 3
    paced.settle()
    [call] = paced.rows(PhoneCall)
    assert call.ringing_from is not None
    assert call.tries == 1


def test_too_many_requests_pause_the_kind(paced: Gateway) -> None:
    """Not only the call that was refused waits, and texts go on."""
    for place in range(2):
        paced.network.phone(number(place), f"Phone {place}")
    paced.network.configure(retry_after="3")
    paced.network.fail_api(429, times=1, path="/Calls.json", method="POST")
    put_down(paced, [P1, P2], texts=False)
    refused = requests(paced, "/Calls", 1)[0]
    put_down(paced, [P2], calls=False)
    [sent] = requests(paced, "/Messages", 1)
    calls = requests(paced, "/Calls", 3)
    assert sent.at < refused.at + 2.5
    assert calls[1].at >= refused.at + 3
    assert sorted(places(calls[1:])) == [0, 1]
    assert places(calls)[0] == 0
    paced.network.configure(retry_after="1")


def test_a_worker_that_dies_leaves_its_queue_to_the_other(paced: Gateway) -> None:
    for place in range(6):
        paced.network.phone(number(place), f"Phone {place}")
    put_down(paced, [P1, P1, P1, P1, P1, P1], texts=False)
    requests(paced, "/Calls", 1)
    paced.processes["second"].kill()
    calls = requests(paced, "/Calls", 6)
    assert len(set(places(calls))) == 6
    assert_rate(paced, calls, "/Calls", CALLS)
