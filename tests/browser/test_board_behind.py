"""The board without the gateway: it says since when it is behind, and catches up by itself."""

from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.demo import Demo
from tests.browser.desk import Desk
from tests.browser.sizes import NARROW
from tests.browser.test_softphone import PLATINUM, open_ticket
from tests.browser.windows import Windows


def test_a_board_that_is_behind_says_so_and_catches_up(desk: Desk, demo: Demo, windows: Windows) -> None:
    window = windows.open(NARROW, touch=True, cookies=[demo.session_of("paolo.greco")])
    page = window.page
    page.route("**/board/**", lambda route: route.abort())
    page.goto(demo.url)
    behind = page.locator("[data-stale]")
    expect(behind).to_contain_text("Not up to date since")
    assert axe.faults_in_both_schemes(page, axe.SERIOUS) == []
    customer = desk.phone(PLATINUM)
    open_ticket(customer)
    expect(page.get_by_role("region", name="Open tickets")).to_contain_text("A quiet night so far.")
    page.unroute_all()
    expect(page.get_by_role("region", name="Open tickets")).to_contain_text(desk.ticket.number)
    expect(behind).to_be_hidden()
    customer.hang_up()
    assert [each for each in windows.close(window) if "ERR_FAILED" not in each] == []
