"""Every bar of the roster can be read: whoever has it, whatever made it, on any ground, in both themes and any week."""

from datetime import timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from tests.browser.roster_page import NEXT_MONDAY, Come, RosterPage
from tests.browser.windows import Scheme

LEAST_CONTRAST: Final = 4.5
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
# The rotation has come round after so many weeks.
PHASES: Final = 4
# Of all letters in bars: their contrast as they are, and under the mark of what is being selected. Colours are laid
# over each other by the browser itself, from the card up.
_CONTRASTS: Final = """() => {
    const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
    const context = canvas.getContext('2d', {willReadFrequently: true});
    const seen = (...colours) => {
        context.clearRect(0, 0, 1, 1);
        for (const colour of colours) {
            context.fillStyle = colour;
            context.fillRect(0, 0, 1, 1);
        }
        const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const lane = document.querySelector('.lane');
    const mark = lane.appendChild(Object.assign(document.createElement('div'), {className: 'selection'}));
    const over = getComputedStyle(mark).backgroundColor;
    mark.remove();
    const card = getComputedStyle(document.querySelector('.board')).backgroundColor;
    const differs = document.querySelector('.differs');
    const band = differs ? [getComputedStyle(differs).backgroundColor] : [];
    const found = [];
    for (const el of document.querySelectorAll('.who-bar, .old > div, .leave span')) {
        const { backgroundColor, color } = getComputedStyle(el);
        for (const below of [[card], [card, ...band]]) {
            const ground = [...below, backgroundColor];
            found.push({ words: el.textContent, plain: contrast(seen(...ground), seen(...ground, color)),
                selected: contrast(seen(...ground, over), seen(...ground, color, over)) });
        }
    }
    return found;
}"""

# Names of bars of which something lies on the letters (a grip, if fingers use it; a hatched edge; a picture), and bars
# whose grips leave a finger nothing of them. Letters are what is seen of them: what their bar cuts off is not.
_COVERED: Final = """(finger_px) => {
    const touch = matchMedia('(pointer: coarse)').matches;
    const within = (one, other) => ({ left: Math.max(one.left, other.left), right: Math.min(one.right, other.right) });
    const meets = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 0.5;
    const found = [];
    for (const bar of document.querySelectorAll('.bar')) {
        const grips = [...bar.querySelectorAll('.edge')].map((el) => el.getBoundingClientRect())
            .filter((box) => touch && box.width);
        const free = bar.getBoundingClientRect().width - grips.reduce((sum, box) => sum + box.width, 0);
        if (grips.length && free < finger_px) found.push(`${bar.ariaLabel}: ${free} px between its grips`);
        for (const line of bar.querySelectorAll('.who-bar')) {
            const name = line.querySelector(':scope > span');
            const range = document.createRange();
            range.selectNodeContents(name);
            const seen = [name, line].map((el) => el.getBoundingClientRect())
                .reduce(within, range.getBoundingClientRect());
            const on = [...grips, ...[...line.querySelectorAll('.icon')].map((el) => el.getBoundingClientRect())];
            const { left } = line.getBoundingClientRect();
            if (line.matches('.is-made')) on.push({ left, right: left + 7 });
            if (on.some((box) => meets(seen, box))) found.push(`${bar.ariaLabel}: something on ${name.textContent}`);
        }
    }
    return found;
}"""
FINGER_PX: Final = 24  # WCAG 2.2, success criterion 2.5.8


