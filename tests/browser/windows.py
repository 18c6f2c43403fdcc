"""Windows of the one Chromium, used again from test to test: a new one reads and compiles every script anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.desk import complaints_of
from tests.browser.sizes import Size

Scheme = Literal["dark", "light"]
Motion = Literal["no-preference", "reduce"]
# Something small of the same origin, whose storage can be emptied from it while no script of a page runs.
_EMPTY: Final = "/static/moon.svg"
_CLEAR: Final = "localStorage.clear(); sessionStorage.clear()"


@dataclass(frozen=True)
class Window:
    """One page, with a list of everything that it complained of since it was opened."""

    context: BrowserContext
    page: Page
    touch: bool
    complaints: list[str]


class Windows:
    """`url`: of the pages that will be opened."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._free: list[Window] = []

    def open(
        self,
        size: Size,
        touch: bool = False,
        scheme: Scheme = "dark",
        motion: Motion = "reduce",
        cookies: Sequence[Any] = (),
    ) -> Window:
        """A window in which nothing is kept but what a browser may read again without asking."""
        window = next((each for each in self._free if each.touch == touch), None)
        if window is None:
            window = self._new(touch)
        else:
            self._free.remove(window)
        window.page.set_viewport_size({"width": size[0], "height": size[1]})
        window.page.emulate_media(color_scheme=scheme, reduced_motion=motion)
        if cookies:
            window.context.add_cookies(cookies)
        window.complaints.clear()
        return window

    def close(self, window: Window) -> list[str]:
        """Keep it for the next test, with nothing of this one's; what it complained of."""
        page, context = window.page, window.context
        for other in context.pages:
            if other is not page:
                other.close()
        page.unroute_all(behavior="ignoreErrors")
        page.goto(self._url + _EMPTY)
        found = list(window.complaints)
        page.evaluate(_CLEAR)
        context.clear_cookies()
        context.clear_permissions()
        self._free.append(window)
        return found

    def _new(self, touch: bool) -> Window:
        context = self._browser.new_context(has_touch=touch, is_mobile=touch)
        complaints = complaints_of(context)
        return Window(context, context.new_page(), touch, complaints)
