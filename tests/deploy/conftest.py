"""One web process for all tests of `deploy/`, and each proxy before it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.stack import PIN_KEY
from core.clock import real_now
from core.db import Database
from core.schema import upgrade
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from tests.conftest import throwaway_database
from tests.deploy import site
from tests.deploy.site import Certificate, Door
from tests.directory_example import EXAMPLE


@pytest.fixture(scope="package")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return site.make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="package")
def gunicorn(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with throwaway_database(postgres_server) as url:
        database = Database(url)
        upgrade(database.engine)
        with database.transaction() as session:
            apply(session, parse(EXAMPLE), real_now(), PinKeys(PIN_KEY.encode()))
        with site.gunicorn(database, tmp_path_factory.mktemp("web")) as door:
            yield door
        database.engine.dispose()


@pytest.fixture(scope="package")
def nginx(gunicorn: Door, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with site.nginx(gunicorn, certificate, Path(tmp_path_factory.mktemp("nginx")) / "run") as door:
        yield door


@pytest.fixture(scope="package")
def caddy(gunicorn: Door, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with site.caddy(gunicorn, certificate, Path(tmp_path_factory.mktemp("caddy")) / "run") as door:
        yield door


@pytest.fixture
def door(request: pytest.FixtureRequest) -> Door:
    """The way in that a test is parametrized with."""
    found: Door = request.getfixturevalue(request.param)
    return found
