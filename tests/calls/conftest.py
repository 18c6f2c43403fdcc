"""One gateway for all phone calls; each test finds it empty but for the directory below, on a Sunday at 02:00."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.outage import Server, Storm, snapshot_renewed
from core.db import Database
from core.schema import upgrade
from tests.calls.people import DIRECTORY, Cast
from tests.calls.stack import SPEED, Gateway, running
from tests.calls.storm import bad_lines, kept
from tests.conftest import SUNDAY_NIGHT, throwaway_database


@pytest.fixture(scope="package")
def gateway_database(postgres_server: str) -> Iterator[Database]:
    """A database of the gateway's own: its worker must not see the rows of tests that make theirs by hand."""
    with throwaway_database(postgres_server) as url:
        database = Database(url)
        upgrade(database.engine)
        yield database
        database.engine.dispose()


@pytest.fixture(scope="package")
def gateway_process(gateway_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Web, worker and network, started once."""
    with running(gateway_database, Path(tmp_path_factory.mktemp("gateway")), patient=True) as gateway:
        yield gateway


def begin(gateway: Gateway) -> None:
    """Forget everything: a Sunday night with short paging times, nobody on the phone."""
    gateway.stop_pages()
    gateway.forget_retries()  # of the test before: one that has failed often is due later than anybody waits
    gateway.settle()  # a call that is just being placed has to be there to be hung up
    gateway.network.reset()
    gateway.network.disturb()
    gateway.network.heal_api()
    gateway.network.set_speed(SPEED)
    gateway.forget_retries()
    gateway.settle()
    with ThreadPoolExecutor(1) as meanwhile:
        clock = meanwhile.submit(gateway.set_time, SUNDAY_NIGHT)  # returns once all processes have seen it
        gateway.wipe()
        gateway.network.settle()
        gateway.network.reset()  # a text that was held back may have gone out after the first time
        gateway.set_paging(no_answer=3, then_every=3, drop_grace=1)
        gateway.begin_with(DIRECTORY)
        clock.result()


@pytest.fixture
def gateway(gateway_process: Gateway) -> Iterator[Gateway]:
    """The gateway on a Sunday night, nobody on the phone; the network must have no complaint at the end."""
    begin(gateway_process)
    yield gateway_process
    gateway_process.network.assert_clean()


@pytest.fixture
def cast(gateway: Gateway) -> Cast:
    """Everybody's phones."""
    return Cast.on(gateway.network)


@pytest.fixture(scope="package")
def storm_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    """A gateway of two web processes whose PostgreSQL is its own and can be stopped."""
    folder = Path(tmp_path_factory.mktemp("storm"))
    # Not in pytest's folder: other runs of pytest close that to everybody else, also to the user of the server.
    place = Path(tempfile.mkdtemp(prefix="nightline-storm-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)  # runs after the server's own stop at exit
    server = Server(place / "postgres")
    database = server.database()
    with running(database, folder, patient=True, WEB_CONCURRENCY="2") as gateway:
        yield Storm(gateway, server)
    database.engine.dispose()


@pytest.fixture
def storm(storm_process: Storm) -> Iterator[Storm]:
    """As `gateway`, with phones that ring for long enough to be picked up."""
    begin(storm_process.gateway)
    storm_process.gateway.set_paging(no_answer=40, then_every=60, rounds=1, drop_grace=1)
    snapshot_renewed(storm_process.gateway)
    yield storm_process
    storm_process.gateway.network.assert_clean()
    assert not kept(storm_process.gateway)
    assert not bad_lines(storm_process.gateway)


@pytest.fixture
def storm_cast(storm: Storm) -> Cast:
    """Everybody's phones."""
    return Cast.on(storm.gateway.network)
