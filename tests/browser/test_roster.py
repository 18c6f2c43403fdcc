"""Rosters edited in the browser, against everything that `make run` starts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.roster_page import Come, RosterPage


def test_new_layer_with_a_rotation(come: Come) -> None:
    roster = come()
    roster.press("Layers")
    roster.press("Add a layer")
    form = roster.panel("New layer")
    form.get_by_label("Name").fill("night watch")
    form.get_by_label("First handoff").fill(roster.at(0, "08:00"))
    form.get_by_label("How many").fill("2")
    form.get_by_label("Unit").select_option("day")
    for name in ("Sara Lombardi", "Luca Ferri"):
        form.get_by_label("Add a turn of").select_option(label=name)
    form.get_by_label("Somebody with Sara Lombardi in this turn").select_option(label="Elena Moretti")
    form.get_by_label("Luca Ferri earlier").click()
    expect(form.locator("[data-summary]")).to_contain_text(
        "Luca Ferri and Sara Lombardi with Elena Moretti in turn, 2 days each"
    )
    roster.press("Save layer", form)
    roster.told("Saved: layer night watch")

    layer = roster.get("layers.json")["layers"][-1]
    names = {person["id"]: person["name"] for person in roster.board()["people"]}
    turns = [[names[who] for who in turn] for turn in layer["rotations"][0]["turns"]]
    assert (layer["name"], turns) == ("night watch", [["Luca Ferri"], ["Sara Lombardi", "Elena Moretti"]])
    assert (layer["rotations"][0]["every"], layer["rotations"][0]["start"]) == ("2 days", roster.at(0, "08:00"))
    expect(roster.lane("night watch").locator(".bar").nth(1)).to_have_accessible_name(
        f"Luca Ferri, layer night watch, {roster.words(0)} 08:00 to {roster.words(2)} 08:00, rotation"
    )


def test_rotation_without_people_is_refused_beside_it(come: Come) -> None:
    roster = come()
    roster.press("Layers")
    roster.press("Add a layer")
    form = roster.panel("New layer")
    form.get_by_label("Name").fill("first")
    roster.press("Save layer", form)
    expect(form.locator(".rotation > .wrong")).to_have_text("Add at least one person, or remove this rotation.")
    form.get_by_label("Add a turn of").select_option(label="Luca Ferri")
    roster.press("Save layer", form)
    expect(form.get_by_role("alert")).to_contain_text("There is a layer first already")
    expect(form.get_by_label("Name")).to_have_value("first")


def test_dragged_override_its_edge_and_undo(come: Come) -> None:
    roster = come()
    before = roster.shifts("first")
    roster.drag("first", 2.75, 4.375)
    panel = roster.panel("Cover this time")
    expect(panel.get_by_label("From")).to_have_value(roster.at(2, "18:00"))
    expect(panel.get_by_label("To", exact=True)).to_have_value(roster.at(4, "09:00"))
    roster.choose(panel, "Paolo Greco")
    panel.get_by_label("Note").fill("a wedding")
    roster.press("Save", panel)
    roster.told("Saved: Paolo Greco covers")
    assert (roster.at(2, "18:00"), roster.at(4, "09:00"), ["Paolo Greco"], "override") in roster.shifts("first")

    override = roster.bar("Paolo Greco, layer first")
    expect(override).to_have_attribute("data-made", "override")
    override.hover()
    roster.drag("first", 4.36, 5.0)
    roster.told("Saved: now")
    assert (roster.at(2, "18:00"), roster.at(5, "00:00"), ["Paolo Greco"], "override") in roster.shifts("first")

    roster.bar("Paolo Greco, layer first").click()
    details = roster.panel("Layer first")
    expect(details).to_contain_text("Override by Paolo Greco")
    expect(details).to_contain_text("a wedding")
    roster.page.keyboard.press("Escape")

    undo = roster.page.locator("[data-undo]")
    expect(undo).to_contain_text("Undo: Paolo Greco covers in first")
    undo.click()
    roster.told("Undone")
    expect(undo).not_to_contain_text("(before")
    assert (roster.at(2, "18:00"), roster.at(4, "09:00"), ["Paolo Greco"], "override") in roster.shifts("first")
    undo.click()
    expect(roster.bar("Paolo Greco, layer first")).to_have_count(0)
    assert roster.shifts("first") == before
    roster.press("History")
    expect(roster.panel("History").locator(".is-undone")).to_have_count(2)


def test_gap_is_spelled_out_before_it_is_saved(come: Come) -> None:
    roster = come()
    start, end = roster.at(5, "00:00"), roster.at(6, "12:00")
    roster.cover("first", None, start, end)
    roster.told("Saved: nobody, on purpose")
    panel = roster.cover("backup", None, start, end)
    expect(panel.get_by_role("alert")).to_contain_text("Nobody would be on call in")
    assert roster.board()["gaps"] == []

    roster.press("Back", panel)
    expect(panel.get_by_label("From")).to_have_value(start)
    roster.press("Save", panel)
    roster.press("Save all the same", panel)
    expect(roster.page.locator(".band.gap")).to_have_count(1)
    assert roster.board()["gaps"] != []
    gaps = roster.page.get_by_label("Hours without anybody")
    expect(gaps).to_contain_text(
        f"Nobody for america, europe, middle east: {roster.words(5)} 00:00 to {roster.words(6)} 12:00"
    )


def test_time_off_strikes_the_name_through(come: Come) -> None:
    roster = come()
    *_, [name], _ = next(each for each in roster.shifts("first") if each[0] == roster.at(0, "18:00"))
    roster.press("Time off")
    panel = roster.panel("Time off")
    roster.choose(panel, name)
    panel.get_by_label("From").fill(roster.at(2, "00:00"))
    panel.get_by_label("To", exact=True).fill(roster.at(4, "00:00"))
    panel.get_by_label("Note").fill("the mountains")
    roster.press("Add time off", panel)
    roster.told(f"{name} has time off")
    conflict = roster.bar(rf"^Nobody, {name} \(has time off\), layer first, {roster.words(2)} 00:00")
    struck = conflict.locator(".is-absent > span")
    expect(struck).to_have_css("text-decoration-line", "line-through")

    roster.show(rows="people")
    band = roster.page.locator(".leave")
    expect(band).to_have_accessible_name(
        f"{name} has time off, {roster.words(2)} 00:00 to {roster.words(4)} 00:00, the mountains"
    )
    band.click()
    roster.page.get_by_role("button", name=f"Remove the time off of {name}").click()
    roster.told("Removed: the time off")
    expect(band).to_have_count(0)
    assert roster.board()["time_off"] == []


def test_swap_of_two_people(come: Come) -> None:
    giulia = come("giulia.conti")
    giulia.press("Swaps")
    form = giulia.panel("Swaps")
    form.get_by_label("Colleague who takes it").select_option(label="Marco Bellini")
    mine, theirs = form.get_by_label("Shift of mine"), form.get_by_label("In return I take")
    mine.select_option(index=0)
    theirs.select_option(index=1)
    wanted = mine.locator("option:checked").inner_text()
    giulia.press("Ask for the swap", form)
    giulia.told("Asked.")
    assert [swap["state"] for swap in giulia.board()["swaps"]] == ["proposed"]

    marco = come("marco.bellini")
    button = marco.page.get_by_role("button", name=re.compile("^Swaps"))
    expect(button.locator(".count")).to_have_text("1")
    button.click()
    list_ = marco.panel("Swaps").get_by_role("list")
    expect(list_).to_contain_text(f"Marco Bellini takes {wanted.split(',')[0]}")
    marco.press("Accept", list_)
    question = marco.panel("Is this meant?")
    expect(question.or_(marco.page.locator("[data-toast]", has_text="agreed")).first).to_be_visible()
    if question.is_visible():
        marco.press("Save all the same", question)
    marco.told("The swap is agreed.")
    long = marco.board(days=90)
    swapped = [shift for layer in long["layers"] for shift in layer["shifts"] if shift["swap_id"] is not None]
    names = {person["id"]: person["name"] for person in long["people"]}
    assert sorted(names[shift["people"][0]] for shift in swapped) == ["Giulia Conti", "Marco Bellini"]

    giulia.show()
    giulia.press("Swaps")
    giulia.press("Cancel the swap")
    giulia.told("The swap is cancelled.")
    assert giulia.board()["swaps"] == []


def test_whoever_only_looks_is_offered_no_change(come: Come) -> None:
    roster = come("viewer")
    expect(roster.page.get_by_role("button", name="Cover a time")).to_have_count(0)
    roster.drag("first", 2.75, 4.0)
    expect(roster.panel("Cover this time")).to_have_count(0)
    roster.page.keyboard.press("Escape")
    roster.bar("layer first").nth(1).click()
    details = roster.panel("Layer first")
    expect(details).to_contain_text("Rotation")
    expect(details.locator("[data-actions] button")).to_have_count(0)


def test_by_keyboard_alone(come: Come) -> None:
    roster = come()
    keyboard, page = roster.page.keyboard, roster.page
    bars = roster.lane("first").locator(".bar")
    page.get_by_label("People").focus()
    keyboard.press("Tab")
    while page.evaluate("document.activeElement.closest('.board') === null"):
        keyboard.press("Tab")
    keyboard.press("Home")
    expect(bars.first).to_be_focused()
    keyboard.press("ArrowRight")
    expect(bars.nth(1)).to_be_focused()
    keyboard.press("ArrowDown")
    expect(roster.lane("backup").locator(".bar").nth(1)).to_be_focused()
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    expect(roster.panel("Layer first")).to_be_visible()
    keyboard.press("Escape")
    expect(roster.panel("Layer first")).to_have_count(0)
    expect(bars.nth(1)).to_be_focused()
    keyboard.press("Enter")
    roster.press("Cover a part", roster.panel("Layer first"))
    expect(page.get_by_role("slider", name="Beginning")).to_be_focused()
    keyboard.press("ArrowRight")
    expect(page.get_by_role("slider", name="Beginning")).to_have_attribute("aria-valuetext", f"{roster.words(0)} 18:30")


def test_by_thumb_on_a_phone(come: Come) -> None:
    roster = come(phone=True)
    assert roster.overflow() == 0
    shift = roster.lane("first").locator(".bar").nth(1)
    shift.tap()
    roster.panel("Layer first").get_by_role("button", name="Cover a part").tap()
    end = roster.page.get_by_role("slider", name="End")
    expect(end).to_have_attribute("aria-valuetext", f"{roster.words(1)} 00:00")
    box = end.bounding_box()
    assert box is not None
    _slide(roster, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 92 / 2)
    expect(end).to_have_attribute("aria-valuetext", f"{roster.words(1)} 12:00")
    roster.page.get_by_role("button", name="Cover this time").tap()
    panel = roster.panel("Cover this time")
    expect(panel.get_by_label("To", exact=True)).to_have_value(roster.at(1, "12:00"))
    roster.choose(panel, "Elena Moretti")
    panel.get_by_role("button", name="Save", exact=True).tap()
    roster.told("Saved: Elena Moretti covers")
    assert (roster.at(0, "18:00"), roster.at(1, "12:00"), ["Elena Moretti"], "override") in roster.shifts("first")
    assert roster.overflow() == 0


@pytest.mark.parametrize("phone", [False, True])
def test_no_serious_fault_of_accessibility(come: Come, phone: bool) -> None:
    roster = come(phone=phone)
    roster.cover("first", None, roster.at(5, "00:00"), roster.at(6, "12:00"))
    roster.told("Saved")
    panel = roster.cover("backup", None, roster.at(5, "00:00"), roster.at(6, "12:00"))
    expect(panel.get_by_role("alert")).to_be_visible()
    assert roster.faults_in_both_schemes() == []
    roster.press("Save all the same", panel)
    expect(roster.page.locator(".band.gap")).to_have_count(1)
    assert roster.faults_in_both_schemes() == []
    roster.show(rows="people")
    assert roster.faults_in_both_schemes() == []
    for name in ("Time off", "Swaps", "History", "Who is rung at…", "Layers"):
        roster.page.get_by_role("button", name=name, exact=True).click()
        expect(roster.page.locator("dialog[open]")).to_be_visible()
        assert roster.faults_in_both_schemes() == [], name
        if name != "Layers":
            roster.page.keyboard.press("Escape")
    roster.press("Edit layer first")
    roster.press("Add hours")
    assert roster.faults_in_both_schemes() == []


def test_asked_who_would_be_rung(come: Come) -> None:
    roster = come()
    *_, [name], _ = next(each for each in roster.shifts("first") if each[0] == roster.at(0, "18:00"))
    roster.press("Who is rung at…")
    panel = roster.panel("Who would be rung at…")
    panel.get_by_label("Date and time").fill(roster.at(3, "02:30"))
    panel.get_by_label("Region of the customer").select_option(label="europe")
    roster.press("Show", panel)
    expect(panel.locator(".rings li").first).to_have_text(re.compile(f"^at once{name}"))
    expect(panel).to_contain_text("After hours")


def test_asked_for_a_customer_and_a_priority(come: Come) -> None:
    """In staffed hours the office comes first; whoever has no right is turned away; what can wait rings nobody."""
    roster = come()
    roster.press("Who is rung at…")
    panel = roster.panel("Who would be rung at…")
    customer, priority = panel.get_by_label("Customer", exact=True), panel.get_by_label("Priority of the problem")
    customer.select_option(label="St. Anna Hospital")
    expect(panel.get_by_label("Region of the customer")).to_be_hidden()
    panel.get_by_label("Date and time").fill(roster.at(0, "11:00"))
    roster.press("Show", panel)
    expect(panel.locator(".rings li").first).to_have_text("at onceThe office+390584943232, 25 s")
    expect(panel.locator(".rings time").nth(1)).to_have_text("after 25 s")
    priority.select_option("P3")
    roster.press("Show", panel)
    expect(panel.locator(".rings li")).to_have_count(1)
    expect(panel.locator(".answer")).to_contain_text("nobody is rung for P3: the caller can leave a message")
    customer.select_option(label="Alpine Logistics")
    roster.press("Show", panel)
    expect(panel.locator(".answer")).to_contain_text("Alpine Logistics would be turned away, and nobody rung.")
    expect(panel.locator(".answer")).to_contain_text("The plan is not Platinum.")
    assert roster.faults() == []
    viewer = come("viewer")
    viewer.press("Who is rung at…")
    expect(viewer.panel("Who would be rung at…").get_by_label("Customer", exact=True)).to_have_count(0)


def _slide(roster: RosterPage, x: float, y: float, far: float) -> None:
    """One finger, from there to the right, where it rests: lifted in full swing, it would throw, and the browser would
    take the next tap for catching what was thrown.
    """
    devtools = roster.page.context.new_cdp_session(roster.page)
    way = (("touchStart", x), ("touchMove", x + far / 2), ("touchMove", x + far), ("touchMove", x + far))
    for kind, at in way:
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at, "y": y}]})
        roster.page.wait_for_timeout(100)
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_override_cut_by_the_board_keeps_its_beginning(come: Come) -> None:
    roster = come()
    roster.cover("first", "Paolo Greco", roster.at(12, "00:00"), roster.at(16, "12:00"))
    roster.told("Saved: Paolo Greco covers")
    override = roster.bar("Paolo Greco, layer first")
    expect(override).to_have_class(re.compile("cut-after"))
    roster.drag("first", 12.02, 13.0)
    roster.told("Saved: now")
    override.click()
    roster.press("Change", roster.panel("Layer first"))
    panel = roster.panel("Change the override")
    expect(panel.get_by_label("From")).to_have_value(roster.at(13, "00:00"))
    expect(panel.get_by_label("To", exact=True)).to_have_value(roster.at(16, "12:00"))


def test_tools_and_title_have_room_beside_each_other(come: Come) -> None:
    """With everything that may stand there: a change to undo, swaps to answer, drills that failed."""
    roster = come()
    roster.cover("first", "Paolo Greco", roster.at(2, "18:00"), roster.at(3, "09:00"))
    roster.told("Saved")
    for width in (1250, 1280, 1470, 1600):
        roster.page.set_viewport_size({"width": width, "height": 860})
        roster.show()
        roster.page.evaluate(
            "for (const [name, words] of [['drill', '2 failed'], ['swap', '3']]) {"
            " const el = document.querySelector(`[data-${name}-count]`); el.hidden = false; el.textContent = words; }"
        )
        undo, title = (roster.page.locator(each).bounding_box() for each in ("[data-undo]", ".page-title"))
        assert undo is not None
        assert title is not None
        assert undo["x"] >= title["x"] + title["width"]
        tops = {each.bounding_box()["y"] for each in roster.page.locator(".tool-group").all()}  # type: ignore[index]
        assert len(tops) == 1, "tools in one line"
        assert undo["width"] > 300, "it says what it would undo"
        assert roster.overflow() == 0


@pytest.mark.parametrize("phone", [False, True])
def test_dates_and_times_of_a_cover_are_shown_to_their_end(come: Come, phone: bool) -> None:
    roster = come(phone=phone)
    roster.press("Cover a time")
    for name in ("From", "To"):
        field = roster.panel("Cover this time").get_by_label(name, exact=True)
        shown, needed = field.evaluate("el => [el.offsetWidth, (el.style.width = 'max-content', el.offsetWidth)]")
        assert shown >= needed
