"""Phone numbers: read, checked, masked and spelt out. Everywhere else a number is an E.164 string."""

import re

import phonenumbers

# What networks send in place of a withheld number (Twilio voice docs, "caller id"): words, or the letters of
# "ANONYMOUS", "RESTRICTED" ... typed on a keypad.
_WITHHELD = {"anonymous", "restricted", "unavailable", "unknown", "private", "blocked", ""}
_WITHHELD_DIGITS = {"266696687", "7378742833", "2562533", "8656696", "464", "86282452253"}


class BadNumberError(ValueError):
    """The text isn't a phone number in E.164 form; says what was given and what is wanted."""


def parse_number(text: str) -> str:
    """`text` as E.164 ("+390212345678").

    Raises BadNumberError when it has no country prefix or can't be a number of any country's length.
    """
    compact = re.sub(r"[\s().\-/]", "", text)
    if not re.fullmatch(r"\+[1-9]\d{5,14}", compact):
        raise BadNumberError(f"{text!r} is not a phone number with country prefix, such as +390212345678")
    return compact


def caller_number(text: str) -> str | None:
    """The calling number that a provider reported, or None when the caller withheld it."""
    cleaned = text.strip()
    if cleaned.lower() in _WITHHELD or cleaned.lstrip("+") in _WITHHELD_DIGITS:
        return None
    try:
        return parse_number(cleaned)
    except BadNumberError:
        return None


def typed_number(digits: str, country_of: str | None) -> str | None:
    """A number typed on a keypad, as E.164, or None when it can't be one.

    "00" or nothing but the national form is understood; `country_of` is the E.164 number whose country holds
    for a national form (the number called from).
    """
    text = "+" + digits[2:] if digits.startswith("00") else digits
    try:
        number = phonenumbers.parse(text, _country(country_of))
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _country(number: str | None) -> str | None:
    """The country of a number, as two letters; None when it has none (odd caller ids do exist)."""
    try:
        parsed = None if number is None else phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    return None if parsed is None else phonenumbers.region_code_for_number(parsed)


def mask(number: str | None) -> str:
    """The number as logs may show it: prefix and last two digits."""
    if not number:
        return "withheld"
    return f"{number[:3]}{'*' * max(3, len(number) - 5)}{number[-2:]}"


def spell(digits: str) -> str:
    """Digits with pauses between, as a voice should read them: "1042" -> "1, 0, 4, 2"."""
    return ", ".join(character for character in digits if character.isdigit())
