"""`flask load --retire`, and rosters that can't be worked out, as an operator meets with them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from core.db import Database
from oncall.models.people import Person
from tests.commands.conftest import Flasks, written
from tests.directory_example import EXAMPLE, edited
from tests.oncall.rosters.rosters_gone_bad import GONE_BAD, ROSTERS, spoil


def without(text: str, *lines: str) -> str:
    """The text without these lines, each of which is in it."""
    for line in lines:
        assert text.count(line) == 1, line
        text = text.replace(line, "")
    return text


# Carla, who stands in an override alone, is not in it any more; nor is Acme.
SMALLER = without(
    EXAMPLE,
    '  - {name: Carla Neri,  phone: "+390584000003", email: carla@example.org, role: team_leader}\n',
    "    overrides:\n",
    "      - {layer: first, from: 2026-12-24T18:00, to: 2026-12-25T09:00, person: Carla Neri}\n",
    EXAMPLE[EXAMPLE.index("  - name: Acme") : EXAMPLE.index("regions:  ")],
    'alarm_tokens:\n  - {customer: Acme, token: "example-token"}\n',
).replace(
    "customers:\n",
    "customers:\n  - name: Gone Long Ago\n    active: false\n"
    "    contract: {plan: gold, region: europe, start: 2020-01-01, end: 2020-12-31}\n",
)


def test_those_whom_the_file_does_not_have_are_named_and_left_alone(flask: Flasks, example: Path) -> None:
    flask("load", str(example))
    smaller = str(written(example.parent, SMALLER))
    changed, again = flask("load", smaller), flask("load", smaller)
    named = (
        "not in this file, and left as they are: people: Carla Neri; customers: Acme"
        f" (`flask load {smaller} --retire` retires them)\n"
    )
    assert (changed.exit_code, changed.stdout) == (
        0,
        "roster After hours: override of first from Thu 24 Dec 2026, 18:00 to Fri 25 Dec 2026, 09:00 removed\n" + named,
    )
    assert (again.exit_code, again.stdout) == (0, "nothing changed\n" + named)


def test_retire_says_what_it_does_and_does_it_once(flask: Flasks, example: Path, database: Database) -> None:
    flask("load", str(example))
    only_ada = EXAMPLE.replace(
        '  - {name: Bruno Verdi, phone: "+390584000002", email: bruno@example.org, role: technician}\n', ""
    ).replace("people: [Ada Rossi, Bruno Verdi]", "people: [Ada Rossi]")
    path = str(written(example.parent, only_ada.replace("people: [Bruno Verdi, Ada Rossi]", "people: [Ada Rossi]")))
    result = flask("load", path, "--retire")
    assert (result.exit_code, result.stdout) == (
        0,
        "person Bruno Verdi: retired: not rung, texted or mailed any more\n"
        "roster After hours: layer first: rotation changed\n"
        "roster After hours: layer backup: rotation changed\n",
    )
    for arguments in (("load", path, "--retire"), ("load", path)):
        assert flask(*arguments).stdout == "nothing changed\n"
    with database.transaction() as session:
        assert session.scalars(select(Person.name).where(Person.retired_at.is_not(None))).all() == ["Bruno Verdi"]


def test_shifts_that_become_gaps_are_told(flask: Flasks, example: Path) -> None:
    flask("load", str(example))
    people = EXAMPLE[: EXAMPLE.index("customers:")]
    for name in ("Bruno Verdi", "Carla Neri"):
        people = "".join(line for line in people.splitlines(keepends=True) if name not in line)
    result = flask("load", str(written(example.parent, people)), "--retire")
    told = [line for line in result.stdout.splitlines() if "nobody is on call any more" in line]
    assert [line.partition(":")[0] for line in told] == ["person Bruno Verdi"] * 2
    assert "in After hours, first: Mon" in told[0]
    assert "in After hours, backup: " in told[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("role: technician            #", "role: chef #"),
        ("time_zone: Europe/Rome\n    layers", "time_zone: Mars\n    layers"),
    ],
)
def test_a_bad_file_retires_nobody(flask: Flasks, example: Path, database: Database, old: str, new: str) -> None:
    flask("load", str(example))
    assert SMALLER.count(old) == 1
    result = flask("load", str(written(example.parent, SMALLER.replace(old, new))), "--retire")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing was changed" in result.stderr
    with database.transaction() as session:
        assert session.scalars(select(Person.name).where(Person.retired_at.is_not(None))).all() == []


@pytest.mark.parametrize("at", ["0001-01-01T00:00+05:00", "1999-12-31", "2100-01-01", "9999-12-31T23:59-05:00"])
def test_oncall_at_another_year_is_refused_in_one_line(flask: Flasks, example: Path, at: str) -> None:
    flask("load", str(example))
    result = flask("oncall", "--at", at)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"nightline: --at {at!r} is out of reach; write a time in the years 2000 to 2099, such as 2027-03-28T02:30\n"
    )
    assert flask("oncall", "--at", "2099-12-31T23:59").exit_code == 0
    assert flask("oncall", "--at", "2000-01-01T00:00").exit_code == 0


def test_a_far_year_in_the_file_is_refused(flask: Flasks, tmp_path: Path) -> None:
    far = edited(("every: 1 week, people: [Ada", "until: 9999-12-31T23:59, every: 1 week, people: [Ada"))
    result = flask("load", str(written(tmp_path, far)))
    assert result.exit_code == 1
    assert result.stderr.splitlines()[1] == (
        "line 29: rosters → After hours → layers → first → rotation → until: the year 9999 is out of reach; "
        "write one from 2000 to 2099, and leave 'until' out of a rotation that has no end"
    )


@pytest.mark.parametrize("what", list(GONE_BAD))
def test_a_bad_roster_is_named_and_the_good_ones_are_shown(
    flask: Flasks, tmp_path: Path, database: Database, what: str
) -> None:
    path = str(written(tmp_path, ROSTERS))
    flask("load", path)
    with database.transaction() as session:
        words = spoil(session, what)
    shown = flask("oncall")
    assert shown.exit_code == 1
    assert "Bruno Verdi +390584000002" in shown.stdout
    assert "  can't be worked out: nobody is rung by it\n" in shown.stdout
    assert shown.stderr.startswith("nightline: the roster Nights can't be worked out: ")
    assert words in shown.stderr
    assert "; correct it on its page, or in the directory file and load that again\n" in shown.stderr
    as_json = flask("oncall", "--json")
    assert [duty["roster"] for duty in json.loads(as_json.stdout) if "fault" in duty] == ["Nights"]
    checked = flask("check")
    assert checked.exit_code == 1
    assert "problem  roster Nights: can't be worked out, so nobody is rung by it: " in checked.stdout
    assert flask("fallback").exit_code == 0
    assert "+390584000002" in flask("fallback").stdout
    flask("load", path)
    mended = flask("oncall")
    assert (mended.exit_code, "Ada Rossi" in mended.stdout) == (0, True)


def test_rows_of_a_landed_database_are_named_too(flask: Flasks, tmp_path: Path, database: Database) -> None:
    flask("load", str(written(tmp_path, ROSTERS)))
    with database.transaction() as session:
        session.execute(text("UPDATE roster_rotation SET until = '2150-01-01'"))
    assert flask("oncall").exit_code == 0
    assert (
        "problem  roster Nights: the end (until) of a rotation of layer first is in the year 2150"
        in flask("check").stdout
    )


DEFERRED = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no %', TG_TABLE_NAME; END $$;
    CREATE CONSTRAINT TRIGGER refused AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse()
"""


