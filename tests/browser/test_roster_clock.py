"""Nights in which the clock changes, on the roster page: no time is lost, drawn away or saved as another one."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from schedules.clock_changes import clock_changes
from schedules.wall_clock import exact_wall_time, to_utc
from tests.browser.demo import Demo
from tests.browser.roster_page import RosterPage, visitors
from tests.browser.windows import Windows

Come = Callable[[date], RosterPage]
# The Mondays before two Sundays on which Rome's clock changes: days are counted from them.
AUTUMN, SPRING = date(2027, 10, 25), date(2027, 3, 22)
ZONES = ("Europe/Rome", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "Pacific/Chatham")
# What the page's own clock makes of instants (minutes since 1970), and of wall-clock times.
_READ_AND_WRITTEN = """async ({clock, instants, walls}) => {
    const { setClock } = await import('/static/roster-clock.js');
    const time = await import('/static/roster-time.js');
    setClock(clock);
    return {
        written: instants.map(time.iso),
        again: instants.map((at) => time.minutes(time.iso(at))),
        read: walls.map(time.minutes),
    };
}"""
_DAYS = """async ({clock, days}) => {
    const { setClock } = await import('/static/roster-clock.js');
    const { scale } = await import('/static/roster-geometry.js');
    const { addDays, minutes, spanLength } = await import('/static/roster-time.js');
    setClock(clock);
    return days.map(([first, count]) => {
        const start = minutes(first);
        const marks = Array.from({length: count + 1}, (_, index) => addDays(start, index));
        const drawn = scale(marks[0], marks.at(-1), marks);
        const shares = [];
        for (let at = drawn.start; at <= drawn.end; at += 15) shares.push(drawn.share(at));
        const back = shares.map((share, index) => Math.abs(drawn.at(share) - (drawn.start + index * 15)));
        return {
            grows: shares.every((share, index) => index === 0 || share > shares[index - 1]),
            back: Math.max(...back), length: spanLength(drawn.start, drawn.end),
        };
    });
}"""


@pytest.fixture
def come(as_started: Demo, windows: Windows) -> Iterator[Come]:
    """A manager, who looks at the week from a Monday."""
    with visitors(windows, as_started) as enter:
        yield lambda monday: enter(monday=monday)


def _clock(zone: str) -> list[dict[str, Any]]:
    return [
        {"at": _minute(each.at), "offset": each.offset // timedelta(minutes=1), "name": each.name}
        for each in clock_changes(zone, 2000, 2099)
    ]


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


@pytest.mark.parametrize("zone", ZONES)
def test_the_page_reads_clocks_as_the_server_does(come: Come, zone: str) -> None:
    """Every five minutes around each change of two years: written, read again, and read without an offset."""
    changes = [each.at for each in clock_changes(zone, 2026, 2027)[1:]]
    assert changes
    instants = [at + timedelta(minutes=step) for at in changes for step in range(-190, 191, 5)]
    walls = [
        datetime(at.year, at.month, at.day) + timedelta(minutes=step)  # noqa: DTZ001 - a wall-clock time
        for at in changes
        for step in range(-1440, 2880, 5)
    ]
    given = {
        "clock": _clock(zone),
        "instants": [_minute(at) for at in instants],
        "walls": [f"{wall:%Y-%m-%dT%H:%M}" for wall in walls],
    }
    found = come(AUTUMN).page.evaluate(_READ_AND_WRITTEN, given)
    assert found["written"] == [exact_wall_time(at, zone) for at in instants]
    assert found["again"] == given["instants"]
    assert found["read"] == [_minute(to_utc(wall, zone)) for wall in walls]


def test_days_of_any_length_are_drawn_without_a_fold(come: Come) -> None:
    """Whatever passes takes some width, and a place on the board is one instant."""
    page, lengths = come(AUTUMN).page, {}
    for zone, first in (
        ("Europe/Rome", "2027-10-31"),
        ("Europe/Rome", "2027-03-28"),
        ("Australia/Lord_Howe", "2026-04-05"),
        ("America/Havana", "2027-11-07"),
    ):
        given = {"clock": _clock(zone), "days": [[first, 1], [first, 7]]}
        one, week = page.evaluate(_DAYS, given)
        assert (one["grows"], week["grows"]) == (True, True)
        assert max(one["back"], week["back"]) < 0.001
        lengths[zone, first] = one["length"], week["length"]
    assert lengths["Europe/Rome", "2027-10-31"] == (
        "1 day (25 h: the clock changes)",
        "7 days (169 h: the clock changes)",
    )
    assert lengths["Australia/Lord_Howe", "2026-04-05"][0] == "1 day (24 h 30 min: the clock changes)"


def test_the_hour_that_comes_twice(come: Come) -> None:
    """From the first 02:30 to the second: chosen in the form, shown, drawn, saved unchanged, and dragged."""
    roster = come(AUTUMN)
    roster.press("Cover a time")
    panel = roster.panel("Cover this time")
    roster.choose(panel, "Luca Ferri")
    panel.get_by_label("From").fill(roster.at(6, "02:30"))
    panel.get_by_label("To", exact=True).fill(roster.at(6, "02:30"))
    which = panel.get_by_label("02:30 comes twice that night")
    expect(which).to_have_count(2)
    expect(which.nth(1).locator("option")).to_have_text(["first 02:30 (CEST)", "second 02:30 (CET)"])
    roster.press("Save", panel)
    expect(panel.get_by_label("To", exact=True)).to_have_accessible_description("It must end after it starts.")
    which.nth(1).select_option(label="second 02:30 (CET)")
    expect(panel.locator("[data-length]")).to_have_text("That is 1 h.")
    roster.press("Save", panel)
    roster.say_yes(panel, "Saved: Luca Ferri covers")
    roster.told("Sun 31 Oct 2027, 02:30 CEST to 02:30 CET")
    first, second = "2027-10-31T02:30", "2027-10-31T02:30+01:00"
    assert (first, second, ["Luca Ferri"], "override") in roster.shifts("first")

    bar = roster.bar("Luca Ferri, layer first, Sun 31 Oct 2027, 02:30 CEST to 02:30 CET")
    box = bar.bounding_box()
    assert box is not None
    assert box["width"] > 0
    bar.click()
    details = roster.panel("Layer first")
    expect(details.locator(".facts")).to_contain_text(
        "FromSun 31 Oct 2027, 02:30 CESTToSun 31 Oct 2027, 02:30 CETLength1 h"
    )
    before = roster.get("board.json?from=2027-10-31&days=1")["layers"]
    roster.press("Change", details)
    change = roster.panel("Change the override")
    expect(change.get_by_label("02:30 comes twice that night").nth(1).locator("option:checked")).to_have_text(
        "second 02:30 (CET)"
    )
    roster.press("Save", change)
    roster.told("Saved")
    after = roster.get("board.json?from=2027-10-31&days=1")["layers"]
    assert [_times(each) for each in after] == [_times(each) for each in before]


def test_an_edge_dragged_leaves_the_other_where_it_is(come: Come) -> None:
    roster = come(AUTUMN)
    panel = _cover_from_the_second(roster)
    roster.press("Save", panel)
    roster.say_yes(panel, "Saved: Luca Ferri covers")
    roster.told("Saved: Luca Ferri covers, Sun 31 Oct 2027, 02:30 CET to Mon 1 Nov 2027, 00:00")
    roster.bar("Luca Ferri, layer first, Sun 31 Oct 2027, 02:30 CET to Mon 1 Nov 2027, 00:00").hover()
    roster.drag("first", 6.96, 7.5)
    roster.say_yes(roster.page.locator("#question"), "Saved: now")
    roster.told("Saved: now Sun 31 Oct 2027, 02:30 CET to Mon 1 Nov 2027, 12:00")
    assert ("2027-10-31T02:30+01:00", "2027-11-01T12:00", ["Luca Ferri"], "override") in roster.shifts("first")


def test_handles_walk_through_both_hours(come: Come) -> None:
    """From 02:00 it is four half hours to 03:00 that night; what is marked is what the form opens with."""
    roster = come(AUTUMN)
    panel = roster.cover("first", "Luca Ferri", roster.at(0, "00:00"), roster.at(6, "00:00"))
    roster.say_yes(panel, "Saved: Luca Ferri covers")
    roster.told("Saved: Luca Ferri covers")
    roster.bar("layer first, Sun 31 Oct 2027, 00:00 to").click()
    roster.press("Cover a part", roster.panel("Layer first"))
    beginning = roster.page.get_by_role("slider", name="Beginning")
    said = []
    for _ in range(8):
        roster.page.keyboard.press("ArrowRight")
        said.append((beginning.get_attribute("aria-valuetext") or "").removeprefix("Sun 31 Oct 2027, "))
    night = ["02:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET"]
    assert said == ["00:30", "01:00", "01:30", *night, "03:00"]
    roster.page.keyboard.press("ArrowLeft")
    roster.press("Cover this time")
    panel = roster.panel("Cover this time")
    expect(panel.get_by_label("02:30 comes twice that night").locator("option:checked")).to_have_text(
        "second 02:30 (CET)"
    )
    expect(panel.locator("[data-length]")).to_have_text("That is 21 h 30 min.")


def test_time_that_does_not_exist_is_told_before_saving(come: Come) -> None:
    roster = come(SPRING)
    roster.press("Cover a time")
    panel = roster.panel("Cover this time")
    roster.choose(panel, "Luca Ferri")
    panel.get_by_label("From").fill(roster.at(6, "02:30"))
    told = panel.get_by_role("status").filter(has_text="02:30 does not exist")
    expect(told).to_have_text("02:30 does not exist that night: it is read as 03:30.")
    panel.get_by_label("To", exact=True).fill(roster.at(6, "06:00"))
    expect(panel.locator("[data-length]")).to_have_text("That is 2 h 30 min.")
    roster.press("Save", panel)
    roster.say_yes(panel, "Saved: Luca Ferri covers")
    roster.told("Saved: Luca Ferri covers, Sun 28 Mar 2027, 03:30 to 06:00.")
    assert (roster.at(6, "03:30"), roster.at(6, "06:00"), ["Luca Ferri"], "override") in roster.shifts("first")


def test_time_off_and_the_question_have_the_choice_too(come: Come) -> None:
    roster = come(AUTUMN)
    roster.press("Time off")
    panel = roster.panel("Time off")
    roster.choose(panel, "Luca Ferri")
    panel.get_by_label("From").fill(roster.at(6, "02:30"))
    panel.get_by_label("02:30 comes twice that night").select_option(label="second 02:30 (CET)")
    panel.get_by_label("To", exact=True).fill(roster.at(7, "09:00"))
    roster.press("Add time off", panel)
    roster.told("Sun 31 Oct 2027, 02:30 CET to Mon 1 Nov 2027, 09:00")
    [off] = roster.board()["time_off"]
    assert (off["start"], off["end"]) == ("2027-10-31T02:30+01:00", "2027-11-01T09:00")
    roster.press("Who is rung at…")
    panel = roster.panel("Who would be rung at…")
    panel.get_by_label("Date and time").fill(roster.at(6, "02:30"))
    panel.get_by_label("02:30 comes twice that night").select_option(label="second 02:30 (CET)")
    roster.press("Show", panel)
    expect(panel.get_by_role("heading", level=3)).to_contain_text("Sun 31 Oct 2027, 02:30 CET, P1")


def test_rotation_says_how_its_start_is_read(come: Come) -> None:
    roster = come(SPRING)
    roster.press("Layers")
    roster.press("Add a layer")
    form = roster.panel("New layer")
    form.get_by_label("First handoff").fill(roster.at(6, "02:30"))
    expect(form.locator("[data-summary]")).to_contain_text("02:30 does not exist that night: it is read as 03:30.")
    form.get_by_label("First handoff").fill("2027-10-31T02:30")
    expect(form.locator("[data-summary]")).to_contain_text(
        "02:30 comes twice that night: the first one is meant, CEST."
    )


def _cover_from_the_second(roster: RosterPage) -> Any:
    """The form, filled in from the second 02:30 to the end of the day."""
    roster.press("Cover a time")
    panel = roster.panel("Cover this time")
    roster.choose(panel, "Luca Ferri")
    panel.get_by_label("From").fill(roster.at(6, "02:30"))
    panel.get_by_label("02:30 comes twice that night").select_option(label="second 02:30 (CET)")
    panel.get_by_label("To", exact=True).fill(roster.at(7, "00:00"))
    return panel


def _times(layer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(shift["start"], shift["end"]) for shift in layer["shifts"]]
