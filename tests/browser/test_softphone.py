"""Phone calls made in the browser, through everything that `make run` starts."""

import re
from datetime import timedelta
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.browser.demo import Demo
from tests.browser.desk import Desk, Handset
from tests.browser.guide import Guide

PLATINUM: Final = "+390584555010"
PIN: Final = "48151623"
LAPSED: Final = "+442079460123"
LAPSED_PIN: Final = "90210573"
PRESSES: Final = 3


def open_ticket(customer: Handset) -> None:
    """From the dial tone to the ticket's number."""
    customer.call()
    customer.hears("in English only")
    customer.press(f"{PIN}#")
    customer.hears("If you are an end user")
    customer.press("1")
    customer.hears("P1, critical")
    customer.press("1")
    customer.hears("Your ticket number is")


def test_welcome_names_what_one_needs(demo: Demo) -> None:
    assert f"{demo.url}/simulator/" in demo.welcome
    # It starts at two; when it says so, it has started, which took some time.
    said = re.search(r"It is pretended to be Sun 29 Nov 2026, 02:(\d\d) \(Europe/Rome\)", demo.welcome)
    assert said is not None
    assert timedelta(minutes=int(said[1])) <= timedelta(seconds=demo.started_after) + timedelta(seconds=1)
    for known in (PLATINUM, PIN, LAPSED, LAPSED_PIN):
        assert known in demo.welcome


def test_the_board_is_one_press_away(desk: Desk) -> None:
    with desk.page.expect_popup() as opened:
        desk.page.get_by_role("link", name="Board").click()
    board = opened.value
    expect(board.get_by_role("button", name="manager")).to_be_visible()
    board.close()


def test_whole_call(desk: Desk) -> None:
    customer = desk.phone(PLATINUM)
    open_ticket(customer)

    technician = desk.ringing()
    technician.hears("P1 ticket")
    desk.ticket.shows(f"Calling {technician.name.split()[0]}")
    technician.answer()
    technician.hears("St. Anna Hospital. The caller is on the line.")
    technician.press("1")
    technician.talks_with(customer)
    technician.say("Good evening, what happens?")
    customer.hears(f"{technician.name}: Good evening, what happens?")
    customer.say("All our phones are down.")
    technician.hears("St. Anna Hospital: All our phones are down.")
    desk.ticket.shows("Caller and technician are talking.")

    desk.page.wait_for_timeout(1500)  # the network tells times to the second: one of no length has no order
    customer.hang_up()
    technician.hears("The caller is no longer on the line.")
    technician.hang_up()
    length = desk.ticket.finished_intervention(technician.name)
    desk.ticket.tells(
        "Ticket opened by phone",
        f"Calling and texting {technician.name}",
        f"{technician.name} accepted",
        f"{technician.name} and the caller are talking",
        f"Intervention of {technician.name} by phone ended after {length}",
    )
    expect(desk.ticket.newest).to_be_in_viewport(ratio=1)
    customer.hears(f"you spoke with {technician.name.split()[0]} about ticket {desk.ticket.number}")
    # The call has ended, and the ticket is still open: the guide goes on to its end.
    assert Guide(desk.page).to_the_end() == ["Close with a note"]
    desk.ticket.tells("accepted", "Intervention of", "closed")


def press_reply(phone: Handset, word: str) -> None:
    """As a person would: once more when the lines moved under the pointer and nothing was sent."""
    phone.hears(word)
    button, answer = phone.el.locator(f'[data-reply^="{word}"]'), phone.el.locator(".bubble-out")
    for _ in range(PRESSES):
        button.click()
        try:
            expect(answer).to_have_count(1, timeout=4000)
            break
        except AssertionError:
            continue
    expect(answer).to_have_count(1)


def test_accepted_by_text_while_the_caller_holds(desk: Desk) -> None:
    customer = desk.phone(PLATINUM)
    open_ticket(customer)
    technician = desk.ringing()
    press_reply(technician, "ACK")
    desk.ticket.tells(f"Calling and texting {technician.name}", re.compile(f"{technician.name} accepted .*text"))
    desk.ticket.shows(f"{technician.name.split()[0]} has it")


