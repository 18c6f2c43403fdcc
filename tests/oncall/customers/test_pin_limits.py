"""The arithmetic of guessing, and that docs/security.md states what it computes."""

import re
from dataclasses import astuple
from pathlib import Path

import pytest

from core.settings import Settings
from oncall.customers.pin_guard import Limits, expected_lucky_guesses_per_year, limits_from
from oncall.customers.pin_limits import strict
from tests.oncall.customers.pin_desk import LIMITS

DOCUMENT = Path(__file__).parents[3] / "docs" / "security.md"


def test_limits_are_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIN_LIMIT_ALL_HOUR", "7")
    assert limits_from(Settings()) == Limits(5, 10, 7, 100, 30)


def test_the_formula_in_plain_numbers() -> None:
    # 5 an hour would be 120 a day, but 10 a day is the limit; 20 an hour would be 480, but 100 is.
    lucky = expected_lucky_guesses_per_year(LIMITS, pins_in_force=100, pin_length=8)
    assert astuple(lucky) == pytest.approx((0.00365, 0.0365, 0.002628))
    slow = Limits(number_hour=1, number_day=1000, all_hour=2, all_day=1000, registered_hour=3)
    lucky = expected_lucky_guesses_per_year(slow, pins_in_force=1, pin_length=6)
    assert astuple(lucky) == pytest.approx((0.00876, 0.01752, 0.02628))


def test_one_number_is_never_luckier_than_all_together() -> None:
    odd = Limits(number_hour=50, number_day=500, all_hour=5, all_day=50, registered_hour=30)
    lucky = expected_lucky_guesses_per_year(odd, 10, 8)
    assert lucky.one_number == lucky.all_numbers


def table(heading: str) -> list[list[str]]:
    """The rows, without its head, of the table under a heading of the document."""
    section = DOCUMENT.read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return rows[2:]


@pytest.mark.parametrize("pin_length", [8, 10])
def test_the_document_states_what_the_function_computes(pin_length: int) -> None:
    attackers = {
        "one number, or numbers withheld": "one_number",
        "any numbers, faked ones included": "all_numbers",
        "one registered number, faked: its own PIN": "faked_number",
    }
    settings = Settings()
    rows = table(f"Lucky guesses a year with PINs of {pin_length} digits")
    assert [row[0] for row in rows] == list(attackers)
    for name, *cells in rows:
        for pins_in_force, cell in zip((10, 100, 500), cells, strict=True):
            lucky = expected_lucky_guesses_per_year(limits_from(settings), pins_in_force, pin_length)
            expected = getattr(lucky, attackers[name])
            stated = re.fullmatch(r"([0-9.]+) \(once in ([0-9,]+) years\)", cell)
            assert stated is not None, cell
            assert float(stated[1]) == pytest.approx(expected, rel=1e-9)
            assert int(stated[2].replace(",", "")) == pytest.approx(1 / expected, abs=0.5)


def test_the_document_states_the_default_settings() -> None:
    defaults = {name: field.default for name, field in Settings.model_fields.items() if name.startswith("pin_l")}
    stated = {row[0].strip("`").lower(): int(row[1]) for row in table("Settings")}
    assert stated == defaults


def test_the_document_states_the_risk_of_an_hour_without_the_database() -> None:
    limits = strict(limits_from(Settings()))
    text = DOCUMENT.read_text().replace("\n", " ")
    told = (
        f"{limits.number_hour} tries an hour and {limits.number_day} a day from one number,"
        f" {limits.all_hour} an hour and {limits.all_day} a day from all"
    )
    assert told in text
    assert limits.registered_hour == Settings().pin_limit_registered_hour
    for guesses, stated in ((limits.all_hour, "0.00001"), (limits.all_day, "0.00005")):
        assert guesses * 100 / 10**8 == pytest.approx(float(stated))
        assert stated in text
