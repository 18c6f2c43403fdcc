"""Names in the titles that tools and people write, guests as calendars write them, and who has declined."""

from datetime import date
from time import process_time_ns

import pytest

from oncall.models.planning.changes import CalendarFeed
from oncall.models.rosters import Roster
from oncall.planning.feeds.entries import _fault, _gone_layer
from oncall.planning.imports.ical.guests import Guests, guests_of
from oncall.planning.imports.people import People, Person, PersonUnclearError, Who
from oncall.planning.imports.titles import _cut, names_in, says_away, says_on_call, shown_name
from oncall.rosters.bad_rosters import BadRoster

GIULIA = Person(1, "Giulia Conti", "giulia@example.org", ("giulia.conti@accounts.example.org",))
JOSE = Person(2, "José Díaz", "jose@example.org")
MARA = Person(3, "Mara Bianchi", "mara@example.org")
PEOPLE = People([GIULIA, JOSE, MARA])


@pytest.mark.parametrize(
    "title",
    [
        "[L1] Giulia Conti",
        "[L1]Giulia Conti",
        "[Team] [L2] Giulia Conti | Nights",
        "Giulia Conti [Primary]",
        "Giulia Conti On-Call (Primary)",
        "Giulia Conti OnCall",
        "Giulia Conti is on call for Nights",
        "Giulia Conti – On-Call",
        "ON CALL: GIULIA CONTI (PRIMARY)",
        "On Call - Giulia Conti - Night support",
        "On call Giulia Conti (Secondary)",
        "Tier 1 On-Call - Giulia Conti",
        "Primary: Giulia Conti",
        "L1 Giulia Conti",
        "1st Level Support - Giulia Conti",
        "Night shift: Giulia Conti",
        "Reperibilità Giulia Conti",
        "Bereitschaft - Giulia Conti",
        "Giulia Conti's shift",
        "🌙 Giulia Conti",
        "Conti, Giulia",
        "[Primary] Conti, Giulia",
        "giulia.conti",
        "[L1] giulia_conti",
        "On call: giulia@example.org",
        "giulia.conti@accounts.example.org",
        "Giulia Conti (covers José Díaz)",
    ],
)
def test_a_name_is_found_in_a_title(title: str) -> None:
    assert PEOPLE.find(title, (), "") == GIULIA


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("[L1] Giulia Conti, José Díaz", "It may be any of Giulia Conti, José Díaz."),
        ("Giulia Conti / José Díaz", "It may be any of Giulia Conti, José Díaz."),
        ("Giulia Conti - vacation", "Its title speaks of time off"),
        ("OOO: Giulia Conti", "Its title speaks of time off"),
        ("Giulia Conti in ferie", "Its title speaks of time off"),
        ("[L1] Giulia", "Nobody here is called “Giulia”."),
        ("[L1] Giulia Contini", "Nobody here is called “Giulia Contini”."),
        ("Giulia Contini On-Call (Primary)", "Nobody here is called “Giulia Contini”."),
    ],
)
def test_nobody_is_guessed_from_a_title(title: str, reason: str) -> None:
    with pytest.raises(PersonUnclearError) as told:
        PEOPLE.find(title, (), "")
    assert reason in told.value.reason


