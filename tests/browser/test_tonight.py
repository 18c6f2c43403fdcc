"""Home of whoever has signed in, and the line of pages above every page, as they look."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser.demo import Demo
from tests.browser.roster_page import PASSWORDS
from tests.browser.windows import Windows


def faults(page: Page) -> list[str]:
    """What an automatic look at accessibility complains of, and whether anything sticks out sideways."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    screen = page.viewport_size
    assert screen is not None
    wide = page.evaluate("Math.max(document.documentElement.scrollWidth, innerWidth)") - screen["width"]
    told = [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]
    return told + ([f"{wide} px too wide"] if wide > 0 else [])


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390, 360])
def test_tonight_and_the_way_to_the_other_pages(demo: Demo, windows: Windows, width: int, scheme: Any) -> None:
    window = windows.open((width, 844), touch=width < 700, scheme=scheme)
    page = window.page
    page.goto(f"{demo.url}/sign-in?next=/")
    email, password = PASSWORDS["paolo.greco"]
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Tonight")).to_be_visible()
    expect(page.get_by_role("region", name="On call now")).to_contain_text("until Mon 30 Nov 2026, 18:00")
    expect(page.get_by_role("region", name="Open tickets")).to_contain_text("A quiet night so far.")
    assert faults(page) == []
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
    assert faults(page) == []
    assert windows.close(window) == []
