"""The guide leads a newcomer through a whole call and its end, whatever happens on the way."""

import re
from typing import Final

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.demo import Demo
from tests.browser.desk import PATIENCE_MS, Desk
from tests.browser.guide import Guide
from tests.browser.test_softphone import PLATINUM

# Everybody is called once, one after the other, then all together, and after that nobody for a long time.
NOBODY: Final = {"no_answer": 2, "rounds": 1, "then_every": 3000}
CLOSES: Final = re.compile(r"close", re.IGNORECASE)


def closed(desk: Desk, pressed: list[str]) -> None:
    """The call had its end: the ticket is closed with a note, which was among what the guide offered."""
    assert any(CLOSES.search(words) for words in pressed), pressed
    expect(desk.page.locator('.guide-steps [data-done="yes"]')).to_have_count(6)
    desk.ticket.shows("Closed")


@pytest.fixture
def guide(desk: Desk) -> Guide:
    return Guide(desk.page)


def test_it_leads_through_a_whole_call(desk: Desk, guide: Guide) -> None:
    pressed = guide.to_the_end()
    for words in ("Call", "Type it", "Press 1", "Answer as", "Say hello", "Hang up"):
        assert any(words in each for each in pressed), f"{words} is not in {pressed}"
    closed(desk, pressed)
    expect(guide.button).to_be_disabled()


def test_on_a_phone_too(pocket_desk: Desk) -> None:
    closed(pocket_desk, Guide(pocket_desk.page).to_the_end())


@pytest.mark.parametrize("after", ["Call", "Type it", "Press 1", "Answer as", "Say hello"])
def test_after_hanging_up_early(desk: Desk, guide: Guide, after: str) -> None:
    """Before the PIN, before the ticket, while a technician listens, in the conversation: there is a next step."""
    guide.press_until(after)
    desk.phone(PLATINUM).hang_up()
    closed(desk, guide.to_the_end())


def test_after_the_technician_has_hung_up(desk: Desk, guide: Guide) -> None:
    """Nobody is on the phone any more: the note goes by text."""
    guide.press_until("Say hello")
    talking = desk.page.locator(".phone.joined:not([data-role=customer])").first
    desk.phone(talking.get_attribute("data-phone") or "").hang_up()
    pressed = guide.to_the_end()
    assert pressed[-1] == "Close with a note"
    closed(desk, pressed)


def test_after_each_reload(desk: Desk, guide: Guide) -> None:
    closed(desk, guide.to_the_end(reload=True))


@pytest.mark.parametrize("stays", [True, False], ids=["the caller holds", "the caller gives up"])
def test_with_nobody_answering(desk: Desk, guide: Guide, demo: Demo, stays: bool) -> None:
    """Who lets every phone ring is still led on: a text takes the ticket where no call did."""
    demo.set_paging(**NOBODY)
    guide.press_until("Press 1")
    guide.press_until("Press 1")
    guide.offers("Answer as")
    if not stays:
        desk.phone(PLATINUM).hang_up()
    guide.offers("Text ACK as")
    demo.set_paging(no_answer=500)
    pressed = guide.to_the_end()
    assert pressed[0].startswith("Text ACK as")
    closed(desk, pressed)


def test_one_who_does_not_answer_is_not_waited_for(desk: Desk, guide: Guide) -> None:
    guide.press_until("Press 1")
    first = desk.ringing() if guide.press() == "Press 1" else None
    assert first is not None
    first.decline()
    desk.ringing(besides=first)
    guide.offers("Answer as")
    assert first.name.split()[0] not in guide.button.inner_text()
    closed(desk, guide.to_the_end())


def test_a_second_call_begins_at_its_beginning(desk: Desk, guide: Guide) -> None:
    guide.to_the_end()
    customer = desk.phone(PLATINUM)
    customer.call()
    customer.hears("type your PIN")
    guide.offers("Type it")
    expect(desk.page.locator('.guide-steps [data-done="yes"]')).to_have_count(1)
    customer.hang_up()


def test_what_was_pressed_is_pressed_once(desk: Desk, guide: Guide) -> None:
    """Until it is done; what could not be done is offered again."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desk.page.route("**/dial", hold)
    expect(guide.button).to_have_text("Call")
    # In one go, as an impatient hand would: after 15 s a press that did not show is offered again.
    assert guide.button.evaluate("el => { el.click(); const was = el.disabled; el.click(); return was; }")
    for _ in range(PATIENCE_MS // 20):
        if held:
            break
        desk.page.wait_for_timeout(20)
    assert len(held) == 1
    held.pop().fulfill(status=200, body="no JSON: as good as no answer")
    expect(desk.page.locator(".toast")).to_be_visible()
    expect(guide.button).to_be_enabled()
    desk.page.unroute("**/dial", hold)
    guide.button.click()
    guide.offers("Type it")


def test_it_remembers_being_closed(desk: Desk, guide: Guide, demo: Demo) -> None:
    desk.page.locator("[data-action=guide-close]").click()
    expect(guide.el).to_be_hidden()
    again(desk.page)
    expect(guide.el).to_be_hidden()
    demo.clear_phones()
    customer = desk.phone(PLATINUM)
    customer.call()
    customer.hears("type your PIN")
    expect(guide.el).to_be_hidden()
    desk.page.locator("[data-action=guide]").click()
    expect(guide.el).to_be_visible()
    again(desk.page)
    guide.offers("Type it")
    customer.hang_up()


def again(page: Page) -> None:
    """The page anew, with the phones on it."""
    page.reload()
    expect(page.locator(".phone").first).to_be_attached()