@pytest.fixture(params=["person", "customer", "roster_rotation"])
def refusing_table(request: pytest.FixtureRequest, database: Database) -> Iterator[str]:
    """A table whose rows the database refuses at the transaction's end."""
    with database.transaction() as session:
        session.execute(text(DEFERRED.format(table=request.param)))
    yield request.param
    with database.transaction() as session:
        session.execute(text("DROP FUNCTION refuse() CASCADE"))


def test_lines_that_were_told_too_early_are_taken_back(
    flask: Flasks, example: Path, database: Database, refusing_table: str
) -> None:
    """What fails at the transaction's end fails after its lines were printed."""
    result = flask("load", str(example))
    assert result.exit_code == 1
    assert "person Ada Rossi: added" in result.stdout
    assert result.stderr == f"nightline: nothing was changed after all: no {refusing_table}; load the file again\n"
    with database.transaction() as session:
        assert session.scalars(select(Person.name)).all() == []


def test_retire_with_nobody_left_is_refused_with_its_line(flask: Flasks, example: Path, database: Database) -> None:
    flask("load", str(example))
    carla = 'people:\n  - {name: Carla Neri, phone: "+390584000003", email: carla@example.org, role: team_leader}\n'
    path = str(written(example.parent, carla))
    result = flask("load", path, "--retire")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        f"{path}: nothing was changed",
        "line 2: people: --retire would leave no active technician, so nobody would be rung first;"
        " name those who stay here, or load the file without --retire",
    ]
    empty = str(written(example.parent, "people:\n"))
    assert flask("load", empty, "--retire").stdout == "nothing changed\n"
    with database.transaction() as session:
        assert session.scalars(select(Person.name).where(Person.retired_at.is_not(None))).all() == []