def test_at_phone_width(pocket_desk: Desk) -> None:
    desk = pocket_desk
    customer = desk.phone(PLATINUM)
    expect(customer.el).to_be_in_viewport(ratio=0.9)
    assert _overflow(desk.page) == 0
    open_ticket(customer)

    technician = desk.ringing()
    number = technician.el.get_attribute("data-phone") or ""
    expect(technician.el).not_to_be_in_viewport()
    expect(desk.page.locator(f'[data-tab="{number}"]')).to_have_attribute("aria-label", re.compile("ringing"))
    desk.tab(number)
    expect(technician.el).to_be_in_viewport(ratio=0.9)
    technician.answer()
    technician.hears("The caller is on the line.")
    technician.press("1")
    technician.talks_with(customer)

    desk.tab("customers")
    customer.hang_up()
    desk.tab(number)
    technician.hears("The caller is no longer on the line.")
    technician.press("2")
    technician.is_recorded()
    technician.say("Restarted the call server.")
    technician.hears("is closed")
    technician.is_("ended")
    desk.tab("ticket")
    desk.ticket.tells("accepted", "Intervention of", "closed")
    expect(desk.page.locator("[data-panel]")).to_be_in_viewport(ratio=0.9)
    expect(customer.el).not_to_be_in_viewport()
    desk.ticket.finished_intervention(technician.name)
    assert _overflow(desk.page) == 0
    desk.tab("customers")
    expect(customer.el).to_be_in_viewport(ratio=0.9)


def test_monday_morning_reaches_the_office(desk: Desk) -> None:
    clock = desk.page.locator("[data-clock]")
    expect(clock).to_have_attribute("data-staffed", "no")
    clock.click()
    desk.page.locator('[data-clock-preset="Monday 10:30"]').click()
    expect(clock).to_have_attribute("data-staffed", "yes")
    expect(clock).to_have_attribute("aria-label", re.compile("Mon 30 Nov 2026, 10:3"))

    customer = desk.phone(PLATINUM)
    customer.call()
    customer.hears("To speak with our office now")
    customer.press(f"{PIN}#")
    customer.hears("connecting you")
    office = desk.ringing("office")
    office.answer()
    office.talks_with(customer)
    office.say("Good morning.")
    customer.hears("Good morning.")
    office.hang_up()
    customer.is_("ended")
    desk.quiet("technician")


def test_impatient_paging_calls_the_next_person_sooner(desk: Desk, demo: Demo) -> None:
    switch = desk.page.locator(".team-head [data-impatient]")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    desk.open(demo.url)
    expect(switch).to_have_attribute("aria-checked", "true")

    open_ticket(desk.phone(PLATINUM))
    first = desk.ringing()
    second = desk.ringing(besides=first)
    second.answer()
    second.hears("The caller is on the line.")
    second.press("1")
    second.talks_with(desk.phone(PLATINUM))
    desk.ticket.tells(f"No answer from {first.name}", f"Calling and texting {second.name}")


def test_lapsed_contract_is_turned_away(desk: Desk) -> None:
    customer = desk.choose(LAPSED)
    customer.call()
    customer.hears("type your PIN")
    customer.press(f"{LAPSED_PIN}#")
    customer.hears("has expired")
    customer.is_("ended")
    expect(desk.ticket.turned_away).to_be_visible()
    expect(desk.ticket.turned_away).to_contain_text("Harbour Hotels")
    expect(desk.ticket.turned_away).to_have_attribute("data-latest", "true")
    desk.quiet("technician")


def test_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page
    customer = desk.phone(PLATINUM)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to the phones
    _tab_to(page, customer.el.locator("[data-action=dial]"))
    page.keyboard.press("Enter")
    customer.hears("type your PIN")
    page.keyboard.type(f"{PIN}#")
    customer.hears("If you are an end user")
    page.keyboard.type("1")
    customer.hears("P1, critical")
    page.keyboard.type("1")

    technician = desk.ringing()
    _tab_to(page, technician.el.locator("[data-action=answer]"))
    page.keyboard.press("Enter")
    technician.hears("The caller is on the line.")
    page.keyboard.type("1")
    technician.talks_with(customer)
    _tab_to(page, technician.el.locator("[data-field=message]"))
    page.keyboard.type("I am on it.")
    page.keyboard.press("Enter")
    customer.hears("I am on it.")
    _tab_to(page, technician.el.locator("[data-action=hangup]"))
    page.keyboard.press("Enter")
    technician.is_("ended")
    desk.ticket.finished_intervention(technician.name)


def _tab_to(page: Page, wanted: Locator) -> None:
    """Tab forward until that has the focus; never more often than there are things to focus on."""
    expect(wanted).to_be_visible()
    for _ in range(80):
        if wanted.evaluate("el => el === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")


def _overflow(page: Page) -> int:
    """How many pixels of the page stick out sideways."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(0, wide)