def fill(roster: RosterPage) -> None:
    """Bars of every kind, short and long, in two weeks from a Monday on."""
    for layer, person, start, end in (
        ("first", "Paolo Greco", roster.at(1, "00:00"), roster.at(3, "00:00")),
        ("backup", "Elena Moretti", roster.at(2, "00:00"), roster.at(2, "08:00")),
        ("first", None, roster.at(5, "00:00"), roster.at(6, "12:00")),
        ("first", None, roster.at(8, "06:00"), roster.at(8, "12:00")),
    ):
        expect(roster.cover(layer, person, start, end)).to_be_hidden()
        expect(roster.page.locator("[data-board]")).to_have_attribute("aria-busy", "false")
    panel = roster.cover("backup", None, roster.at(5, "12:00"), roster.at(7, "00:00"))
    roster.press("Save all the same", panel)
    expect(roster.page.locator(".band.gap").first).to_be_attached()
    *_, [name], _ = next(each for each in roster.shifts("first") if each[0] == roster.at(7, "18:00"))
    roster.press("Time off")
    panel = roster.panel("Time off")
    panel.get_by_label("Person").select_option(label=name)
    panel.get_by_label("From").fill(roster.at(9, "00:00"))
    panel.get_by_label("To", exact=True).fill(roster.at(12, "00:00"))
    roster.press("Add time off", panel)
    roster.told(f"{name} has time off")
    roster.page.keyboard.press("Escape")


def plan(roster: RosterPage) -> str:
    """A draft in which the backup's turns come in another order, so that it differs in whole weeks; its address."""
    roster.page.get_by_role("button", name="Drafts").click()
    panel = roster.panel("Drafts")
    panel.get_by_label("Name").fill("Another order")
    roster.press("Start from the live roster", panel)
    roster.page.wait_for_url("**/drafts/*")
    expect(roster.page.locator(".bar").first).to_be_visible()
    roster.press("Layers")
    roster.press("Edit layer backup")
    form = roster.panel("Layer backup")
    form.get_by_label("Sara Lombardi earlier").click()
    roster.save_layer(form)
    roster.told("Saved: layer backup. In the draft only.")
    return roster.page.url.split("?")[0]


def unreadable(roster: RosterPage) -> list[Any]:
    """In the dark and in the light."""
    found = []
    for scheme in SCHEMES:
        roster.page.emulate_media(color_scheme=scheme)
        judged = roster.page.evaluate(_CONTRASTS)
        assert judged
        found += [(scheme, each) for each in judged if min(each["plain"], each["selected"]) < LEAST_CONTRAST]
    return found


@pytest.mark.parametrize("phase", range(PHASES))
def test_every_kind_of_bar_can_be_read(come: Come, phase: int) -> None:
    roster = come(monday=NEXT_MONDAY + timedelta(weeks=phase))
    fill(roster)
    draft = plan(roster)
    for address in (f"{roster.url}/rosters/1", draft):
        roster.page.goto(address)
        expect(roster.page.locator(".bar").first).to_be_visible()
        for rows in ("layers", "people"):
            for back in (0, 3):  # ... and a part of them cut off at the edges of the board
                roster.turn_to(roster.monday - timedelta(days=back), rows=rows)
                assert unreadable(roster) == [], (address, rows, back)
                assert roster.faults_in_both_schemes() == [], (address, rows, back)


def test_what_is_over_can_be_read(come: Come) -> None:
    """On a phone, four weeks in one view: the bars are small, and today is among them."""
    roster = come(phone=True)
    fill(roster)
    for back in (1, 2, 3):
        roster.turn_to(roster.monday - timedelta(weeks=back), days=28)
        assert unreadable(roster) == []
        assert roster.faults_in_both_schemes() == []


@pytest.mark.parametrize("phone", [False, True])
def test_nothing_lies_on_a_name(come: Come, phone: bool) -> None:
    """At any scale, and along a bar of which only the end is in sight."""
    roster = come(phone=phone)
    fill(roster)
    for days in (7, 14, 28, 90):
        for rows in ("layers", "people"):
            roster.turn_to(roster.monday, days, rows)
            assert roster.page.evaluate(_COVERED, FINGER_PX) == [], (days, rows)
            for share in (0.1, 0.2, 0.25, 0.3, 0.5):
                roster.page.evaluate(
                    "(share) => { const el = document.querySelector('.board');"
                    " el.scrollLeft = el.scrollWidth * share; }",
                    share,
                )
                assert roster.page.evaluate(_COVERED, FINGER_PX) == [], (days, rows, share)
