"""People and customers who leave: by `active: false`, or by `--retire` when the file does not have them any more."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.clock import ShiftedClock, real_now
from core.db import Database
from core.settings import Settings
from oncall.accounts.administering import AccountError, Wanted, put_account
from oncall.accounts.limits import Claim
from oncall.accounts.models import Account
from oncall.accounts.roles import Role as AccountRole
from oncall.accounts.signing_in import WrongPasswordError
from oncall.alarm_tokens import AlarmToken
from oncall.away.taking import take
from oncall.calls import PhoneCall, call_person
from oncall.contact_check import check_contacts
from oncall.customers import Contract, Customer, registered_customers
from oncall.directory import DirectoryError, apply, missing, parse
from oncall.messages import Message
from oncall.paging.accept import Verdict, accept
from oncall.paging.engine import advance, open_page
from oncall.paging.models import Attempt, Page
from oncall.people import Person, Role, by_phone, with_role
from oncall.pin_guard import caller_of
from oncall.pins import PinKeys, find_contract
from oncall.placing import still_wanted
from oncall.retiring import retire_customer, retire_person
from oncall.right_to_call import Reason, check, facts_of
from oncall.roster_reading import Shelf
from oncall.rostering import drafting, drafting_edits, drafting_force, figures, swapping
from oncall.rostering.board import read_board
from oncall.rostering.editing import Author, open_gaps
from oncall.rostering.errors import GapOpensError, GoneError
from oncall.rostering.feeds import Subject, find_feed, make_feed
from oncall.rostering.handoffs import people_in_charge, watch_handoffs
from oncall.rostering.ical import calendar
from oncall.rostering.importing_shifts import _people as importable
from oncall.rostering.in_charge import in_charge
from oncall.rostering.layering import LayerWish, change_layer, wish_of
from oncall.rostering.leave import add_time_off
from oncall.rostering.models import CalendarFeed, RosterSwap
from oncall.rostering.overriding import Wish, add_override
from oncall.rosters import RosterLayer, RosterOverride, RosterTurn
from oncall.runtime import Runtime
from oncall.tickets import Ticket
from oncall.who import chain, on_call
from schedules.roster import Rotation
from schedules.spans import Span
from tests.oncall import account_desk
from tests.web import night
from tests.web.signing_in import CHEAP, add_account

ROOT: Final = Path(__file__).parents[2]
KEYS: Final = PinKeys(b"a secret of the tests")
PIN, ADA_PIN, BRUNO_PIN = "48151623", "24681357", "13579246"
BRUNO, CARLA = "+390584000002", "+390584000003"
FILE: Final = f"""\
people:
  - {{name: Ada Rossi, phone: "+390584000001", email: ada@example.org, role: technician, pin: "{ADA_PIN}"}}
  - {{name: Bruno Verdi, phone: "{BRUNO}", email: bruno@example.org, role: technician, pin: "{BRUNO_PIN}"}}
  - {{name: Carla Neri, phone: "{CARLA}", email: carla@example.org, role: team_leader}}
  - {{name: Dino Gallo, phone: "+390584000004", email: dino@example.org, role: support_manager}}
customers:
  - name: Acme
    email: it@acme.example
    phones: ["+390212345678"]
    pin: "{PIN}"
    contract: {{plan: platinum, region: europe, start: 2026-01-01, end: 2027-12-31, products: [{{name: UC Suite}}]}}
regions:
  - {{name: europe, time_zone: Europe/Rome}}
rosters:
  - name: Nights
    regions: [europe]
    time_zone: Europe/Rome
    layers:
      - name: first
        rotation: {{start: 2026-01-05T18:00, every: 1 week, people: [Bruno Verdi, Ada Rossi]}}
alarm_tokens:
  - {{customer: Acme, token: "example-token"}}
"""
# The same once Bruno, Carla and Acme have gone; the roster stays as it is in the database.
WITHOUT: Final = """\
people:
  - {name: Ada Rossi, phone: "+390584000001", email: ada@example.org, role: technician, pin: "24681357"}
  - {name: Dino Gallo, phone: "+390584000004", email: dino@example.org, role: support_manager}