@pytest.mark.parametrize(
    ("line", "guests"),
    [
        ("ATTENDEE:giulia@example.org", Guests(("giulia@example.org",))),
        ("ATTENDEE:mailto:Giulia@Example.org", Guests(("giulia@example.org",))),
        ("ATTENDEE:MAILTO: giulia@example.org", Guests(("giulia@example.org",))),
        ("ATTENDEE;EMAIL=giulia@example.org:invalid:nomail", Guests(("giulia@example.org",))),
        ("ATTENDEE;EMAIL=giulia@example.org", Guests(("giulia@example.org",))),
        ('ATTENDEE;CN="Conti; Giulia: first";EMAIL="giulia@example.org":/aMTIz/principal/',
         Guests(("giulia@example.org",), ("Conti; Giulia: first",))),
        ("ATTENDEE;CN=giulia@example.org:urn:uuid:1-2-3", Guests(("giulia@example.org",))),
        ("ATTENDEE;CN=Giulia Conti:MAILTO:/o=Org/ou=Exchange/cn=Recipients/cn=giulia", Guests((), ("Giulia Conti",))),
        ('ATTENDEE;CN="Giulia Conti":mailto:giulia%40example.org', Guests(("giulia@example.org",))),
        ("ATTENDEE;PARTSTAT=declined:mailto:giulia@example.org", Guests(declined=("giulia@example.org",))),
        ('ATTENDEE;CN=Giulia Conti;PARTSTAT="DECLINED":mailto:giulia@example.org',
         Guests(declined=("Giulia Conti <giulia@example.org>",))),
        ("ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:jose@example.org\":mailto:giulia@example.org",
         Guests(declined=("giulia@example.org",))),
        ("ATTENDEE;PARTSTAT=TENTATIVE:giulia@example.org", Guests(("giulia@example.org",))),
        ("ATTENDEE;CUTYPE=ROOM;CN=Room 1:mailto:room@example.org", Guests()),
        ("ATTENDEE;ROLE=NON-PARTICIPANT:mailto:mara@example.org", Guests()),
        ("ATTENDEE:", Guests()),
        ('ATTENDEE;CN="Giulia', Guests()),
        # Parameters of their own that should stand in quotes, before and behind those that matter.
        ("ATTENDEE;X-FOO=a:b;PARTSTAT=DECLINED:mailto:giulia@example.org", Guests(declined=("giulia@example.org",))),
        ("ATTENDEE;PARTSTAT=DECLINED;X-FOO=a:b:mailto:giulia@example.org", Guests(declined=("giulia@example.org",))),
        ('ATTENDEE;X-FOO="a;b:c";PARTSTAT=DECLINED:mailto:giulia@example.org',
         Guests(declined=("giulia@example.org",))),
        ('ATTENDEE;X=5";PARTSTAT=DECLINED:mailto:giulia@example.org', Guests(declined=("giulia@example.org",))),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:giulia@example.org;x=1", Guests(declined=("giulia@example.org",))),
        ("ATTENDEE ; PARTSTAT = DECLINED : mailto:giulia@example.org", Guests(declined=("giulia@example.org",))),
        # Whoever sends it for them, or is sent it, is not them.
        ('ATTENDEE;SENT-BY="mailto:mara@example.org";PARTSTAT=DECLINED:mailto:giulia@example.org',
         Guests(declined=("giulia@example.org",))),
        ("ATTENDEE;DELEGATED-TO=mailto:jose@example.org;PARTSTAT=DELEGATED:mailto:giulia@example.org",
         Guests(declined=("giulia@example.org",))),
        # The address in place of the name, behind it, and another one as value.
        ("ATTENDEE;CN=giulia@example.org;PARTSTAT=DECLINED:mailto:gc@private.example",
         Guests(declined=("gc@private.example giulia@example.org",))),
        ('ATTENDEE;CN="Conti, Giulia (giulia@example.org)";PARTSTAT=DECLINED:MAILTO:/o=Org/cn=giulia',
         Guests(declined=("Conti, Giulia <giulia@example.org>",))),
        ("ATTENDEE;CN=giulia@example.org:mailto:gc@private.example",
         Guests(("gc@private.example", "giulia@example.org"))),
        ("ATTENDEE;CN=Conti\\, Giulia;PARTSTAT=DECLINED:invalid:nomail", Guests(declined=("Conti, Giulia",))),
        ("ATTENDEE;CN=Giulia ^'GC^' Conti;PARTSTAT=DECLINED:invalid:nomail", Guests(declined=('Giulia "GC" Conti',))),
    ],
)  # fmt: skip
def test_a_guest_is_read_however_it_is_written(line: str, guests: Guests) -> None:
    found = guests_of([line], [])
    assert (found.mails, found.declined) == (guests.mails, guests.declined)
    assert set(guests.names) <= set(found.names)


def test_of_two_lines_about_one_guest_the_last_one_counts() -> None:
    yes, no = "ATTENDEE:mailto:giulia@example.org", "ATTENDEE;PARTSTAT=DECLINED:mailto:giulia@example.org"
    assert guests_of([yes, no], []).declined == ("giulia@example.org",)
    assert guests_of([no, yes], []).mails == ("giulia@example.org",)


