"""Whatever leaves nobody behind somebody says so in amber, and a better choice is kept through the next question."""

import re
from dataclasses import replace
from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.roster_page import Come, RosterPage
from tests.browser.test_roster_panels import open_cover
from tests.browser.test_roster_questions import people_of, send


def amber(roster: RosterPage, words: str) -> None:
    roster.told(words)
    expect(roster.page.locator("[data-toast]")).to_contain_text("Nobody is behind Luca Ferri")
    expect(roster.page.locator("[data-toast]")).to_have_attribute("data-tone", "amber")


def test_whatever_leaves_nobody_behind_says_so(come: Come) -> None:
    """Time off, an edge that is pulled, an override removed, an undo, a layer; and each of them in a draft's words."""
    roster = come()
    names, _ = people_of(roster)
    roster.press("Time off")
    panel = roster.panel("Time off")
    roster.choose(panel, "Giulia Conti")
    panel.get_by_label("From").fill(roster.at(2, "00:00"))
    panel.get_by_label("To", exact=True).fill(roster.at(5, "00:00"))
    roster.press("Add time off", panel)
    amber(roster, "Giulia Conti has time off")

    roster.cover("backup", "Marco Bellini", roster.at(2, "00:00"), roster.at(5, "00:00"))
    roster.told("Saved: Marco Bellini covers")
    expect(roster.page.locator("[data-toast]")).to_have_attribute("data-tone", "good")
    roster.bar("Marco Bellini, layer backup.*override").hover()
    roster.drag("backup", 4.97, 4.0)
    amber(roster, "Saved: now")
    roster.bar("Marco Bellini, layer backup.*override").click()
    roster.press("Remove", roster.panel("Layer backup"))
    amber(roster, "Removed: the override")
    roster.page.locator("[data-undo]").click()
    roster.told("Undone: Removed")

    send(roster, "overrides", layer_id=2, person_id=names["Elena Moretti"], start=roster.at(4, "00:00"),
         end=roster.at(5, "00:00"), kind="replace", note="")  # fmt: skip
    roster.show()
    roster.page.locator("[data-undo]").click()
    amber(roster, "Undone: Elena Moretti covers")

    roster.press("Layers")
    roster.press("Edit layer backup")
    form = roster.panel("Layer backup")
    form.get_by_label("Until").fill(roster.at(6, "00:00"))
    roster.save_layer(form)
    amber(roster, "Saved: layer backup")


def test_a_draft_says_it_too(come: Come) -> None:
    roster = come()
    roster.page.get_by_role("button", name=re.compile("^Drafts")).click()
    panel = roster.panel("Drafts")
    panel.get_by_label("Name").fill("Summer plan")
    panel.get_by_role("button", name=re.compile("^Start from")).click()
    roster.page.wait_for_url("**/drafts/*")
    expect(roster.page.locator(".bar").first).to_be_visible()
    form = open_cover(roster)
    form.get_by_label("Layer").select_option(label="backup")
    form.get_by_label("From").fill(roster.at(1, "18:00"))
    form.get_by_label("To", exact=True).fill(roster.at(2, "09:00"))
    expect(form.locator("[data-replaced]")).to_have_text("Instead of Giulia Conti.")
    form.get_by_text("on purpose").click()
    roster.press("Save", form)
    amber(roster, "In the draft only.")
    expect(roster.page.locator("[data-draft-gaps] .thin-line")).to_contain_text("Nobody is behind Luca Ferri")


def test_a_better_choice_is_kept_through_the_next_question(come: Come) -> None:
    """An edge pulled into hours that are over and into time off: begun now instead, then saved all the same."""
    roster = come()
    today = replace(roster, monday=roster.monday - timedelta(days=1))
    today.show()
    names, _ = people_of(today)
    off = {"start": today.at(0, "06:00"), "end": today.at(0, "08:00")}
    send(today, "time-off", person_id=names["Elena Moretti"], note="", **off)
    today.cover("first", "Elena Moretti", today.at(0, "12:00"), today.at(3, "12:00"))
    today.told("Saved: Elena Moretti covers")
    today.bar("Elena Moretti, layer first").hover()
    today.drag("first", 0.52, 0.01)
    question = today.panel("Is this meant?")
    expect(question.locator(".question-part")).to_have_count(2)
    question.get_by_role("button", name=re.compile("^Begin now")).click()
    expect(question.locator(".question-part")).to_have_count(1)
    expect(question).to_contain_text("Elena Moretti has time off and would not be rung")
    today.press("Save all the same", question)
    today.told("Saved: now")
    [first] = [each for each in today.shifts("first") if each[2:] == (["Elena Moretti"], "override")][:1]
    assert today.at(0, "02:00") <= first[0] < today.at(0, "06:00")
