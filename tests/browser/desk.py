"""The softphone page as a person uses it: phones to pick up, keys to press, captions and a ticket to read.

Calls stand still from the moment in which something awaited was seen until a hand has done what it does next. A browser
that is slow is then no caller who says nothing, nor a technician who lets it ring.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import urljoin

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, Playwright, expect

from tests.browser_setup import chromium

ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
KEY_NAMES: Final = {"#": "hash", "*": "star"}
PATIENCE_MS: Final = 60_000
# Seconds of a call in a real one: the fastest that the page itself offers, and next to none.
SPEED: Final = 5
STILL: Final = 0.001
# For what passes for good when nobody acts in time, as the silence after a tone does: a browser may be slow to show it.
CALM: Final = 0.5

expect.set_options(timeout=PATIENCE_MS)


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium, which must be there."""
    return playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))


def go_on(page: Page, speed: float = SPEED) -> None:
    """Let time pass in calls."""
    answer = page.request.post(urljoin(page.url, "/simulator/api/speed"), data={"speed": speed})
    assert answer.ok, answer.text()


@contextmanager
def awaiting(page: Page, speed: float = SPEED) -> Iterator[None]:
    """Time passes in calls until the block has seen what it waits for."""
    go_on(page, speed)
    yield
    go_on(page, STILL)


@contextmanager
def acting(page: Page) -> Iterator[None]:
    """Calls stand still while somebody has a hand on a phone, and go on then."""
    go_on(page, STILL)
    yield
    go_on(page)


@dataclass(frozen=True)
class Handset:
    """One telephone on the page."""

    el: Locator

    @property
    def name(self) -> str:
        return self._words("h3")

    def call(self) -> None:
        self._click("dial")

    def answer(self) -> None:
        self._click("answer")

    def decline(self) -> None:
        self._click("decline")

    def hang_up(self) -> None:
        self._click("hangup")

    def press(self, keys: str) -> None:
        """Key by key on the keypad."""
        self._click(*(f"key-{KEY_NAMES.get(key, key)}" for key in keys))

    def say(self, words: str) -> None:
        field = self.el.locator("[data-field=message]")
        with acting(self.el.page):
            field.fill(words)
            field.press("Enter")

    def hears(self, words: str) -> None:
        """Wait until that is among what is said, heard or texted here."""
        with awaiting(self.el.page):
            expect(self.el.locator("[data-captions]")).to_contain_text(words)

    def is_(self, state: str) -> None:
        """Wait until it is dialing, ringing, talking or ended, which the page shows for five seconds only."""
        wanted = re.compile("^(ended|idle)$") if state == "ended" else state
        with awaiting(self.el.page):
            expect(self.el).to_have_attribute("data-call", wanted)

    def is_recorded(self) -> None:
        """Wait until what is said here is kept."""
        with awaiting(self.el.page, CALM):
            expect(self.el.locator(".state")).to_have_class(re.compile(r"\brecording\b"))

    def talks_with(self, other: "Handset") -> None:
        """Wait until the two are in one conversation, and both phones say so."""
        with awaiting(self.el.page):
            for one, peer in ((self, other), (other, self)):
                expect(one.el).to_have_class(re.compile(r"\bjoined\b"))
                expect(one.el.locator(".state")).to_have_text(f"With {peer.name}")

    def _click(self, *actions: str) -> None:
        with acting(self.el.page):
            for action in actions:
                self._act(action).click()

    def _act(self, action: str) -> Locator:
        return self.el.locator(f"[data-action={action}]")

    def _words(self, selector: str) -> str:
        return self.el.locator(selector).first.inner_text()


@dataclass(frozen=True)
class Desk:
    """The whole page."""

    page: Page

    def open(self, url: str) -> None:
        self.page.goto(f"{url}/simulator/")
        expect(self.page.locator(".phone").first).to_be_attached()

    def phone(self, number: str) -> Handset:
        return Handset(self.page.locator(f'[data-phone="{number}"]'))

    def ringing(self, role: str = "technician", besides: Handset | None = None) -> Handset:
        """Wait for a phone of that role to ring."""
        other = "" if besides is None else f':not([data-phone="{besides.el.get_attribute("data-phone")}"])'
        found = self.page.locator(f'.phone[data-role={role}][data-call="ringing"]{other}')
        with awaiting(self.page):
            expect(found).to_have_count(1)
        return self.phone(found.get_attribute("data-phone") or "")

    def quiet(self, role: str) -> None:
        """No phone of that role has been called."""
        for phone in self.page.locator(f".phone[data-role={role}]").all():
            expect(phone.locator("[data-captions] li")).to_have_count(0)

    def choose(self, customer: str) -> Handset:
        self.page.locator(f'[data-choose="{customer}"]').click()
        return self.phone(customer)

    def tab(self, key: str) -> None:
        """At phone width: go to that tab."""
        self.page.locator(f'[data-tab="{key}"]').tap()

    @property
    def ticket(self) -> "Ticket":
        return Ticket(self.page, self.page.frame_locator("[data-panel-frame]"))

    def go_on(self) -> None:
        """Let time pass in calls, for what is awaited elsewhere than at a phone."""
        go_on(self.page)


@dataclass(frozen=True)
class Ticket:
    """The timeline beside the phones."""

    page: Page
    frame: FrameLocator

    def shows(self, words: str) -> None:
        go_on(self.page)
        expect(self.frame.locator("article[data-ticket]")).to_contain_text(words)

    def tells(self, *happenings: str | re.Pattern[str]) -> None:
        """Wait until the story has these lines, in this order, perhaps with others between them."""
        go_on(self.page)
        for before, after in pairwise(happenings):
            earlier = self.frame.locator("[data-lines] > .line", has_text=before)
            expect(earlier.locator("xpath=following-sibling::li").filter(has_text=after).first).to_be_attached()

    def finished_intervention(self, person: str) -> str:
        """Wait until that person's only conversation has an end; how long it was, such as "12 s"."""
        go_on(self.page)
        work = self.frame.locator("[data-work] > li", has_text=re.compile(f"{person}.*call"))
        expect(work).to_have_attribute("data-going", "false")
        expect(work.locator(".length")).to_have_text(re.compile(r"^([1-9]\d* min )?\d+ s$"))
        return work.locator(".length").inner_text()

    @property
    def newest(self) -> Locator:
        """The last line of the story."""
        return self.frame.locator("[data-lines] > .line").last

    @property
    def number(self) -> str:
        shown = self.frame.locator("[data-number]")
        expect(shown).to_have_text(re.compile(r"\d"))
        return shown.inner_text()

    @property
    def turned_away(self) -> Locator:
        return self.frame.locator("[data-turned-away]")


def complaints_of(context: BrowserContext) -> list[str]:
    """A list that fills with every error that pages of this context meet: console, script, answers from 400 on."""
    found: list[str] = []

    def watch(page: Page) -> None:
        page.on("console", lambda line: found.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: found.append(str(error)))
        page.on("response", lambda got: found.append(f"{got.status} {got.url}") if got.status >= 400 else None)

    context.on("page", watch)
    return found
