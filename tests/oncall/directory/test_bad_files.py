"""A wrong directory file is refused whole, with line, place, reason and remedy."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.db import Database
from oncall.customers.pins import PinKeys
from oncall.directory import DirectoryError, Problem, apply, parse
from oncall.models.customers import Region
from oncall.models.people import Person
from tests.directory_example import EXAMPLE, SECOND_CUSTOMER, edited

ADA_AGAIN = '  - {name: Ada Rossi, phone: "+390584000009", role: technician}\ncustomers:\n  - name: Acme'
SECOND_OVERRIDE = """person: Carla Neri}
      - {layer: first, from: 2026-12-25T08:59, to: 2026-12-26T09:00, person: null}"""
ROTATION = "rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Ada Rossi, Bruno Verdi]}"

# Text replaced in the example, by what; then the line, the place, and what is said about it.
BAD = [
    ("role: technician            #", "role: boss #", 5, "people[0].role",
     "people → Ada Rossi → role: 'boss' is not one of technician, team_leader, support_manager, executive"),
    ("plan: platinum ", "plan: silver ", 15, "customers[0].contract.plan",
     "customers → Acme → contract → plan: 'silver' is not one of basic, gold, platinum"),
    ("      plan: platinum            # basic | gold | platinum\n", "", 15, "customers[0].contract",
     "customers → Acme → contract: the key 'plan' is missing; add 'plan: ...'"),
    ("    contract:\n", "    contrakt:\n", 14, "customers[0]",
     "customers → Acme: unknown key 'contrakt'; did you mean 'contract'?"),
    ("alarm_tokens:", "alarm_token:", 36, "", "unknown key 'alarm_token'; did you mean 'alarm_tokens'?"),
    ("email: ada@example.org", "hobby: chess", 4, "people[0]",
     "people → Ada Rossi: unknown key 'hobby'; write one of name, phone, role, email, pin, channels, active"),
    ("email: ada@example.org", "email: ada", 4, "people[0].email",
     "people → Ada Rossi → email: 'ada' is not an e-mail address"),
    ("email: it@acme.example", "email: [it@acme.example]", 11, "customers[0].email",
     "customers → Acme → email: must be text, not a list"),
    ("email: it@acme.example", "name: Bolt", 11, "customers[0]",
     "customers → Acme: the key 'name' stands here twice; keep one of the two"),
    ("name: Acme", "name: No", 10, "customers[0].name",
     'customers → No → name: YAML reads this as true or false; put it in quotes: "..."'),
    ("name: Acme", "name: 2026", 10, "customers[0].name",
     'customers → 2026 → name: YAML reads this as a number; put it in quotes: "..."'),
    ("name: Acme", 'name: " "', 10, "customers[0].name", "customers →   → name: is empty"),
    ("name: Acme", "name:", 10, "customers[0].name", "customers → 1 → name: must be text, not nothing"),
    ('"+390584000001"', "+390584000001", 3, "people[0].phone",
     "people → Ada Rossi → phone: a phone number must stand in quotes; put it in quotes, or YAML reads it as a number"),
    ('"+390584000001"', '"0584 000001"', 3, "people[0].phone",
     "people → Ada Rossi → phone: '0584 000001' is not a phone number with country prefix; "
     'write it such as "+390212345678"'),
    ('"+390584000002"', '"+39 0584 000001"', 7, "people[1].phone",
     "people → Bruno Verdi → phone: the phone of a person '+390584000001' is in line 3 already; "
     "each may be there once"),
    ('["+390212345678"]', '["+390212345678", "+39 02 12345678"]', 12, "customers[0].phones[1]",
     "customers → Acme → phones → 2: the phone '+390212345678' is in line 12 already; each may be there once"),
    ('["+390212345678"]', '"+390212345678"', 12, "customers[0].phones",
     "customers → Acme → phones: must be a list, not a single value; write [...], or one '- ' a line"),
    ('"48151623"', "48151623", 13, "customers[0].pin",
     "customers → Acme → pin: a PIN must stand in quotes; put it in quotes, or YAML reads it as a number"),
    ('"70519283"', "01234567", 6, "people[0].pin",
     "people → Ada Rossi → pin: a PIN must stand in quotes; put it in quotes, or YAML reads it as a number"),
    ('"48151623"', '"4815-1623"', 13, "customers[0].pin", "customers → Acme → pin: a PIN has digits only"),
    ('"48151623"', '"48151"', 13, "customers[0].pin", "customers → Acme → pin: a PIN has 6 to 16 digits, not 5"),
    ('"70519283"', '"12345678901234567"', 6, "people[0].pin",
     "people → Ada Rossi → pin: a PIN has 6 to 16 digits, not 17"),
    ("customers:\n  - name: Acme", ADA_AGAIN, 9, "people[3].name",
     "people → Ada Rossi → name: the person 'Ada Rossi' is in line 2 already; each may be there once"),
    ("regions:   ", SECOND_CUSTOMER.replace("38205917", "48151623") + "regions:   ", 22, "customers[1].pin",
     "customers → Bolt → pin: this PIN of a customer is in line 13 already; each may be there once"),
    ("region: europe ", "region: eurpe ", 16, "customers[0].contract.region",
     "customers → Acme → contract → region: there is no region 'eurpe'; did you mean 'europe'?"),
    ("end: 2027-12-31", "end: 2025-12-31", 18, "customers[0].contract.end",
     "customers → Acme → contract → end: 2025-12-31 is before the start, 2026-01-01"),
    ("end: 2027-12-31", "end: 2027-02-29", 18, "customers[0].contract.end",
     "customers → Acme → contract → end: '2027-02-29' is not a day; "
     "write it as year-month-day, such as 2026-01-31"),
    ("end: 2027-12-31", "end: 31.12.2027", 18, "customers[0].contract.end",
     "customers → Acme → contract → end: '31.12.2027' is not a day; write it as year-month-day, such as 2026-01-31"),
    ("paid: true", 'paid: "true"', 19, "customers[0].contract.paid",
     "customers → Acme → contract → paid: must be true or false, without quotes"),
    ("end_of_life: null", "end_of_life: soon", 20, "customers[0].contract.products[0].end_of_life",
     "customers → Acme → contract → products → UC Suite → end_of_life: 'soon' is not a day; "
     "write it as year-month-day, such as 2026-01-31"),
    ("{name: europe, time_zone: Europe/Rome,", "{name: europe, time_zone: Europe/Roma,", 22, "regions[0].time_zone",
     "regions → europe → time_zone: unknown time zone 'Europe/Roma'; did you mean 'Europe/Rome'?"),
    ("{name: europe, time_zone: Europe/Rome,", "{name: moon,", 22, "regions[0]",
     "regions → moon: the key 'time_zone' is missing; add such as 'time_zone: Europe/Rome'"),
    ("[europe, america, middle_east]", "[europe, asia_pacific]", 25, "rosters[0].regions[1]",
     "rosters → After hours → regions → 2: there is no region 'asia_pacific'; "
     "write one of europe, america, middle_east, apac"),
    ("[europe, america, middle_east]", "[]", 25, "rosters[0].regions",
     "rosters → After hours → regions: is empty; a roster needs regions"),
    ("time_zone: Europe/Rome\n    layers", "time_zone: CEST\n    layers", 26, "rosters[0].time_zone",
     "rosters → After hours → time_zone: unknown time zone 'CEST'; did you mean 'EST'?"),
    ("people: [Ada Rossi, Bruno Verdi]", "people: [Ada Rosi, Bruno Verdi]", 29,
     "rosters[0].layers[0].rotation.people[0]",
     "rosters → After hours → layers → first → rotation → people → 1: there is no person 'Ada Rosi'; "
     "did you mean 'Ada Rossi'?"),
    ("people: [Ada Rossi, Bruno Verdi]", "people: []", 29, "rosters[0].layers[0].rotation.people",
     "rosters → After hours → layers → first → rotation → people: is empty; "
     "a rotation needs somebody to take a turn"),
    ("people: [Ada Rossi, Bruno Verdi]", "people: [[Ada Rossi, Ada Rossi]]", 29,
     "rosters[0].layers[0].rotation.people[0][1]",
     "rosters → After hours → layers → first → rotation → people → 1 → 2: "
     "the person 'Ada Rossi' is in line 29 already; each may be there once"),
    ("every: 1 week, people: [Ada", "every: fortnight, people: [Ada", 29, "rosters[0].layers[0].rotation.every",
     "rosters → After hours → layers → first → rotation → every: cannot read 'fortnight'; "
     'write "12 hours", "1 day", "2 weeks" or "1 month"'),
    ("every: 1 week, people: [Ada", "every: 0 days, people: [Ada", 29, "rosters[0].layers[0].rotation.every",
     "rosters → After hours → layers → first → rotation → every: a turn lasts 1 to 10000 days, not 0; "
     'write such as "12 hours", "1 day", "2 weeks" or "1 month"'),
    ("start: 2026-01-05T18:00, every: 1 week, people: [Ada", "start: 2026-01-05T18:00Z, every: 1 week, people: [Ada",
     29, "rosters[0].layers[0].rotation.start",
     "rosters → After hours → layers → first → rotation → start: is a wall-clock time of the roster's zone; "
     "leave the offset away"),
    ("start: 2026-01-05T18:00, every: 1 week, people: [Ada", "start: 2026-01-05T25:00, every: 1 week, people: [Ada",
     29, "rosters[0].layers[0].rotation.start",
     "rosters → After hours → layers → first → rotation → start: '2026-01-05T25:00' is not a date and time; "
     "write it such as 2026-01-05T18:00"),
    ("every: 1 week, people: [Ada", "until: 2026-01-05T18:00, every: 1 week, people: [Ada", 29,
     "rosters[0].layers[0].rotation.until",
     "rosters → After hours → layers → first → rotation → until: "
     "2026-01-05 18:00 is not after the start, 2026-01-05 18:00"),
    ("        " + ROTATION + "\n", "", 28, "rosters[0].layers[0]",
     "rosters → After hours → layers → first: needs either 'rotation' or 'rotations'"),
    (ROTATION, ROTATION + "\n        hours: [{days: [mon-fri], from: 18:00, to: 09:00}]", 30,
     "rosters[0].layers[0].hours[0].days[0]",
     "rosters → After hours → layers → first → hours → 1 → days → 1: "
     "'mon-fri' is not one of mon, tue, wed, thu, fri, sat, sun"),
    (ROTATION, ROTATION + "\n        hours: [{days: [mon], from: 24:00, to: 09:00}]", 30,
     "rosters[0].layers[0].hours[0].from",
     "rosters → After hours → layers → first → hours → 1 → from: '24:00' is not a time of day; "
     'write it such as "18:00"'),
    ("name: backup", "name: first", 30, "rosters[0].layers[1].name",
     "rosters → After hours → layers → first → name: the layer 'first' is in line 28 already; "
     "each may be there once"),
    ("layer: first", "layer: frist", 33, "rosters[0].overrides[0].layer",
     "rosters → After hours → overrides → frist → layer: there is no layer 'frist'; did you mean 'first'?"),
    ("to: 2026-12-25T09:00", "to: 2026-12-24T18:00", 33, "rosters[0].overrides[0].to",
     "rosters → After hours → overrides → first → to: is not after 'from'"),
    ("to: 2026-12-25T09:00, person: Carla Neri", "to: 2026-12-25T09:00", 33, "rosters[0].overrides[0]",
     "rosters → After hours → overrides → first: the key 'person' is missing; add 'person: ...'"),
    ("person: Carla Neri}", SECOND_OVERRIDE, 34, "rosters[0].overrides[1]",
     "rosters → After hours → overrides → first: overlaps the override in line 33; "
     "end one where the other starts"),
    ("no_answer: 45", "no_anwser: 45", 35, "paging",
     "paging: unknown key 'no_anwser'; did you mean 'no_answer'?"),
    ("no_answer: 45", "no_answer: 0", 35, "paging.no_answer",
     "paging → no_answer: no_answer must be a whole number from 1 to 86400, not 0"),
    ("no_answer: 45", "drill: 25:00", 35, "paging.drill",
     "paging → drill: drill must be a time of day such as \"16:00\", or never, not '25:00'"),
    ("no_answer: 45", "drill: no", 35, "paging.drill",
     "paging → drill: drill must be a time of day such as \"16:00\", or never, not 'no'"),
    ("no_answer: 45", "drill: [16:00]", 35, "paging.drill",
     "paging → drill: must be a time of day, or never, not a list"),
    ("no_answer: 45", "no_answer: 45s", 35, "paging.no_answer",
     "paging → no_answer: '45s' is not a whole number; write it in digits, without quotes"),
    ("customer: Acme, token", "customer: Acne, token", 37, "alarm_tokens[0].customer",
     "alarm_tokens → Acne → customer: there is no customer 'Acne'; did you mean 'Acme'?"),
    ('"example-token"', '"short"', 37, "alarm_tokens[0].token",
     "alarm_tokens → Acme → token: a token is 8 or more letters, digits and signs without spaces; "
     "make a long, random one"),
    ("alarm_tokens:", 'blocked_numbers: ["+390212345678"]\nalarm_tokens:', 36, "blocked_numbers[0]",
     "blocked_numbers → 1: +390212345678 belongs to Acme, who could no longer call; take it out of one of the two"),
    ("people:\n  - name: Ada", "people:\n\t- name: Ada", 2, "",
     "this is not YAML: found character '\\t' that cannot start any token"),
    ("then_every: 300}", "then_every: 300", 36, "",
     "this is not YAML: expected ',' or '}', but got ':'"),
    ("people:\n  - name: Ada", "--- \na: 1\n---\npeople:\n  - name: Ada", 3, "",
     "this is not YAML: but found another document"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "where", "said"), BAD)
def test_bad_file(old: str, new: str, line: int, where: str, said: str) -> None:
    with pytest.raises(DirectoryError) as caught:
        parse(edited((old, new)))
    assert (caught.value.line, caught.value.where) == (line, where)
    assert str(caught.value) == f"line {line}: {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the file is empty; start with 'people:'"),
        ("# nothing\n", "line 1: the file is empty; start with 'people:'"),
        ("hello", "line 1: must be keys with values, not a single value; keys are people, customers, regions, rosters, "
         "paging, alarm_tokens, blocked_numbers"),
        ("people: 3", "line 1: people: must be a list, not a single value; write [...], or one '- ' a line"),
        ("people: [3]", "line 1: people → 1: must be keys with values, not a single value; "
         "keys are name, phone, role, email, pin, channels, active"),
        ("? [a]\n: b", "line 1: unknown key '?'; write one of people, customers, regions, rosters, paging, "
         "alarm_tokens, blocked_numbers"),
        ("a: \x00", "line 1: this is not YAML text"),
        ("[" * 1500, "line 1: it is nested too deeply"),
        ("people: &a [*a]", "line 1: people → 1: must be keys with values, not a list; "
         "keys are name, phone, role, email, pin, channels, active"),
    ],
)  # fmt: skip
def test_what_is_no_directory_at_all(text: str, said: str) -> None:
    with pytest.raises(DirectoryError) as caught:
        parse(text)
    assert str(caught.value) == said


def test_all_mistakes_are_told_at_once_in_their_order() -> None:
    text = edited(
        ("every: 1 week, people: [Ada", "every: moon, people: [Ada"),
        ("plan: platinum ", "plan: silver "),
        ("no_answer: 45", "no_answer: 0"),
    )
    with pytest.raises(DirectoryError) as caught:
        parse(text)
    assert [problem.line for problem in caught.value.problems] == [15, 29, 35]
    assert str(caught.value).count("\n") == 2


def test_no_secret_is_repeated() -> None:
    for old, new in (("48151623", "4815162x"), ("70519283", "7051928x"), ("example-token", "example token")):
        with pytest.raises(DirectoryError) as caught:
            parse(edited((old, new)))
        assert new not in str(caught.value)


def test_a_bad_file_changes_nothing_in_the_database(database: Database, now: datetime) -> None:
    text = edited(('"example-token"', '"short"'))  # everything else in it is good
    with pytest.raises(DirectoryError), database.transaction() as session:
        apply(session, parse(text), now, PinKeys(b"a secret of the tests"))
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0
        assert session.scalar(select(func.count()).select_from(Region)) == 0


@settings(max_examples=100, deadline=None)
@given(place=st.integers(0, len(EXAMPLE)), cut=st.integers(0, 12), put=st.text(max_size=6))
def test_any_damage_is_either_harmless_or_told_with_a_line(place: int, cut: int, put: str) -> None:
    text = EXAMPLE[:place] + put + EXAMPLE[place + cut :]
    problems = problems_of(text)
    lines = len(text.splitlines()) + 1
    assert all(1 <= problem.line <= lines and problem.reason for problem in problems)


def problems_of(text: str) -> tuple[Problem, ...]:
    try:
        parse(text)
    except DirectoryError as error:
        return error.problems
    return ()
