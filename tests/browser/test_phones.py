"""The cards of the softphone page: captions, offered keys, who rings and how long; and nothing that axe minds."""

import re
from itertools import product
from typing import Final

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tests.browser.demo import Demo
from tests.browser.desk import Desk, Handset, awaiting
from tests.browser.sizes import NARROW, SMALL, WIDE, Size
from tests.browser.test_softphone import PIN, PLATINUM, open_ticket
from tests.browser.windows import Scheme

TEXTS: Final = 30
LISTENING_S: Final = 100
SMALL_LOOKS: Final[tuple[tuple[Size, Scheme], ...]] = ((NARROW, "light"), (SMALL, "dark"))


def send_text(demo: Demo, phone: str, words: str) -> None:
    """As somebody with that phone would, on another page."""
    answer = requests.post(f"{demo.url}/simulator/api/phones/{phone}/text", json={"body": words}, timeout=10)
    assert answer.ok, answer.text


def number_of(phone: Handset) -> str:
    return phone.el.get_attribute("data-phone") or ""


def feed(phone: Handset) -> Locator:
    return phone.el.locator("[data-captions]")


def unfold(phone: Handset) -> None:
    phone.el.locator("[data-action=fold]").click()
    expect(feed(phone)).to_be_visible()


def follows(phone: Handset, words: str) -> None:
    """Wait until these words are there, and the end of everything is in sight: the hotline may have answered them."""
    expect(feed(phone).get_by_text(words)).to_be_attached()
    at_end = "el => el.scrollHeight > el.clientHeight && el.scrollHeight - el.scrollTop - el.clientHeight < 2"
    phone.el.page.wait_for_function(at_end, arg=feed(phone).element_handle())


def test_after_a_reload_the_transcript_follows_again(desk: Desk, demo: Demo) -> None:
    numbers = (PLATINUM, "+393471100101", "+393471100105")
    for number, count in product(numbers, range(TEXTS)):
        send_text(demo, number, f"Text {count} of this phone, long enough that it takes a line or two of the card.")
    desk.page.reload()
    for number in numbers:
        phone = desk.phone(number)
        if number != PLATINUM:
            unfold(phone)
        follows(phone, f"Text {TEXTS - 1} of")
        for news in ("The first after it.", "The second after it."):
            send_text(demo, number, news)
            follows(phone, news)


def test_who_scrolls_up_reads_on_and_whoever_comes_back_follows(desk: Desk, demo: Demo) -> None:
    for count in range(TEXTS):
        send_text(demo, PLATINUM, f"Text {count} of this phone, long enough that it takes a line or two of the card.")
    phone = desk.phone(PLATINUM)
    follows(phone, f"Text {TEXTS - 1} of")
    feed(phone).hover()
    desk.page.mouse.wheel(0, -40_000)
    expect(phone.el.get_by_text("Text 0 of")).to_be_in_viewport()
    send_text(demo, PLATINUM, "The first after it.")
    expect(feed(phone).get_by_text("The first after it.")).to_be_attached()
    expect(phone.el.get_by_text("Text 0 of")).to_be_in_viewport()
    desk.page.mouse.wheel(0, 40_000)
    follows(phone, "The first after it.")
    send_text(demo, PLATINUM, "The second after it.")
    follows(phone, "The second after it.")


def test_keys_are_offered_where_they_are_asked_for(desk: Desk) -> None:
    customer = desk.phone(PLATINUM)
    pin, offers = customer.el.locator("[data-action=type-pin]"), customer.el.locator("[data-offer]")
    expect(pin).to_be_hidden()
    customer.call()
    customer.hears("type your PIN")
    expect(pin).to_be_visible()
    customer.press(PIN[:3])
    expect(pin).to_be_hidden()  # the whole of it would be typed behind its beginning
    customer.press(f"{PIN[3:]}#")
    customer.hears("If you are an end user")
    expect(pin).to_be_hidden()
    expect(offers).to_have_text(
        ["1system administrator or a partner, and have done first troubleshooting", "2end user"]
    )
    offers.first.click()
    customer.hears("P1, critical")
    expect(pin).to_be_hidden()
    expect(offers).to_have_count(4)
    customer.el.locator('[data-offer="1"]').click()
    technician = desk.ringing()
    expect(technician.el.locator("[data-offer], [data-action=type-pin]")).to_have_count(0)
    technician.answer()
    technician.hears("The caller is on the line.")
    expect(technician.el.locator("[data-offer]").first).to_have_text("1accept")
    expect(technician.el.locator("[data-action=type-pin]")).to_have_count(0)
    technician.el.locator('[data-offer="1"]').click()
    technician.talks_with(customer)
    customer.hang_up()


