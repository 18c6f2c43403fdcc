"""The roster page as people use it: bars to click and drag over, panels to fill in, sentences to read."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

import psycopg
from playwright.sync_api import Locator, Page, expect

from core.locks import Lock
from demo.accounts import DEMO_ACCOUNTS
from tests.browser import axe
from tests.browser.demo import DEMO_NIGHT, Demo
from tests.browser.sizes import NARROW, WIDE, Size
from tests.browser.windows import Window, Windows

PASSWORDS: Final = {email.partition("@")[0]: (email, password) for email, password, _ in DEMO_ACCOUNTS}
SHOWN_DAYS: Final = 14
# After the Sunday of the demo's night.
NEXT_MONDAY: Final = DEMO_NIGHT.date() + timedelta(days=1)
# The contrast of letters over stripes and glows can't be computed: over the plain colour it can.
_PLAIN: Final = """() => {
    document.body.style.background = 'var(--bg)';
    for (const el of document.querySelectorAll('.behind, .across')) el.style.display = 'none';
    for (const el of document.querySelectorAll('.lane, .is-made, .leave')) el.style.backgroundImage = 'none';
}"""


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in, with what their pages complained of."""

    windows: Windows
    window: Window
    roster: "RosterPage"

    def leave(self) -> None:
        """Close everything. Raises AssertionError for complaints that are no refusals by the server."""
        complaints = self.windows.close(self.window)
        assert [each for each in complaints if "409" not in each] == []


def visit(
    windows: Windows,
    demo: Demo,
    who: str,
    *,
    phone: bool = False,
    light: bool = False,
    size: Size | None = None,
    monday: date = NEXT_MONDAY,
) -> Visitor:
    """As one of the demo's accounts ("paolo.greco" manages), open the roster on next week's Monday, or another one."""
    window = windows.open(
        size or (NARROW if phone else WIDE), phone, "light" if light else "dark", cookies=[demo.session_of(who)]
    )
    roster = RosterPage(window.page, demo.url, monday)
    try:
        roster.show()
    except BaseException:
        windows.close(window)
        raise
    return Visitor(windows, window, roster)


@contextmanager
def visitors(windows: Windows, demo: Demo) -> Iterator["Come"]:
    """Lets people who are signed in open the roster; they all leave with the block."""
    there: list[Visitor] = []

    def enter(who: str = "paolo.greco", **options: Any) -> RosterPage:
        there.append(visit(windows, demo, who, **options))
        return there[-1].roster

    yield enter
    for visitor in there:
        visitor.leave()


