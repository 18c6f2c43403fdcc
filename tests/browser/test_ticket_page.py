"""A ticket's page on a technician's phone, beside the softphones: it follows what happens, and takes the ticket."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import axe
from tests.browser.demo import Demo
from tests.browser.desk import Desk
from tests.browser.roster_page import PASSWORDS
from tests.browser.sizes import NARROW
from tests.browser.test_softphone import PLATINUM, open_ticket
from tests.browser.windows import Windows

# The one who is not on call first, so that another phone rings.
WHO: Final = "paolo.greco"


@pytest.fixture
def pocket(windows: Windows, demo: Demo) -> Iterator[Page]:
    """A phone's browser that nobody has signed in with; nothing may be complained of in its console."""
    window = windows.open(NARROW, touch=True)
    yield window.page
    # Polls that a test holds back are told there, too.
    assert [each for each in windows.close(window) if "ERR_FAILED" not in each] == []


def sign_in(page: Page, address: str) -> None:
    """Along the way that the page itself offers to whoever has not signed in."""
    url, _, path = address.partition("/tickets/")
    page.goto(f"{url}/sign-in?next=/tickets/{path}")
    email, password = PASSWORDS[WHO]
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(address)


def test_it_follows_what_happens(desk: Desk, pocket: Page, demo: Demo) -> None:
    """While it is open the technician accepts on the phone: the button goes, and the keyboard is not lost."""
    customer = desk.phone(PLATINUM)
    open_ticket(customer)
    technician = desk.ringing()
    desk.ticket.shows(f"Calling {technician.name.split()[0]}")
    sign_in(pocket, f"{demo.url}/tickets/{desk.ticket.number}")
    accept = pocket.get_by_role("button", name="Accept")
    expect(accept).to_be_in_viewport(ratio=1)
    assert axe.faults(pocket, axe.SERIOUS) == []
    accept.focus()
    story = pocket.get_by_role("log")
    first_line = story.get_by_role("listitem").nth(1)
    first_line.evaluate("line => { line.dataset.seen = 'yes'; }")
    technician.answer()
    technician.hears("The caller is on the line.")
    technician.press("1")
    expect(accept).to_have_count(0)
    expect(pocket.get_by_text(f"{technician.name} has it")).to_be_visible()
    expect(pocket.get_by_role("heading", level=1)).to_be_focused()
    expect(story).to_contain_text(f"{technician.name} accepted on the phone.")
    expect(first_line).to_have_attribute("data-seen", "yes")  # lines that stood there were not put in anew
    customer.hang_up()


def test_its_button_works_after_signing_in_anew(desk: Desk, pocket: Page, demo: Demo) -> None:
    """In another window of the same browser, while this one could not look."""
    customer = desk.phone(PLATINUM)
    open_ticket(customer)
    desk.ticket.shows(f"Calling {desk.ringing().name.split()[0]}")
    address = f"{demo.url}/tickets/{desk.ticket.number}"
    sign_in(pocket, address)
    accept = pocket.get_by_role("button", name="Accept")
    expect(accept).to_be_visible()

    def hold_back(route: Route) -> None:
        route.abort()

    pocket.route("**/tickets/*?again", hold_back)
    other = pocket.context.new_page()
    other.goto(address)
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in*")
    sign_in(other, address)
    other.close()
    expect(pocket.get_by_text("The gateway does not answer. Trying again…")).to_be_visible()
    pocket.unroute("**/tickets/*?again", hold_back)
    expect(pocket.get_by_text("The gateway does not answer. Trying again…")).to_be_hidden()
    accept.click()
    expect(pocket.get_by_role("status").filter(has_text="You have accepted ticket")).to_be_visible()
    expect(pocket.get_by_role("heading", name="This ticket is yours")).to_be_visible()
    customer.hang_up()
