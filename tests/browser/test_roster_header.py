"""The head of the roster page: tools with their places, how far down the first shift is, what labels say, history."""

import re
from datetime import date
from itertools import product
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.roster_page import Come, RosterPage

# Every label of a bar, with what stands there in full, and whether a part of it is cut off.
_LABELS: Final = """() => [...document.querySelectorAll('.bar .who-bar > span')].map((el) => {
    const range = document.createRange();
    range.selectNodeContents(el);
    const letters = range.getBoundingClientRect();
    const seen = [el, el.parentElement].map((each) => each.getBoundingClientRect());
    const right = Math.min(...seen.map((box) => box.right));
    const cut = letters.width > 0 && letters.right > right + 1;
    return { text: el.textContent, full: el.closest('.bar').ariaLabel, cut };
})"""
# Pairs of things in the head of the board that lie on each other.
_COLLISIONS: Final = """() => {
    const boxes = [...document.querySelectorAll('.day > *, .holiday-name')]
        .map((el) => [el, el.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5;
    return boxes.flatMap(([el, box], index) => boxes.slice(index + 1).filter(([, other]) => meet(box, other))
        .map(([other]) => `${el.textContent} on ${other.textContent}`));
}"""


def resize(roster: RosterPage, width: int) -> None:
    height = 860 if width > 700 else 844
    roster.page.set_viewport_size({"width": width, "height": height})
    roster.page.reload()
    expect(roster.page.locator(".bar").first).to_be_visible()


def top(place: Locator) -> float:
    """Pixels from the top of the page."""
    expect(place).to_be_visible()
    found: float = place.evaluate("el => el.getBoundingClientRect().top + scrollY")
    return found


@pytest.mark.parametrize("widths", [(1280, 761), (390, 360)], ids=["wide", "phone"])
def test_an_undo_that_comes_and_goes_moves_nothing(come: Come, widths: tuple[int, ...]) -> None:
    roster = come(phone=max(widths) < 700)
    for width in widths:
        resize(roster, width)
        _an_undo_comes_and_goes(roster)


def _an_undo_comes_and_goes(roster: RosterPage) -> None:
    undo, board = roster.page.locator("[data-undo]"), roster.page.locator("[data-board]")
    expect(undo).to_have_text("Nothing to undo")
    expect(undo).to_be_disabled()
    before = (top(board), undo.bounding_box())
    roster.cover("first", "Elena Moretti", roster.at(2, "18:00"), roster.at(3, "09:00"))
    roster.told("Saved: Elena Moretti covers")
    expect(undo).to_contain_text("Undo: Elena Moretti covers in first")
    expect(undo).to_be_enabled()
    assert (top(board), undo.bounding_box()) == before
    roster.page.evaluate(
        "for (const [name, words] of [['drill', '2 failed'], ['swap', '3']]) {"
        " const el = document.querySelector(`[data-${name}-count]`); el.hidden = false; el.textContent = words; }"
    )
    assert (top(board), roster.overflow()) == (before[0], 0)
    undo.click()
    roster.told("Undone: Elena Moretti covers")
    expect(undo).to_be_disabled()
    assert top(board) == before[0]


@pytest.mark.parametrize("widths", [(1280,), (390, 360)], ids=["wide", "phone"])
def test_the_message_can_be_undone(come: Come, widths: tuple[int, ...]) -> None:
    """And only by who may: the message of an undoing offers none."""
    roster = come(phone=max(widths) < 700)
    for width in widths:
        resize(roster, width)
        _the_message_is_undone(roster)


def _the_message_is_undone(roster: RosterPage) -> None:
    before = roster.shifts("first")
    roster.cover("first", "Elena Moretti", roster.at(2, "18:00"), roster.at(3, "09:00"))
    toast = roster.page.locator("[data-toast]")
    expect(toast).to_contain_text("Saved: Elena Moretti covers")
    assert roster.overflow() == 0
    assert roster.faults() == []
    toast.get_by_role("button", name="Undo", exact=True).click()
    expect(toast).to_contain_text("Undone: Elena Moretti covers")
    expect(toast.get_by_role("button")).to_have_count(0)
    assert roster.shifts("first") == before


def test_tools_stand_together_by_what_they_are_for(come: Come) -> None:
    roster = come()
    groups = roster.page.locator(".tools").get_by_role("group")
    names = [each.get_attribute("aria-label") for each in groups.all()]
    assert names == ["Shifts", "Plan", "Check", "Download"]
    assert [each.locator(".tool").count() for each in groups.all()] == [3, 3, 2, 2]
    tops = {each.bounding_box()["y"] for each in groups.all()}  # type: ignore[index]
    assert len(tops) == 1, "in one line"


