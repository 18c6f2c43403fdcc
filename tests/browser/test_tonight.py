"""Home of whoever has signed in, and the line of pages above every page, as they look."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.demo import Demo
from tests.browser.roster_page import PASSWORDS
from tests.browser.windows import Windows


@pytest.mark.parametrize("width", [1280, 390, 360])
def test_tonight_and_the_way_to_the_other_pages(demo: Demo, windows: Windows, width: int) -> None:
    window = windows.open((width, 844), touch=width < 700)
    page = window.page
    page.goto(f"{demo.url}/sign-in?next=/")
    email, password = PASSWORDS["paolo.greco"]
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Tonight")).to_be_visible()
    expect(page.get_by_role("region", name="On call now")).to_contain_text("until Mon 30 Nov 2026, 18:00")
    expect(page.get_by_role("region", name="Open tickets")).to_contain_text("A quiet night so far.")
    assert (axe.faults_in_both_schemes(page), axe.overflow(page)) == ([], 0)
    for name in ("Rosters", "Calendars", "Tonight"):
        nav = page.get_by_role("navigation", name="Pages")
        nav.get_by_role("link", name=name).click()
        expect(nav.locator("[aria-current=page]")).to_have_text(name)
        expect(nav.locator("[aria-current=page]")).to_have_css("border-bottom-style", "solid")
        page.wait_for_load_state()
        wide = page.evaluate("Math.max(document.documentElement.scrollWidth, innerWidth)")
        assert wide == width, name
    page.get_by_role("navigation", name="Your account").get_by_role("link", name="Paolo Greco").click()
    expect(page.get_by_text("this one")).to_be_visible()
    assert (axe.faults_in_both_schemes(page), axe.overflow(page)) == ([], 0)
    assert windows.close(window) == []
