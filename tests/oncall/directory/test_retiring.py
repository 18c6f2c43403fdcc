"""What a directory file does with those who leave: by `active: false`, or by `--retire` when it does not have them."""

from datetime import datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.clock import real_now
from core.db import Database
from oncall.accounts.administering import AccountError, Wanted, put_account
from oncall.accounts.in_charge import in_charge
from oncall.accounts.limits import Claim
from oncall.accounts.signing_in import WrongPasswordError
from oncall.customers.entitlement import check, facts_of
from oncall.customers.pin_guard import caller_of
from oncall.customers.pins import find_contract
from oncall.directory import DirectoryError, apply, missing, parse
from oncall.directory.retiring import retire_customer, retire_person
from oncall.models.access.accounts import Account
from oncall.models.access.roles import Role as AccountRole
from oncall.models.customers import AlarmToken, Customer, registered_customers
from oncall.models.people import Person, by_phone
from oncall.models.refusals import Reason
from oncall.models.rosters import RosterOverride, RosterTurn
from oncall.outage.snapshot_taking import take
from oncall.planning.feeds.addresses import Subject, make_feed
from oncall.rosters.on_call import chain
from oncall.rosters.reading import Shelf
from tests.oncall.accounts import account_desk
from tests.oncall.directory.leaving_desk import (
    BRUNO,
    BRUNO_PIN,
    DAY,
    FILE,
    FILE_WITH_INACTIVE,
    KEYS,
    PIN,
    WITHOUT,
    Leave,
    acme,
    leave,
    loaded,
    person,
)
from tests.web.signing_in import CHEAP, add_account

__all__ = ["leave", "loaded"]  # fixtures


def test_what_a_load_says_and_that_it_says_it_once(
    loaded: Session, leave: Leave, database: Database, now: datetime
) -> None:
    account = add_account(database, AccountRole.TECHNICIAN, "bruno@example.org")
    loaded.execute(text("UPDATE account SET person_id = :id"), {"id": person(loaded, "Bruno").id})
    loaded.commit()
    for _ in range(2):
        account_desk.enter(database, Claim("bruno@example.org", "198.51.100.7"))
    make_feed(loaded, Subject(person_id=person(loaded, "Bruno").id), "mara@example.org", now)
    make_feed(loaded, Subject(roster_id=1), "bruno@example.org", now)
    said = leave()
    assert said == [
        "customer Acme: retired: no right to call any more",
        "customer Acme: 1 PIN refused from now on",
        "customer Acme: no longer registered: +390212345678",
        "customer Acme: 1 alarm token ended",
        "person Bruno Verdi: retired: not rung, texted or mailed any more",
        "person Bruno Verdi: PIN for the technician menu ended",
        "person Bruno Verdi: account bruno@example.org shut, 2 sessions ended",
        "person Bruno Verdi: 2 calendar feeds ended",
        "person Carla Neri: retired: not rung, texted or mailed any more",
        "person Bruno Verdi: nobody is on call any more in Nights, first: Sun 14 Jun 2026, 02:00 CEST to "
        "Mon 15 Jun 2026, 18:00 CEST; Mon 22 Jun 2026, 18:00 CEST to Mon 29 Jun 2026, 18:00 CEST; "
        "Mon 6 Jul 2026, 18:00 CEST to Mon 13 Jul 2026, 18:00 CEST",
    ]
    assert leave() == []
    assert loaded.get_one(Account, account).disabled_at is not None


def test_without_retire_those_who_are_missing_are_named_and_left_alone(loaded: Session, now: datetime) -> None:
    assert apply(loaded, parse(WITHOUT), now, KEYS) == []
    found = missing(loaded, parse(WITHOUT))
    assert (found.people, found.customers) == (("Bruno Verdi", "Carla Neri"), ("Acme",))
    assert found.line == "not in this file, and left as they are: people: Bruno Verdi, Carla Neri; customers: Acme"
    assert missing(loaded, parse(FILE)).line is None
    assert chain(loaded, "europe", now, Shelf())[0].person.first_name == "Bruno"
    assert find_contract(loaded, KEYS, PIN) is not None


