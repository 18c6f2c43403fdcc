"""The preview of an import as a manager uses it: choosing people and ticking with the keyboard, on any screen."""

from typing import Final

from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.roster_page import Come, RosterPage

WIDTHS: Final = (1280, 390, 360)


def night(roster: RosterPage, day: int, title: str, more: str = "") -> str:
    start, end = (
        roster.at(each, clock).replace("-", "").replace(":", "") for each, clock in ((day, "18:00"), (day + 1, "08:00"))
    )
    times = f"DTSTART;TZID=Europe/Rome:{start}00\r\nDTEND;TZID=Europe/Rome:{end}00"
    return f"BEGIN:VEVENT\r\nUID:night-{day}\r\nSUMMARY:{title}\r\n{times}\r\n{more}END:VEVENT\r\n"


def calendar(*events: str) -> str:
    return f"BEGIN:VCALENDAR\r\nX-WR-CALNAME:Nights of the field team\r\n{''.join(events)}END:VCALENDAR\r\n"


def send(roster: RosterPage, text: str) -> Page:
    """Paste a calendar, and look at what it would do."""
    page = roster.page
    page.goto(f"{roster.url}/rosters/1/import")
    page.get_by_label("Or its text").first.fill(text)
    page.get_by_role("button", name="Show what it would do").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("pasted text")
    return page


def complaints(page: Page) -> list[str]:
    """What an automatic look at accessibility finds, and whatever is wider than the page, on every screen."""
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 860})
        page.evaluate("document.body.style.background = 'var(--bg)'")
        found += [f"{width}: {each}" for each in axe.faults_in_both_schemes(page)]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{width}: wider than the page")
    return found


def test_a_calendar_is_followed_with_the_keyboard_alone(come: Come) -> None:
    roster = come()
    page = send(roster, calendar(night(roster, 1, "Luca Ferri"), night(roster, 3, "Nora"), night(roster, 5, "Nora")))
    question = page.get_by_label("Who is meant by “Nora”")
    expect(question).to_have_count(1)
    assert complaints(page) == []
    question.focus()
    page.keyboard.type("Luca")
    expect(question).not_to_have_value("")
    page.get_by_role("button", name="Show my choices").focus()
    page.keyboard.press("Enter")
    action = page.get_by_role("button", name="Import these 3 shifts")
    expect(action).to_be_visible()
    expect(page.get_by_label("Who is meant by “Nora”")).not_to_have_value("")
    action.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Imported 3 shifts into first from pasted text")

    page = send(roster, calendar(night(roster, 1, "Luca Ferri", "STATUS:CANCELLED\r\n"), night(roster, 5, "Nora")))
    gone = page.get_by_role("region", name="Would be removed")
    expect(gone.get_by_role("listitem")).to_have_count(2)
    expect(gone).to_contain_text("The calendar has cancelled it.")
    expect(gone).to_contain_text("It is not in the calendar any more.")
    assert complaints(page) == []
    keep = gone.get_by_role("checkbox", name="Keep those that are merely not in the file")
    keep.focus()
    page.keyboard.press("Space")
    expect(keep).to_be_checked()
    page.get_by_role("button", name="Show my choices").press("Enter")
    expect(page.get_by_role("region", name="Would be removed").get_by_role("listitem")).to_have_count(1)
    page.get_by_role("button", name="Remove this shift").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Removed 1 shift from first that pasted text does not have")
