"""`flask check`: what is wrong, where, and what to do."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text, update

from core.clock import real_now
from core.db import Database
from core.settings import Settings
from demo.accounts import make_demo_accounts
from oncall.models.access.accounts import Account
from oncall.models.customers import Pin
from oncall.models.people import Person
from oncall.models.rosters import RosterRotation
from simulator.driver import Network
from tests.commands.conftest import NUMBER, Flasks, written
from tests.directory_example import DEMO, edited

ROOT = Path(__file__).parents[2]


@pytest.fixture
def demo_loaded(flask: Flasks, database: Database) -> None:
    """The demo's directory, and a worker."""
    assert flask("load", str(DEMO)).exit_code == 0
    change(database, "SELECT procrastinate_register_worker_v1()")


def change(database: Database, statement: str) -> None:
    with database.transaction() as session:
        session.execute(text(statement))


def checks(flask: Flasks, subject: str) -> list[str]:
    """Level and words of the lines about a subject."""
    lines = [line.partition(f" {subject}: ") for line in flask("check").stdout.splitlines()]
    return [f"{level.strip()} {words}" for level, found, words in lines if found]


@pytest.mark.usefixtures("demo_loaded")
def test_check_finds_all_well(flask: Flasks, network: Network) -> None:
    result = flask("check")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line for line in lines if not line.startswith("ok ")] == [
        "warning  snapshot: the hotline could not go on without its database: none was written on this machine yet;"
        " see that the web process runs, and that it may write to VAR_DIR",
    ]
    subjects = [line.split(":")[0].removeprefix("ok").strip() for line in lines]
    assert subjects[:3] == ["settings", "database", "people"]
    assert subjects[-6:] == [
        "mail",
        "Twilio",
        "A call comes in",
        "Call status changes",
        "A message comes in",
        "Primary handler fails",
    ]
    assert "0.0026 times a year" in result.stdout
    for line in (
        "ok       DEFAULT_REGION: europe",
        "ok       alarms: 2 in charge are told by mail when nobody is rung",
        "ok       pages: 0 open, none is overdue",
        "ok       calls: 0 waiting",
        "ok       texts: 0 waiting",
        "ok       mails: 0 waiting",
    ):
        assert line in lines
    assert "ok       clocks: this machine's and the database's differ by 0.0 s" in lines
    assert any(re.match(r"ok       worker: 1 worker lives, the last beat is \d s old", line) for line in lines)


@pytest.mark.usefixtures("demo_loaded")
@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        ("voice_url", "https://demo.twilio.com/welcome/voice/",
         "problem  A call comes in: POST https://demo.twilio.com/welcome/voice/ is entered; Twilio console, "
         f"Phone Numbers, Active numbers, {NUMBER}, Configure: enter https://hotline.example.org/ivr/voice, HTTP POST"),
        ("sms_url", "", "problem  A message comes in: nothing is entered; Twilio console, Phone Numbers, "
         f"Active numbers, {NUMBER}, Configure: enter https://hotline.example.org/ivr/sms, HTTP POST"),
        ("status_url", "", "warning  Call status changes: nothing is entered; Twilio console, Phone Numbers, "
         f"Active numbers, {NUMBER}, Configure: enter https://hotline.example.org/ivr/status, HTTP POST"),
        ("status_url", "https://old.example.org/ivr/status",
         "warning  Call status changes: POST https://old.example.org/ivr/status is entered; Twilio console, Phone "
         f"Numbers, Active numbers, {NUMBER}, Configure: enter https://hotline.example.org/ivr/status, HTTP POST"),
        ("status_method", "GET",
         "warning  Call status changes: GET https://hotline.example.org/ivr/status is entered; Twilio console, Phone "
         f"Numbers, Active numbers, {NUMBER}, Configure: enter https://hotline.example.org/ivr/status, HTTP POST"),
        ("status_url", "http://hotline.example.org/ivr/status",
         "warning  Call status changes: POST http://hotline.example.org/ivr/status is entered; Twilio console, Phone "
         f"Numbers, Active numbers, {NUMBER}, Configure: enter https://hotline.example.org/ivr/status, HTTP POST"),
    ],
)  # fmt: skip
def test_check_says_what_to_enter_where(flask: Flasks, network: Network, setting: str, value: str, line: str) -> None:
    network.configure(**{setting: value})
    result = flask("check")
    network.configure(status_method="POST")
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


