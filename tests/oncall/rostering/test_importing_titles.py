"""Names in the titles that tools and people write, guests as calendars write them, and who has declined."""

import pytest

from oncall.rostering.importing_guests import Guests, guests_of
from oncall.rostering.importing_people import People, Person, PersonUnclearError, Who

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
         Guests(declined=("giulia@example.org", "Giulia Conti"))),
        ("ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:jose@example.org\":mailto:giulia@example.org",
         Guests(declined=("giulia@example.org",))),
        ("ATTENDEE;PARTSTAT=TENTATIVE:giulia@example.org", Guests(("giulia@example.org",))),
        ("ATTENDEE;CUTYPE=ROOM;CN=Room 1:mailto:room@example.org", Guests()),
        ("ATTENDEE;ROLE=NON-PARTICIPANT:mailto:mara@example.org", Guests()),
        ("ATTENDEE:", Guests()),
        ('ATTENDEE;CN="Giulia', Guests()),
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
