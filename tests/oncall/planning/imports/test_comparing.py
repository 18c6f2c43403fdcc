"""Whose shift an event is, and what an import would do beside what stands: rules alone."""

from datetime import UTC, datetime, timedelta

import pytest

from oncall.planning.imports.comparing import Event, Reading, Shift, Standing, Trouble, compared
from oncall.planning.imports.people import People, Person, PersonUnclearError, folded
from schedules.spans import Span

ADA = Person(1, "Ada Rossi", "ada@example.org")
JOSE = Person(2, "José Díaz", "jose@example.org")
ANNA = Person(3, "Anna-Maria Weiß")
MARA = Person(4, "Mara Bianchi", "mara@example.org")
TWINS = (Person(5, "Luca Neri", "luca@example.org"), Person(6, "LUCA NERI"))
PEOPLE = People([ADA, JOSE, ANNA, MARA, *TWINS])
START = datetime(2026, 6, 1, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("summary", "guests", "organizer", "found"),
    [
        ("Ada Rossi", (), "", ADA),
        ("  ada   ROSSI ", (), "", ADA),
        ("On call: Ada Rossi (Nights, first)", (), "", ADA),
        ("on-call - Ada Rossi", (), "", ADA),
        ("Oncall: Ada Rossi", (), "", ADA),
        ("Ada Rossi - first line", (), "", ADA),
        ("Ada Rossi – first", (), "", ADA),
        ("Ada Rossi (backup)", (), "", ADA),
        ("jose diaz", (), "", JOSE),
        ("Jose\u0301 Di\u0301az", (), "", JOSE),
        ("Anna-Maria Weiss - nights", (), "", ANNA),
        ("Duty", ("ada@example.org",), "", ADA),
        ("Duty", ("ADA@Example.org", "stranger@example.org"), "mara@example.org", ADA),
        ("José Díaz", ("ada@example.org", "jose@example.org"), "", JOSE),
        ("Ada Rossi", ("stranger@example.org",), "", ADA),
        ("Luca Neri", ("luca@example.org",), "", TWINS[0]),
        ("Ada Rossi", (), "mara@example.org", ADA),
        ("Duty", (), "mara@example.org", MARA),
    ],
)
def test_one_person_is_meant(summary: str, guests: tuple[str, ...], organizer: str, found: Person) -> None:
    assert PEOPLE.find(summary, guests, organizer) == found


@pytest.mark.parametrize(
    ("summary", "guests", "organizer", "reason", "remedy"),
    [
        ("Ada Rosi", (), "", "Nobody here is called “Ada Rosi”.", "Did you mean Ada Rossi?"),
        ("On call: Ada", (), "mara@example.org", "Nobody here is called “Ada”.", "Did you mean Ada Rossi?"),
        ("Zoe", ("zoe@example.org",), "mara@example.org", "the mail address zoe@example.org", "full name as title"),
        ("", (), "", "no title that could name a person", "full name as title"),
        ("Luca Neri", (), "", "any of Luca Neri, LUCA NERI", "mail address of the right one"),
        ("Duty", ("ada@example.org", "jose@example.org"), "", "Several of its guests", "Leave one of them"),
        ("Mara Bianchi", ("ada@example.org",), "", "guest is Ada Rossi, its title says Mara", "say the same"),
        ("Ada Rossi and José Díaz", (), "", "Nobody here is called", "Did you mean Ada Rossi or José Díaz?"),
    ],
)
def test_nobody_is_guessed(summary: str, guests: tuple[str, ...], organizer: str, reason: str, remedy: str) -> None:
    with pytest.raises(PersonUnclearError) as told:
        PEOPLE.find(summary, guests, organizer)
    assert reason in told.value.reason
    assert remedy in told.value.remedy


def test_names_are_compared_without_accents_capitals_and_double_spaces() -> None:
    assert folded("  ÅSE   Strauß ") == folded("ase STRAUSS") == "ase strauss"


def test_a_file_of_strangers_does_not_cost_a_search_each() -> None:
    many = People(Person(number, f"Person number {number}") for number in range(500))
    for number in range(2000):
        with pytest.raises(PersonUnclearError):
            many.find(f"Someone {number}", (), "")
    assert many.nearest("Person number 17") == []  # no more: it is the wrong file
    assert People([ADA]).nearest("Rossi") == ["Ada Rossi"]


def event(hours: int, name: str = "Ada Rossi", length: int = 12, line: int | None = None) -> Event:
    start = START + hours * HOUR
    return Event(hours if line is None else line, f"uid {hours}", name, start, start + length * HOUR)


def shift(hours: int, person: Person = ADA, length: int = 12) -> Shift:
    return Shift(span(hours, length), person.id)


def span(hours: int, length: int = 12) -> Span:
    return Span(START + hours * HOUR, START + (hours + length) * HOUR)


def test_new_there_already_and_in_the_way_are_told_apart() -> None:
    standing = [
        Standing(span(24), ADA.id, made_by="Mara"),
        Standing(span(50), JOSE.id),
        Standing(span(72), ADA.id, covers=False),
        Standing(span(96), None),
        Standing(span(-12), JOSE.id),
    ]
    found = compared(Reading(tuple(event(hours) for hours in (96, 0, 24, 48, 72))), PEOPLE, standing)
    assert found.added == (shift(0),)
    assert found.present == (shift(24),)
    assert [(each.shift, each.standing) for each in found.collisions] == [
        (shift(48), standing[1]), (shift(72), standing[2]), (shift(96), standing[3]),
    ]  # fmt: skip
    assert found.troubles == ()


def test_shifts_may_touch_what_stands_and_one_another() -> None:
    found = compared(
        Reading((event(0), event(12, "José Díaz"))), PEOPLE, [Standing(span(-12), 9), Standing(span(24), 9)]
    )
    assert found.added == (shift(0), shift(12, JOSE))


def test_one_long_override_is_in_the_way_of_several_shifts() -> None:
    found = compared(Reading((event(0), event(12), event(24))), PEOPLE, [Standing(span(0, 30), JOSE.id)])
    assert [each.shift for each in found.collisions] == [shift(0), shift(12), shift(24)]
    assert not found.added


def test_the_same_shift_twice_is_one_and_two_that_overlap_are_none() -> None:
    twice = compared(Reading((event(0), event(0, line=7))), PEOPLE, [])
    assert twice.added == (shift(0),)
    both = compared(Reading((event(0), event(6, "José Díaz"), event(30))), PEOPLE, [])
    assert both.added == (shift(30),)
    assert [(each.line, each.reason) for each in both.troubles] == [
        (0, "It overlaps the event in line 6 (José Díaz)."),
        (6, "It overlaps the event in line 0 (Ada Rossi)."),
    ]
    inside = compared(Reading((event(0, length=40), event(1, length=2), event(30, length=2))), PEOPLE, [])
    assert (inside.added, len(inside.troubles)) == ((), 3)


def test_repetitions_of_a_stranger_are_told_once() -> None:
    days = tuple(event(24 * day, "Nemo", line=3) for day in range(9))
    found = compared(Reading(days, (Trouble(1, "x", "y", "Broken."),)), PEOPLE, [])
    assert [(each.line, each.summary) for each in found.troubles] == [(1, "y"), (3, "Nemo")]