@pytest.mark.parametrize("section", ["people", "customers"])
def test_a_section_that_the_file_does_not_have_says_nothing_of_anybody(
    loaded: Session, leave: Leave, section: str
) -> None:
    people, customers = FILE.index("customers:"), FILE.index("regions:")
    only = FILE[:people] if section == "customers" else FILE[people:customers]
    assert missing(loaded, parse(only)).line is None
    assert leave(only) == []
    assert leave("paging: {no_answer: 45}\n") == []
    assert loaded.scalar(select(func.count()).where(Person.retired_at.is_not(None))) == 0


@pytest.mark.parametrize("how", ["inactive in the file", "missing from the file"])
def test_a_session_is_over_and_signing_in_is_refused_as_for_an_unknown_account(
    loaded: Session, leave: Leave, database: Database, how: str
) -> None:
    add_account(database, AccountRole.MANAGER, "bruno@example.org")
    loaded.execute(text("UPDATE account SET person_id = :id"), {"id": person(loaded, "Bruno").id})
    loaded.commit()
    claim = Claim("bruno@example.org", "198.51.100.7")
    token = account_desk.enter(database, claim)
    assert account_desk.who(database, token) is not None
    leave(WITHOUT if how == "missing from the file" else FILE_WITH_INACTIVE)
    assert account_desk.who(database, token) is None
    with pytest.raises(WrongPasswordError):
        account_desk.enter(database, claim)
    assert "bruno@example.org" not in in_charge(loaded)


@pytest.mark.parametrize("change", ["--enable", "a new password", "a new role", "--person"])
def test_the_account_of_somebody_who_has_left_stays_shut(
    loaded: Session, leave: Leave, database: Database, change: str
) -> None:
    add_account(database, AccountRole.TECHNICIAN, "bruno@example.org")
    if change != "--person":
        loaded.execute(text("UPDATE account SET person_id = :id"), {"id": person(loaded, "Bruno").id})
    leave()
    wanted = {
        "--enable": Wanted("bruno@example.org", disabled=False),
        "a new password": Wanted("bruno@example.org", password="five other unrelated words"),
        "a new role": Wanted("bruno@example.org", role=AccountRole.MANAGER),
        "--person": Wanted("bruno@example.org", person="Bruno Verdi"),
    }[change]
    with pytest.raises(AccountError, match="Bruno Verdi has left"):
        put_account(loaded, wanted, CHEAP, real_now())


@pytest.mark.parametrize("where", ["rotation", "shared turn", "override"])
def test_a_roster_of_the_file_with_somebody_inactive_is_refused_with_line_and_remedy(where: str) -> None:
    inactive = FILE.replace('pin: "94062817"}', 'pin: "94062817", active: false}')
    line = 20
    if where == "shared turn":
        inactive = inactive.replace("[Bruno Verdi, Ada Rossi]", "[[Ada Rossi, Bruno Verdi]]")
    if where == "override":
        inactive = inactive.replace("[Bruno Verdi, Ada Rossi]", "[Ada Rossi]").replace(
            "alarm_tokens:",
            "    overrides:\n"
            "      - {layer: first, from: 2026-12-24T18:00, to: 2026-12-25T09:00, person: Bruno Verdi}\n"
            "alarm_tokens:",
        )
        line = 22
    with pytest.raises(DirectoryError) as refused:
        parse(inactive)
    [problem] = refused.value.problems
    assert (problem.line, problem.reason) == (line, "Bruno Verdi has left, by 'active: false' in line 3")
    assert problem.remedy == "name somebody else here, or leave the name out"


def test_active_false_is_true_or_false() -> None:
    with pytest.raises(DirectoryError, match=r"line 3: .*active: must be true or false, without quotes"):
        parse(FILE.replace('pin: "94062817"}', 'pin: "94062817", active: 0}'))


