"""Takes the picture in README.md: `python -m tests.browser.picture`. Writes docs/pictures/softphone.png.

A caller and a technician talk on the softphone page, the ticket beside them. Who is on call, the code of the reply and
the seconds differ from one picture to the next.
"""

import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import expect, sync_playwright

from bench.ports import free_port
from tests.browser.demo import ROOT, running_demo
from tests.browser.desk import Desk, launch
from tests.browser_setup import chromium

PICTURE: Final = ROOT / "docs" / "pictures" / "softphone.png"
WIDTH, HEIGHT = 1280, 860
CUSTOMER, PIN = "+390584555010", "48151623"


def talk(desk: Desk) -> None:
    """From the dial tone to the middle of a conversation; the first person on call declines."""
    customer = desk.phone(CUSTOMER)
    customer.call()
    customer.hears("type your PIN")
    customer.press(f"{PIN}#")
    customer.hears("If you are an end user")
    customer.press("1")
    customer.hears("P1, critical")
    customer.press("1")
    customer.hears("Your ticket number is")
    first = desk.ringing()
    first.decline()
    technician = desk.ringing(besides=first)
    technician.answer()
    technician.hears("The caller is on the line.")
    technician.press("1")
    technician.talks_with(customer)
    first_name = technician.name.split()[0]
    technician.say(f"Good evening, {first_name} from Aurora. What happens?")
    customer.hears("What happens?")
    customer.say("All our phones have been down since midnight.")
    technician.hears("since midnight.")
    desk.ticket.tells("accepted", "are talking")
    expect(desk.ticket.newest).to_be_in_viewport(ratio=1)


def main() -> None:
    if chromium() is None:
        sys.exit("The picture needs Chromium: install it, or set CHROMIUM to its path.")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="nightline-picture-", ignore_cleanup_errors=True) as folder,
        running_demo(Path(folder), free_port(), free_port()) as demo,
        sync_playwright() as playwright,
    ):
        demo.set_speed(3)
        browser = launch(playwright)
        size = {"width": WIDTH, "height": HEIGHT}
        # Without movement, so that nothing is caught half-way.
        context = browser.new_context(viewport=size, color_scheme="dark", reduced_motion="reduce")  # type: ignore[arg-type]
        desk = Desk(context.new_page())
        desk.open(demo.url)
        talk(desk)
        # A plain background: a gradient's noise would make the file half as large again.
        desk.page.evaluate("document.activeElement.blur(); document.body.style.background = 'var(--bg)'")
        desk.page.screenshot(path=PICTURE)
        browser.close()
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
