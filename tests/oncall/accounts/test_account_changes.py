"""Making accounts and changing them; the demo's."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.clock import real_now
from core.db import Database
from demo.accounts import DEMO_ACCOUNTS, make_demo_accounts
from demo.run import DIRECTORY
from oncall.accounts.administering import AccountError, Wanted, find_account, put_account
from oncall.accounts.limits import Claim
from oncall.directory import parse
from oncall.models.access.accounts import Account
from oncall.models.access.roles import Role
from oncall.models.people import Person
from tests.oncall.accounts.account_desk import NEW, enter, who
from tests.web.signing_in import CHEAP, PASSWORD

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def put(database: Database, email: str, **wanted: object) -> list[str]:
    with database.transaction() as session:
        return put_account(session, Wanted(email, **wanted), CHEAP, real_now())  # type: ignore[arg-type]


def test_an_address_is_one_accounts_however_it_is_written(database: Database) -> None:
    put(database, " Ada@Example.ORG ", name="Ada", role=Role.MANAGER, password=PASSWORD)
    assert put(database, "ADA@example.org", role=Role.MANAGER) == []
    assert enter(database, Claim("ada@example.org", "::"))
    twin = Account(email="Ada@example.org", name="A", role="viewer", password_hash="", created_at=real_now())
    with pytest.raises(IntegrityError, match="ck_account_email"), database.transaction() as session:
        session.add(twin)


def test_changes_are_told_line_by_line(database: Database) -> None:
    put(database, "ada@example.org", name="Ada", role=Role.VIEWER, password=PASSWORD)
    enter(database)
    assert put(database, "ada@example.org", name="Ada Rossi", role=Role.MANAGER, password=NEW) == [
        "account ada@example.org: name Ada → Ada Rossi",
        "account ada@example.org: role viewer → manager",
        "account ada@example.org: new password, 1 session ended",
    ]
    token = enter(database, password=NEW)
    assert put(database, "ada@example.org", disabled=True) == ["account ada@example.org: disabled, 1 session ended"]
    assert put(database, "ada@example.org", disabled=False) == ["account ada@example.org: enabled"]
    assert who(database, token) is None


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"name": "B", "role": Role.VIEWER}, "needs a name, a role and a password"),
        ({"name": "B", "password": PASSWORD}, "needs a name, a role and a password"),
        ({"disabled": True}, "there is no account"),
        ({"name": "B", "role": Role.VIEWER, "password": "short"}, "at least 12 characters$"),
        ({"name": "B", "role": Role.VIEWER, "password": PASSWORD, "person": "Nobody"}, "nobody called 'Nobody'"),
    ],
)
def test_what_makes_no_sense_makes_no_account(database: Database, wanted: dict[str, object], words: str) -> None:
    with pytest.raises(AccountError, match=words):
        put(database, "b@example.org", **wanted)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 0


@pytest.mark.parametrize("email", ["", "ada", "@example.org", "ada@", "a b@example.org", "a" * 250 + "@b.org"])
def test_an_address_has_to_look_like_one(database: Database, email: str) -> None:
    with pytest.raises(AccountError, match="is not an e-mail address"):
        put(database, email, name="A", role=Role.VIEWER, password=PASSWORD)


def test_a_person_has_one_account(database: Database) -> None:
    with database.transaction() as session:
        session.add(Person(name="Ada Rossi", phone="+390584000001", role="technician"))
    put(database, "ada@example.org", name="Ada", role=Role.TECHNICIAN, password=PASSWORD, person="Ada Rossi")
    with pytest.raises(AccountError, match=r"already has the account ada@example\.org"):
        put(database, "b@example.org", name="B", role=Role.VIEWER, password=PASSWORD, person="Ada Rossi")
    found = who(database, enter(database))
    assert found is not None
    assert found.person_id is not None


def test_everybody_whom_the_demo_rings_has_an_account(database: Database) -> None:
    """Whoever is first on call in the week that it starts in: all of them, in turn."""
    directory = parse(DIRECTORY.read_text(encoding="utf-8"))
    with database.transaction() as session:
        session.add_all(Person(name=each.name, phone=each.phone, role=each.role.value) for each in directory.people)
    with database.transaction() as session:
        make_demo_accounts(session, real_now())
    with database.transaction() as session:
        query = select(Person.name, Account.email).outerjoin(Account, Account.person_id == Person.id)
        tied = {name: email for name, email in session.execute(query).all()}  # noqa: C416 - rows are no pairs to mypy
    assert tied == {each.name: each.email for each in directory.people}


def test_the_demos_accounts_are_always_what_was_printed(database: Database) -> None:
    with database.transaction() as session:
        session.add(Person(name="Giulia Conti", phone="+390584000001", role="technician"))
    with database.transaction() as session:
        make_demo_accounts(session, real_now())
    put(database, DEMO_ACCOUNTS[0][0], password=NEW, disabled=True, role=Role.VIEWER)
    with database.transaction() as session:
        make_demo_accounts(session, real_now())
        giulia = find_account(session, "giulia.conti@aurora.example")
        assert giulia is not None
        assert giulia.person_id is not None
    assert {role for _, _, role in DEMO_ACCOUNTS} == set(Role)
    for email, password, role in DEMO_ACCOUNTS:
        found = who(database, enter(database, Claim(email, "::"), password))
        assert found is not None
        assert found.role is role
