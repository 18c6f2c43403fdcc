"""The flask commands, and what they say when something is wrong."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import create_engine, func, make_url, select, text, update

from app import create_app
from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.customers import Customer, Pin
from oncall.people import Person
from oncall.rosters import RosterRotation
from oncall.runtime import Runtime
from simulator.driver import Network
from tests.oncall.test_directory import DEMO, EXAMPLE, edited

Flasks = Callable[..., Result]
ROOT = Path(__file__).parents[1]
NUMBER = "+390584943299"


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """A telephone network whose number leads to us."""
    with Network(auth_token="a-token-for-tests", number=NUMBER) as network:
        yield network


@pytest.fixture
def gateway_settings(network: Network, tmp_path: Path) -> Settings:
    network.configure(
        voice_url="https://hotline.example.org/ivr/voice",
        sms_url="https://hotline.example.org/ivr/sms#rc=2",
        status_url="https://hotline.example.org/ivr/status",
        fallback_url="https://elsewhere.example.org/fallback.xml",
    )
    return Settings(
        var_dir=tmp_path,
        public_url="https://hotline.example.org",
        twilio_account_sid=network.exchange.config.account_sid,
        twilio_auth_token="a-token-for-tests",
        twilio_api_url=network.url,
        hotline_number=NUMBER,
    )


@pytest.fixture
def application(gateway_settings: Settings, database: Database, now: datetime) -> Flask:
    return create_app(gateway_settings, Runtime(gateway_settings, database, ShiftedClock.starting_at(now)))


@pytest.fixture
def flask(application: Flask) -> Flasks:
    """Runs a command of ours."""

    def run(*arguments: str) -> Result:
        return application.test_cli_runner().invoke(args=list(arguments))

    return run


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return written(tmp_path, EXAMPLE)


def written(folder: Path, directory: str) -> Path:
    path = folder / "directory.yaml"
    path.write_text(directory, encoding="utf-8")
    return path


def test_init_prepares_an_empty_database(gateway_settings: Settings, postgres_url: str, now: datetime) -> None:
    address = make_url(postgres_url).set(drivername="postgresql+psycopg")
    name = f"{address.database}_init"
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    fresh = Database(address.set(drivername="postgresql", database=name).render_as_string(hide_password=False))
    runner = create_app(
        gateway_settings, Runtime(gateway_settings, fresh, ShiftedClock.starting_at(now))
    ).test_cli_runner()
    try:
        unprepared = runner.invoke(args=["oncall"])
        assert (unprepared.exit_code, unprepared.stderr) == (
            1,
            "nightline: the database is not prepared: run `flask init`\n",
        )
        checked = runner.invoke(args=["check"])
        assert "problem  database: there is no schema; run `flask init`" in checked.stdout
        for _ in range(2):
            result = runner.invoke(args=["init"])
            assert result.exit_code == 0
            assert result.stdout.startswith("The database is ready, schema version 0")
        with fresh.transaction() as session:
            assert session.scalar(select(func.count()).select_from(Customer)) == 0
    finally:
        fresh.engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def test_load_says_what_changed_and_then_nothing(flask: Flasks, example: Path) -> None:
    first = flask("load", str(example))
    assert first.exit_code == 0
    assert "customer Acme: added\ncustomer Acme: PIN set\n" in first.stdout
    assert "48151623" not in first.output
    second = flask("load", str(example))
    assert (second.exit_code, second.stdout) == (0, "nothing changed\n")


def test_a_bad_file_changes_nothing_and_says_line_and_reason(flask: Flasks, tmp_path: Path, database: Database) -> None:
    path = written(tmp_path, edited(("plan: platinum ", "plan: silver ")))
    result = flask("load", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"{path}: nothing was changed\n"
        "line 15: customers → Acme → contract → plan: 'silver' is not one of basic, gold, platinum\n"
    )
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_a_file_that_collides_with_the_database_changes_nothing(
    flask: Flasks, example: Path, database: Database
) -> None:
    flask("load", str(example))
    thief = edited(("name: Ada Rossi\n", "name: Zed\n")).replace("Ada Rossi", "Zed")
    result = flask("load", str(written(example.parent, thief)))
    assert result.exit_code == 1
    assert "is the phone of Ada Rossi" in result.stderr
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 3


def test_load_of_what_is_no_text_or_not_there(flask: Flasks, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\xff\xfe")
    result = flask("load", str(path))
    assert (result.exit_code, result.stderr) == (
        1,
        f"nightline: {path} is not a text file in UTF-8; nothing was changed\n",
    )
    assert flask("load", str(tmp_path / "missing.yaml")).exit_code == 2


def test_load_takes_a_byte_order_mark(flask: Flasks, tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.replace("\n", "\r\n").encode())
    assert flask("load", str(path)).exit_code == 0


def test_oncall_as_a_table_and_for_programs(flask: Flasks, example: Path) -> None:
    flask("load", str(example))
    table = flask("oncall", "--at", "2026-12-25T02:00")
    assert table.stdout == (
        "After hours, Fri 25 Dec 2026, 02:00 CET\n"
        "  first   Carla Neri +390584000003  (override)\n"
        "  backup  Bruno Verdi +390584000002  (rotation)\n"
    )
    found = json.loads(flask("oncall", "--at", "2026-12-25T02:00+01:00", "--json", "--roster", "After hours").stdout)
    assert found == [
        {
            "roster": "After hours",
            "at": "2026-12-25T01:00:00Z",
            "layers": [
                {"layer": "first", "people": [{"name": "Carla Neri", "phone": "+390584000003"}], "why": "override"},
                {"layer": "backup", "people": [{"name": "Bruno Verdi", "phone": "+390584000002"}], "why": "rotation"},
            ],
        }
    ]


def test_oncall_now_is_the_gateways_time(flask: Flasks, example: Path, now: datetime) -> None:
    flask("load", str(example))
    (found,) = json.loads(flask("oncall", "--json").stdout)
    assert abs(datetime.fromisoformat(found["at"]) - now) < timedelta(minutes=5)


def test_oncall_before_the_start_is_nobody(flask: Flasks, example: Path) -> None:
    flask("load", str(example))
    assert "  first   nobody  (nobody)\n" in flask("oncall", "--at", "2026-01-05T17:59").stdout
    assert "  first   Ada Rossi +390584000001  (rotation)\n" in flask("oncall", "--at", "2026-01-05T18:00").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--roster", "Nights"], "nightline: there is no roster 'Nights'; rosters are: After hours\n"),
        (
            ["--at", "tonight"],
            "nightline: --at 'tonight' is not a time; write it such as 2027-03-28T02:30 or 2027-03-28T02:30+02:00\n",
        ),
    ],
)
def test_oncall_says_what_it_cannot_answer(flask: Flasks, example: Path, arguments: list[str], said: str) -> None:
    flask("load", str(example))
    result = flask("oncall", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", said)


def test_oncall_without_a_directory(flask: Flasks) -> None:
    assert flask("oncall").stdout == "There is no roster yet: load a directory with `flask load FILE`.\n"
    assert flask("oncall", "--json").stdout == "[]\n"


def test_fallback_rings_the_people_on_call_one_after_the_other(flask: Flasks, example: Path) -> None:
    flask("load", str(example))
    document = ET.fromstring(flask("fallback").stdout.encode())  # noqa: S314 - our own document
    dials = document.findall("Dial")
    assert [dial.findtext("Number") for dial in dials] == ["+390584000001", "+390584000002", "+390584000003"]
    assert {(dial.get("callerId"), dial.get("timeout")) for dial in dials} == {(NUMBER, "45")}
    verbs = [verb.tag for verb in document]
    assert verbs == ["Say", "Say", "Dial", "Say", "Dial", "Say", "Dial", "Say", "Hangup"]
    assert "in English only" in str(document[0].text)
    assert "open a ticket at support.example.org" in str(document[-2].text)


def test_fallback_rings_for_the_time_set(flask: Flasks, tmp_path: Path) -> None:
    flask("load", str(written(tmp_path, edited(("no_answer: 45", "no_answer: 20")))))
    document = ET.fromstring(flask("fallback").stdout.encode())  # noqa: S314
    assert {dial.get("timeout") for dial in document.findall("Dial")} == {"20"}


def test_fallback_with_nobody_on_call_still_speaks(flask: Flasks) -> None:
    document = ET.fromstring(flask("fallback").stdout.encode())  # noqa: S314
    assert [verb.tag for verb in document] == ["Say", "Say", "Hangup"]
    assert "nobody can be called now" in str(document[1].text)


@pytest.fixture
def demo_loaded(flask: Flasks) -> None:
    assert flask("load", str(DEMO)).exit_code == 0


@pytest.mark.usefixtures("demo_loaded")
def test_check_finds_all_well(flask: Flasks, network: Network) -> None:
    result = flask("check")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line for line in lines if not line.startswith("ok ")] == [
        "warning  worker: no worker is running: nobody is rung; start `flask worker`"
    ]
    subjects = [line.split(":")[0].removeprefix("ok").strip() for line in lines]
    assert subjects[:3] == ["settings", "database", "people"]
    assert subjects[-5:] == [
        "Twilio",
        "A call comes in",
        "Call status changes",
        "A message comes in",
        "Primary handler fails",
    ]
    assert "0.0011 times a year" in result.stdout


@pytest.mark.usefixtures("demo_loaded")
@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        ("voice_url", "https://demo.twilio.com/welcome/voice/",
         "problem  A call comes in: POST https://demo.twilio.com/welcome/voice/ is entered; Twilio console, "
         f"Phone Numbers, Active numbers, {NUMBER}, Configure: enter https://hotline.example.org/ivr/voice, HTTP POST"),
        ("sms_url", "", "problem  A message comes in: nothing is entered; Twilio console, Phone Numbers, "
         f"Active numbers, {NUMBER}, Configure: enter https://hotline.example.org/ivr/sms, HTTP POST"),
        ("status_url", "http://hotline.example.org/ivr/status",
         "warning  Call status changes: POST http://hotline.example.org/ivr/status is entered; Twilio console, Phone "
         f"Numbers, Active numbers, {NUMBER}, Configure: enter https://hotline.example.org/ivr/status, HTTP POST"),
    ],
)  # fmt: skip
def test_check_says_what_to_enter_where(flask: Flasks, network: Network, setting: str, value: str, line: str) -> None:
    network.configure(**{setting: value})
    result = flask("check")
    assert result.exit_code == (1 if line.startswith("problem") else 0)
    assert line in result.stdout.splitlines()


@pytest.mark.usefixtures("demo_loaded")
@pytest.mark.parametrize("address", ["", "https://hotline.example.org/fallback.xml"])
def test_check_warns_of_a_fallback_that_is_none(flask: Flasks, network: Network, address: str) -> None:
    network.configure(fallback_url=address)
    result = flask("check")
    assert result.exit_code == 0
    assert "warning  Primary handler fails: " in result.stdout
    assert "put what `flask fallback` prints on a server elsewhere" in result.stdout


@pytest.mark.usefixtures("demo_loaded")
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"twilio_auth_token": "wrong"}, "problem  Twilio: refuses the credentials; copy TWILIO_ACCOUNT_SID and "
         "TWILIO_AUTH_TOKEN from the Twilio console"),
        ({"hotline_number": "+390584000000"},
         "has no number +390584000000; set HOTLINE_NUMBER to a number of this account"),
        ({"twilio_account_sid": "AC" + "9" * 32}, "problem  Twilio: refuses the credentials"),
        ({"twilio_api_url": "http://127.0.0.1:9"}, "problem  Twilio: does not answer (ConnectionError); "
         "look at the network, TWILIO_API_URL"),
    ],
)  # fmt: skip
def test_check_finds_a_network_that_does_not_know_us(
    application: Flask, gateway_settings: Settings, changes: dict[str, str], line: str
) -> None:
    wrong = gateway_settings.model_copy(update=changes)
    application.extensions["runtime"] = replace(application.extensions["runtime"], settings=wrong)
    result = application.test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 1
    assert line in result.stdout


@pytest.mark.usefixtures("demo_loaded")
def test_check_of_a_network_in_trouble(flask: Flasks, network: Network) -> None:
    network.fail_api(503, None, "IncomingPhoneNumbers")
    result = flask("check")
    network.heal_api()
    assert result.exit_code == 1
    assert "problem  Twilio: does not show its numbers (HTTP status 503); try again in a minute" in result.stdout


def test_check_of_an_empty_directory(flask: Flasks) -> None:
    result = flask("check")
    assert result.exit_code == 1
    for line in (
        "problem  people: there is no technician; load a directory with `flask load FILE`",
        "problem  rosters: there is no roster; load a directory with `flask load FILE`",
        "warning  PINs: no PIN is in force: no customer can reach the technician; give PINs",
    ):
        assert line in result.stdout.splitlines()


@pytest.mark.usefixtures("demo_loaded")
def test_check_finds_gaps_and_missing_pins(flask: Flasks, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(RosterRotation).values(until=datetime(2026, 6, 20, 18, 0)))  # noqa: DTZ001 - wall clock
        session.execute(update(Person).where(Person.name == "Luca Ferri").values(pin_digest=None))
        session.execute(update(Pin).values(revoked_at=datetime.now(UTC)))
    result = flask("check")
    assert result.exit_code == 1
    # Until 14 July, 02:00: 23 days and 8 hours, less nineteen staffed days of nine hours.
    assert (
        "problem  region europe: 20 gaps, 389 hours in all, without anybody on call in the next 30 days, first from "
        "Sat 20 Jun 2026, 18:00 CEST to Mon 22 Jun 2026, 09:00 CEST (After hours); fill the rotations of After hours, "
        "or add overrides" in result.stdout
    )
    assert "warning  people: no own PIN, so no technician menu by phone: Luca Ferri" in result.stdout


@pytest.mark.usefixtures("demo_loaded")
def test_check_finds_that_nobody_is_on_call_now(flask: Flasks, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(RosterRotation).values(until=datetime(2026, 6, 13, 18, 0)))  # noqa: DTZ001 - wall clock
    assert "problem  region europe: nobody is on call now, until Mon 15 Jun 2026, 09:00 CEST" in flask("check").stdout


def test_check_finds_platinum_customers_whom_no_roster_serves(flask: Flasks, tmp_path: Path) -> None:
    flask("load", str(written(tmp_path, edited(("[europe, america, middle_east]", "[america]")))))
    expected = "problem  region europe: Platinum customers, and no roster serves them; add the region to a roster"
    assert expected in flask("check").stdout


def test_a_database_that_is_away_is_one_line(gateway_settings: Settings, tmp_path: Path) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    app = create_app(gateway_settings, Runtime(gateway_settings, away, ShiftedClock()))
    result = app.test_cli_runner().invoke(args=["load", str(written(tmp_path, EXAMPLE))])
    assert result.exit_code == 1
    assert result.stderr.startswith("nightline: the database does not answer: connection failed")
    assert result.stderr.count("\n") == 1
    assert "problem  database: does not answer" in app.test_cli_runner().invoke(args=["check"]).stdout


def test_demo_refuses_a_real_network(flask: Flasks) -> None:
    result = flask("demo")
    assert (result.exit_code, result.stderr) == (
        1,
        "nightline: TWILIO_ACCOUNT_SID is set, and the demo brings its own telephones: unset it\n",
    )


def test_the_real_flask_command(database: Database, example: Path, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TWILIO")}
    env |= {"DATABASE_URL": database.url, "VAR_DIR": str(tmp_path)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("flask")), *arguments]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)

    loaded = run("load", str(example))
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.endswith("customer Acme: alarm token added\n")
    shown = run("oncall", "--at", "2026-01-06T03:00", "--json")
    assert json.loads(shown.stdout)[0]["layers"][0]["people"] == [{"name": "Ada Rossi", "phone": "+390584000001"}]
    env["CLOCK_START"] = "tomorrow"
    wrong = run("oncall")
    assert wrong.returncode == 1
    assert "nightline: CLOCK_START: must be an ISO 8601 instant" in wrong.stderr