def test_a_phone_that_rings_comes_first_and_idle_ones_fold(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": WIDE[0], "height": 620})
    cards = desk.page.locator(".team .phone")
    expect(desk.page.locator(".team .phone.folded")).to_have_count(cards.count())
    open_ticket(desk.phone(PLATINUM))
    technician = desk.ringing()
    expect(cards.first).to_have_attribute("data-phone", number_of(technician))
    expect(desk.page.locator(".team .phone:not(.folded)")).to_have_count(1)
    desk.page.locator("[data-team-idle] .phone").last.scroll_into_view_if_needed()
    expect(technician.el.locator("[data-action=answer]")).to_be_in_viewport(ratio=1)
    # The next one comes before the one who listens.
    technician.answer()
    technician.hears("The caller is on the line.")
    technician.press("2")
    following = desk.ringing(besides=technician)
    expect(cards.first).to_have_attribute("data-phone", number_of(following))
    idle = desk.phone(desk.page.locator(".team .phone.folded").first.get_attribute("data-phone") or "")
    expect(idle.el.locator("[data-field=message]")).to_be_hidden()
    unfold(idle)
    expect(idle.el.locator("[data-field=message]")).to_be_visible()
    expect(cards.first).to_have_attribute("data-phone", number_of(following))


def test_at_phone_width_the_tab_that_rings_stays_in_sight(pocket_desk: Desk) -> None:
    page = pocket_desk.page
    open_ticket(pocket_desk.phone(PLATINUM))
    technician = pocket_desk.ringing()
    tab = page.locator(f'[data-tab="{number_of(technician)}"]')
    for width, height in (NARROW, SMALL):
        page.set_viewport_size({"width": width, "height": height})
        page.locator('[data-tab="customers"]').tap()
        expect(technician.el).not_to_be_in_viewport()
        for end in (0, 5000):
            page.locator("[data-tabs]").evaluate("(nav, left) => nav.scrollTo({ left, behavior: 'instant' })", end)
            expect(tab).to_be_in_viewport(ratio=0.99)
        expect(page.locator(".folded")).to_have_count(0)
        tab.tap()
        expect(technician.el.locator("[data-action=answer]")).to_be_in_viewport(ratio=1)


def left(phone: Handset, what: str) -> int:
    """Seconds that are left to do that, as the card says."""
    shown = phone.el.locator(".state-time")
    expect(shown).to_have_text(re.compile(rf"^\d+:\d\d {what}$"))
    minutes, seconds = shown.inner_text().split()[0].split(":")
    return 60 * int(minutes) + int(seconds)


@pytest.mark.parametrize("rings", [60, 300])
def test_ringing_and_listening_are_counted_down_apart(desk: Desk, demo: Demo, rings: int) -> None:
    """However long it rang: who listens has the whole time for it, which is no shorter for the impatient."""
    demo.set_paging(no_answer=rings)
    desk.page.reload()
    open_ticket(desk.phone(PLATINUM))
    technician = desk.ringing()
    first = left(technician, "to answer")
    assert 0 < first <= rings
    expect(technician.el.locator(".state-time")).not_to_have_text(f"{first // 60}:{first % 60:02} to answer")
    assert left(technician, "to answer") < first
    technician.answer()
    technician.hears("The caller is on the line.")
    listens = left(technician, "to accept")
    assert LISTENING_S / 2 < listens <= LISTENING_S
    technician.press("1")
    technician.talks_with(desk.phone(PLATINUM))
    expect(technician.el.locator(".state-time")).to_have_text(re.compile(r"^\d+:\d\d$"))


def test_the_heading_of_the_ticket_does_not_slide_over_its_text(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": WIDE[0], "height": 480})
    open_ticket(desk.phone(PLATINUM))
    desk.ticket.tells("Ticket opened by phone", "Calling and texting")
    frame = desk.ticket.frame
    frame.locator("html").evaluate("html => html.scrollTo({ top: 10_000, behavior: 'instant' })")
    assert frame.locator("html").evaluate("html => html.scrollTop") > 0
    head = frame.locator("[data-head]").bounding_box()
    assert head is not None
    for line in frame.locator("[data-page], [data-lines] > li").all():
        box = line.bounding_box()
        assert box is not None
        assert box["y"] >= head["y"] + head["height"]


def test_where_the_ticket_is_below_it_covers_no_phone(desk: Desk) -> None:
    open_ticket(desk.phone(PLATINUM))
    desk.ringing()
    for width in (760, 1000, 1080):
        desk.page.set_viewport_size({"width": width, "height": 700})
        desk.page.locator("[data-panel]").scroll_into_view_if_needed()
        desk.page.evaluate("scrollTo({ top: 10_000, behavior: 'instant' })")
        panel = desk.page.locator("[data-panel]").bounding_box()
        assert panel is not None
        for each in (desk.phone(PLATINUM).el, *desk.page.locator(".team .phone").all()):
            box = each.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= panel["y"], width


def test_the_link_in_a_text_leads_to_where_the_ticket_is_taken(desk: Desk) -> None:
    """One click opens it, without signing in, as whoever is rung."""
    open_ticket(desk.phone(PLATINUM))
    technician = desk.ringing()
    link = technician.el.locator('.bubble-in a[href*="/t/"]')
    with awaiting(desk.page):  # the text comes beside the call, before or after the first ring
        expect(link).to_be_visible()
    expect(technician.el).not_to_have_class(re.compile(r"\bfolded\b"))
    with desk.page.context.expect_page() as opened:
        link.click()
    page = opened.value
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    expect(page.get_by_role("heading", level=1)).to_have_text(
        f"Ticket {desk.ticket.number}, for {technician.name.split()[0]}"
    )
    assert (axe.faults(page, axe.SERIOUS), axe.overflow(page)) == ([], 0)
    page.get_by_role("button", name="Open it").click()
    page.wait_for_url(f"**/tickets/{desk.ticket.number}")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", name="This ticket is yours")).to_be_visible()
    way = desk.ticket.frame.locator("[data-to-ticket]")
    expect(way).to_have_attribute("href", f"/sign-in?next=/tickets/{desk.ticket.number}")


def minded(page: Page) -> list[str]:
    """On every screen; on the widest in the dark and in the light."""
    found = []
    for (width, height), scheme in SMALL_LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        found += [f"{width}: {each}" for each in axe.faults(page)]
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    return found + axe.faults_in_both_schemes(page)


def test_nothing_is_minded_by_axe(desk: Desk) -> None:
    page = desk.page
    assert minded(page) == []
    page.locator("[data-action=settings]").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    assert minded(page) == []
    page.keyboard.press("Escape")
    page.locator("[data-action=guide-close]").click()
    assert minded(page) == []
    page.locator("[data-action=guide]").click()
    open_ticket(desk.phone(PLATINUM))
    desk.ringing()
    assert minded(page) == []


def test_who_is_no_longer_needed_can_be_read(desk: Desk, demo: Demo) -> None:
    """And whatever else is told of whom the page has tried: passed on, accepted, still ringing."""
    open_ticket(desk.phone(PLATINUM))
    first = desk.ringing()
    first.hears("ACK")
    accepts = first.el.locator('[data-reply^="ACK"]').first.get_attribute("data-reply") or ""
    first.decline()
    second = desk.ringing(besides=first)
    timeline = desk.page.context.new_page()
    timeline.emulate_media(reduced_motion="reduce")
    timeline.goto(f"{demo.url}/demo/timeline")
    tried = timeline.locator("[data-attempts] li")
    expect(tried.filter(has_text=second.name)).to_have_attribute("data-outcome", "open")
    assert axe.faults_in_both_schemes(timeline) == []
    send_text(demo, number_of(first), accepts)  # the card may be folded by now
    desk.go_on()
    expect(tried.filter(has_text=second.name)).to_contain_text("no longer needed")
    for width, height in (WIDE, NARROW):
        timeline.set_viewport_size({"width": width, "height": height})
        assert axe.faults_in_both_schemes(timeline) == []