G, J, M, STRANGER = "giulia@example.org", "jose@example.org", "mara@example.org", "stranger@example.org"
PRIVATE = "gc@private.example"


@pytest.mark.parametrize(
    ("who", "found"),
    [
        (Who("Duty", (M, G), M), GIULIA),  # the organizer is a guest, too
        (Who("Duty", (G, M), M), GIULIA),
        (Who("Mara Bianchi", (G, M), M), MARA),
        (Who("Duty", (M,), M), MARA),
        (Who("Duty", (M, STRANGER), M), MARA),
        (Who("Duty", (J,), M, declined=(G,)), JOSE),
        (Who("Giulia Conti", (J,), "", declined=(G,)), JOSE),
        (Who("José Díaz", (), "", declined=(G,)), JOSE),
        (Who("Duty", ("giulia.conti@accounts.example.org",)), GIULIA),
        (Who("Duty", (STRANGER,), names=("Giulia Conti",)), GIULIA),
        (Who("Duty", (), names=("Giulia Conti",)), GIULIA),
        (Who("Duty", (STRANGER,), names=("Conti, Giulia",)), GIULIA),
        (Who("Duty", (STRANGER,), names=("CONTI Giulia (IT)",)), GIULIA),
        (Who("Giulia Conti", (G,), declined=(STRANGER,)), GIULIA),
        (Who("Giulia Conti", (STRANGER,), names=("Conti, Giulia",), declined=(PRIVATE,)), GIULIA),
        (Who("Giulia Conti", (), declined=(f"Paul Customer <{STRANGER}>",)), GIULIA),
        (Who("Giulia Conti", (), declined=(f"José Díaz <{STRANGER}>",)), GIULIA),
    ],
)
def test_one_guest_is_meant(who: Who, found: Person) -> None:
    assert PEOPLE.whose(who) == found


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (Who("Duty", (), "", declined=(G,)), "Giulia Conti has declined, and nobody else is invited."),
        (Who("Giulia Conti", (), "", declined=(G, "Giulia Conti")), "Giulia Conti has declined, and nobody else"),
        (Who("Duty", (), M, declined=(G, J)), "Giulia Conti, José Díaz have all declined, and nobody else is invited."),
        (Who("Duty", (M,), M, declined=(G,)), "Giulia Conti has declined, and nobody else who is invited is known"),
        (Who("Giulia Conti", (STRANGER,), "", declined=(G,)), "Giulia Conti has declined"),
        (Who("Duty", (), M, declined=(STRANGER,)), "stranger@example.org has declined, and nobody else is invited."),
        (Who("Giulia Conti", (), "", declined=("Giulia Conti",)), "Giulia Conti has declined, and nobody else"),
        # Under another address: by the name as programs write it, or by what the address says.
        (Who("Giulia Conti", declined=(f"Conti, Giulia <{PRIVATE}>",)), "Giulia Conti has declined, and nobody else"),
        (Who("[L1] Giulia Conti", declined=(f"CONTI Giulia <{PRIVATE}>",)), "Giulia Conti has declined"),
        (Who("Giulia Conti", declined=(f"Conti, Giulia (IT) <{PRIVATE}>",)), "Giulia Conti has declined"),
        (Who("Giulia Conti", declined=("giulia.conti@private.example",)), "Giulia Conti has declined, and nobody else"),
        (Who("Giulia Conti", declined=(f"{PRIVATE} {G}",)), "Giulia Conti has declined, and nobody else"),
        # Who may be the one whom the title names is not put on call by it.
        (Who("Giulia Conti", declined=(PRIVATE,)), f"{PRIVATE} has declined, and may be Giulia Conti."),
        (Who("Night: Giulia Conti", (STRANGER,), M, declined=(PRIVATE,)), "and may be Giulia Conti."),
        (Who("Giulia Conti", declined=(f"Giulia <{PRIVATE}>",)), "and may be Giulia Conti."),
        (Who("Giulia Conti", declined=("G. Conti",)), "G. Conti has declined, and may be Giulia Conti."),
        (Who("Giulia Conti", declined=(f"Giulia Maria Conti <{PRIVATE}>",)), "and may be Giulia Conti."),
    ],
)
def test_who_has_declined_is_not_meant(who: Who, reason: str) -> None:
    with pytest.raises(PersonUnclearError) as told:
        PEOPLE.whose(who)
    assert reason in told.value.reason
    assert told.value.declined


