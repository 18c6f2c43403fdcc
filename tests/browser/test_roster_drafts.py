"""Drafts of a roster in the browser: planned beside the live roster, published, undone."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.roster_page import Come, RosterPage


def list_drafts(roster: RosterPage) -> None:
    """Open the list, once the board is there; the button says how many are open."""
    expect(roster.page.locator(".bar").first).to_be_visible()
    roster.page.get_by_role("button", name=re.compile("^Drafts")).click()


def cover(roster: RosterPage, layer: str, person: str | None, start: str, end: str) -> None:
    """Cover a time in the draft, to the end of it."""
    expect(roster.cover(layer, person, start, end)).to_be_hidden()
    roster.told("In the draft only.")
    expect(roster.page.locator("[data-board]")).to_have_attribute("aria-busy", "false")


def start(roster: RosterPage, name: str = "Summer plan") -> str:
    """A new draft, open on the page; its address."""
    list_drafts(roster)
    panel = roster.panel("Drafts")
    panel.get_by_label("Name").fill(name)
    roster.press("Start from the live roster", panel)
    roster.page.wait_for_url("**/drafts/*")
    expect(roster.page.locator(".bar").first).to_be_visible()
    return roster.page.url


def turn_round(roster: RosterPage) -> None:
    """In the backup's rotation Sara comes one turn earlier."""
    roster.press("Layers")
    roster.press("Edit layer backup")
    form = roster.panel("Layer backup")
    form.get_by_label("Sara Lombardi earlier").click()
    roster.save_layer(form)
    roster.told("Saved: layer backup. In the draft only.")
    expect(roster.page.locator("#layers")).to_be_visible()
    roster.page.keyboard.press("Escape")


def in_force(roster: RosterPage, layer: str) -> Locator:
    return roster.page.get_by_role("group", name=f"Layer {layer}, live", exact=True)


def summary(roster: RosterPage) -> Locator:
    return roster.page.get_by_label("What the draft would change")


def test_planned_beside_what_is_in_force_then_real_then_undone(come: Come) -> None:
    roster = come()
    before = roster.shifts("first"), roster.shifts("backup")
    start(roster)
    expect(roster.page.get_by_role("heading", name="Summer plan")).to_be_visible()
    expect(roster.page.get_by_role("button", name="Publish")).to_be_disabled()
    expect(summary(roster)).to_contain_text("No hour changes hands")
    turn_round(roster)
    roster.cover("first", "Paolo Greco", roster.at(2, "18:00"), roster.at(4, "09:00"))
    roster.told("Saved: Paolo Greco covers")
    for layer in ("first", "backup"):
        cover(roster, layer, None, roster.at(5, "00:00"), roster.at(6, "12:00"))

    # The draft's lane, the live roster beneath it, and the time marked in which they differ.
    expect(roster.bar("Paolo Greco, layer first")).to_be_visible()
    expect(in_force(roster, "first")).to_contain_text("Luca Ferri")
    expect(in_force(roster, "first")).not_to_contain_text("Paolo")
    span = f"{roster.words(2)} 18:00 to {roster.words(4)} 09:00"
    expect(roster.page.get_by_role("img", name=f"{span}: Paolo Greco instead of Luca Ferri")).to_be_visible()
    expect(summary(roster)).to_contain_text(re.compile(r"39 h\s*Luca Ferri→Paolo Greco"))
    expect(summary(roster).get_by_role("row", name="Paolo Greco")).to_contain_text("+39 h")
    gaps = roster.page.get_by_label("Hours without anybody in the next 30 days")
    expect(gaps).to_contain_text(
        f"Would open a gap: Nobody for america, europe, middle east, {roster.words(5)} 00:00 to {roster.words(6)} 12:00"
    )
    assert (roster.shifts("first"), roster.shifts("backup"), roster.board()["gaps"]) == (*before, [])

    roster.press("Publish")
    roster.press("Publish", roster.panel("Publish “Summer plan”?"))
    question = roster.panel("This opens a gap")
    expect(question).to_contain_text("Nobody would be on call in america")
    roster.press("Back", question)
    assert (roster.shifts("first"), roster.shifts("backup")) == before
    roster.press("Publish")
    roster.press("Publish", roster.panel("Publish “Summer plan”?"))
    roster.press("Save all the same", roster.panel("This opens a gap"))
    roster.told("“Summer plan” is published.")
    assert not roster.page.url.split("?")[0].endswith("/drafts/1")
    assert (roster.at(2, "18:00"), roster.at(4, "09:00"), ["Paolo Greco"], "override") in roster.shifts("first")
    assert roster.board()["gaps"] != []

    undo = roster.page.locator("[data-undo]")
    expect(undo).to_contain_text("Undo: Draft “Summer plan” published: Paolo Greco covers in first")
    undo.click()
    # The rotation began long ago: what it says of the past is pay.
    question = roster.panel("Is this meant?")
    expect(question).to_contain_text("This changes hours that are over, and so the hours for payroll")
    roster.press("Save all the same", question)
    roster.told("Undone")
    assert (roster.shifts("first"), roster.shifts("backup"), roster.board()["gaps"]) == (*before, [])
    list_drafts(roster)
    roster.page.get_by_role("link", name="Summer plan").click()
    expect(roster.bar("Paolo Greco, layer first")).to_be_visible()
    expect(roster.page.get_by_role("button", name="Publish")).to_be_enabled()


