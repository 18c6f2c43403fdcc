"""The panels of covers and swaps: whom it concerns, quick choices, nothing typed lost, saving in sight, keys alone."""

import os
import re
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.roster_page import Come, RosterPage
from tests.browser.test_roster_questions import people_of, send
from tests.browser.windows import Scheme

# The demo begins on Sunday 29 November 2026 at 02:00; from Monday 18:00 on Luca is first and Giulia in the backup.
SCREENS: Final = ((1280, 720), (390, 844), (360, 640))
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
# Where pictures go that somebody wants to look at.
PICTURES: Final = os.environ.get("PICTURES")
_NIGHTS: Final = """async ({clock, cases, night}) => {
    const { setClock } = await import('/static/roster-clock.js');
    const nights = await import('/static/roster-nights.js');
    const { iso, minutes } = await import('/static/roster-time.js');
    setClock(clock);
    const told = ({start, end}) => `${iso(start)} ${iso(end)}`;
    return cases.map((each) => each.map(minutes)).map(([now, at]) => [nights.tonight(now, night),
        nights.nightOf(at, now, night), nights.weekendOf(at, now, night)].map(told));
}"""


def on_screen(come: Come, size: tuple[int, int], who: str = "paolo.greco") -> RosterPage:
    roster: RosterPage = come(who, phone=size[0] < 1000, size=size)
    return roster


def picture(roster: RosterPage, name: str) -> None:
    """In the light and in the dark."""
    for scheme in SCHEMES if PICTURES else ():
        roster.page.emulate_media(color_scheme=scheme)
        roster.page.screenshot(path=Path(str(PICTURES)) / f"{name}-{scheme}.png")


def open_cover(roster: RosterPage) -> Locator:
    roster.press("Cover a time")
    return roster.panel("Cover this time")


def times(panel: Locator) -> tuple[str, str]:
    return panel.get_by_label("From").input_value(), panel.get_by_label("To", exact=True).input_value()


def quick(panel: Locator, name: str) -> Locator:
    return panel.get_by_role("button", name=name, exact=True)


def shown(roster: RosterPage, panel: Locator, button: str) -> None:
    """The button that saves lies within the screen, whole, and nothing lies over it."""
    found = panel.get_by_role("button", name=button, exact=True)
    expect(found).to_be_in_viewport(ratio=1)
    found.click(trial=True)


def test_who_is_replaced(come: Come) -> None:
    roster = come()
    panel = open_cover(roster)
    told = panel.locator("[data-replaced]")
    expect(told).to_have_text("Instead of Sara Lombardi.")
    panel.get_by_label("To", exact=True).fill(roster.at(2, "09:00"))
    expect(told).to_have_text(f"Instead of Sara Lombardi until {roster.words(0)} 18:00, then Luca Ferri.")
    panel.get_by_text("rung after them").click()
    expect(told).to_have_text(f"Rung after Sara Lombardi until {roster.words(0)} 18:00, then Luca Ferri.")
    panel.get_by_label("From").fill(roster.at(1, "18:00"))
    panel.get_by_text("on purpose").click()
    expect(told).to_have_text("Nobody, instead of Luca Ferri.")
    panel.get_by_label("Layer").select_option(label="backup")
    expect(told).to_have_text("Nobody, instead of Giulia Conti.")
    panel.get_by_label("To", exact=True).fill(roster.at(1, "17:00"))
    expect(told).to_have_text("")


def test_an_override_that_is_changed_replaces_whoever_is_beneath_it(come: Come) -> None:
    roster = come()
    roster.cover("first", "Elena Moretti", roster.at(2, "18:00"), roster.at(4, "09:00"))
    roster.told("Saved: Elena Moretti covers")
    roster.bar("Elena Moretti, layer first").click()
    roster.press("Change", roster.panel("Layer first"))
    expect(roster.panel("Change the override").locator("[data-replaced]")).to_have_text("Instead of Luca Ferri.")


def test_quick_choices(come: Come) -> None:
    roster = come()
    panel = open_cover(roster)
    sunday, monday = roster.at(-1, "18:00"), roster.at(0, "09:00")
    assert times(panel) == (sunday, monday), "the coming night"
    expect(quick(panel, "Tonight")).to_have_attribute("aria-pressed", "true")
    panel.get_by_label("From").fill(roster.at(2, "12:00"))
    quick(panel, "This night").click()
    assert times(panel) == (roster.at(2, "18:00"), roster.at(3, "09:00"))
    expect(quick(panel, "This night")).to_have_attribute("aria-pressed", "true")
    expect(quick(panel, "Tonight")).to_have_attribute("aria-pressed", "false")
    quick(panel, "Whole shift").click()
    assert times(panel) == (roster.at(0, "18:00"), roster.at(7, "18:00"))
    quick(panel, "Weekend").click()
    assert times(panel) == (roster.at(4, "18:00"), roster.at(7, "09:00"))
    quick(panel, "Tonight").click()
    assert times(panel) == (sunday, monday)
    roster.choose(panel, "Elena Moretti")
    roster.press("Save", panel)
    roster.told("Saved: Elena Moretti covers")


