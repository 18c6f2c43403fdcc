"""Of two worker processes one dies, or is stopped, at the worst moments: nothing waits, is lost, or comes twice."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from oncall.models.calls import PhoneCall
from oncall.models.messages import Message
from oncall.models.operations.worker_locks import WorkerLock
from simulator.journal import Record
from tests.calls.night_desk import PATIENCE, accept
from tests.calls.people import ADA, Cast, report_problem
from tests.calls.stack import SPEED, Gateway, Process
from worker.fenced_jobs import FINISH

pytestmark = pytest.mark.real_seconds

# No page waits for a dead worker for longer, seconds; and a worker that is told to stop is gone after that.
LONGEST_WAIT, LONGEST_STOP = 10.0, 10.0
FIRST, SECOND = "worker", "second"
ASKED = {"call": "/Calls.json", "text": "/Messages.json"}


@pytest.fixture(scope="module", autouse=True)
def _one_worker_afterwards(gateway_process: Gateway) -> Iterator[None]:
    yield
    gateway_process.processes.pop(SECOND).stop()


@pytest.fixture(autouse=True)
def two(gateway: Gateway) -> Iterator[None]:
    """Two workers, of which the second one stands still, so that the first takes everything."""
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)
    for name in (FIRST, SECOND):
        if name not in gateway.processes or gateway.processes[name].child.poll() is not None:
            gateway.start_worker(name)
    gateway.network.wait(lambda: at_work(gateway), PATIENCE, "two workers")
    let_go_on(gateway, SECOND, False)
    yield
    gateway.network.release([])
    let_go_on(gateway, SECOND)
    if gateway.processes[FIRST].child.poll() is not None:
        gateway.start_worker(FIRST)
    gateway.network.heal_api()


def at_work(gateway: Gateway) -> bool:
    """Whether both hold their lock."""
    pids = {gateway.processes[name].child.pid for name in (FIRST, SECOND)}
    return pids <= {lock.pid for lock in gateway.rows(WorkerLock)}


def let_go_on(gateway: Gateway, name: str, on: bool = True) -> None:
    os.kill(gateway.processes[name].child.pid, signal.SIGCONT if on else signal.SIGSTOP)


def requests_for_ada(gateway: Gateway, kind: str, method: str) -> list[Record]:
    """What the network was asked about her: POST to send, GET to look up."""
    found = gateway.network.journal.requests(ASKED[kind], method)
    return [one for one in found if one.param("To") == ADA]


def sent(gateway: Gateway, kind: str) -> list[Record]:
    return requests_for_ada(gateway, kind, "POST")


def looked_up(gateway: Gateway, kind: str) -> list[Record]:
    return requests_for_ada(gateway, kind, "GET")


def begin(gateway: Gateway, cast: Cast) -> None:
    """A page for Ada, whose call and text the first worker is asking a sick network for.

    Then the network is well again, but for these requests, and the second worker goes on.
    """
    report_problem(cast.acme)
    gateway.network.wait(
        lambda: sent(gateway, "call") and sent(gateway, "text"), PATIENCE, "requests for the call and the text"
    )
    gateway.network.heal_api()
    gateway.network.set_speed(1)  # her phone rings on
    let_go_on(gateway, SECOND)


def kill(gateway: Gateway) -> float:
    """The first worker, as a crash; when (monotonic)."""
    gateway.processes[FIRST].kill()
    return time.monotonic()


def waited(gateway: Gateway, kind: str, method: str, since: float) -> float:
    """Seconds from then to the next such request."""
    found = gateway.network.wait(
        lambda: [one.at for one in requests_for_ada(gateway, kind, method) if one.at > since],
        PATIENCE,
        f"{method} for the {kind}",
    )
    return found[0] - since


def ends_well(gateway: Gateway, cast: Cast) -> None:
    """One call and one text at the network, and Ada takes the page."""
    gateway.network.set_speed(SPEED)
    accept(cast.ada)
    cast.ada.expect_text("ACK", PATIENCE)
    gateway.settle()
    assert sum("ACK" in one.body for one in list(cast.ada.phone.texts) if one.direction == "in") == 1
    assert [call.sid for call in gateway.rows(PhoneCall, PhoneCall.direction == "out")] == [cast.ada.call_sid]
    [message] = gateway.rows(Message, Message.recipient == ADA)
    assert message.state in {"accepted", "sent", "delivered"}


def test_killed_before_it_has_asked(gateway: Gateway, cast: Cast) -> None:
    let_go_on(gateway, FIRST, False)
    report_problem(cast.acme)
    with gateway.database.transaction() as session:
        session.execute(select(PhoneCall.id).where(PhoneCall.number == ADA).with_for_update())
        session.execute(select(Message.id).where(Message.recipient == ADA).with_for_update())
        let_go_on(gateway, FIRST)
        gateway.network.wait(lambda: waiting(gateway) == 2, PATIENCE, "the first worker to wait for both rows")
        let_go_on(gateway, SECOND)
        killed = kill(gateway)
    assert max(waited(gateway, kind, "POST", killed) for kind in ASKED) < LONGEST_WAIT
    ends_well(gateway, cast)
    assert [len(sent(gateway, kind)) for kind in ASKED] == [1, 1]
    assert [len(looked_up(gateway, kind)) for kind in ASKED] == [0, 0]


def waiting(gateway: Gateway) -> int:
    """How many of the database's connections wait for a row."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with gateway.database.engine.connect() as connection:
        return int(connection.scalar(text(query)) or 0)