def test_who_is_inactive_and_unknown_is_nobody(session: Session, now: datetime) -> None:
    file = FILE_WITH_INACTIVE.replace('pin: "48151623"', 'pin: "48151623"\n    active: false')
    for _ in range(2):
        said = apply(session, parse(file), now, KEYS)
        assert not [line for line in said if "Bruno" in line or "Acme" in line]
    assert set(session.scalars(select(Person.name))) == {"Ada Rossi", "Carla Neri", "Dino Gallo"}
    assert session.scalars(select(Customer)).all() == []


def test_a_bad_file_retires_nobody(loaded: Session, database: Database, now: datetime) -> None:
    bad = WITHOUT.replace('phone: "+390584000001"', 'phone: "390584000001"')
    with pytest.raises(DirectoryError):
        parse(bad)
    taken = WITHOUT + '  - {name: Zed, pin: "1", contract: {}}\n'
    with pytest.raises(DirectoryError):
        parse(taken)
    assert loaded.scalar(select(func.count()).where(Person.retired_at.is_not(None))) == 0


def test_whoever_comes_back_begins_anew(loaded: Session, leave: Leave, database: Database, now: datetime) -> None:
    add_account(database, AccountRole.TECHNICIAN, "bruno@example.org")
    loaded.execute(text("UPDATE account SET person_id = :id"), {"id": person(loaded, "Bruno").id})
    loaded.commit()
    token = account_desk.enter(database, Claim("bruno@example.org", "198.51.100.7"))
    leave()
    assert person(loaded, "Bruno").pin_digest is None
    said = leave(FILE)
    assert said == [
        "person Bruno Verdi: active again; the account bruno@example.org stays shut until"
        " `flask account bruno@example.org --enable`",
        "person Bruno Verdi: PIN set",
        "person Carla Neri: active again",
        "customer Acme: active again",
        "customer Acme: alarm token added",
    ]
    assert leave(FILE) == []
    assert chain(loaded, "europe", now, Shelf())[0].person.first_name == "Bruno"
    assert account_desk.who(database, token) is None
    contract = find_contract(loaded, KEYS, PIN)
    assert contract is not None
    assert check(facts_of(contract), now) is None


@pytest.mark.parametrize("how", ["inactive in the file", "missing from the file", "gone before"])
def test_phone_and_pin_pass_on_to_who_comes(loaded: Session, leave: Leave, how: str) -> None:
    """The company's mobile, and a customer under a new name."""
    new = WITHOUT[: WITHOUT.index("customers:")] + (
        f'  - {{name: Emma Bruni, phone: "{BRUNO}", role: technician, pin: "{BRUNO_PIN}"}}\n'
        + FILE[FILE.index("customers:") : FILE.index("regions:")].replace("Acme", "Acme International")
    )
    if how == "inactive in the file":
        old = f'  - {{name: Bruno Verdi, phone: "{BRUNO}", role: technician, active: false}}\n'
        new = new.replace("customers:\n", f"{old}customers:\n")
    if how == "gone before":
        leave()
    leave(new)
    found = by_phone(loaded, BRUNO)
    assert found is not None
    assert found.name == "Emma Bruni"
    contract = find_contract(loaded, KEYS, PIN)
    assert contract is not None
    assert contract.customer.name == "Acme International"
    assert len(registered_customers(loaded, "+390212345678")) == 1
    assert leave(new) == []


def test_a_phone_of_somebody_who_has_not_left_is_still_refused(loaded: Session, now: datetime) -> None:
    with pytest.raises(DirectoryError, match="is the phone of Bruno Verdi, who is not in this file; add Bruno Verdi"):
        apply(loaded, parse(WITHOUT.replace("+390584000001", BRUNO)), now, KEYS)


