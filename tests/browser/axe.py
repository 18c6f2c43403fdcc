"""An automatic look at accessibility: what axe-core finds on a page, without the thousand things that are in order."""

from collections.abc import Collection, Sequence
from typing import Final

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page

SERIOUS: Final = frozenset({"serious", "critical"})
MODERATE: Final = SERIOUS | {"moderate"}
_OF_COLOURS: Final = ("color-contrast", "link-in-text-block")
# One look for both kinds. Style sheets of other origins, which it would fetch again, there are none.
_LOOK: Final = """async ([within, rules]) => {
    const kinds = within ? ['violations', 'incomplete'] : ['violations'];
    const chosen = rules.length ? { runOnly: { type: 'rule', values: rules } } : {};
    const found = await axe.run({ resultTypes: kinds, preload: false, ...chosen });
    const inside = ({ target }) => document.querySelector(target[0])?.closest(within);
    const unsure = (within ? found.incomplete : [])
        .map((each) => ({ ...each, nodes: each.nodes.filter(inside) })).filter((each) => each.nodes.length);
    return [...found.violations, ...unsure].map(({ id, impact, nodes }) => [impact, `${id}: ${nodes[0].html}`]);
}"""


def faults(page: Page, impacts: Collection[str] | None = None, unsure_within: str = "") -> list[str]:
    """What it complains of, of these impacts or any; within that selector, what it could not judge too."""
    return _found(page, impacts, unsure_within, ())


def faults_in_both_schemes(page: Page, impacts: Collection[str] | None = None, unsure_within: str = "") -> list[str]:
    """The same in the dark and in the light, where only colours differ."""
    page.emulate_media(color_scheme="dark")
    dark = _found(page, impacts, unsure_within, ())
    page.emulate_media(color_scheme="light")
    light = _found(page, impacts, unsure_within, _OF_COLOURS)
    page.emulate_media(color_scheme="dark")
    return dark + [f"light: {each}" for each in light]


def _found(page: Page, impacts: Collection[str] | None, unsure_within: str, rules: Sequence[str]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(_LOOK, [unsure_within, rules])
    return [words for impact, words in found if impacts is None or impact in impacts]


def overflow(page: Page) -> int:
    """How many pixels stick out of the screen sideways; not of the window, which on a phone grows with its page."""
    screen = page.viewport_size
    assert screen is not None
    wide: int = page.evaluate("Math.max(document.documentElement.scrollWidth, window.innerWidth)")
    return max(0, wide - screen["width"])
