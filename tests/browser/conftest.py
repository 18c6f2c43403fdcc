"""One demo and one Chromium for all browser tests of a process; each test finds both as they were at the start."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from bench.ports import free_port
from tests.browser.demo import DEMO_NIGHT, Demo, running_demo
from tests.browser.desk import SPEED, Desk, launch
from tests.browser.kept import KeptRows
from tests.browser.roster_page import Come, visitors
from tests.browser.sizes import NARROW, WIDE, Size
from tests.browser.windows import Windows
from tests.browser_setup import chromium

# Phones ring, and questions are read, until somebody does something, however long a busy machine takes for it.
PATIENT = {"no_answer": 500, "rounds": 3, "then_every": 500, "readings": 20, "office_rings": 500}


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def demo_process(browser: Browser) -> Iterator[Demo]:
    """Started once, and only where there is a browser to look at it; everybody who has an account is signed in."""
    # Not pytest's own folder: each start of pytest closes that to other users, such as the embedded PostgreSQL's.
    with (
        tempfile.TemporaryDirectory(prefix="nightline-demo-", ignore_cleanup_errors=True) as folder,
        running_demo(Path(folder), free_port(), free_port(), DEMO_NIGHT) as demo,
    ):
        demo.open_sessions()
        yield demo


@pytest.fixture(scope="package")
def kept(demo_process: Demo) -> Iterator[KeptRows]:
    rows = KeptRows(demo_process.database_url())
    yield rows
    rows.close()


@pytest.fixture(scope="package")
def windows(demo_process: Demo, browser: Browser) -> Windows:
    return Windows(browser, demo_process.url)


@pytest.fixture
def as_started(demo_process: Demo, kept: KeptRows) -> Demo:
    """Nobody on the phone, no ticket, nothing changed, and that Sunday night."""
    demo_process.clear_phones()
    kept.restore()
    demo_process.clear_phones()  # of texts that were on their way
    demo_process.set_speed(SPEED)
    demo_process.set_time(DEMO_NIGHT.isoformat())
    return demo_process


@pytest.fixture
def demo(as_started: Demo) -> Demo:
    """The same, with patient paging."""
    as_started.set_paging(**PATIENT)
    return as_started


@pytest.fixture
def come(as_started: Demo, windows: Windows) -> Iterator[Come]:
    """Lets somebody who is signed in open the roster, which nobody has changed yet."""
    with visitors(windows, as_started) as enter:
        yield enter


@pytest.fixture
def desk(demo: Demo, windows: Windows) -> Iterator[Desk]:
    """The softphones on a wide window; nothing may be complained of in its console."""
    yield from _opened(demo, windows, WIDE)


@pytest.fixture
def pocket_desk(demo: Demo, windows: Windows) -> Iterator[Desk]:
    """The softphones on a phone."""
    yield from _opened(demo, windows, NARROW, touch=True)


def _opened(demo: Demo, windows: Windows, size: Size, touch: bool = False) -> Iterator[Desk]:
    window = windows.open(size, touch)
    complaints: list[str] = []
    try:
        desk = Desk(window.page)
        desk.open(demo.url)
        yield desk
    finally:
        complaints += windows.close(window)
    assert complaints == []
