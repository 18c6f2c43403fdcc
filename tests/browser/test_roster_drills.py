"""Drills in the browser: a manager tests a phone, its owner answers, and the panel tells what came of it."""

from pathlib import Path
from typing import Final

import pytest
import requests
from playwright.sync_api import Locator, expect

from tests.browser.demo import Demo
from tests.browser.desk import Desk
from tests.browser.roster_page import Come, RosterPage

GIULIA: Final = "+393471100101"


def press_test(roster: RosterPage, name: str) -> Locator:
    """Open the panel and test somebody."""
    roster.press("Drills")
    panel = roster.panel("Drills")
    panel.get_by_label("Test somebody's phone now").select_option(label=name)
    roster.press("Test now", panel)
    return panel


def results(panel: Locator) -> Locator:
    return panel.get_by_label("Results, newest first").get_by_role("listitem")


def fault(demo: Demo, number: str, **faults: object) -> None:
    answer = requests.post(f"{demo.url}/simulator/api/phones/{number}/faults", json=faults, timeout=60)
    assert answer.ok, answer.text


def test_a_phone_passes(come: Come, desk: Desk) -> None:
    roster = come()
    panel = press_test(roster, "Giulia Conti")
    phone = desk.phone(GIULIA)
    phone.is_("ringing")
    phone.hears("Nightline test, no customer is waiting.")
    entry = results(panel).first
    expect(entry).to_contain_text("Giulia ContiUnder way")
    phone.answer()
    phone.hears("This is a test call of the after-hours hotline.")
    phone.press("1")
    phone.hears("Thank you, all is well.")
    desk.go_on()
    expect(entry).to_contain_text("Giulia ContiPassed")
    expect(entry).to_contain_text("confirmed by key 1")
    expect(entry).to_contain_text("delivered")
    phone.el.locator('[data-reply^="OK "]').click()
    phone.hears("Your test text is confirmed.")
    roster.press("Close", panel)
    roster.press("Drills")
    expect(results(panel).first).to_contain_text("answered OK")


def test_a_failure_is_red_and_says_why(come: Come, demo: Demo) -> None:
    fault(demo, GIULIA, opted_out=True, reject="busy")
    roster = come()
    panel = press_test(roster, "Giulia Conti")
    entry = results(panel).first
    expect(entry).to_contain_text("Failed")
    expect(entry).to_contain_text("busy, or declined, one more try")
    expect(entry).to_contain_text("STOP was texted from that phone, so it gets no texts any more (21610)")
    red = panel.page.evaluate("getComputedStyle(document.querySelector('.drill-state')).color")
    assert red == panel.page.evaluate(
        "(() => { const el = document.createElement('i'); el.style.color = 'var(--danger)';"
        " document.body.append(el); return getComputedStyle(el).color; })()"
    )
    out_of_reach = panel.get_by_label("Out of reach").get_by_role("listitem")
    expect(out_of_reach).to_contain_text("Giulia ContiOut of reach")
    expect(out_of_reach).to_contain_text("(21610). Let them text START from that phone to the hotline's number;")
    assert roster.faults() == []
    roster.press("Close", panel)
    expect(roster.page.locator('[data-open="drills"]')).to_contain_text("1 failed, 1 out of reach")
    assert roster.faults() == []


def test_refusals_are_sentences(come: Come, demo: Demo) -> None:
    fault(demo, GIULIA, opted_out=True, reject="busy")
    roster = come()
    panel = press_test(roster, "Giulia Conti")
    expect(results(panel).first).to_contain_text("one more try")
    panel.get_by_label("Test somebody's phone now").select_option(label="Giulia Conti")
    roster.press("Test now", panel)
    expect(panel.get_by_role("alert")).to_have_text("Giulia Conti is being tested already: wait for the result.")
    panel.get_by_label("Test somebody's phone now").select_option("")
    roster.press("Test now", panel)
    expect(panel.locator(".wrong")).to_have_text("Fill this in first.")


def test_technicians_look_only(come: Come) -> None:
    roster = come("marco.bellini")
    roster.press("Drills")
    panel = roster.panel("Drills")
    expect(panel).to_contain_text("Each day at 16:00 whoever comes on call next gets a test call and a test text.")
    expect(panel).to_contain_text("Nobody has been tested yet.")
    expect(panel.get_by_role("button", name="Test now")).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True])
def test_the_panel_fits(come: Come, demo: Demo, tmp_path: Path, phone: bool) -> None:
    fault(demo, GIULIA, opted_out=True, reject="busy")
    roster = come(phone=phone)
    panel = press_test(roster, "Giulia Conti")
    expect(results(panel).first).to_contain_text("one more try")
    picture = tmp_path / "drills.png"
    roster.page.screenshot(path=picture)
    assert picture.stat().st_size > 0
    assert roster.overflow() == 0
    assert panel.evaluate("el => el.scrollWidth - el.clientWidth") == 0
    assert roster.faults_in_both_schemes() == []
