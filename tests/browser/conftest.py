"""One demo and one Chromium for all browser tests; each test gets a page of its own and the same Sunday night."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.demo import Demo, running_demo
from tests.browser.desk import SPEED, Desk, complaints_of, launch
from tests.browser_setup import chromium
from tests.calls.stack import free_port

# Sunday 29 November 2026, 02:00 in Rome. In winter, one of the three regions is not staffed at any hour of a Saturday;
# from the Monday on, Luca Ferri is first on call.
DEMO_NIGHT = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
# Phones ring, and questions are read, until somebody does something, however long a busy machine takes for it.
PATIENT = {"no_answer": 500, "rounds": 3, "then_every": 500, "readings": 20, "office_rings": 500}
WIDE, NARROW = (1280, 860), (390, 844)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        words = "no Chromium here: install it (Debian: apt-get install chromium) or set CHROMIUM to its path"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def demo_process(browser: Browser) -> Iterator[Demo]:
    """Started once, and only where there is a browser to look at it."""
    # Not pytest's own folder: each start of pytest closes that to other users, such as the embedded PostgreSQL's.
    with (
        tempfile.TemporaryDirectory(prefix="nightline-demo-", ignore_cleanup_errors=True) as folder,
        running_demo(Path(folder), free_port(), free_port(), DEMO_NIGHT) as demo,
    ):
        yield demo


@pytest.fixture
def demo(demo_process: Demo) -> Demo:
    """Nobody on the phone, no ticket, patient paging, and that Sunday night, whatever the real date is."""
    demo_process.clear_phones()
    demo_process.forget()
    demo_process.set_speed(SPEED)
    demo_process.set_paging(**PATIENT)
    demo_process.set_time(DEMO_NIGHT.isoformat())
    return demo_process


@pytest.fixture
def desk(demo: Demo, browser: Browser) -> Iterator[Desk]:
    """The softphones on a wide window; nothing may be complained of in its console."""
    yield from _opened(demo, browser, WIDE, touch=False)


@pytest.fixture
def pocket_desk(demo: Demo, browser: Browser) -> Iterator[Desk]:
    """The softphones on a phone."""
    yield from _opened(demo, browser, NARROW, touch=True)


def _opened(demo: Demo, browser: Browser, size: tuple[int, int], touch: bool) -> Iterator[Desk]:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch)
    complaints = complaints_of(context)
    desk = Desk(context.new_page())
    desk.open(demo.url)
    yield desk
    context.close()
    assert complaints == []
