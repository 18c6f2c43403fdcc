"""Phone numbers: read, refused, masked and spelt out."""

import pytest

from core.text.phones import (
    BadNumberError,
    CallerId,
    Kind,
    caller_number,
    kind_of,
    mask,
    parse_number,
    read_caller,
    spell,
    typed_number,
)

ROME, NEW_YORK = "+390584943232", "+12125550100"


@pytest.mark.parametrize(
    "text", ["+390212345678", "+39 02 1234 5678", "+39-02.1234/5678", "(+39) 0212345678", "  +390212345678 "]
)
def test_a_number_may_be_written_in_many_ways(text: str) -> None:
    assert parse_number(text) == "+390212345678"


@pytest.mark.parametrize(
    "text", ["0212345678", "+0212345678", "+39", "+39021234567890123", "+39 02 CALL", "", "00390212"]
)
def test_what_is_no_number_says_so(text: str) -> None:
    with pytest.raises(BadNumberError, match="country prefix"):
        parse_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "anonymous",
        "Anonymous",
        "+266696687",
        "266696687",
        "+7378742833",
        "restricted",
        "unavailable",
        "+86282452253",
        "Unknown",
        "+2562533",
        "8656696",
        "+17378742833",
        "sip:anonymous@anonymous.invalid",
        "whatsapp:+390212345678",
        "",
        "  ",
    ],
)
def test_a_withheld_number_is_none(text: str) -> None:
    assert caller_number(text) is None


@pytest.mark.parametrize("text", ["sip:alice@example.org", "client:bob", "12345"])
def test_a_caller_without_a_telephone_number_is_none(text: str) -> None:
    assert caller_number(text) is None


def test_a_callers_number_is_kept() -> None:
    assert caller_number("+390212345678") == "+390212345678"


@pytest.mark.parametrize(
    "text",
    [
        "0212345678",
        "+0212345678",
        "02 1234 5678",
        "00390212345678",
        "390212345678",
        "%2B390212345678",
        "+ 39 02 1234 5678",
        "tel:+39-02-1234-5678",
        "sip:+390212345678@pbx.example;transport=tls",
        "sips:0212345678@pbx.example:5061",
        "sip:%2B390212345678:secret@pbx.example",
        '"Acme" <sip:+390212345678@pbx.example>',
        "client:+390212345678",
    ],
)
def test_one_number_in_many_forms(text: str) -> None:
    assert read_caller(text, [ROME]) == CallerId("+390212345678")


def test_a_known_number_of_another_region_wins_over_nothing_and_over_a_stranger() -> None:
    assert read_caller("2125550123", [ROME, NEW_YORK]).number == "+12125550123"
    assert read_caller("0212345678", [ROME, "+49301234567"]).number == "+390212345678"
    known = read_caller("0212345678", [ROME, "+49301234567"], lambda number: number == "+49212345678")
    assert known.number == "+49212345678"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sip:alice@pbx.example", "alice"),
        ("SIP:alice%20b@pbx.example;user=phone", "alice b"),
        ("sip:1001@pbx.example", "1001"),
        ("client:front-desk", "front-desk"),
        ("sip:alice:secret@pbx.example", "alice"),
        ("sip:<Response>&amp;\x07\u202e@pbx.example", "Responseamp"),
        ("sip:" + "x" * 10_000 + "@pbx.example", "x" * 40),
        ("sip:مقسم@pbx.example", "مقسم"),
    ],
)
def test_a_name_is_kept_short_and_harmless(text: str, name: str) -> None:
    assert read_caller(text, [ROME]) == CallerId(None, name)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+390212345678", Kind.USUAL),
        ("+393470000001", Kind.USUAL),
        ("+18005550199", Kind.USUAL),
        ("+15005550006", Kind.PERSONAL),
        ("+447012345678", Kind.PERSONAL),
        ("+39899123456", Kind.PREMIUM),
        ("+19005551234", Kind.PREMIUM),
        ("+979123456789", Kind.PREMIUM),
        ("+870773112345", Kind.SATELLITE),
        ("+8821612345678", Kind.SATELLITE),
        ("+881612345678", Kind.SATELLITE),
        ("+883510001234567", Kind.SATELLITE),
        ("+888123456789", Kind.SPECIAL),
        ("+80812345678", Kind.SHARED_COST),
        ("+39112", Kind.UNKNOWN),
        ("+15550100", Kind.UNKNOWN),
    ],
)
def test_what_a_number_is(number: str, kind: Kind) -> None:
    assert kind_of(number) is kind


@pytest.mark.parametrize(
    ("digits", "from_number", "number"),
    [
        ("0039212345678", "+14155550100", "+39212345678"),
        ("0212345678", "+390298765432", "+390212345678"),
        ("3470000001", "+390298765432", "+393470000001"),
        ("4155550123", "+14155550100", "+14155550123"),
        ("02079460000", "+442079460999", "+442079460000"),
        ("12", "+390298765432", None),
        ("0212345678", None, None),
        ("00", "+390298765432", None),
    ],
)
def test_a_typed_number_is_one_of_the_callers_country(digits: str, from_number: str | None, number: str | None) -> None:
    assert typed_number(digits, from_number) == number


def test_a_masked_number_tells_who_it_may_be_and_no_more() -> None:
    assert mask("+390212345678") == "+39********78"
    assert mask("+1234567") == "+12***67"
    assert mask(None) == mask("") == "withheld"


def test_digits_are_read_one_by_one() -> None:
    assert spell("1042") == "1, 0, 4, 2"
    assert spell("+39 02") == "3, 9, 0, 2"
