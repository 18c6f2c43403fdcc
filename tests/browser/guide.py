"""The guide on the softphone page, as a newcomer uses it who presses nothing else."""

import re
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.desk import PATIENCE_MS, STILL, go_on

# More presses than any way through the guide takes, with calls that a slow machine lets run out.
MOST_PRESSES: Final = 60
LONG_MS: Final = 3 * PATIENCE_MS
MOMENT_MS: Final = 2000


@dataclass(frozen=True)
class Guide:
    """Its one button. Calls stand still from a step's offer until it has been pressed."""

    page: Page

    @property
    def el(self) -> Locator:
        return self.page.locator("[data-guide]")

    @property
    def button(self) -> Locator:
        return self.page.locator("[data-action=guide-do]")

    @property
    def finished(self) -> bool:
        return self.page.locator("[data-guide][data-finished]").count() == 1

    def offers(self, words: str) -> None:
        """Wait until the next step is that one, without pressing anything."""
        go_on(self.page)
        expect(self.button).to_have_text(re.compile(words), timeout=LONG_MS)
        expect(self.button).to_be_enabled(timeout=LONG_MS)
        go_on(self.page, STILL)

    def press(self) -> str | None:
        """Press what is offered next; its words, or None when the guide has come to its end."""
        ready = self.page.locator("[data-guide][data-finished], [data-action=guide-do]:enabled").first
        for _ in range(MOST_PRESSES):
            go_on(self.page)
            expect(ready).to_be_visible(timeout=LONG_MS)
            go_on(self.page, STILL)
            if self.finished:
                return None
            words = self.button.inner_text()
            try:
                self.button.click(timeout=MOMENT_MS)
            except PlaywrightTimeoutError:
                continue  # what was offered has passed in this very moment
            go_on(self.page)
            return words
        raise AssertionError("the guide takes back everything that it offers")

    def press_until(self, words: str) -> None:
        """Press step after step, until one with these words has been pressed."""
        for _ in range(MOST_PRESSES):
            pressed = self.press()
            assert pressed is not None, f"the guide has ended without {words!r}"
            if re.search(words, pressed):
                return
        raise AssertionError(f"the guide never offers {words!r}")

    def to_the_end(self, reload: bool = False) -> list[str]:
        """Press step after step until there is none; all that were. `reload`: look at the page anew after each one."""
        pressed: list[str] = []
        for _ in range(MOST_PRESSES):
            words = self.press()
            if words is None:
                return pressed
            pressed.append(words)
            if reload:
                go_on(self.page, STILL)
                self.page.reload()
                expect(self.button).to_be_visible()
        raise AssertionError(f"the guide has no end: {pressed}")
