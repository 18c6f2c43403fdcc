"""The contract from outside: another network, a fresh checkout, nothing set but what the contract names."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import create_engine, make_url, text

from bench.ports import free_port
from core.db import Database
from oncall.models.messages import Message
from oncall.models.pages import Attempt
from oncall.models.tickets import Intervention
from tests.calls.crude import Leg
from tests.calls.crude_network import ACCOUNT, HOTLINE, PATIENCE, TOKEN, CrudeNetwork
from tests.calls.stack import BIN, ROOT
from tests.dates import same_day
from tests.directory_example import EXAMPLE

ACME, ADA, BRUNO = "+390212345678", "+390584000001", "+390584000002"

# Sunday 14 June 2026, 02:00 in Rome: Ada Rossi is first, Bruno Verdi backup.
SUNDAY = "2026-06-14T02:00:00+02:00"


@dataclass
class Checkout:
    """A fresh tree, an empty database, and the environment that the contract names."""

    tree: Path
    database: Database
    network: CrudeNetwork

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "TWILIO_API_URL": self.network.url,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "HOTLINE_NUMBER": HOTLINE,
            "PUBLIC_URL": self.network.gateway_url,
            "DATABASE_URL": self.database.url,
            "CLOCK_START": SUNDAY,
        } | same_day()

    def flask(self, *arguments: str) -> str:
        command = [str(BIN / "flask"), *arguments]
        done = subprocess.run(
            command, cwd=self.tree, env=self.env, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"flask {arguments}: {done.stderr}"
        return done.stdout

    @contextmanager
    def running(self, port: int) -> Iterator[None]:
        """Web, and a while later one worker."""
        web = [str(BIN / "gunicorn"), "-b", f"127.0.0.1:{port}", "app:create_app()"]
        children: list[subprocess.Popen[bytes]] = []
        with (self.tree / "out.log").open("wb") as log:

            def start(command: list[str]) -> None:
                children.append(subprocess.Popen(command, cwd=self.tree, env=self.env, stdout=log, stderr=log))

            try:
                start(web)
                _wait_until(lambda: _answers(f"{self.network.gateway_url}/healthz"), "the web process does not answer")
                time.sleep(3)  # nobody starts the two in the same second
                start([str(BIN / "flask"), "worker"])
                yield
            finally:
                for child in children:
                    child.terminate()
                for child in children:
                    child.wait(15)

    def logs(self) -> str:
        return (self.tree / "out.log").read_text()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310 - our own gateway
            return bool(answer.status == 200)
    except OSError:
        return False


def _wait_until(condition: Callable[[], bool], complaint: str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, complaint
        time.sleep(0.05)


@pytest.fixture
def checkout(postgres_url: str, tmp_path: Path) -> Iterator[Checkout]:
    tree = tmp_path / "nightline"
    unneeded = shutil.ignore_patterns("var", ".*", "__pycache__", "tests", "docs", "bench", "node_modules")
    shutil.copytree(ROOT, tree, ignore=unneeded)
    name = f"nightline_outside_{os.getpid()}"
    address = make_url(postgres_url).set(drivername="postgresql+psycopg")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    database = Database(make_url(postgres_url).set(database=name).render_as_string(hide_password=False))
    with CrudeNetwork() as network:
        yield Checkout(tree, database, network)
    database.engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.mark.parametrize("ada_is_reported", [True, False], ids=["no answer reported", "nothing reported"])
def test_the_whole_call_over_another_network(checkout: Checkout, ada_is_reported: bool) -> None:
    network, port = checkout.network, free_port()
    network.gateway_url = f"http://127.0.0.1:{port}"
    # Whoever is never reported about is given up by our own clock, which 45 s would only make slow.
    wanted = EXAMPLE if ada_is_reported else EXAMPLE.replace("no_answer: 45", "no_answer: 4")
    (checkout.tree / "directory.yaml").write_text(wanted)
    checkout.flask("init")
    assert "Acme" in checkout.flask("load", "directory.yaml")
    assert "nothing changed" in checkout.flask("load", "directory.yaml")
    assert "Ada Rossi" in checkout.flask("oncall")
    with checkout.running(port):
        try:
            _whole_call(network, ada_is_reported)
            _check_what_is_logged(checkout)
        except BaseException:
            sys.stderr.write(checkout.logs()[-8000:])
            raise


def _whole_call(network: CrudeNetwork, ada_is_reported: bool) -> None:
    acme = network.dial(ACME)
    assert "PIN" in acme.words
    acme.press("48151623")
    acme.press("1")
    acme.press("1")
    assert "ticket number is 1, 0, 4, 2" in acme.words
    network.text_to(ACME, "1042")
    network.text_to(ADA, "ACK")
    ada = network.rings(ADA)
    acme.speak("RE" + "5" * 32, 7)
    if ada_is_reported:
        network.report(ada, "no-answer")
    bruno = network.picks_up(BRUNO)
    assert "P1, ticket 1, 0, 4, 2, Acme. The caller is on the line" in bruno.words
    bruno.press("1")
    network.follow_move(acme)
    assert _room(acme) == _room(bruno)
    time.sleep(2)  # they talk
    acme.hang_up()
    network.follow_move(bruno)
    assert "no longer on the line" in bruno.words
    bruno.press("3")
    assert bruno.status == "completed"
    network.text_to(ACME, "you spoke with Bruno")


def _room(leg: Leg) -> str:
    assert leg.room is not None, leg.words
    return leg.room.text or ""


def _check_what_is_logged(checkout: Checkout) -> None:
    with checkout.database.transaction() as session:
        [work] = session.query(Intervention)
        assert (work.person.name, work.kind) == ("Bruno Verdi", "call")
        assert work.ended_at is not None
        assert 1 <= (work.ended_at - work.started_at).total_seconds() <= PATIENCE
        assert work.started_at.isoformat().startswith("2026-06-14T00:0")
        outcomes = [attempt.outcome for attempt in session.query(Attempt).order_by(Attempt.id)]
        assert outcomes == ["no answer", "accepted"]
        assert {message.channel for message in session.query(Message)} == {"text", "mail"}
