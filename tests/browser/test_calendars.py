"""Calendar links in the browser: made, copied, fetched and revoked, on wide and narrow screens, and by keyboard."""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tests.browser.demo import Demo
from tests.browser.windows import Window, Windows

WHO: Final = "paolo.greco"
Open: TypeAlias = Callable[..., Page]


@pytest.fixture
def visit(demo: Demo, windows: Windows) -> Iterator[Open]:
    """Opens the page of a manager, without any link yet, on a screen of some width."""
    there: list[Window] = []

    def enter(width: int = 1280) -> Page:
        window = windows.open((width, 800), cookies=[demo.session_of(WHO)])
        window.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=demo.url)
        there.append(window)
        window.page.goto(f"{demo.url}/calendars")
        return window.page

    yield enter
    assert [windows.close(window) for window in there] == [[] for _ in there]


def create(page: Page, name: str) -> Locator:
    """Fill in the form and send it; the part of the page that shows the new link."""
    page.get_by_label("Whose shifts").select_option(index=1)
    page.get_by_label("Name in the calendar").fill(name)
    page.get_by_role("button", name="Create calendar link").click()
    return page.get_by_role("region", name=f"New calendar link: {name}")


def entry(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name="Links in use").get_by_role("listitem").filter(has_text=name)


def faults(page: Page) -> list[str]:
    """What an automatic look at accessibility complains of, and whether anything sticks out sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return axe.faults_in_both_schemes(page, axe.MODERATE) + ([f"{wide} px too wide"] if wide > 0 else [])


@pytest.mark.parametrize("width", [1280, 390, 360])
def test_a_link_from_making_to_revoking(visit: Open, width: int) -> None:
    page = visit(width)
    expect(page.get_by_text("None yet.")).to_be_visible()
    assert faults(page) == []
    new = create(page, "My nights")
    assert page.url.endswith("/calendars")
    address = new.locator(".address").inner_text()
    new.get_by_role("button", name="Copy link").click()
    expect(new.get_by_role("status")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == address
    subscribe = new.get_by_role("link", name="Open in my calendar")
    assert subscribe.get_attribute("href") == address.replace("http://", "webcal://")
    expect(entry(page, "My nights")).to_contain_text("not fetched yet")
    assert faults(page) == []
    # A calendar program has no session.
    feed = page.request.get(address, headers={"Cookie": ""})
    assert str(Calendar.from_ical(feed.text())["x-wr-calname"]) == "My nights"
    page.reload()
    expect(page.locator(".address")).to_have_count(0)
    mine = entry(page, "My nights")
    expect(mine).to_have_count(1)
    expect(mine).to_contain_text("last fetched ")
    expect(mine.get_by_role("button", name="Revoke for good")).to_be_hidden()
    mine.get_by_text("Revoke…").click()
    expect(mine).to_contain_text("Revoke “My nights”? Every calendar that reads it stops at once.")
    assert faults(page) == []
    assert page.request.get(address).ok
    mine.get_by_role("button", name="Revoke for good").click()
    expect(page.get_by_role("status")).to_contain_text("The calendar link is revoked")
    expect(page.get_by_text("None yet.")).to_be_visible()
    assert page.request.get(address).status == 404


def test_by_keyboard_alone(visit: Open) -> None:
    """From field to field; a question that was opened by mistake is closed by Escape, or by keeping the link."""
    page = visit(390)

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    page.get_by_label("Whose shifts").focus()
    press("ArrowDown", "Tab")
    page.keyboard.type("Phone")
    press("Enter")
    new = page.get_by_role("region", name="New calendar link: Phone")
    expect(new).to_be_visible()
    page.get_by_role("button", name="Copy link").focus()
    press("Enter")
    expect(new.get_by_role("status")).to_have_text("Copied.")
    mine = entry(page, "Phone")
    opener, final = mine.locator("summary"), mine.get_by_role("button", name="Revoke for good")
    opener.focus()
    press("Enter")
    expect(final).to_be_visible()
    press("Tab")
    expect(final).to_be_focused()
    press("Escape")
    expect(final).to_be_hidden()
    expect(opener).to_be_focused()
    press("Enter", "Tab", "Tab")
    expect(mine.get_by_role("button", name="Keep it")).to_be_focused()
    press("Enter")
    expect(final).to_be_hidden()
    expect(opener).to_be_focused()
    press("Enter", "Tab", "Enter")
    expect(page.get_by_text("None yet.")).to_be_visible()


def test_one_question_at_a_time_and_a_reload_makes_no_second_link(visit: Open) -> None:
    page = visit()
    for name in ("Desk", "Pocket"):
        expect(create(page, name)).to_be_visible()
    page.reload()
    expect(page.get_by_role("region", name="Links in use").get_by_role("listitem")).to_have_count(2)
    for name in ("Desk", "Pocket"):
        entry(page, name).get_by_text("Revoke…").click()
        expect(page.get_by_role("button", name="Revoke for good")).to_have_count(1)
    entry(page, "Pocket").get_by_role("button", name="Revoke for good").click()
    expect(entry(page, "Desk")).to_be_visible()
    expect(entry(page, "Pocket")).to_have_count(0)


def test_without_leave_to_copy_the_link_is_selected(visit: Open) -> None:
    page = visit()
    new = create(page, "Office")
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject(new Error())}});"
        "document.execCommand = () => false;"
    )
    new.get_by_role("button", name="Copy link").click()
    expect(new.get_by_role("status")).to_contain_text("The link is selected")
    assert page.evaluate("String(getSelection())").strip() == new.locator(".address").inner_text().strip()