def test_killed_while_it_asks(gateway: Gateway, cast: Cast) -> None:
    """The network never heard of either: they are looked up, not found, and sent."""
    for path in ASKED.values():
        gateway.network.fail_api("hang", times=None, path=path, method="POST")
    begin(gateway, cast)
    killed = kill(gateway)
    assert max(waited(gateway, kind, "GET", killed) for kind in ASKED) < LONGEST_WAIT
    assert max(waited(gateway, kind, "POST", killed) for kind in ASKED) < LONGEST_WAIT
    ends_well(gateway, cast)
    assert [len(sent(gateway, kind)) for kind in ASKED] == [2, 2]


def test_killed_before_it_hears_the_answer(gateway: Gateway, cast: Cast) -> None:
    """The network has both, and has reported nothing yet: they are looked up and found, nothing is sent again."""
    gateway.network.hold_callbacks()
    for path in ASKED.values():
        gateway.network.fail_api("slow", times=None, path=path, method="POST", seconds=30)
    begin(gateway, cast)
    cast.ada.rings(PATIENCE)
    killed = kill(gateway)
    assert max(waited(gateway, kind, "GET", killed) for kind in ASKED) < LONGEST_WAIT
    gateway.network.release()
    ends_well(gateway, cast)
    assert [len(sent(gateway, kind)) for kind in ASKED] == [1, 1]


def test_told_to_stop_while_the_network_does_not_answer(gateway: Gateway, cast: Cast) -> None:
    """The text is answered in time and waited for; the call is not, and is handed over, looked up and found."""
    gateway.network.hold_callbacks()
    gateway.network.fail_api("slow", times=None, path=ASKED["call"], method="POST", seconds=20)
    gateway.network.fail_api("slow", times=None, path=ASKED["text"], method="POST", seconds=1.5)
    begin(gateway, cast)
    process = gateway.processes[FIRST]
    told = time.monotonic()
    process.child.send_signal(signal.SIGTERM)
    assert stopped(process, told) < LONGEST_STOP
    # As long as it lived, the other one left it in peace.
    assert FINISH <= waited(gateway, "call", "GET", told) < LONGEST_STOP
    gateway.network.release()
    ends_well(gateway, cast)
    assert [len(sent(gateway, kind)) for kind in ASKED] == [1, 1]
    assert [len(looked_up(gateway, kind)) for kind in ASKED] == [1, 0]
    assert "goes to others" in process.log.read_text()


def stopped(process: Process, since: float) -> float:
    """Seconds from then to its end, which must be an orderly one."""
    assert process.child.wait(PATIENCE) == 0
    return time.monotonic() - since
