"""The arithmetic of guessing codes, and that docs/security.md states what it computes."""

import re
from dataclasses import astuple

import pytest

from core.settings import Settings
from oncall.delivery.text_codes import codes_there_are, random_code
from oncall.texting.limits import Limits, expected_lucky_codes_per_year, limits_from
from tests.oncall.customers.test_pin_limits import DOCUMENT, table

SETTINGS = ("code_", "text_answers_", "stranger_")


def test_limits_are_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE_LIMIT_NUMBER_HOUR", "7")
    assert limits_from(Settings()) == Limits(7, 50, 100, 20, 100, 20)


@pytest.mark.parametrize(("name", "value"), [("CODE_LENGTH", "5"), ("CODE_LENGTH", "9"), ("CODE_LIMIT_ALL_HOUR", "0")])
def test_settings_that_would_open_the_door_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=name.lower()):
        Settings()


def test_the_formula_in_plain_numbers() -> None:
    limits = Limits(1, 2, 1000, 20, 100, 20)
    # One wrong code an hour is 8,760 a year; two an hour from all are 17,520; there are 900,000 codes.
    lucky = expected_lucky_codes_per_year(limits, open_codes=9, code_length=6)
    assert astuple(lucky) == pytest.approx((0.0876, 0.1752, 0.0876))
    assert expected_lucky_codes_per_year(limits, 9, 7).all_numbers == pytest.approx(0.01752)


@pytest.mark.parametrize("length", [6, 7, 8])
def test_there_are_as_many_codes_as_the_formula_says(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    for drawn, digits in ((0, "1" + "0" * (length - 1)), (codes_there_are(length) - 1, "9" * length)):
        monkeypatch.setattr("secrets.randbelow", lambda most, drawn=drawn: min(drawn, most - 1))
        assert random_code(length) == digits


def test_the_document_states_what_the_function_computes() -> None:
    attackers = {
        "one technician's number, faked": "one_number",
        "any numbers": "all_numbers",
        "one technician's number, faked: that person's own codes": "own_code",
    }
    rows = table("Lucky codes a year")
    assert [row[0] for row in rows] == list(attackers)
    for name, *cells in rows:
        for pages, cell in zip((1, 10, 100), cells, strict=True):
            lucky = expected_lucky_codes_per_year(limits_from(Settings()), pages, 6)
            expected = getattr(lucky, attackers[name])
            stated = re.fullmatch(r"([0-9.]+) \((?:once in ([0-9,]+) years?|([0-9]+) a year)\)", cell)
            assert stated is not None, cell
            assert float(stated[1]) == pytest.approx(expected, rel=1e-3)
            often = 1 / int(stated[2]) if stated[2] else int(stated[3])
            assert 1 / often == pytest.approx(1 / expected, abs=0.5)


def test_the_document_states_the_default_settings() -> None:
    defaults = {name: field.default for name, field in Settings.model_fields.items() if name.startswith(SETTINGS)}
    stated = {row[0].strip("`").lower(): int(row[1]) for row in table("Limits on texts")}
    assert stated == defaults


def test_the_document_states_how_many_of_many_texts_are_answered() -> None:
    limits = limits_from(Settings())
    number = f"at most {limits.number_hour} + {limits.answers_number_hour} a number are answered"
    everybody = f"and {limits.all_hour} + {limits.answers_all_hour} in all"
    assert f"{number}, {everybody}" in DOCUMENT.read_text()