def test_undone_step_by_step_and_discarded(come: Come) -> None:
    roster = come()
    start(roster)
    turn_round(roster)
    roster.drag("first", 2.75, 4.375)
    panel = roster.panel("Cover this time")
    expect(panel.get_by_label("From")).to_have_value(roster.at(2, "18:00"))
    panel.get_by_label("Person").select_option(label="Paolo Greco")
    roster.press("Save", panel)
    roster.told("Saved: Paolo Greco covers")
    undo = roster.page.locator("[data-undo]")
    expect(undo).to_contain_text("Undo: Paolo Greco covers in first")
    undo.click()
    expect(roster.bar("Paolo Greco, layer first")).to_have_count(0)
    expect(undo).to_contain_text("Undo: Layer backup changed")
    undo.click()
    expect(undo).to_be_disabled()
    expect(roster.page.locator(".differs")).to_have_count(0)
    roster.press("History")
    history = roster.panel("History of this draft")
    expect(history.locator(".is-undone")).to_have_count(2)
    expect(history).to_contain_text("Begun as a copy of the live roster")
    roster.page.keyboard.press("Escape")

    roster.press("Discard")
    roster.press("Back", roster.panel("Discard “Summer plan”?"))
    roster.press("Discard")
    roster.press("Discard the draft", roster.panel("Discard “Summer plan”?"))
    roster.told("“Summer plan” is discarded")
    list_drafts(roster)
    closed = roster.panel("Drafts").get_by_role("listitem").filter(has_text="Summer plan")
    expect(closed).to_contain_text("Discarded by Paolo Greco")
    closed.get_by_role("link").click()
    expect(roster.page.get_by_text("Closed draft")).to_be_visible()
    expect(roster.page.get_by_role("button", name="Cover a time")).to_have_count(0)


def test_what_is_in_the_way_is_named_and_taken_over(come: Come) -> None:
    roster = come()
    address = start(roster)
    roster.cover("first", "Paolo Greco", roster.at(2, "18:00"), roster.at(4, "09:00"))
    roster.told("Saved")
    turn_round(roster)
    roster.show()
    roster.cover("first", "Elena Moretti", roster.at(3, "00:00"), roster.at(3, "12:00"))
    roster.told("Saved: Elena Moretti covers")
    roster.page.goto(address)
    alert = roster.page.get_by_role("alert").filter(has_text="The live roster has moved on")
    expect(alert).to_contain_text("Live by now: Elena Moretti covers in first")
    expect(alert).to_contain_text("(by Paolo Greco,")
    expect(roster.bar("Paolo Greco, layer first")).to_be_visible()
    expect(roster.page.get_by_role("button", name="Publish")).to_be_disabled()
    roster.press("Take over the live roster")
    roster.told("Taken over")
    expect(alert).to_be_hidden()
    expect(roster.bar("Elena Moretti, layer first")).to_be_visible()
    expect(summary(roster)).to_contain_text("Layer backup changed")
    roster.page.locator("[data-undo]").click()
    expect(alert).to_be_visible()