def test_on_a_phone_the_first_shift_is_in_sight(come: Come) -> None:
    """With a gap above it, too, whose regions are folded."""
    roster = come(phone=True)
    for width in (390, 360):
        resize(roster, width)
        assert top(roster.page.locator(".bar").first) <= 250
        assert (roster.overflow(), roster.faults()) == (0, [])
    roster.cover("first", None, roster.at(5, "00:00"), roster.at(6, "12:00"))
    roster.told("Saved")
    panel = roster.cover("backup", None, roster.at(5, "00:00"), roster.at(6, "12:00"))
    roster.press("Save all the same", panel)
    expect(roster.page.locator(".band.gap").first).to_be_attached()
    for width in (390, 360):
        resize(roster, width)
        assert top(roster.page.locator(".bar").first) <= 250
        assert (roster.overflow(), roster.faults()) == (0, [])
        warning = roster.page.get_by_label("Hours without anybody")
        expect(warning).to_contain_text("Nobody for america, europe, middle east")
        warning.locator("summary").first.click()
        expect(warning.get_by_role("button", name=re.compile("^Cover: Nobody for"))).to_be_visible()


@pytest.mark.parametrize("scales", [((1280, 14), (1280, 31), (1280, 91)), ((390, 7), (390, 31), (360, 91))])
def test_labels_are_whole_names_initials_or_nothing(come: Come, scales: tuple[tuple[int, int], ...]) -> None:
    """At each width, over so many days."""
    roster = come(phone=scales[0][0] < 700)
    for number, (layer, person) in enumerate([("first", None), ("backup", "Elena Moretti"), ("first", "Paolo Greco")]):
        start, end = roster.at(number + 1, "10:00"), roster.at(number + 1, "18:00")
        expect(roster.cover(layer, person, start, end)).to_be_hidden()
        expect(roster.page.locator("[data-board]")).to_have_attribute("aria-busy", "false")
    for width, days in scales:
        roster.page.set_viewport_size({"width": width, "height": 860})
        for rows in ("layers", "people"):
            roster.show(days, rows)
            labels: list[dict[str, Any]] = roster.page.evaluate(_LABELS)
            assert [each for each in labels if each["cut"]] == []
            for each in labels:
                assert each["text"] in allowed(each["full"], rows), each


def allowed(full: str, rows: str) -> set[str]:
    """What may stand in a bar that is called so in full."""
    found = {""}
    if rows == "people":
        return found | set(re.findall(r"layer (\w+),", full))
    for name in re.findall(r"[A-Z][a-z]+ [A-Z][a-z]+(?=,)", full.partition(", layer")[0] + ","):
        first, last = name.split()
        found |= {name, first, first[0] + last[0]}
    return found | ({"Nobody", "Nobody, on purpose"} if full.startswith("Nobody") else set())


@pytest.mark.parametrize("widths", [(1280,), (390, 360)], ids=["wide", "phone"])
def test_days_and_holidays_never_lie_on_each_other(come: Come, widths: tuple[int, ...]) -> None:
    """Over Christmas, with two holidays side by side, the turn of the year, and a week before Easter Monday."""
    roster = come(phone=max(widths) < 700)
    for width, days in product(widths, (7, 14, 31, 91)):
        roster.page.set_viewport_size({"width": width, "height": 860})
        roster.show(days)
        for start in ("2026-12-05", "2026-12-24", "2026-12-30", "2027-03-27", "2027-04-24"):
            roster.turn_to(date.fromisoformat(start), days)
            assert roster.page.evaluate(_COLLISIONS) == [], (width, days, start)
        assert roster.page.locator(".holiday-name").count() > 0


def test_payroll_is_of_the_month_that_is_shown(come: Come) -> None:
    roster = come()
    link = roster.page.get_by_role("link", name="Payroll CSV")
    for start, query in (
        ("2026-12-05", "from=2026-12-01&to=2027-01-01"),
        ("2027-02-28", "from=2027-02-01&to=2027-03-01"),
    ):
        roster.page.goto(f"{roster.url}/rosters/1?from={start}&days=14&rows=layers")
        expect(link).to_have_attribute("href", re.compile(re.escape(query)))
    expect(link).to_have_attribute("title", "Hours on call from Mon 1 Feb 2027 to Sun 28 Feb 2027, by person")
    with roster.page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "on-call-hours-2027-02-01-to-2027-03-01.csv"
    with roster.page.expect_download() as download:
        roster.page.get_by_role("link", name="Gaps CSV").click()
    assert download.value.suggested_filename == "gaps.csv"


