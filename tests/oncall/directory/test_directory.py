"""The directory file, read and written: everything in it arrives, and loading it again changes nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db import Base, Database
from oncall.customers.pins import find_contract, matches
from oncall.directory import Directory, DirectoryError, apply, parse
from oncall.models.customers import AlarmToken, Contract, Customer, Pin, Region, token_digest
from oncall.models.people import Person, Role, by_phone
from oncall.models.refusals import BlockedNumber
from oncall.models.stored_settings import paging_times
from oncall.rosters.on_call import chain, on_call
from oncall.rosters.reading import load_rosters
from schedules.rosters.roster import Every, Override, Rotation, Unit, Why
from schedules.staffed_hours import Plan
from tests.directory_example import DEMO, EXAMPLE, SECOND_CUSTOMER, edited
from tests.oncall.conftest import KEYS, Load


def rows(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of ours."""
    return {
        table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
        for table in Base.metadata.sorted_tables
    }


def test_example_is_read_whole() -> None:
    directory = parse(EXAMPLE)
    ada = directory.people[0]
    assert (ada.name, ada.phone, ada.email, ada.role) == (
        "Ada Rossi",
        "+390584000001",
        "ada@example.org",
        Role.TECHNICIAN,
    )
    acme = directory.customers[0]
    assert (acme.name, acme.email, acme.phones, acme.pin) == ("Acme", "it@acme.example", ("+390212345678",), "48151623")
    assert (acme.contract.plan, acme.contract.start, acme.contract.end, acme.contract.paid) == (
        Plan.PLATINUM,
        date(2026, 1, 1),
        date(2027, 12, 31),
        True,
    )
    (roster,) = directory.rosters
    assert roster.regions == ("europe", "america", "middle_east")
    weekly = Every(1, Unit.WEEK)
    assert [layer.rotations for layer in roster.layers] == [
        (Rotation(datetime(2026, 1, 5, 18), weekly, (("Ada Rossi",), ("Bruno Verdi",))),),  # noqa: DTZ001
        (Rotation(datetime(2026, 1, 5, 18), weekly, (("Bruno Verdi",), ("Ada Rossi",))),),  # noqa: DTZ001
    ]
    christmas = Override(
        "first", datetime(2026, 12, 24, 17, tzinfo=UTC), datetime(2026, 12, 25, 8, tzinfo=UTC), "Carla Neri"
    )
    assert roster.overrides == (christmas,)
    assert directory.paging == {"no_answer": 45, "rounds": 3, "then_every": 300}


