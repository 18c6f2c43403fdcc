"""Years of a directory file: each date of it, each year beside ours, with line and remedy."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.directory import DirectoryError, parse
from tests.directory_example import EXAMPLE, edited

# A date of the file, and the line that it stands in.
DATES = {
    "rotation start": ("rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Ada", "2026-01-05", 29),
    "override from": ("from: 2026-12-24T18:00", "2026-12-24", 33),
    "override to": ("to: 2026-12-25T09:00", "2026-12-25", 33),
    "contract start": ("start: 2026-01-01\n", "2026-01-01", 17),
    "contract end": ("end: 2027-12-31", "2027-12-31", 18),
    "end of life": ("end_of_life: null", "null", 20),
    "until": ("every: 1 week, people: [Ada", "every: 1 week", 29),
}
BAD_YEARS = ["0001-01-01", "1899-12-31", "1999-12-31", "2100-01-01", "9999-12-31"]


def with_date(place: str, day: str) -> str:
    text, old, _ = DATES[place]
    if place == "until":
        return edited((text, text.replace(old, f"until: {day}T23:59, {old}")))
    return edited((text, text.replace(old, day)))


@pytest.mark.parametrize("day", BAD_YEARS)
@pytest.mark.parametrize("place", list(DATES))
def test_other_years_are_refused_with_line_and_remedy(place: str, day: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        parse(with_date(place, day))
    [problem] = refused.value.problems
    assert problem.line == DATES[place][2]
    assert problem.reason == f"the year {day[:4]} is out of reach"
    assert problem.remedy.startswith("write one from 2000 to 2099")


@pytest.mark.parametrize("day", ["10000-01-01", "-0001-01-01", "0000-01-01", "99999999-01-01", "2026-13-01"])
@pytest.mark.parametrize("place", list(DATES))
def test_what_is_no_date_is_refused_with_line_and_remedy(place: str, day: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        parse(with_date(place, day))
    assert refused.value.line == DATES[place][2]
    assert "write it" in refused.value.remedy


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Rome"])
def test_the_last_day_and_the_first_are_good_on_every_clock(zone: str) -> None:
    text = edited(
        ("    time_zone: Europe/Rome\n", f"    time_zone: {zone}\n"),
        ("start: 2026-01-01\n", "start: 2000-01-01\n"),
        ("end: 2027-12-31", "end: 2099-12-31"),
        ("end_of_life: null", "end_of_life: 2099-12-31"),
        ("every: 1 week, people: [Ada", "until: 2099-12-31T23:59, every: 1 week, people: [Ada"),
        ("rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Bruno", "rotation: {start: 2000-01-01T00:00,"
         " every: 10000 months, people: [Bruno"),
        ("from: 2026-12-24T18:00", "from: 2000-01-01T00:00+14:00"),
        ("to: 2026-12-25T09:00", "to: 2099-12-31T23:59-12:00"),
    )  # fmt: skip
    [roster] = parse(text).rosters
    assert (roster.overrides[0].end.year, roster.layers[0].rotations[0].until is not None) == (2100, True)


@pytest.mark.parametrize("every", ["999999999 years", "999999999 hours", "10001 months", "99999999999 days", "0 weeks"])
def test_turns_that_never_end_are_refused_with_a_remedy(every: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        parse(edited(("every: 1 week, people: [Ada", f"every: {every}, people: [Ada")))
    assert (refused.value.line, "2 weeks" in refused.value.remedy) == (29, True)


@pytest.mark.parametrize("number", ["9" * 13, "9" * 5000])
def test_numbers_that_are_too_large_are_refused(number: str) -> None:
    with pytest.raises(DirectoryError, match="this number is too large; write at most 12 digits"):
        parse(edited(("no_answer: 45", f"no_answer: {number}")))


offsets = st.sampled_from(["", "Z", "+14:00", "-12:00", "+23:59", "-23:59", "+99:99"])
days = st.dates().map(str) | st.from_regex(r"\A\d{1,6}-\d\d-\d\d\Z")
times = st.sampled_from(["", "T00:00", "T23:59", " 12:00", "T23:59:59", "T24:00"])


@given(st.sampled_from(list(DATES)), st.builds("{}{}{}".format, days, times, offsets))
@settings(deadline=None)
def test_no_date_of_a_file_overflows(place: str, written: str) -> None:
    """It is good, or refused."""
    text, old, _ = DATES[place]
    new = f"until: {written}, {old}" if place == "until" else f'"{written}"'
    around = text.replace(f"{old}T18:00", old).replace(f"{old}T09:00", old)
    with suppress(DirectoryError):
        parse(EXAMPLE.replace(text, around.replace(old, new)))
