"""How many wrong codes may be texted, how many answers are given, and how often a guesser then gets lucky. Pure."""

from dataclasses import dataclass

from core.settings import Settings
from oncall.customers.pin_limits import guesses_per_year
from oncall.delivery.text_codes import codes_there_are


@dataclass(frozen=True)
class Limits:
    """The most in any hour or day. Wrong codes: of one number, of all together. Answers that report no deed: likewise.

    `strangers_hour`: answers to numbers that are no technician's, all together (each number: one a day).
    """

    number_hour: int
    all_hour: int
    all_day: int
    answers_number_hour: int
    answers_all_hour: int
    strangers_hour: int


def limits_from(settings: Settings) -> Limits:
    """The limits that the settings give."""
    return Limits(
        number_hour=settings.code_limit_number_hour,
        all_hour=settings.code_limit_all_hour,
        all_day=settings.code_limit_all_day,
        answers_number_hour=settings.text_answers_number_hour,
        answers_all_hour=settings.text_answers_all_hour,
        strangers_hour=settings.stranger_answers_hour,
    )


@dataclass(frozen=True)
class LuckyCodes:
    """How many codes attackers who never pause should expect to hit in a year.

    `one_number`: with one technician's number faked. `all_numbers`: with any of them. `own_code`: beyond the common
    limit, when only codes count that the faked number was itself paged with.
    """

    one_number: float
    all_numbers: float
    own_code: float


def expected_lucky_codes_per_year(limits: Limits, open_codes: int, code_length: int) -> LuckyCodes:
    """The risk that the limits leave: guesses a year, times codes in force at any moment, over codes there are."""
    codes = codes_there_are(code_length)
    everyone, one = guesses_per_year(limits.all_hour, limits.all_day), guesses_per_year(limits.number_hour)
    return LuckyCodes(
        one_number=min(one, everyone) * open_codes / codes,
        all_numbers=everyone * open_codes / codes,
        own_code=one * open_codes / codes,
    )