def test_a_customer_who_has_left_has_no_right_with_a_pin_that_is_known(
    loaded: Session, leave: Leave, now: datetime
) -> None:
    assert caller_of(loaded, "+390212345678").registered
    leave()
    contract = find_contract(loaded, KEYS, PIN)
    assert contract is not None
    assert check(facts_of(contract), now) is Reason.RETIRED
    assert not caller_of(loaded, "+390212345678").registered
    assert loaded.scalars(select(AlarmToken)).all() == []
    loaded.rollback()
    snapshot = take(loaded, now)
    assert [check(each.facts, now) for each in snapshot.contracts] == [Reason.RETIRED]
    assert snapshot.phones == ()


def test_retiring_twice_does_nothing_twice(loaded: Session, now: datetime) -> None:
    bruno, customer = person(loaded, "Bruno"), acme(loaded)
    assert retire_person(loaded, bruno, now)
    assert retire_customer(loaded, customer, now)
    assert retire_person(loaded, bruno, now + DAY) == []
    assert retire_customer(loaded, customer, now + DAY) == []
    assert (bruno.retired_at, customer.retired_at) == (now, now)
    # Rows of rosters keep the turn, and overrides the name.
    assert loaded.scalar(select(func.count()).select_from(RosterTurn).where(RosterTurn.person_id == bruno.id)) == 1
    assert loaded.scalars(select(RosterOverride)).all() == []


EMPTY = ["people:", "people: null", "people: ~", "people: []", "customers:", "customers: []", "people:\ncustomers: []"]


@pytest.mark.parametrize("section", EMPTY)
def test_an_empty_section_says_nothing_of_anybody(loaded: Session, leave: Leave, section: str) -> None:
    assert missing(loaded, parse(f"{section}\n")).line is None
    assert leave(f"{section}\n") == []
    assert loaded.scalar(select(func.count()).where(Person.retired_at.is_not(None))) == 0
    assert acme(loaded).retired_at is None


DINO = '{name: Dino Gallo, phone: "+390584000004", role: support_manager}'
ADA_GONE = '{name: Ada Rossi, phone: "+390584000001", role: technician, active: false}'


@pytest.mark.parametrize(
    "people",
    [
        f"[{DINO}]",
        f"[{ADA_GONE}]",
        f"[{ADA_GONE}, {DINO}]",
        '[{name: New Leader, phone: "+390584000009", role: team_leader}]',
    ],
)
@pytest.mark.parametrize("before", ["", "# a remark\n\n"])
def test_retire_that_leaves_no_technician_is_refused(loaded: Session, now: datetime, people: str, before: str) -> None:
    with pytest.raises(DirectoryError) as caught:
        apply(loaded, parse(f"{before}people: {people}\n"), now, KEYS, retire=True)
    loaded.rollback()
    assert (caught.value.line, caught.value.where) == (1 + before.count("\n"), "people")
    assert "no active technician" in caught.value.reason
    assert "without --retire" in caught.value.remedy
    assert loaded.scalar(select(func.count()).where(Person.retired_at.is_not(None))) == 0


def test_who_takes_over_from_all_others_is_enough(loaded: Session, leave: Leave) -> None:
    said = leave('people: [{name: New One, phone: "+390584000001", role: technician}]\n')
    assert "person New One: added" in said
    assert loaded.scalar(select(func.count()).where(Person.retired_at.is_not(None))) == 4


@pytest.mark.parametrize("pin", ["12345678", "84000002", "1234", "not a pin", "19800104"])
def test_the_pin_of_who_has_left_is_not_judged(loaded: Session, leave: Leave, pin: str) -> None:
    """A weak one that was good when it was given keeps nobody from leaving."""
    text = FILE_WITH_INACTIVE.replace('pin: "94062817"', f'pin: "{pin}"')
    text = text.replace(f'pin: "{PIN}"', f'active: false\n    pin: "{pin}"')
    assert text.count(f'"{pin}"') == 2
    leave(text)
    assert person(loaded, "Bruno").retired
    assert acme(loaded).retired_at is not None
    for active in (FILE.replace(BRUNO_PIN, pin), FILE.replace(PIN, pin)):
        with pytest.raises(DirectoryError):
            parse(active)
