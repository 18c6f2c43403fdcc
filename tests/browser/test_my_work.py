"""A technician's page for the phone, as a thumb uses it: light on a bad line, nothing cut off, takes a ticket."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import axe
from tests.browser.demo import Demo
from tests.browser.desk import Desk
from tests.browser.sizes import NARROW
from tests.browser.test_softphone import PLATINUM, open_ticket
from tests.browser.weight import first_load
from tests.browser.windows import Windows

pytestmark = pytest.mark.real_seconds

KILOBYTES = 150


def test_a_ticket_is_taken_on_the_phone(desk: Desk, windows: Windows, demo: Demo, browser: Browser) -> None:
    customer = desk.phone(PLATINUM)
    open_ticket(customer)
    who = demo.session_of(desk.ringing().name.lower().replace(" ", "."))
    window = windows.open(NARROW, touch=True, cookies=[who])
    page = window.page
    page.goto(f"{demo.url}/my-work")
    accept = page.get_by_role("button", name="Accept ticket")
    expect(accept).to_be_in_viewport(ratio=1)
    assert (axe.faults_in_both_schemes(page, axe.SERIOUS), axe.overflow(page)) == ([], 0)
    assert first_load(browser, f"{demo.url}/my-work", "h1", [who]).kilobytes <= KILOBYTES
    accept.click()
    expect(page.get_by_role("heading", name="This ticket is yours")).to_be_visible()
    page.goto(f"{demo.url}/my-work")
    page.get_by_text("Write a note").click()
    page.get_by_label("Note on ticket").fill("Restarted it.")
    assert (axe.faults_in_both_schemes(page, axe.SERIOUS), axe.overflow(page)) == ([], 0)
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("The note is on the ticket.")).to_be_visible()
    assert windows.close(window) == []
    customer.hang_up()