def test_nights_and_weekends_wherever_one_stands(come: Come) -> None:
    """Whatever has begun goes on from now; the small hours belong to the night before."""
    roster = come()
    cases = [
        ("2026-12-01T10:00", "2026-12-01T10:00"),
        ("2026-12-01T20:15", "2026-12-01T20:15"),
        ("2026-12-02T03:00", "2026-12-02T03:00"),
        ("2026-12-01T10:00", "2026-12-06T04:00"),
        ("2026-12-06T04:00", "2026-12-06T04:00"),
        ("2026-12-07T09:00", "2026-12-07T09:00"),
        ("2027-03-26T10:00", "2027-03-27T12:00"),
    ]
    given = {"clock": roster.board()["clock"], "cases": cases, "night": roster.board()["night"]}
    assert given["night"] == {"from": "18:00", "to": "09:00"}
    assert roster.page.evaluate(_NIGHTS, given) == [
        ["2026-12-01T18:00 2026-12-02T09:00", "2026-12-01T18:00 2026-12-02T09:00", "2026-12-04T18:00 2026-12-07T09:00"],
        ["2026-12-01T20:15 2026-12-02T09:00", "2026-12-01T20:15 2026-12-02T09:00", "2026-12-04T18:00 2026-12-07T09:00"],
        ["2026-12-02T18:00 2026-12-03T09:00", "2026-12-02T03:00 2026-12-02T09:00", "2026-12-04T18:00 2026-12-07T09:00"],
        ["2026-12-01T18:00 2026-12-02T09:00", "2026-12-05T18:00 2026-12-06T09:00", "2026-12-04T18:00 2026-12-07T09:00"],
        ["2026-12-06T18:00 2026-12-07T09:00", "2026-12-06T04:00 2026-12-06T09:00", "2026-12-06T04:00 2026-12-07T09:00"],
        ["2026-12-07T18:00 2026-12-08T09:00", "2026-12-07T18:00 2026-12-08T09:00", "2026-12-11T18:00 2026-12-14T09:00"],
        ["2027-03-26T18:00 2027-03-27T09:00", "2027-03-27T18:00 2027-03-28T09:00", "2027-03-26T18:00 2027-03-29T09:00"],
    ]


def test_people_with_time_off_are_marked(come: Come) -> None:
    roster = come()
    names, _ = people_of(roster)
    send(roster, "time-off", person_id=names["Marco Bellini"], start=roster.at(1, "00:00"), end=roster.at(3, "00:00"))
    panel = open_cover(roster)
    option = panel.get_by_label("Person").locator("option", has_text="Marco Bellini")
    panel.get_by_label("From").fill(roster.at(1, "18:00"))
    panel.get_by_label("To", exact=True).fill(roster.at(2, "09:00"))
    expect(option).to_have_text("Marco Bellini (time off)")
    giulia = panel.get_by_label("Person").locator("option", has_text="Giulia Conti")
    expect(giulia).to_have_text("Giulia Conti (in backup then)")
    panel.get_by_label("To", exact=True).fill(roster.at(3, "09:00"))
    expect(option).to_have_text("Marco Bellini (time off for a part)")
    panel.get_by_label("From").fill(roster.at(3, "00:00"))
    expect(option).to_have_text("Marco Bellini")


def fill_cover(roster: RosterPage) -> tuple[Locator, Locator]:
    panel = open_cover(roster)
    panel.get_by_label("Note").fill("a wedding")
    return panel, panel.get_by_label("Note")


def fill_leave(roster: RosterPage) -> tuple[Locator, Locator]:
    roster.press("Time off")
    panel = roster.panel("Time off")
    panel.get_by_label("From").fill(roster.at(9, "10:00"))
    return panel, panel.get_by_label("From")


def fill_swap(roster: RosterPage) -> tuple[Locator, Locator]:
    roster.press("Swaps")
    panel = roster.panel("Swaps")
    expect(panel.get_by_label("Colleague who takes it").locator("option")).not_to_have_count(0)
    panel.get_by_label("Note").fill("the dentist")
    return panel, panel.get_by_label("Note")