def test_check_finds_open_accounts_of_the_demo(flask: Flasks, database: Database) -> None:
    with database.transaction() as session:
        make_demo_accounts(session, real_now())
    expected = "problem  accounts: the demo's, whose passwords everybody can read, are open: admin@aurora.example, "
    assert expected in flask("check").stdout
    with database.transaction() as session:
        session.execute(update(Account).values(disabled_at=real_now()))
    assert checks(flask, "accounts") == []


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
        session.execute(update(Pin).values(revoked_at=real_now()))
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


# --- The odds of guessing a PIN


@pytest.mark.usefixtures("demo_loaded")
@pytest.mark.parametrize(
    ("shorter", "line"),
    [
        ("UPDATE pin SET length = 10",
         "ok 7 in force, the shortest with 10 digits; an attack that never pauses would hit one 2.6e-05 times a year"),
        ("UPDATE pin SET length = 6 WHERE id = (SELECT min(id) FROM pin)",
         "warning 7 in force, the shortest with 6 digits; an attack that never pauses would hit one 0.036 times a "
         "year; 1 shorter than PIN_LENGTH (8); give PINs of 8 digits in their place"),
        ("UPDATE pin SET length = 6",
         "warning 7 in force, the shortest with 6 digits; an attack that never pauses would hit one 0.26 times a year; "
         "7 shorter than PIN_LENGTH (8); give PINs of 8 digits in their place"),
        ("UPDATE pin SET length = NULL",
         "warning 7 in force, the shortest with 6 digits (7 from before lengths were kept count as 6); an attack that "
         "never pauses would hit one 0.26 times a year; load the directory file again, or issue those PINs anew"),
    ],
)  # fmt: skip
def test_the_odds_are_those_of_the_pins_that_are_there(
    flask: Flasks, database: Database, shorter: str, line: str
) -> None:
    change(database, shorter)
    assert checks(flask, "PINs") == [line]


@pytest.mark.usefixtures("demo_loaded")
@pytest.mark.parametrize(
    ("shorter", "line"),
    [
        ("UPDATE person SET pin_length = 8",
         "ok 6 in force, the shortest with 8 digits; who fakes a person's number all year would hit that person's "
         "0.0026 times"),
        ("UPDATE person SET pin_length = 7 WHERE name = 'Giulia Conti'",
         "warning 6 in force, the shortest with 7 digits; who fakes a person's number all year would hit that "
         "person's 0.026 times; 1 shorter than PIN_LENGTH (8); give PINs of 8 digits in their place"),
        ("UPDATE person SET pin_length = NULL WHERE name = 'Giulia Conti'",
         "warning 6 in force, the shortest with 6 digits (1 from before lengths were kept count as 6); who "
         "fakes a person's number all year would hit that person's 0.26 times; load the directory file again, or "
         "issue those PINs anew"),
    ],
)  # fmt: skip
def test_the_odds_of_peoples_own_pins(flask: Flasks, database: Database, shorter: str, line: str) -> None:
    change(database, shorter)
    assert checks(flask, "PINs of people") == [line]


@pytest.mark.usefixtures("demo_loaded")
def test_loading_the_file_again_tells_the_lengths_of_pins_from_before(flask: Flasks, database: Database) -> None:
    change(database, "UPDATE pin SET length = NULL; UPDATE person SET pin_length = NULL")
    assert flask("load", str(DEMO)).stdout == "nothing changed\n"
    assert [line.partition(" ")[0] for subject in ("PINs", "PINs of people") for line in checks(flask, subject)] == [
        "ok",
        "ok",
    ]


@pytest.mark.parametrize(
    ("pin", "words"),
    [
        ("00000000", "this PIN repeats itself, so it is easily guessed; choose another one, best drawn at random"),
        ("12345678", "this PIN has digits that run in order, so it is easily guessed; choose another one"),
        ("481516", "a PIN has 8 to 16 digits, not 6; PIN_LENGTH asks for that; choose a longer one"),
    ],
)
def test_load_refuses_weak_and_short_pins_with_line_and_remedy(
    flask: Flasks, database: Database, tmp_path: Path, pin: str, words: str
) -> None:
    result = flask("load", str(written(tmp_path, edited(('"48151623"', f'"{pin}"')))))
    assert result.exit_code == 1
    assert "nothing was changed" in result.stderr
    assert "line 13" in result.stderr
    assert words in result.stderr
    with database.transaction() as session:
        assert session.query(Person).count() == 0