@dataclass(frozen=True)
class RosterPage:
    """The page, with the Monday on which the days of these tests are counted."""

    page: Page
    url: str
    monday: date

    def show(self, days: int = SHOWN_DAYS, rows: str = "layers") -> None:
        self.page.goto(f"{self.url}/rosters/1?from={self.monday}&days={days}&rows={rows}")
        expect(self.page.locator(".bar").first).to_be_visible()

    def turn_to(self, first: date, days: int = SHOWN_DAYS, rows: str = "layers") -> None:
        """Other days on the same page, as going back to them in the browser does: nothing but the board is new."""
        query = f"?from={first}&days={days}&rows={rows}"
        self.page.evaluate("(to) => { history.pushState(null, '', to); dispatchEvent(new Event('popstate')); }", query)
        expect(self.page.locator("[data-board]")).to_have_attribute("aria-busy", "false")

    def at(self, day: int, clock: str) -> str:
        """A time as forms and the server write it; day 0 is the Monday."""
        return f"{self.monday + timedelta(days=day)}T{clock}"

    def words(self, day: int) -> str:
        """Such as "Mon 1 Jun 2026,": a time follows."""
        found = self.monday + timedelta(days=day)
        return f"{found:%a} {found.day} {found:%b} {found.year},"

    def bar(self, words: str) -> Locator:
        """The bars whose full words match."""
        return self.page.locator(".bar").and_(self.page.get_by_role("button", name=re.compile(words)))

    def lane(self, layer: str) -> Locator:
        return self.page.get_by_role("group", name=f"Layer {layer}", exact=True).locator(".lane")

    def panel(self, title: str) -> Locator:
        return self.page.get_by_role("dialog", name=title)

    def press(self, name: str, within: Locator | None = None) -> None:
        (within or self.page).get_by_role("button", name=name, exact=True).click()

    def save_layer(self, form: Locator) -> None:
        """Whether a rotation moves somebody within 14 days, which is asked about, hangs on the day of the run."""
        self.press("Save layer", form)
        self.say_yes(form, "Saved: layer")

    def say_yes(self, form: Locator, told: str) -> None:
        """Save all the same, if that is asked before `told`: it hangs on the day of the run who stands where."""
        anyway = form.get_by_role("button", name="Save all the same", exact=True)
        expect(anyway.or_(self.page.locator("[data-toast]", has_text=told)).first).to_be_visible()
        if anyway.is_visible():
            anyway.click()

    def told(self, words: str) -> None:
        expect(self.page.locator("[data-toast]")).to_contain_text(words)

    def drag(self, layer: str, start: float, end: float) -> None:
        """With the mouse over a layer's row, between days of the board (2.75 is Wednesday 18:00)."""
        box = self.lane(layer).bounding_box()
        assert box is not None
        y = box["y"] + 20
        self.page.mouse.move(box["x"] + box["width"] * start / SHOWN_DAYS, y)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * (start + end) / 2 / SHOWN_DAYS, y, steps=3)
        self.page.mouse.move(box["x"] + box["width"] * end / SHOWN_DAYS, y, steps=3)
        self.page.mouse.up()

    def cover(self, layer: str, person: str | None, start: str, end: str) -> Locator:
        """Fill in the form alone, and save; the panel."""
        self.press("Cover a time")
        panel = self.panel("Cover this time")
        panel.get_by_label("Layer").select_option(label=layer)
        if person is None:
            panel.get_by_text("on purpose").click()
        else:
            self.choose(panel, person)
        panel.get_by_label("From").fill(start)
        panel.get_by_label("To", exact=True).fill(end)
        self.press("Save", panel)
        return panel

    @staticmethod
    def choose(panel: Locator, person: str) -> None:
        """Their name may have a remark beside it, such as that they have time off."""
        option = panel.get_by_label("Person").locator("option", has_text=person)
        panel.get_by_label("Person").select_option(value=option.get_attribute("value"))

    def board(self, days: int = SHOWN_DAYS) -> Any:
        """What the server has, whatever the page shows."""
        return self.get(f"board.json?from={self.monday}&days={days}")

    def get(self, path: str) -> Any:
        answer = self.page.request.get(f"{self.url}/rosters/1/{path}")
        assert answer.ok, answer.text()
        return answer.json()

    def shifts(self, layer: str) -> list[tuple[str, str, list[str], str]]:
        """The server's shifts of a layer: from, to, who, and why."""
        board = self.board()
        names = {person["id"]: person["name"] for person in board["people"]}
        found = next(each for each in board["layers"] if each["name"] == layer)
        return [
            (each["start"], each["end"], [names[who] for who in each["people"]], each["why"])
            for each in found["shifts"]
        ]

    def faults(self) -> list[str]:
        """Serious faults of accessibility in what is shown now; of the board, what could not be judged is one too."""
        return axe.faults(self.page, axe.SERIOUS, unsure_within=self._plain_board())

    def faults_in_both_schemes(self) -> list[str]:
        """The same in the dark and in the light."""
        return axe.faults_in_both_schemes(self.page, axe.SERIOUS, unsure_within=self._plain_board())

    def _plain_board(self) -> str:
        """What can be judged once it has plain colours: the board, unless something lies on it."""
        self.page.evaluate(_PLAIN)
        return "" if self.page.locator("dialog[open]").count() else ".board"

    def overflow(self) -> int:
        """How many pixels stick out of the screen sideways."""
        return axe.overflow(self.page)


@contextmanager
def somebody_else_changes(demo: Demo) -> Iterator[None]:
    """While the block lasts, another change of rosters is under way and does not end."""
    with psycopg.connect(demo.database_url()) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [Lock.ROSTER_CHANGE])
        yield


# Who comes, and how, to the page that they come to.
Come: TypeAlias = Callable[..., RosterPage]
