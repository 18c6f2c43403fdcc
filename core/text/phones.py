"""Phone numbers: read, checked, masked and spelt out. Everywhere else a number is an E.164 string."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

import phonenumbers

from core.text.letters import clean

# What networks send in place of a withheld number (Twilio voice docs, "caller id"): words, or the letters of
# "ANONYMOUS", "RESTRICTED" ... typed on a keypad.
_WITHHELD = {"anonymous", "restricted", "unavailable", "unknown", "private", "blocked", "withheld", ""}
_KEYPAD_WORDS = ("266696687", "7378742833", "2562533", "8656696", "464", "86282452253")
_WITHHELD_DIGITS = {prefix + word for word in _KEYPAD_WORDS for prefix in ("", "1")}
# Of a caller id so much is looked at, and of a name in it so much is kept.
_LONGEST_ID: Final = 256
_LONGEST_CALLER_NAME: Final = 40


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


@dataclass(frozen=True)
class CallerId:
    """Who calls, as far as the network tells: a `number` (E.164), or else a `name` that can't be dialled (SIP)."""

    number: str | None = None
    name: str | None = None


WITHHELD_CALLER: Final = CallerId()


def read_caller(
    text: str, homes: Sequence[str] = (), is_known: Callable[[str], bool] = lambda number: False
) -> CallerId:
    """The caller id that a provider reported. Pure.

    `homes`: numbers (E.164) in whose countries one without country is read; the first country counts, unless one of the
    other readings `is_known`. A SIP address or a client's name is read as a number if it is one, else kept as a name.
    """
    cleaned = text[:_LONGEST_ID].strip()
    if cleaned.endswith(">") and "<" in cleaned:
        cleaned = cleaned[cleaned.rindex("<") + 1 : -1].strip()
    scheme, separator, rest = cleaned.partition(":")
    scheme = scheme.lower()
    if separator and scheme not in {"tel", "sip", "sips", "client"}:
        return WITHHELD_CALLER
    user = re.split("[@;?]", rest, maxsplit=1)[0] if separator else cleaned
    if scheme in {"sip", "sips"}:
        user = user.partition(":")[0]  # without a password
    user = unquote(user).strip()
    if user.lower() in _WITHHELD or user.lstrip("+") in _WITHHELD_DIGITS:
        return WITHHELD_CALLER
    number = _read_number(user, homes, is_known)
    if number is not None or not separator or scheme == "tel":
        return CallerId(number)
    return CallerId(name=_shown_name(user))


def caller_number(text: str, homes: Sequence[str] = ()) -> str | None:
    """The calling number (E.164) that a provider reported, or None when the caller withheld it or has none."""
    return read_caller(text, homes).number


def _read_number(text: str, homes: Sequence[str], is_known: Callable[[str], bool]) -> str | None:
    compact = re.sub(r"[\s().\-/]", "", text)
    if not re.fullmatch(r"\+?[0-9]{5,20}", compact):
        return None
    try:
        return _normal(parse_number(compact))
    except BadNumberError:
        readings = _readings(compact.lstrip("+"), homes)
    return next((number for number in readings if is_known(number)), readings[0] if readings else None)


def _readings(digits: str, homes: Sequence[str]) -> list[str]:
    """What digits without a plus can mean: of the first country with its prefixes, then of others. Valid ones only."""
    if digits.startswith("00"):
        return _valid("+" + digits[2:], None)
    found: list[str] = []
    for home in homes:
        found += _valid(digits, _country(home))
    return list(dict.fromkeys(found + _valid("+" + digits, None)))


def _valid(text: str, country: str | None) -> list[str]:
    number = _parsed(text, country)
    return [_e164(number)] if number is not None and phonenumbers.is_valid_number(number) else []


def _normal(number: str) -> str:
    """The one form of a number ("+44 (0)20 ..." has another one); what the library doesn't know stays as it is."""
    return next(iter(_valid(number, None)), number)


