"""Who is on call, and one's own shifts, as they look on a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.demo import Demo
from tests.browser.windows import Windows


@pytest.mark.parametrize("width", [1280, 390])
def test_on_call_and_my_shifts(demo: Demo, windows: Windows, width: int) -> None:
    window = windows.open((width, 844), touch=width < 700, cookies=[demo.session_of("paolo.greco")])
    page = window.page
    page.goto(f"{demo.url}/on-call")
    expect(page.get_by_role("link", name="Call ").first).to_be_visible()
    expect(page.get_by_role("group").first).to_contain_text("Next")
    assert (axe.faults_in_both_schemes(page), axe.overflow(page)) == ([], 0)
    page.get_by_role("link", name="My shifts").click()
    expect(page.get_by_role("heading", level=1, name="My shifts")).to_be_visible()
    assert (axe.faults_in_both_schemes(page), axe.overflow(page)) == ([], 0)
    assert windows.close(window) == []