def test_example_is_written_whole(session: Session, load: Load) -> None:
    load(EXAMPLE)
    ada = by_phone(session, "+390584000001")
    assert ada is not None
    assert matches(ada.pin_digest, KEYS.personal("+390584000001", "70519283"))
    contract = find_contract(session, KEYS, "48151623")
    assert contract is not None
    assert (contract.customer.name, contract.plan, contract.region_name, contract.paid) == (
        "Acme",
        "platinum",
        "europe",
        True,
    )
    assert [product.name for product in contract.products] == ["UC Suite"]
    assert [phone.number for phone in contract.customer.phones] == ["+390212345678"]
    assert session.get_one(Region, "europe").office_number == "+390584943232"
    assert session.get_one(Region, "apac").office_number is None
    assert session.get_one(AlarmToken, token_digest("example-token")).customer_id == contract.customer_id
    names = {row.id: row.name for row in session.scalars(select(Person))}
    (stored,) = load_rosters(session, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    (wanted,) = parse(EXAMPLE).rosters
    assert [[names[int(one)] for turn in layer.rotations[0].turns for one in turn] for layer in stored.layers] == [
        ["Ada Rossi", "Bruno Verdi"],
        ["Bruno Verdi", "Ada Rossi"],
    ]
    assert [(each.start, each.end, names[int(each.person or 0)]) for each in stored.overrides] == [
        (each.start, each.end, each.person) for each in wanted.overrides
    ]


def test_example_twice_changes_nothing(session: Session, load: Load) -> None:
    first = load(EXAMPLE)
    before = rows(session)
    assert "customer Acme: added" in first
    assert load(EXAMPLE) == []
    assert rows(session) == before


def test_first_load_says_what_came(load: Load) -> None:
    assert load(EXAMPLE) == [
        "region europe: added",
        "region america: added",
        "region middle_east: added",
        "region apac: added",
        "region europe: office number none → +390584943232",
        "person Ada Rossi: added",
        "person Ada Rossi: PIN set",
        "person Bruno Verdi: added",
        "person Carla Neri: added",
        "customer Acme: added",
        "customer Acme: PIN set",
        "roster After hours: added",
        "customer Acme: alarm token added",
    ]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("ada@example.org", "ada@aurora.example", ["person Ada Rossi: email ada@example.org → ada@aurora.example"]),
        ("role: team_leader}", "role: executive}", ["person Carla Neri: role team_leader → executive"]),
        ('"70519283"', '"70519284"', ["person Ada Rossi: PIN replaced"]),
        ('"48151623"', '"48151624"', ["customer Acme: PIN replaced"]),
        ('    pin: "48151623"\n', "", []),
        ("email: it@acme.example", "email: null", ["customer Acme: email it@acme.example → none"]),
        (
            '["+390212345678"]',
            '["+390212345679"]',
            ["customer Acme: phone +390212345678 removed", "customer Acme: phone +390212345679 added"],
        ),
        ("plan: platinum ", "plan: gold ", ["customer Acme: contract: plan platinum → gold"]),
        ("end: 2027-12-31", "end: 2028-12-31", ["customer Acme: contract: end date Fri 31 Dec 2027 → Sun 31 Dec 2028"]),
        ("paid: true", "paid: false", ["customer Acme: contract: paid yes → no"]),
        ("region: europe ", "region: apac ", ["customer Acme: contract: region europe → apac"]),
        (
            "end_of_life: null",
            "end_of_life: 2030-01-01",
            ["customer Acme: contract: product UC Suite: end of life none → Tue 1 Jan 2030"],
        ),
        (
            "{name: UC Suite, ",
            "{name: UC Suite 2, ",
            ["customer Acme: contract: product UC Suite removed", "customer Acme: contract: product UC Suite 2 added"],
        ),
        (
            '"+390584943232"',
            "null",
            ["region europe: office number +390584943232 → none"],
        ),
        (
            "[europe, america, middle_east]",
            "[europe]",
            ["roster After hours: regions europe, america, middle_east → europe"],
        ),
        (
            "every: 1 week, people: [Ada",
            "every: 2 weeks, people: [Ada",
            ["roster After hours: layer first: rotation changed"],
        ),
        (
            "people: [Bruno Verdi, Ada Rossi]",
            "people: [[Bruno Verdi, Ada Rossi], Carla Neri]",
            ["roster After hours: layer backup: rotation changed"],
        ),
        (
            "people: [Ada Rossi, Bruno Verdi]}",
            'people: [Ada Rossi, Bruno Verdi]}\n        hours: [{days: [mon], from: "18:00", to: "09:00"}]',
            ["roster After hours: layer first: hours changed"],
        ),
        (
            "person: Carla Neri}",
            "person: null}",
            [
                "roster After hours: override of first from Thu 24 Dec 2026, 18:00 to Fri 25 Dec 2026, 09:00 removed",
                "roster After hours: override of first from Thu 24 Dec 2026, 18:00 to Fri 25 Dec 2026, 09:00 added",
            ],
        ),
        ("no_answer: 45", "no_answer: 30", ["paging: no_answer 45 → 30"]),
        (
            "# optional; all in seconds\n  {no_answer: 45, rounds: 3, then_every: 300}\n",
            "{}\n",
            [],
        ),
    ],
)
def test_a_change_is_made_said_and_made_once(
    session: Session, load: Load, old: str, new: str, lines: list[str]
) -> None:
    load(EXAMPLE)
    before = rows(session)
    text = edited((old, new))
    assert load(text) == lines
    assert (rows(session) != before) is bool(lines)
    assert load(text) == []


