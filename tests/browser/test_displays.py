"""Screens as they look: made by a manager with the keyboard alone, hung on a wall, and silent for a while."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import axe, keyboard
from tests.browser.demo import Demo
from tests.browser.sizes import NARROW, WIDE
from tests.browser.windows import Windows


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_wall_from_making_it_to_revoking_it(demo: Demo, windows: Windows, size: tuple[int, int]) -> None:
    window = windows.open(size, cookies=[demo.session_of("paolo.greco")])
    page = window.page
    page.goto(f"{demo.url}/on-call")
    keyboard.press(page, "Screens")
    expect(page.get_by_role("heading", level=1, name="Screens")).to_be_visible()
    keyboard.write(page, "Where it hangs", "Hall")
    keyboard.press(page, "Make the address")
    address = page.locator("#address").inner_text()
    assert (axe.faults_in_both_schemes(page), axe.overflow(page)) == ([], 0)
    hung = windows.open(size)
    wall = hung.page
    wall.clock.install()
    wall.goto(address)
    expect(wall.get_by_role("heading", level=1, name="Up")).to_be_visible()
    expect(wall.get_by_text("tickets that nobody has")).to_be_visible()
    assert (axe.faults_in_both_schemes(wall), axe.overflow(wall)) == ([], 0)
    wall.route(re.compile("/wall/"), lambda route: route.abort())
    wall.clock.run_for(16_000)
    silent = wall.get_by_role("alert")
    expect(silent).to_contain_text("No answer since")
    assert axe.faults_in_both_schemes(wall) == []
    wall.unroute_all()
    wall.clock.run_for(6_000)
    expect(silent).to_be_hidden()
    page.get_by_text("Revoke…").click()
    page.get_by_role("button", name="Revoke for good").click()
    expect(page.get_by_role("status")).to_contain_text("The address is revoked")
    wall.clock.run_for(6_000)
    expect(wall.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
    assert [each for each in windows.close(hung) if "ERR_FAILED" not in each and "404" not in each] == []
    assert windows.close(window) == []
