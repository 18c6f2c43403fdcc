"""Phone numbers: read, refused, masked and spelt out."""

import pytest

from core.phones import BadNumberError, caller_number, mask, parse_number, spell, typed_number


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
        "",
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