def test_a_new_pin_revokes_the_old(session: Session, load: Load, now: datetime) -> None:
    load(EXAMPLE)
    load(edited(('"48151623"', '"48151624"')))
    assert find_contract(session, KEYS, "48151623") is None
    assert find_contract(session, KEYS, "48151624") is not None
    assert list(session.scalars(select(Pin.revoked_at).order_by(Pin.id))) == [now, None]


def test_two_customers_exchange_their_pins(load: Load, session: Session) -> None:
    both = edited(("regions:   ", SECOND_CUSTOMER + "regions:   "))
    load(both)
    exchanged = both.replace("48151623", "(other)").replace("38205917", "48151623").replace("(other)", "38205917")
    assert load(exchanged) == ["customer Acme: PIN replaced", "customer Bolt: PIN replaced"]
    holder = find_contract(session, KEYS, "48151623")
    assert holder is not None
    assert holder.customer.name == "Bolt"


def test_two_people_exchange_their_phones(load: Load, session: Session) -> None:
    load(EXAMPLE)
    lines = load(
        edited(
            ('"+390584000001"', '"+390584000002"'), ('Verdi, phone: "+390584000002"', 'Verdi, phone: "+390584000001"')
        )
    )
    assert lines == [
        "person Ada Rossi: phone +390584000001 → +390584000002",
        "person Bruno Verdi: phone +390584000002 → +390584000001",
    ]
    ada = by_phone(session, "+390584000002")
    assert ada is not None
    assert matches(ada.pin_digest, KEYS.personal("+390584000002", "70519283"))


def test_a_personal_pin_does_not_outlive_its_phone(load: Load, session: Session) -> None:
    load(EXAMPLE)
    lines = load(edited(('"+390584000001"', '"+390584000009"'), ('    pin: "70519283"', "    # no PIN")))
    assert lines[0] == "person Ada Rossi: PIN removed, as it was good with the old phone only; give a new one"
    assert session.scalars(select(Person.pin_digest).where(Person.name == "Ada Rossi")).one() is None


def test_whom_the_file_does_not_name_is_left_alone(load: Load, session: Session) -> None:
    load(edited(("regions:   ", SECOND_CUSTOMER + "regions:   ")))
    assert load("people: []") == []
    assert load(EXAMPLE) == []
    assert session.scalar(select(func.count()).select_from(Customer)) == 2
    assert find_contract(session, KEYS, "38205917") is not None


def test_the_newest_contract_is_brought_up_to_date(load: Load, session: Session) -> None:
    load(EXAMPLE)
    acme = session.scalars(select(Customer)).one()
    old = acme.contracts[0]
    renewed = Contract(plan="gold", region_name="europe", start_date=old.end_date, end_date=old.end_date)
    acme.contracts.append(renewed)
    session.flush()
    load(edited(('    pin: "48151623"', "    # PIN as it is")))
    plans = session.execute(select(Contract.plan, Contract.start_date).order_by(Contract.id)).all()
    assert [tuple(row) for row in plans] == [("platinum", date(2026, 1, 1)), ("platinum", date(2026, 1, 1))]


def test_a_phone_of_somebody_outside_the_file_is_refused(load: Load) -> None:
    load(EXAMPLE)
    with pytest.raises(DirectoryError) as caught:
        load('people:\n  - {name: Dora Gialli, phone: "+390584000001", role: technician}')
    assert str(caught.value) == (
        "line 2: people → Dora Gialli → phone: +390584000001 is the phone of Ada Rossi, who is not in this file; "
        "add Ada Rossi with another phone or 'active: false', or give Dora Gialli another phone"
    )