def test_several_guests_stay_unclear() -> None:
    with pytest.raises(PersonUnclearError, match=r"Several of its guests can be on call: Giulia Conti, José Díaz\."):
        PEOPLE.whose(Who("Duty", (M, G, J), M))
    with pytest.raises(PersonUnclearError, match="It may be any of Giulia Conti, José Díaz"):
        PEOPLE.whose(Who("Duty", (), names=("Giulia Conti", "José Díaz")))


AWAY, TURNED, SLASH = Person(4, "Marco Ferie"), Person(5, "Rossi, Carlo"), Person(6, "O'Brien/Team")
LEAVE, LOUD, BRACKETS = Person(7, "Leave"), Person(8, "LEAVE"), Person(9, "Carla (Milan) Neri")
ODD = People([GIULIA, JOSE, AWAY, TURNED, SLASH, LEAVE, LOUD, BRACKETS, Person(10, "Carlo Rossi")])


@pytest.mark.parametrize(
    "about", ["Nights, first", "Ferie, Leave", "Giulia Conti, Rossi, Carlo", "O'Brien/Team, [x] - José Díaz"]
)
@pytest.mark.parametrize("person", [GIULIA, AWAY, TURNED, SLASH, LEAVE, LOUD, BRACKETS])
def test_our_own_titles_are_read_back_whatever_stands_in_them(person: Person, about: str) -> None:
    assert ODD.find(f"On call: {person.name} ({about})", (), M) == person


@pytest.mark.parametrize("name", ["nobody", "Zoe Nardi", "Giulia Conti-Bianchi"])
def test_behind_a_name_that_is_unknown_nobody_is_looked_for(name: str) -> None:
    with pytest.raises(PersonUnclearError, match="Nobody here is called"):
        ODD.find(f"On call: {name} (Nights, Giulia Conti)", (), M)


@pytest.mark.parametrize("title", ["Marco Ferie", "[L1] Marco Ferie", "Marco Ferie - first", "marco ferie on call"])
def test_a_name_with_a_word_for_time_off_is_a_name(title: str) -> None:
    assert ODD.find(title, (), "") == AWAY
    with pytest.raises(PersonUnclearError, match="time off"):
        ODD.find("Giulia Conti in ferie", (), "")


def test_what_our_own_feed_says_of_missing_shifts_is_none() -> None:
    """Also where the roster is called so that its name parts into one of a person."""
    today = date(2026, 6, 1)
    fault = _fault(BadRoster("A: Giulia Conti - B", "It is bad.", "Europe/Rome"), today)
    gone = _gone_layer(CalendarFeed(layer_id=1, roster=Roster(name="A: Giulia Conti - B")), today)
    for title in (fault.summary, gone.summary):
        assert "Giulia Conti" in title
        with pytest.raises(PersonUnclearError, match="says that shifts are missing"):
            ODD.find(title, (), "")


UNITS = [
    "_",
    " ",
    "-",
    ".",
    "\t",
    "_ ",
    "is ",
    "l1 ",
    "on_",
    "a,",
    " ,",
    "(",
    "/",
    "’s ",
    "!",
    "\u00a0",
    "first_",
    "x_",
    ". -",
]


@pytest.mark.parametrize("unit", UNITS)
def test_no_title_takes_much_longer_than_an_ordinary_one(unit: str) -> None:
    ordinary = _cost("Giulia Conti / José Díaz, first line - nights of the field team | " * 3)
    for before, after in (("", ""), ("Giulia Conti", "x"), ("on call", "on call"), ("[L1]", "!")):
        assert _cost((before + unit * 200)[:190] + after) < 8 * ordinary, before


def _cost(title: str) -> int:
    """The least CPU time of several tries, in ns: whatever else the machine does only adds to it."""
    tries = []
    for _ in range(7):
        _cut.cache_clear()
        began = process_time_ns()
        says_on_call(title)
        says_away(title, str.isdigit)
        list(names_in(title))
        shown_name(title)
        tries.append(process_time_ns() - began)
    return min(tries)
