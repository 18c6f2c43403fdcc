"""Two who change the same roster: whoever comes second is told so, and loses nothing typed."""

import re

from playwright.sync_api import expect

from tests.browser.demo import Demo
from tests.browser.roster_page import Come, somebody_else_changes


def test_who_comes_second_loses_nothing_typed(come: Come) -> None:
    roster = come()
    roster.cover("first", "Luca Ferri", roster.at(1, "10:00"), roster.at(1, "20:00"))
    roster.told("Saved: Luca Ferri covers")
    panel = roster.cover("first", "Sara Lombardi", roster.at(1, "12:00"), roster.at(1, "22:00"))
    expect(panel.get_by_role("alert")).to_contain_text("Luca Ferri covers in first already")
    expect(panel.get_by_label("Person").locator("option:checked")).to_have_text(re.compile("^Sara Lombardi"))
    expect(panel.get_by_label("To", exact=True)).to_have_value(roster.at(1, "22:00"))
    panel.get_by_label("To", exact=True).fill(roster.at(0, "22:00"))
    roster.press("Save", panel)
    wrong = panel.get_by_label("To", exact=True)
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_accessible_description("It must end after it starts.")


def test_nothing_typed_is_lost_while_somebody_else_changes_rosters(come: Come, demo_process: Demo) -> None:
    """A change waits for another one for three seconds; then the form says so, and saves when it is sent again."""
    busy = re.compile("^Somebody else is changing rosters at this moment, so nothing of yours is saved yet")
    roster = come()
    with somebody_else_changes(demo_process):
        panel = roster.cover("first", "Luca Ferri", roster.at(1, "10:00"), roster.at(1, "20:00"))
        expect(panel.get_by_role("alert")).to_have_text(busy)
    expect(panel.get_by_label("Person").locator("option:checked")).to_have_text(re.compile("^Luca Ferri"))
    expect(panel.get_by_label("To", exact=True)).to_have_value(roster.at(1, "20:00"))
    roster.press("Save", panel)
    roster.told("Saved: Luca Ferri covers")

    roster.press("Layers")
    roster.press("Edit layer backup")
    form = roster.panel("Layer backup")
    form.get_by_label("How many").fill("2")
    with somebody_else_changes(demo_process):
        roster.press("Save layer", form)
        expect(form.get_by_role("alert")).to_have_text(busy)
    expect(form.get_by_label("How many")).to_have_value("2")
    form.get_by_label("How many").fill("1")
    roster.press("Save layer", form)
    roster.told("Saved: layer backup")
    with somebody_else_changes(demo_process):
        list_ = roster.page.get_by_role("dialog", name="Layers, in the order in which they are rung")
        roster.press("Ring first later", list_)
        expect(list_.get_by_role("alert")).to_have_text(busy)
    roster.page.keyboard.press("Escape")

    roster.press("Time off")
    panel = roster.panel("Time off")
    roster.choose(panel, "Sara Lombardi")
    panel.get_by_label("Note").fill("the mountains")
    with somebody_else_changes(demo_process):
        roster.press("Add time off", panel)
        expect(panel.get_by_role("alert")).to_have_text(busy)
    expect(panel.get_by_label("Note")).to_have_value("the mountains")
    expect(panel.get_by_label("Person").locator("option:checked")).to_have_text(re.compile("^Sara Lombardi"))
    roster.page.keyboard.press("Escape")
    roster.press("Throw it away", roster.panel("Leave without saving?"))
    assert roster.board()["time_off"] == []


def test_layer_that_somebody_else_has_changed_meanwhile(come: Come) -> None:
    """What was typed stays; what is there now takes its place when it is asked for, and can be saved."""
    roster, other = come(), come()
    for each in (roster, other):
        each.press("Layers")
        each.press("Edit layer backup")
    theirs, mine = other.panel("Layer backup"), roster.panel("Layer backup")
    theirs.get_by_label("How many").fill("2")
    other.save_layer(theirs)
    other.told("Saved: layer backup")
    mine.get_by_label("Name").fill("second line")
    roster.press("Save layer", mine)
    expect(mine.get_by_role("alert")).to_contain_text("Paolo Greco has changed this layer meanwhile")
    expect(mine.get_by_label("Name")).to_have_value("second line")
    assert [each["name"] for each in roster.get("layers.json")["layers"]] == ["first", "backup"]
    roster.press("Load as it is now", mine)
    expect(mine.get_by_label("How many")).to_have_value("2")
    expect(mine.get_by_label("Name")).to_have_value("backup")
    expect(mine.get_by_role("alert")).to_have_count(0)
    roster.press("Save layer", mine)
    roster.told("Saved: layer backup")
    other.press("Ring backup earlier")
    other.told("Saved: backup is number 1 now.")
    list_ = roster.page.get_by_role("dialog", name="Layers, in the order in which they are rung")
    roster.press("Ring first later", list_)
    expect(list_.get_by_role("alert")).to_contain_text("Paolo Greco has changed this layer meanwhile")
    expect(list_.locator("li b")).to_have_text(["backup", "first"])
    roster.press("Ring backup later", list_)
    roster.told("Saved: backup is number 2 now.")
    layers = roster.get("layers.json")["layers"]
    assert [(each["name"], each["rotations"][0]["every"]) for each in layers] == [
        ("first", "1 week"),
        ("backup", "2 weeks"),
    ]
    roster.press("Edit layer backup")
    mine.get_by_label("How many").fill("1")
    roster.save_layer(mine)
    roster.told("Saved: layer backup")


def test_override_that_somebody_else_has_changed_meanwhile(come: Come) -> None:
    roster, other = come(), come()
    roster.cover("first", "Luca Ferri", roster.at(1, "10:00"), roster.at(1, "20:00"))
    roster.told("Saved: Luca Ferri covers")
    other.show()
    for each in (roster, other):
        each.bar(f"Luca Ferri, layer first, {each.words(1)} 10:00").click()
        each.press("Change", each.panel("Layer first"))
    theirs, mine = other.panel("Change the override"), roster.panel("Change the override")
    theirs.get_by_label("To", exact=True).fill(roster.at(1, "22:00"))
    other.press("Save", theirs)
    other.told("Saved: Luca Ferri covers")
    mine.get_by_label("Note").fill("the dentist")
    roster.press("Save", mine)
    expect(mine.get_by_role("alert")).to_contain_text("Paolo Greco has changed this override meanwhile")
    expect(mine.get_by_label("Note")).to_have_value("the dentist")
    roster.press("Load as it is now", mine)
    expect(mine.get_by_label("To", exact=True)).to_have_value(roster.at(1, "22:00"))
    expect(mine.get_by_label("Note")).to_have_value("")
    mine.get_by_label("Note").fill("the dentist")
    roster.press("Save", mine)
    expect(mine).to_have_count(0)
    [kept] = [each for each in roster.board()["layers"][0]["shifts"] if each["override_id"] is not None]
    assert (kept["end"], kept["note"]) == (roster.at(1, "22:00"), "the dentist")