@pytest.mark.parametrize("widths", [(1280,), (390, 360)], ids=["wide", "phone"])
def test_history_undoes_an_older_change_and_shows_both_sides(come: Come, widths: tuple[int, ...]) -> None:
    roster = come(phone=max(widths) < 700)
    for person, day in (("Elena Moretti", 1), ("Paolo Greco", 2)):
        expect(roster.cover("first", person, roster.at(day, "18:00"), roster.at(day + 1, "02:00"))).to_be_hidden()
        roster.told(f"Saved: {person} covers")
        expect(roster.page.locator("[data-board]")).to_have_attribute("aria-busy", "false")
    roster.bar("Paolo Greco, layer first").click()
    roster.press("Change", roster.panel("Layer first"))
    change = roster.panel("Change the override")
    change.get_by_label("To", exact=True).fill(roster.at(3, "04:00"))
    roster.press("Save", change)
    roster.told("Saved: Paolo Greco covers")
    for width in widths:
        resize(roster, width)
        roster.press("History")
        _history_shows_both_sides(roster)
    _an_older_change_is_undone(roster)


def _history_shows_both_sides(roster: RosterPage) -> None:
    panel = roster.panel("History")
    entries = panel.get_by_role("listitem").filter(has=roster.page.locator("p"))
    expect(entries).to_have_count(3)
    expect(entries.nth(1)).to_contain_text("Can be undone after: Paolo Greco covers in first")
    expect(entries.nth(1).get_by_role("button")).to_have_count(0)
    entries.nth(0).get_by_text("Before and after").click()
    for words in (f"{roster.words(3)} 02:00", f"{roster.words(3)} 04:00"):
        expect(entries.nth(0).locator("dl")).to_contain_text(words)
    assert (roster.overflow(), roster.faults()) == (0, [])


def _an_older_change_is_undone(roster: RosterPage) -> None:
    panel = roster.panel("History")
    entries = panel.get_by_role("listitem").filter(has=roster.page.locator("p"))
    undo = entries.nth(2).get_by_role("button", name=re.compile("^Undo: Elena Moretti covers"))
    undo.focus()
    roster.page.keyboard.press("Enter")
    expect(panel.locator(".is-undone")).to_have_count(1)
    expect(panel.locator(".is-undone")).to_contain_text("Elena Moretti covers in first")
    names = [who for _, _, who, _ in roster.shifts("first")]
    assert ["Elena Moretti"] not in names
    assert ["Paolo Greco"] in names


def test_whoever_only_looks_reads_history_without_undoing(come: Come) -> None:
    roster = come()
    roster.cover("first", "Elena Moretti", roster.at(1, "18:00"), roster.at(2, "02:00"))
    roster.told("Saved")
    viewer = come("viewer")
    expect(viewer.page.locator("[data-undo]")).to_have_count(0)
    viewer.press("History")
    panel = viewer.panel("History")
    expect(panel).to_contain_text("Elena Moretti covers in first")
    expect(panel.get_by_role("button", name=re.compile("^Undo"))).to_have_count(0)


@pytest.mark.parametrize("widths", [(1280,), (390, 360)], ids=["wide", "phone"])
def test_times_are_read_beside_the_fields(come: Come, widths: tuple[int, ...]) -> None:
    """Of a cover, time off, a question and a rotation; the first of two equal times and the second are told apart."""
    roster = come(phone=max(widths) < 700)
    for width in widths:
        resize(roster, width)
        _times_are_read(roster)


def throw_away(roster: RosterPage, panel: Locator) -> None:
    """Close a panel; what was typed is asked about where it could have been saved."""
    roster.press("Close", panel)
    question = roster.panel("Leave without saving?")
    expect(question.or_(roster.page.locator("body:not(:has(dialog[open]))"))).to_be_visible()
    if question.is_visible():
        roster.press("Throw it away", question)
    expect(roster.page.locator("dialog[open]")).to_have_count(0)


def _times_are_read(roster: RosterPage) -> None:
    for button, title, label in (
        ("Cover a time", "Cover this time", "From"),
        ("Time off", "Time off", "To"),
        ("Who is rung at…", "Who would be rung at…", "Date and time"),
    ):
        roster.press(button)
        panel = roster.panel(title)
        field = panel.get_by_label(label, exact=True)
        field.fill("2026-06-14T02:00")
        reading = panel.locator(".field").filter(has=roster.page.get_by_label(label, exact=True)).locator(".reading")
        expect(reading).to_have_text("Sun 14 Jun 2026, 02:00")
        # In one look: what the server says of the time makes the panel grow meanwhile.
        between = "it => it.nextElementSibling.getBoundingClientRect().top - it.getBoundingClientRect().bottom"
        assert 0 <= reading.evaluate(between) < 12
        field.fill("")
        expect(reading).to_have_text("")
        assert roster.overflow() == 0
        throw_away(roster, panel)
    expect(roster.page.locator("[data-period]")).to_have_text(
        re.compile(r"^[A-Z][a-z]{2} \d+( [A-Z][a-z]{2}( 20\d\d)?)? – [A-Z][a-z]{2} \d+ [A-Z][a-z]{2} 20\d\d$")
    )