customers: []
"""
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
Leave = Callable[..., list[str]]


@pytest.fixture
def loaded(database: Database, now: datetime) -> Iterator[Session]:
    """A session that commits as it goes, as jobs and commands do."""
    with Session(database.engine) as session:
        apply(session, parse(FILE), now, KEYS)
        session.commit()
        yield session


@pytest.fixture
def leave(loaded: Session, now: datetime) -> Leave:
    """Load a file (without Bruno, Carla and Acme) with --retire; what it says."""

    def load(file: str = WITHOUT) -> list[str]:
        said = apply(loaded, parse(file), now, KEYS, retire=True)
        loaded.commit()
        loaded.expire_all()
        return said

    return load


def person(session: Session, first_name: str) -> Person:
    return session.scalars(select(Person).where(Person.name.startswith(first_name))).one()


def acme(session: Session) -> Customer:
    return session.scalars(select(Customer).where(Customer.name == "Acme")).one()


def runtime(database: Database, now: datetime) -> Runtime:
    return Runtime(Settings(), database, ShiftedClock(now - real_now()))


# Whoever is looked for, to be rung, told or chosen, by every way there is: first names.
Looked = Callable[[Session, datetime], list[str | None]]
LOOKED_FOR: Final[dict[str, Looked]] = {
    "rung for a page": lambda s, now: [link.person.first_name for link in chain(s, "europe", now, Shelf())],
    "rung for any region": lambda s, now: [link.person.first_name for link in chain(s, None, now, Shelf())],
    "on call": lambda s, now: _on_call(s, now + DAY),
    "on call in a year": lambda s, now: _on_call(s, now + 52 * WEEK),
    "on call before": lambda s, now: _on_call(s, now - 2 * WEEK),
    "rung without the database": lambda s, now: [p.first_name for p, _ in take(s, now).order("europe", now)],
    "known without the database": lambda s, now: [p.first_name for p in take(s, now).people],
    "technicians": lambda s, now: [p.first_name for p in with_role(s, Role.TECHNICIAN)],
    "leaders": lambda s, now: [p.first_name for p in with_role(s, Role.TEAM_LEADER)],
    "by phone": lambda s, now: [found.first_name for each in (BRUNO, CARLA) if (found := by_phone(s, each))],
    "in charge": lambda s, now: [each.partition("@")[0].capitalize() for each in in_charge(s)],
    "told of silence": lambda s, now: [each.first_name for each in people_in_charge(s, person(s, "Ada"))],
    "only a phone": lambda s, now: [w for check in check_contacts(s) for w in re.findall(r"\w+", check.words)],
    "in a calendar": lambda s, now: [each.split()[0] for each in importable(s).names.values()],
    "told of a handoff": lambda s, now: _told_of_handoffs(s, now + timedelta(hours=39, minutes=30)),
}  # fmt: skip


def _on_call(session: Session, at: datetime) -> list[str | None]:
    return [each.first_name for roster in on_call(session, at) for layer in roster.layers for each in layer.people]


def _told_of_handoffs(session: Session, now: datetime) -> list[str | None]:
    watch_handoffs(session, now)
    told = session.scalars(select(Message.person_id)).all()
    session.rollback()
    return [session.get_one(Person, each).first_name for each in told if each is not None]


@pytest.mark.parametrize("way", list(LOOKED_FOR))
def test_nobody_who_has_left_is_found_by_any_way(loaded: Session, leave: Leave, now: datetime, way: str) -> None:
    if way == "only a phone":
        loaded.execute(text("UPDATE person SET email = NULL"))
        loaded.commit()
    found = set(LOOKED_FOR[way](loaded, now))
    loaded.rollback()
    assert found & {"Bruno", "Carla"}, "or this proves nothing"
    leave()
    assert not set(LOOKED_FOR[way](loaded, now)) & {"Bruno", "Carla"}


# Queries of people that may find those who have left: what they did, or may be undone, or must be said of them.
MAY_FIND_ALL: Final = {
    "oncall/kept_duties.py": "names of those who would be on call",
    "oncall/who.py": "the same; the chain of people asks for active ones",
    "oncall/roster_reading.py": "who has left, to be taken off",
    "oncall/rostering/board.py": "names of what was",
    "oncall/rostering/drafting_board.py": "names of what was",
    "oncall/rostering/drafting_reading.py": "names, and who has left, to be refused",
    "oncall/rostering/figures.py": "hours that they were on call",
    "oncall/rostering/finding.py": "to be refused by name",
    "oncall/rostering/ical.py": "names of what was",
    "oncall/directory/applying.py": "those whom the file names may come back",
    "oncall/directory/applying_rosters.py": "ids of names that the file's people have made active before",
    "oncall/rostering/importing_directory.py": "both, to refuse by name who has left",
    "oncall/accounts/administering.py": "to be refused by name",
    "oncall/accounts/demo.py": "a name of the demo",
    "ivr/texts.py": "the lock of somebody who was found by their phone",
    "oncall/page_moves.py": "names of what was done",
    "oncall/timeline.py": "names of what was done",
}


BLOCKS: Final = (ast.FunctionDef, ast.ClassDef, ast.With, ast.For, ast.If, ast.Try)


def test_every_query_of_people_says_whom_it_may_find() -> None:
    """A new one asks for ACTIVE people, or gives its reason above."""
    without: set[str] = set()
    for folder in ("oncall", "ivr", "web"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            source = path.read_text()
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.stmt) and not isinstance(node, BLOCKS):
                    words = ast.get_source_segment(source, node) or ""
                    if re.search(r"select\((PersonRow|Person)\b", words) and "ACTIVE" not in words:
                        without.add(str(path.relative_to(ROOT)))
    assert without <= MAY_FIND_ALL.keys(), sorted(without - MAY_FIND_ALL.keys())


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


# Bruno is inactive, with all that a careless author leaves in the file; he may still be missing from the roster.
FILE_WITH_INACTIVE: Final = FILE.replace('pin: "13579246"}', 'pin: "13579246", active: false}').replace(
    "people: [Bruno Verdi, Ada Rossi]", "people: [Ada Rossi]"
)


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


def test_calendars_are_dead_and_stay_so(loaded: Session, leave: Leave, now: datetime) -> None:
    bruno = person(loaded, "Bruno").id
    _, own = make_feed(loaded, Subject(person_id=bruno), "mara@example.org", now)
    _, roster = make_feed(loaded, Subject(roster_id=1), "mara@example.org", now)
    leave()
    assert find_feed(loaded, own) is None
    feed = find_feed(loaded, roster)
    assert feed is not None
    told = calendar(loaded, feed, now).decode().replace("\r\n ", "")
    assert "SUMMARY:On call: nobody (Nights\\, first)" in told
    assert "Bruno Verdi has left" in told
    assert "On call: Bruno Verdi" in told, "what he did stays"
    leave(FILE)
    assert find_feed(loaded, own) is None
    assert loaded.get_one(CalendarFeed, 1).revoked_at is not None


def test_shifts_are_gaps_that_pages_show_and_hours_that_were_stay(loaded: Session, leave: Leave, now: datetime) -> None:
    assert open_gaps(loaded, now) == []
    hours = {each.name: each.shares.total for each in figures.figures(loaded, 1, now - 4 * WEEK, now)}
    leave()
    assert open_gaps(loaded, now)[0].span.start == now
    board = read_board(loaded, 1, now - WEEK, now + WEEK)
    assert board.left == {person(loaded, "Bruno").id, person(loaded, "Carla").id}
    spans = [(shift.people, shift.absent, shift.reason) for shift in board.layers[0].shifts]
    bruno, ada = person(loaded, "Bruno").id, person(loaded, "Ada").id
    assert spans[-2:] == [((), (bruno,), "rotation; Bruno Verdi has left"), ((ada,), (), "rotation")]
    assert any(people == (bruno,) for people, *_ in spans), "the week before was his"
    assert board.gaps
    assert {each.name: each.shares.total for each in figures.figures(loaded, 1, now - 4 * WEEK, now)} == hours


def test_nothing_new_is_planned_with_them_and_each_refusal_says_who(
    loaded: Session, leave: Leave, now: datetime
) -> None:
    leave()
    mara = Author("Mara", now, accepts_gaps=True)
    bruno, ada = person(loaded, "Bruno"), person(loaded, "Ada")
    layer = loaded.scalars(select(RosterLayer)).one()
    span = Span(now + DAY, now + 2 * DAY)
    seen = wish_of(layer)
    [rotation] = seen.rotations
    more = Rotation(rotation.start, rotation.every, (*rotation.turns, (bruno.id,)))
    tries: list[Callable[[], object]] = [
        lambda: add_override(loaded, mara, layer.id, Wish(span, bruno.id)),
        lambda: add_override(loaded, mara, layer.id, Wish(span, bruno.id, "add")),
        lambda: add_time_off(loaded, mara, bruno.id, span, "Europe/Rome"),
        lambda: change_layer(loaded, mara, layer.id, LayerWish("first", [more])),
        lambda: swapping.propose(loaded, mara, ada, bruno, swapping.Shift(layer.id, span), None),
        lambda: swapping.propose(loaded, mara, bruno, ada, swapping.Shift(layer.id, span), None),
    ]
    for attempt in tries:
        with pytest.raises(GoneError, match="Bruno Verdi has left"), loaded.begin_nested():
            attempt()
    # What stands there may stay, as long as nobody plans with it anew: it is a gap.
    renamed = change_layer(loaded, mara, layer.id, LayerWish("nights", seen.rotations))
    assert renamed.name == "nights"
    good = Rotation(rotation.start, rotation.every, ((ada.id,),))
    change_layer(loaded, mara, layer.id, LayerWish("nights", [good]))
    assert open_gaps(loaded, now) == []
    # To put him back by undo or otherwise opens the gaps again, which is asked about.
    careful = Author("Mara", now)
    with pytest.raises(GapOpensError), loaded.begin_nested():
        add_override(loaded, careful, layer.id, Wish(span, None))


def test_a_draft_that_plans_with_them_is_refused_by_name(loaded: Session, leave: Leave, now: datetime) -> None:
    mara, bruno = Author("Mara", now, accepts_gaps=True), person(loaded, "Bruno").id
    carla = person(loaded, "Carla").id
    span = Span(now + DAY, now + 2 * DAY)
    draft = drafting.begin(loaded, mara, 1, "Summer")
    drafting.change(loaded, mara, draft.id, draft.version, drafting_edits.add_override, 1, Wish(span, carla))
    loaded.commit()
    leave()
    with pytest.raises(GoneError, match="Carla Neri has left, but stands in this draft"), loaded.begin_nested():
        drafting_force.put_into_force(loaded, mara, draft.id, draft.version)
    later = Wish(Span(now + 3 * DAY, now + 4 * DAY), bruno)
    with pytest.raises(GoneError, match="Bruno Verdi has left"), loaded.begin_nested():
        drafting.change(loaded, mara, draft.id, draft.version, drafting_edits.add_override, 1, later)


def test_swaps_that_wait_for_an_answer_are_off(loaded: Session, leave: Leave, now: datetime) -> None:
    bruno, ada = person(loaded, "Bruno"), person(loaded, "Ada")
    start = datetime.fromisoformat("2026-06-15T16:00Z")
    shift = swapping.Shift(1, Span(start, start + WEEK))
    swap = swapping.propose(loaded, Author("Ada", now), ada, bruno, shift, None)
    assert "person Bruno Verdi: 1 proposed swap cancelled" in leave()
    assert loaded.get_one(RosterSwap, swap.id).state == "cancelled"


@pytest.mark.parametrize("where", ["rotation", "shared turn", "override"])
def test_a_roster_of_the_file_with_somebody_inactive_is_refused_with_line_and_remedy(where: str) -> None:
    inactive = FILE.replace('pin: "13579246"}', 'pin: "13579246", active: false}')
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
        parse(FILE.replace('pin: "13579246"}', 'pin: "13579246", active: 0}'))


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
    new = WITHOUT.replace("customers: []\n", "") + (
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


def paged(session: Session, database: Database, now: datetime) -> Page:
    """Acme's ticket, of which Bruno's phone and texts tell."""
    ticket = night.ticket(session, session.scalars(select(Contract)).one(), now)
    return open_page(session, runtime(database, now), ticket, now, "hotline")


def test_a_page_that_rings_them_goes_on_to_the_next(
    loaded: Session, leave: Leave, database: Database, now: datetime
) -> None:
    page = paged(loaded, database, now)
    first = loaded.scalars(select(Attempt)).one()
    assert (first.person.first_name, first.call is not None) == ("Bruno", True)
    loaded.commit()
    leave()
    first = loaded.scalars(select(Attempt)).one()
    assert first.outcome == "cut off"
    assert first.call is not None
    assert not still_wanted(loaded, first.call)
    assert set(loaded.scalars(select(Message.state).where(Message.person_id == first.person_id))) == {"failed"}
    jobs = loaded.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()
    assert ("advance_page", {"page_id": page.id}) in [tuple(job) for job in jobs]
    assert ("cut_off", {"call_id": first.call_id}) in [tuple(job) for job in jobs]
    advance(loaded, runtime(database, now), page.id, now + timedelta(seconds=5))
    tried = loaded.scalars(select(Attempt).order_by(Attempt.id)).all()
    assert [each.person.first_name for each in tried] == ["Bruno", "Dino"]


def test_accepting_comes_too_late(loaded: Session, leave: Leave, database: Database, now: datetime) -> None:
    page = paged(loaded, database, now)
    loaded.commit()
    leave()
    answer = accept(loaded, runtime(database, now), page.id, person(loaded, "Bruno"), "phone", now)
    assert (answer.verdict, loaded.get_one(Page, page.id).state) == (Verdict.OVER, "paging")


def test_their_open_tickets_are_told_and_paged_again_and_keep_the_name(
    loaded: Session, leave: Leave, database: Database, now: datetime
) -> None:
    page = paged(loaded, database, now)
    accept(loaded, runtime(database, now), page.id, person(loaded, "Bruno"), "phone", now)
    number = page.ticket.number
    loaded.commit()
    loaded.execute(text("DELETE FROM procrastinate_jobs"))
    loaded.commit()
    said = leave()
    line = f"person Bruno Verdi: open tickets of theirs, paged again where no work was logged: {number} (P1, Acme)"
    assert line in said
    assert f"customer Acme: open tickets, which are still worked on: {number} (P1, Acme)" in said
    query = text("SELECT args FROM procrastinate_jobs WHERE task_name = 'check_promise'")
    assert loaded.scalars(query).all() == [{"page_id": page.id}]
    [mail] = loaded.scalars(select(Message).where(Message.subject.contains("left the directory")))
    assert (mail.recipient, f"  {line}" in mail.body) == ("dino@example.org", True)
    ticket = loaded.scalars(select(Ticket)).one()
    assert ticket.assignee is not None
    assert ticket.assignee.name == "Bruno Verdi"
    again = open_page(loaded, runtime(database, now), ticket, now, "promise", first=person(loaded, "Bruno").id)
    tried = loaded.scalars(select(Attempt).where(Attempt.page_id == again.id)).all()
    assert [each.person.first_name for each in tried] == ["Dino"]


@pytest.mark.parametrize("cause", ["promise", "called again", "line dropped", "not joined", "fault"])
def test_nobody_who_has_left_is_the_first_to_be_rung(
    loaded: Session, leave: Leave, database: Database, now: datetime, cause: str
) -> None:
    leave()
    ticket = night.ticket(loaded, loaded.scalars(select(Contract)).one(), now)
    page = open_page(loaded, runtime(database, now), ticket, now, cause, first=person(loaded, "Bruno").id)
    tried = loaded.scalars(select(Attempt).where(Attempt.page_id == page.id)).all()
    assert [each.person.first_name for each in tried] == ["Dino"]


@pytest.mark.parametrize("purpose", ["page", "connect", "drill"])
def test_no_call_of_any_kind_goes_on_ringing_them(loaded: Session, leave: Leave, now: datetime, purpose: str) -> None:
    ticket = night.ticket(loaded, loaded.scalars(select(Contract)).one(), now)
    call_id = call_person(loaded, person(loaded, "Bruno"), purpose, now, ticket.id)
    leave()
    assert not still_wanted(loaded, loaded.get_one(PhoneCall, call_id))


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