def fill_layer(roster: RosterPage) -> tuple[Locator, Locator]:
    roster.press("Layers")
    roster.press("Edit layer backup")
    panel = roster.panel("Layer backup")
    panel.get_by_label("Sara Lombardi earlier").click()
    return panel, panel.locator(".turn-people").first


@pytest.mark.parametrize("fill_in", [fill_cover, fill_leave, fill_swap, fill_layer])
def test_escape_throws_nothing_away(come: Come, fill_in: Any) -> None:
    roster = come()
    panel, place = fill_in(roster)
    read = "el => el.value ?? el.textContent"
    typed = place.evaluate(read)
    question = roster.panel("Leave without saving?")
    for way in ("Escape", "cross"):
        if way == "Escape":
            roster.page.keyboard.press("Escape")
        else:
            roster.press("Close", panel.locator(".panel-head"))
        expect(question).to_be_visible()
        roster.page.keyboard.press("Escape")
        expect(question).to_have_count(0)
        assert place.evaluate(read) == typed
    for _ in range(3):  # browsers close for who insists
        roster.page.keyboard.press("Escape")
        roster.press("Back", question)
        expect(panel).to_be_visible()
    roster.page.keyboard.press("Escape")
    roster.press("Throw it away", question)
    expect(panel).to_have_count(0)


def test_a_question_asked_again_at_once_is_answered_again(come: Come) -> None:
    """A browser says that a dialog has closed a moment later: by then the question may stand again."""
    roster = come()
    panel, _ = fill_cover(roster)
    roster.page.evaluate("""async () => {
        const [panel, question] = ["#cover", "#question"].map((each) => document.querySelector(each));
        const escape = () => panel.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        const asked = () => new Promise((done) => { setTimeout(done, 50); });
        escape();
        question.querySelector("[data-close]").click();
        escape();
        await asked();
    }""")
    roster.press("Throw it away", roster.panel("Leave without saving?"))
    expect(panel).to_have_count(0)


def test_escape_closes_what_has_nothing_typed_and_goes_back_from_a_question(come: Come) -> None:
    roster = come()
    for name, title in (("Cover a time", "Cover this time"), ("Time off", "Time off"), ("Swaps", "Swaps")):
        roster.press(name)
        panel = roster.panel(title)
        expect(panel).to_be_visible()
        roster.page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
    panel = roster.cover("first", "Giulia Conti", roster.at(1, "18:00"), roster.at(2, "09:00"))
    expect(panel.get_by_role("button", name="Save all the same")).to_be_visible()
    roster.page.keyboard.press("Escape")
    expect(panel.get_by_role("button", name="Save all the same")).to_be_hidden()
    expect(panel.get_by_label("Person").locator("option:checked")).to_contain_text("Giulia Conti")


@pytest.mark.parametrize("size", SCREENS)
def test_saving_is_in_sight(come: Come, size: tuple[int, int]) -> None:
    """In every panel as it opens, beside a question with all that stands behind it, and below a long list."""
    roster = on_screen(come, size)
    names, _ = people_of(roster)
    for day in range(0, 12, 2):
        span = {"start": roster.at(day, "10:00"), "end": roster.at(day, "11:00")}
        send(roster, "time-off", person_id=names["Elena Moretti"], note="the mountains", **span)
    roster.show()
    panel = open_cover(roster)
    expect(panel.locator("[data-replaced]")).to_have_text("Instead of Sara Lombardi.")
    shown(roster, panel, "Save")
    picture(roster, f"cover-{size[0]}")
    assert (roster.faults_in_both_schemes(), roster.overflow()) == ([], 0)
    roster.page.keyboard.press("Escape")
    roster.cover("first", None, roster.at(5, "00:00"), roster.at(12, "12:00"))
    roster.told("Saved: nobody, on purpose")
    panel = roster.cover("backup", None, roster.at(5, "00:00"), roster.at(12, "12:00"))
    alert = panel.get_by_role("alert")
    expect(alert.locator("p").first).to_have_text(
        re.compile(r"^Nobody would be on call in america, europe and middle e")
    )
    expect(alert.locator("summary")).to_have_text("Region by region")
    expect(alert.get_by_text(re.compile("^europe: ")).first).to_be_hidden()
    expect(alert.locator("p").first).to_be_in_viewport()
    shown(roster, panel, "Save all the same")
    alert.locator("summary").click()
    expect(alert.get_by_text(re.compile("^europe: ")).first).to_be_visible()
    shown(roster, panel, "Save all the same")
    picture(roster, f"gap-{size[0]}")
    assert (roster.faults_in_both_schemes(), roster.overflow()) == ([], 0)
    roster.press("Back", panel)
    roster.press("Cancel", panel)
    roster.press("Time off")
    shown(roster, roster.panel("Time off"), "Add time off")
    picture(roster, f"leave-{size[0]}")
    assert roster.faults_in_both_schemes() == []
    roster.page.keyboard.press("Escape")
    roster.press("Layers")
    roster.press("Edit layer backup")
    shown(roster, roster.panel("Layer backup"), "Save layer")
    picture(roster, f"layer-{size[0]}")