def _shown_name(user: str) -> str | None:
    """A name that is harmless to read and short enough to show."""
    seen = "".join(letter for letter in clean(user).replace("\n", " ") if letter not in "<>&\"'`{}")
    return " ".join(seen.split())[:_LONGEST_CALLER_NAME].strip() or None


def typed_number(digits: str, country_of: str | None) -> str | None:
    """A number typed on a keypad, as E.164, or None when it can't be one.

    "00" or nothing but the national form is understood; `country_of` is the E.164 number whose country holds
    for a national form (the number called from).
    """
    text = "+" + digits[2:] if digits.startswith("00") else digits
    number = _parsed(text, _country(country_of))
    return _e164(number) if number is not None and phonenumbers.is_possible_number(number) else None


class Kind(StrEnum):
    """What a number is, as far as ringing it goes."""

    USUAL = "usual"
    PREMIUM = "premium"
    SHARED_COST = "shared cost"
    SATELLITE = "satellite"
    PERSONAL = "personal"
    SPECIAL = "special"
    UNKNOWN = "unknown"


_USUAL_TYPES: Final = frozenset(
    {
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.VOIP,
        phonenumbers.PhoneNumberType.TOLL_FREE,
    }
)
_DEAR_TYPES: Final = {
    phonenumbers.PhoneNumberType.PREMIUM_RATE: Kind.PREMIUM,
    phonenumbers.PhoneNumberType.SHARED_COST: Kind.SHARED_COST,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER: Kind.PERSONAL,
    phonenumbers.PhoneNumberType.UAN: Kind.SPECIAL,
    phonenumbers.PhoneNumberType.PAGER: Kind.SPECIAL,
    phonenumbers.PhoneNumberType.VOICEMAIL: Kind.SPECIAL,
}
# Country codes of satellites and of networks that belong to no country (ITU-T E.164, annex), by what they are.
_NO_COUNTRY: Final = {
    "870": Kind.SATELLITE,
    "881": Kind.SATELLITE,
    "882": Kind.SATELLITE,
    "883": Kind.SATELLITE,
    "878": Kind.PERSONAL,
    "888": Kind.SPECIAL,
    "800": Kind.SPECIAL,
    "808": Kind.SHARED_COST,
    "979": Kind.PREMIUM,
    "991": Kind.SPECIAL,
    "999": Kind.SPECIAL,
}


def kind_of(number: str) -> Kind:
    """What an E.164 number is, by the numbering plans that the library knows."""
    if number[1:4] in _NO_COUNTRY:
        return _NO_COUNTRY[number[1:4]]
    parsed = _parsed(number, None)
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        return Kind.UNKNOWN
    found = phonenumbers.number_type(parsed)
    return Kind.USUAL if found in _USUAL_TYPES else _DEAR_TYPES.get(found, Kind.UNKNOWN)


def is_emergency(digits: str, country_of: str) -> bool:
    """Whether digits typed alone lead to an emergency service in the country of that number (E.164)."""
    country = _country(country_of)
    return country is not None and phonenumbers.is_emergency_number(digits, country)


def _parsed(text: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _country(number: str | None) -> str | None:
    """The country of a number, as two letters; None when it has none (odd caller ids do exist)."""
    parsed = None if number is None else _parsed(number, None)
    if parsed is None or parsed.country_code is None:
        return None
    # Of a number that no plan knows at least the country code is known.
    return phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(parsed.country_code)


def mask(number: str | None) -> str:
    """The number as logs may show it: prefix and last two digits."""
    if not number:
        return "withheld"
    return f"{number[:3]}{'*' * max(3, len(number) - 5)}{number[-2:]}"


def spell(digits: str) -> str:
    """Digits with pauses between, as a voice should read them: "1042" -> "1, 0, 4, 2"."""
    return ", ".join(character for character in digits if character.isdigit())
