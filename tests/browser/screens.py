"""Takes a picture of every page of the console: `python -m tests.browser.screens`. Writes docs/screens/.

In the middle of a night of the demo, each page on a desk and on a phone, in the dark and in the light. One line a page.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from bench.ports import free_port
from core.clock import real_now
from core.db import Database
from demo.accounts import DEMO_ACCOUNTS
from oncall.accounts.displays import make_display
from oncall.models.access.displays import DisplayKind
from tests.browser import axe
from tests.browser.demo import DEMO_NIGHT, ROOT, Demo, running_demo
from tests.browser.desk import Desk, launch
from tests.browser.picture import talk
from tests.browser.sizes import NARROW, WIDE
from tests.browser_setup import chromium

FOLDER: Final = ROOT / "docs" / "screens"
WHO: Final = "luca.ferri"
# File name and address; {number}: of the ticket that is talked about; {wall}, {widget}: secrets of screens.
PAGES: Final = (
    ("board", "/"),
    ("my-work", "/my-work"),
    ("tickets", "/tickets?state=all"),
    ("ticket", "/tickets/{number}"),
    ("ticket-new", "/tickets/new?customer=1"),
    ("on-call", "/on-call"),
    ("my-shifts", "/on-call/mine"),
    ("rosters", "/rosters"),
    ("roster", "/rosters/1"),
    ("calendars", "/calendars"),
    ("account", "/account"),
    ("phone", "/account/phone"),
    ("ill", "/account/ill"),
    ("wall", "/wall/{wall}"),
    ("widget", "/widget/{widget}"),
)
_QUALITY: Final = 72


def take(browser: Browser, demo: Demo, known: dict[str, str]) -> Iterator[str]:
    """Write all pictures; what axe-core finds of serious faults, and what does not fit, is told."""
    for size, width in ((WIDE, "desk"), (NARROW, "phone")):
        for scheme in ("dark", "light"):
            context = browser.new_context(
                viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
            )
            context.add_cookies([demo.session_of(WHO)])  # type: ignore[list-item]  # as the browser tests do
            page = context.new_page()
            for name, address in PAGES:
                page.goto(demo.url + address.format(**known), wait_until="load")
                path = FOLDER / f"{name}-{width}-{scheme}.jpg"
                page.screenshot(path=path, type="jpeg", quality=_QUALITY)
                faults = axe.faults(page, axe.SERIOUS)
                yield from (f"{path.name}: {each}" for each in faults)
                if axe.overflow(page):
                    yield f"{path.name}: wider than the screen by {axe.overflow(page)} pixels"
            context.close()


def _screens(demo: Demo) -> dict[str, str]:
    """The secret of a screen of each kind."""
    database = Database(demo.database_url())
    with database.transaction() as session:
        made_by = DEMO_ACCOUNTS[0][0]
        found = {kind.value: make_display(session, kind, "Hall", None, made_by, real_now()) for kind in DisplayKind}
    database.engine.dispose()
    return found


def main() -> int:
    """0 when nothing serious was found."""
    if chromium() is None:
        sys.exit("no Chromium here: install it, or set CHROMIUM to its path")
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="nightline-screens-", ignore_cleanup_errors=True) as folder,
        running_demo(Path(folder), free_port(), free_port(), DEMO_NIGHT, empty=False) as demo,
        sync_playwright() as playwright,
    ):
        demo.open_sessions()
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]})
        page.goto(f"{demo.url}/simulator/")
        desk = Desk(page)
        talk(desk)
        found = list(take(browser, demo, {"number": desk.ticket.number, **_screens(demo)}))
        browser.close()
    print("\n".join(found) or "nothing serious was found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