@pytest.mark.parametrize("size", SCREENS)
def test_a_part_of_a_shift_is_swapped(come: Come, size: tuple[int, int]) -> None:
    """The night of a week: chosen quickly, whom it concerns in words, whoever has time off marked."""
    roster = on_screen(come, size, "giulia.conti")
    boss = come()
    names, _ = people_of(boss)
    off = {"start": boss.at(0, "00:00"), "end": boss.at(9, "00:00")}
    send(boss, "time-off", person_id=names["Sara Lombardi"], note="", **off)
    roster.press("Swaps")
    form = roster.panel("Swaps")
    expect(form.get_by_label("Shift of mine").locator("option:checked")).to_have_text(re.compile("^backup, "))
    assert times(form) == (roster.at(0, "18:00"), roster.at(7, "18:00")), "all of it, as the coming night is not hers"
    expect(quick(form, "Tonight")).to_be_disabled()
    form.get_by_label("From").fill(roster.at(3, "12:00"))
    quick(form, "This night").click()
    assert times(form) == (roster.at(3, "18:00"), roster.at(4, "09:00"))
    colleague = form.get_by_label("Colleague who takes it")
    expect(colleague.locator("option", has_text="Sara Lombardi")).to_have_text("Sara Lombardi (time off)")
    expect(colleague.locator("option", has_text="Luca Ferri")).to_have_text("Luca Ferri (in first then)")
    colleague.select_option(label="Marco Bellini")
    expect(form.locator("[data-replaced]")).to_have_text(
        f"Marco Bellini takes backup instead of you, {roster.words(3)} 18:00 to {roster.words(4)} 09:00."
    )
    shown(roster, form, "Ask for the swap")
    picture(roster, f"swap-{size[0]}")
    assert (roster.faults(), roster.overflow()) == ([], 0)
    roster.press("Ask for the swap", form)
    roster.told("Asked.")
    [swap] = roster.board()["swaps"]
    assert swap["words"].startswith("Marco Bellini takes backup, Thu 3 Dec 2026, 18:00")


@pytest.mark.parametrize("size", SCREENS)
def test_by_keyboard_alone(come: Come, size: tuple[int, int]) -> None:
    """A day with Page Down and Up on the handles, on with Enter, quick choices, a person by their letters, saved."""
    roster = on_screen(come, size)
    keyboard, page = roster.page.keyboard, roster.page
    bar = roster.lane("first").locator(".bar").nth(1)
    bar.focus()
    keyboard.press("Enter")
    roster.panel("Layer first").get_by_role("button", name="Cover a part").focus()
    keyboard.press("Enter")
    begins, ends = (page.get_by_role("slider", name=name) for name in ("Beginning", "End"))
    expect(begins).to_be_focused()
    keyboard.press("Tab")
    for key, day in (("PageUp", 2), ("PageUp", 3), ("PageDown", 2)):
        keyboard.press(key)
        expect(ends).to_have_attribute("aria-valuetext", f"{roster.words(day)} 00:00")
    keyboard.press("Shift+Tab")
    keyboard.press("PageUp")
    expect(begins).to_have_attribute("aria-valuetext", f"{roster.words(1)} 18:00")
    keyboard.press("PageUp")
    expect(begins).to_have_attribute("aria-valuetext", f"{roster.words(1)} 23:30")  # never at the end or after it
    keyboard.press("PageDown")
    keyboard.press("Enter")
    panel = roster.panel("Cover this time")
    expect(panel).to_be_visible()
    assert times(panel) == (roster.at(0, "23:30"), roster.at(2, "00:00"))
    expect(panel.get_by_label("Person")).to_be_focused()
    quick(panel, "This night").focus()
    keyboard.press("Space")
    assert times(panel) == (roster.at(0, "18:00"), roster.at(1, "09:00"))
    panel.get_by_label("Person").focus()
    keyboard.type("Elena")
    panel.get_by_label("Note").focus()
    keyboard.press("Enter")
    roster.told("Saved: Elena Moretti covers")
    assert (roster.at(0, "18:00"), roster.at(1, "09:00"), ["Elena Moretti"], "override") in roster.shifts("first")
