from datetime import date, timedelta

import holidays
import pytest

from schedules.holiday_list import contract_holidays, easter_monday, is_contract_holiday

FIXED = [(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)]
# Easter Sundays as printed in the tables of the churches.
EASTER = {
    2020: "04-12", 2021: "04-04", 2022: "04-17", 2023: "04-09", 2024: "03-31", 2025: "04-20", 2026: "04-05",
    2027: "03-28", 2028: "04-16", 2029: "04-01", 2030: "04-21", 2031: "04-13", 2032: "03-28", 2033: "04-17",
    2034: "04-09", 2035: "03-25", 2036: "04-13", 2037: "04-05", 2038: "04-25", 2039: "04-10", 2040: "04-01",
}  # fmt: skip


@pytest.mark.parametrize("year", EASTER)
def test_exactly_the_eleven_days_of_the_contract(year: int) -> None:
    easter = date.fromisoformat(f"{year}-{EASTER[year]}")
    listed = {date(year, month, day) for month, day in FIXED} | {easter + timedelta(days=1)}
    assert set(contract_holidays(year)) == listed
    assert len(listed) == 11
    assert is_contract_holiday(easter) is (easter == date(2038, 4, 25))  # Easter Sunday on Liberation Day
    assert not is_contract_holiday(date(year, 10, 4))


def test_what_other_calendars_carry_besides_is_not_on_the_list() -> None:
    italy = holidays.country_holidays("IT", years=2027)
    besides = sorted(set(italy) - set(contract_holidays(2027)))
    assert besides == [date(2027, 3, 28), date(2027, 10, 4), date(2027, 11, 7)]


def test_easter_monday_can_be_liberation_day() -> None:
    assert len(contract_holidays(2011)) == 10
    assert contract_holidays(2011)[date(2011, 4, 25)] == "Liberation Day"


def test_a_liberation_day_on_a_monday_is_not_taken_for_easter_monday() -> None:
    assert contract_holidays(2022)[date(2022, 4, 18)] == "Easter Monday"
    assert contract_holidays(2022)[date(2022, 4, 25)] == "Liberation Day"


def test_a_new_holiday_on_a_monday_in_spring_is_not_taken_for_easter_monday() -> None:
    italy = {*holidays.country_holidays("IT", years=2030), date(2030, 3, 25)}
    assert easter_monday(italy) == date(2030, 4, 22)


def test_the_list_is_in_order_and_cannot_be_changed() -> None:
    days = contract_holidays(2026)
    assert list(days) == sorted(days)
    with pytest.raises(TypeError):
        days[date(2026, 2, 2)] = "Groundhog Day"  # type: ignore[index]


def test_a_year_beyond_the_calendar_is_an_error_not_a_short_list() -> None:
    with pytest.raises(ValueError, match="no Easter Monday for the year 2101"):
        contract_holidays(2101)