def test_who_comes_second_sees_the_draft_as_it_is_and_loses_nothing_typed(come: Come) -> None:
    roster, other = come(), come()
    address = start(roster)
    other.page.goto(address)
    expect(other.page.locator(".bar").first).to_be_visible()
    roster.cover("first", "Paolo Greco", roster.at(2, "18:00"), roster.at(4, "09:00"))
    roster.told("Saved")
    panel = other.cover("backup", "Elena Moretti", roster.at(2, "18:00"), roster.at(4, "09:00"))
    expect(panel.get_by_role("alert")).to_contain_text("has changed this draft meanwhile: Paolo Greco covers in first")
    expect(other.bar("Paolo Greco, layer first")).to_be_attached()
    expect(panel.get_by_label("Person").locator("option:checked")).to_have_text("Elena Moretti")
    other.press("Save", panel)
    other.told("Saved: Elena Moretti covers")


def test_layers_that_only_one_side_has(come: Come) -> None:
    roster = come()
    start(roster)
    roster.press("Layers")
    roster.press("Add a layer")
    form = roster.panel("New layer")
    form.get_by_label("Name").fill("night watch")
    form.get_by_label("Add a turn of").select_option(label="Elena Moretti")
    roster.press("Save layer", form)
    roster.told("Saved: layer night watch")
    expect(roster.page.locator("#layers")).to_be_visible()
    roster.press("Remove layer backup")
    roster.press("Remove the layer")
    roster.told("Removed: layer backup")
    expect(in_force(roster, "night watch")).to_have_text("Not in the live roster")
    gone = roster.page.get_by_role("group", name="Layer backup, not in the draft", exact=True)
    expect(gone).to_contain_text("Not in the draft")
    expect(in_force(roster, "backup")).to_contain_text("Giulia Conti")
    expect(summary(roster)).to_contain_text("Layer backup removed")
    expect(summary(roster)).to_contain_text("Layer night watch added")
    assert [layer["name"] for layer in roster.board()["layers"]] == ["first", "backup"]


def test_whoever_only_looks_sees_it_and_is_offered_no_change(come: Come) -> None:
    address = start(come())
    roster = come("viewer")
    list_drafts(roster)
    expect(roster.panel("Drafts").get_by_label("Name")).to_have_count(0)
    roster.page.get_by_role("link", name="Summer plan").click()
    roster.page.wait_for_url(address.split("?")[0] + "*")
    expect(roster.page.locator(".bar").first).to_be_visible()
    for name in ("Publish", "Discard", "Cover a time", "Layers"):
        expect(roster.page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    roster.bar("layer first").nth(1).click()
    expect(roster.panel("Layer first").locator("[data-actions] button")).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True])
def test_no_serious_fault_and_nothing_sticks_out(come: Come, phone: bool) -> None:
    roster = come(phone=phone)
    address = start(roster)
    assert (roster.overflow(), roster.faults_in_both_schemes()) == (0, [])
    turn_round(roster)
    for layer in ("first", "backup"):
        cover(roster, layer, None, roster.at(5, "00:00"), roster.at(6, "12:00"))
    roster.page.evaluate("document.querySelector('[data-board]').scrollTo(500, 0)")
    assert (roster.overflow(), roster.faults_in_both_schemes()) == (0, [])
    roster.page.goto(address.replace("rows=layers", "rows=people"))
    expect(roster.page.locator(".bar").first).to_be_visible()
    assert (roster.overflow(), roster.faults_in_both_schemes()) == (0, [])
    for name in ("Other drafts", "History", "Layers", "Publish"):
        roster.page.get_by_role("button", name=name, exact=True).click()
        expect(roster.page.locator("dialog[open]")).to_be_visible()
        assert (roster.overflow(), roster.faults_in_both_schemes()) == (0, []), name
        roster.page.keyboard.press("Escape")
    roster.show()
    roster.cover("first", "Luca Ferri", roster.at(5, "00:00"), roster.at(5, "12:00"))
    roster.told("Saved")
    expect(roster.page.locator("[data-undo]")).to_be_visible()
    expect(roster.page.get_by_role("button", name="Drafts 1 open")).to_be_attached()
    assert (roster.overflow(), roster.faults_in_both_schemes()) == (0, [])
    roster.page.goto(address)
    expect(roster.page.get_by_role("button", name="Take over the live roster")).to_be_visible()
    assert (roster.overflow(), roster.faults_in_both_schemes()) == (0, [])