def test_a_pin_of_a_customer_outside_the_file_is_refused_and_nothing_is_kept(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        apply(session, parse(EXAMPLE), now, KEYS)
    with database.transaction() as session:
        before = rows(session)
    thief = "customers:\n" + SECOND_CUSTOMER.replace("38205917", "48151623")
    with pytest.raises(DirectoryError) as caught, database.transaction() as session:
        apply(session, parse(thief), now, KEYS)
    assert (caught.value.line, caught.value.reason) == (
        2,
        "this PIN is in force for another customer, who is not in this file",
    )
    assert "48151623" not in str(caught.value)
    with database.transaction() as session:
        assert rows(session) == before


def test_paging_times_and_blocked_numbers(load: Load, session: Session) -> None:
    load("people: []")
    text = 'paging: {promise: 600, readings: 3}\nblocked_numbers: ["+39 02 999999", "+44 20 7946 0999"]'
    assert load(text) == [
        "paging: promise 1800 → 600",
        "paging: readings 2 → 3",
        "blocked number +3902999999: added",
        "blocked number +442079460999: added",
    ]
    assert (paging_times(session).promise, paging_times(session).no_answer) == (600, 45)
    assert session.get(BlockedNumber, "+3902999999") is not None
    assert load(text) == []


@pytest.mark.parametrize("written", ["never", '"never"', "07:30", '"07:30"', "16:30", '"16:30"'])
def test_the_hour_of_drills(load: Load, session: Session, written: str) -> None:
    """With or without quotes, though YAML takes 16:30 for a number."""
    time = written.strip('"')
    assert load(f"people: []\npaging: {{drill: {written}}}")[-1] == f"paging: drill 16:00 → {time}"
    assert load(f"paging: {{drill: {written}}}") == []
    session.info.clear()
    assert paging_times(session).drill == time
    assert (paging_times(session).drill_at is None) is (time == "never")


def test_no_secret_is_in_what_a_directory_shows_of_itself() -> None:
    shown = repr(parse(EXAMPLE))
    for secret in ("48151623", "70519283", "example-token"):
        assert secret not in shown


def test_quotes_that_yaml_does_not_need_and_offsets() -> None:
    text = edited(
        ("start: 2026-01-01", 'start: "2026-01-01"'),
        ("to: 2026-12-25T09:00", 'to: "2026-12-25T09:00:00+02:00"'),
        ("from: 2026-12-24T18:00", "from: 2026-12-24 18:00:00"),
    )
    (override,) = parse(text).rosters[0].overrides
    assert override.start == datetime(2026, 12, 24, 17, tzinfo=UTC)
    assert override.end == datetime(2026, 12, 25, 7, tzinfo=UTC)
    assert parse(text).customers[0].contract.start == date(2026, 1, 1)


def test_an_anchor_saves_typing() -> None:
    text = edited(
        ("people: [Ada Rossi, Bruno Verdi]", "people: &team [Ada Rossi, Bruno Verdi]"),
        ("people: [Bruno Verdi, Ada Rossi]", "people: *team"),
    )
    first, backup = parse(text).rosters[0].layers
    assert first.rotations == backup.rotations


def test_empty_sections_are_an_empty_directory() -> None:
    assert parse("people:\nregions: []\n") == Directory()


def test_demo_rings_a_technician_on_sunday_night(load: Load, session: Session) -> None:
    load(DEMO.read_text(encoding="utf-8"))
    for week in range(4):
        night = datetime(2026, 6, 14, 0, 0, tzinfo=UTC) + timedelta(weeks=week)
        links = chain(session, "europe", night)
        assert [link.person.role for link in links] == ["technician", "technician", "team_leader", "support_manager"]
        assert [link.source for link in links] == ["first", "backup", "team leader", "support manager"]
    assert load(DEMO.read_text(encoding="utf-8")) == []


def test_demo_holds_for_years(load: Load, session: Session) -> None:
    load(DEMO.read_text(encoding="utf-8"))
    (duty,) = on_call(session, datetime(2035, 12, 30, 1, tzinfo=UTC))
    assert [layer.why for layer in duty.layers] == [Why.ROTATION, Why.ROTATION]
    plans = {row.customer.name: (row.plan, row.end_date) for row in session.scalars(select(Contract))}
    assert plans["St. Anna Hospital"] == ("platinum", date(2035, 12, 31))
    assert plans["Harbour Hotels"][1] < date(2026, 1, 1)
    assert plans["Alpine Logistics"] == ("gold", date(2035, 12, 31))
