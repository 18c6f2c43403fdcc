"""The console without a mouse: a ticket is found, taken, noted, set to wait and closed; a shift is covered."""

import pytest
from playwright.sync_api import expect

from tests.browser import keyboard
from tests.browser.demo import Demo
from tests.browser.desk import Desk
from tests.browser.sizes import WIDE
from tests.browser.test_softphone import PLATINUM, open_ticket
from tests.browser.windows import Windows

pytestmark = pytest.mark.real_seconds


def test_a_ticket_from_the_list_to_its_end(desk: Desk, demo: Demo, windows: Windows) -> None:
    customer = desk.phone(PLATINUM)
    open_ticket(customer)
    window = windows.open(WIDE, cookies=[demo.session_of(desk.ringing().name.lower().replace(" ", "."))])
    page = window.page
    page.goto(demo.url)
    expect(page.get_by_role("region", name="Calls now")).to_contain_text("is called")
    keyboard.press(page, "Tickets")
    page.wait_for_url("**/tickets")
    keyboard.press(page, "Nobody has it")
    expect(page.get_by_role("navigation", name="State").locator("[aria-current]")).to_have_text("Nobody has it")
    keyboard.press(page, "Save this view")
    keyboard.write(page, "Name", "For me")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Saved views")).to_contain_text("For me")
    page.keyboard.press("Tab")
    page.get_by_role("link", name=desk.ticket.number).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your turn: do you take it?")).to_be_visible()
    keyboard.press(page, "Accept")
    expect(page.get_by_role("heading", name="This ticket is yours")).to_be_visible()
    customer.hang_up()
    expect(page.get_by_role("main")).to_contain_text("The caller hung up while waiting")
    for button, words, then in (
        ("Write a note", ("Note", "The fan of node 1 stands still."), "Keep the note"),
        ("Close the ticket", ("What was done", "Replaced the fan."), "Close"),
    ):
        keyboard.press(page, button)
        keyboard.write(page, *words)
        keyboard.press(page, then)
        expect(page.get_by_role("main")).to_contain_text(words[1])
    expect(page.get_by_role("main")).to_contain_text("closed the ticket")
    assert windows.close(window) == []


def test_a_shift_is_covered_from_who_is_on_call(demo: Demo, windows: Windows) -> None:
    window = windows.open(WIDE, cookies=[demo.session_of("paolo.greco")])
    page = window.page
    page.goto(f"{demo.url}/on-call")
    cover = page.locator("a.cover").first
    name = cover.get_attribute("aria-label") or ""
    keyboard.press(page, name)
    form = page.get_by_role("dialog", name="Cover this time")
    expect(form).to_be_visible()
    expect(page).not_to_have_url("cover=")
    expect(form.get_by_label("Layer")).to_have_value("1")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    assert windows.close(window) == []
