"""The pages by the keyboard alone."""

from typing import Final

from playwright.sync_api import Page

# More than any page has.
_MOST_STOPS: Final = 150
_ABOUT: Final = """() => {
  const at = document.activeElement;
  const words = [at.ariaLabel, at.innerText, at.labels?.[0]?.innerText];
  return words.filter(Boolean).map((each) => each.replace(/\\s+/g, " ").trim());
}"""


def go_to(page: Page, name: str) -> None:
    """Tab to what is called so. Raises AssertionError: what can't be reached so is not there for everybody."""
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        if name in page.evaluate(_ABOUT):
            return
    raise AssertionError(f"Tab does not lead to {name}")


def press(page: Page, name: str) -> None:
    """Go to it, and press Enter."""
    go_to(page, name)
    page.keyboard.press("Enter")


def write(page: Page, name: str, words: str) -> None:
    """Go to the field, and type."""
    go_to(page, name)
    page.keyboard.type(words)
