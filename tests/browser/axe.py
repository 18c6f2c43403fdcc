"""An automatic look at accessibility: what axe-core finds on a page, without the thousand things that are in order."""

from collections.abc import Collection
from typing import Final

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page

SERIOUS: Final = frozenset({"serious", "critical"})
MODERATE: Final = SERIOUS | {"moderate"}
# One look for both kinds. Style sheets of other origins, which it would fetch again, there are none.
_LOOK: Final = """async (within) => {
    const kinds = within ? ['violations', 'incomplete'] : ['violations'];
    const found = await axe.run({ resultTypes: kinds, preload: false });
    const inside = ({ target }) => document.querySelector(target[0])?.closest(within);
    const unsure = (within ? found.incomplete : [])
        .map((each) => ({ ...each, nodes: each.nodes.filter(inside) })).filter((each) => each.nodes.length);
    return [...found.violations, ...unsure].map(({ id, impact, nodes }) => [impact, `${id}: ${nodes[0].html}`]);
}"""


def faults(page: Page, impacts: Collection[str] | None = None, unsure_within: str = "") -> list[str]:
    """What it complains of, of these impacts or any; within that selector, what it could not judge too."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(_LOOK, unsure_within)
    return [words for impact, words in found if impacts is None or impact in impacts]


def overflow(page: Page) -> int:
    """How many pixels stick out of the screen sideways; not of the window, which on a phone grows with its page."""
    screen = page.viewport_size
    assert screen is not None
    wide: int = page.evaluate("Math.max(document.documentElement.scrollWidth, window.innerWidth)")
    return max(0, wide - screen["width"])
