"""The flask commands, and what they say when something is wrong."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, make_url, select, text

from app import create_app
from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.models.customers import Customer
from oncall.models.people import Person
from oncall.runtime import Runtime
from tests.commands.conftest import NUMBER, Flasks, written
from tests.directory_example import EXAMPLE, edited

ROOT = Path(__file__).parents[2]


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
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)

    loaded = run("load", str(example))
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.endswith("customer Acme: alarm token added\n")
    shown = run("oncall", "--at", "2026-01-06T03:00", "--json")
    assert json.loads(shown.stdout)[0]["layers"][0]["people"] == [{"name": "Ada Rossi", "phone": "+390584000001"}]
    env["CLOCK_START"] = "tomorrow"
    wrong = run("oncall")
    assert wrong.returncode == 1
    assert "nightline: CLOCK_START: must be an ISO 8601 instant" in wrong.stderr
