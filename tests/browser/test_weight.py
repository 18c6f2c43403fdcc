"""Pages open quickly where the network is slow: few requests, few bytes, and what was kept is not asked for again."""

from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.demo import Demo
from tests.browser.roster_page import visit
from tests.browser.weight import Weight, fastest, first_load
from tests.browser.windows import Windows

pytestmark = pytest.mark.real_seconds

KILOBYTES: Final = 120
REQUESTS: Final = 12
SECONDS: Final = 3.0
# How often it is tried on a machine that has other things to do.
TRIES: Final = 15
# The softphone page has another one in it, the ticket's timeline, which is counted here too.
SOFTPHONE_REQUESTS: Final = 14
# Of what the page asked for, what came over the network.
_SENT: Final = (
    "() => performance.getEntriesByType('resource').filter((each) => each.transferSize).map((each) => each.name)"
)


def within(weight: Weight, requests: int = REQUESTS) -> None:
    assert weight.kilobytes <= KILOBYTES
    assert len(weight.requests) <= requests, weight.requests
    assert weight.seconds <= SECONDS


@pytest.mark.parametrize("who", ["paolo.greco", "sara.lombardi"], ids=["manager", "technician"])
@pytest.mark.parametrize("path", ["/rosters", "/rosters/1"])
def test_first_load_of_the_rosters_page(browser: Browser, demo: Demo, who: str, path: str) -> None:
    session = [demo.session_of(who)]
    weight = fastest(lambda: first_load(browser, demo.url + path, "[data-board] .bar", session), SECONDS, TRIES)
    within(weight)


def test_first_load_of_the_softphone_page(browser: Browser, demo: Demo) -> None:
    weight = fastest(
        lambda: first_load(browser, f"{demo.url}/simulator/", "[data-phone] [data-action=dial]", endless="wait="),
        SECONDS,
        TRIES,
    )
    within(weight, SOFTPHONE_REQUESTS)


def test_what_is_kept_is_not_asked_for_again(windows: Windows, demo: Demo) -> None:
    """The second page brings its own words and data alone, though it is loaded anew."""
    visitor = visit(windows, demo, "paolo.greco")
    page = visitor.roster.page
    page.goto(f"{demo.url}/rosters/1")
    expect(page.locator(".bar").first).to_be_visible()
    page.goto(f"{demo.url}/rosters/1")
    expect(page.locator(".bar").first).to_be_visible()
    sent = page.evaluate(_SENT)
    visitor.leave()
    assert [urlsplit(each).path for each in sent] == ["/rosters/1/board.json"]
