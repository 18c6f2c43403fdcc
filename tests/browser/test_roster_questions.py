"""What is asked before saving, on the page: the sentence, the better choice as a button, nobody behind in amber."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.roster_page import Come, RosterPage


def send(roster: RosterPage, path: str, **body: object) -> None:
    token = roster.page.locator('meta[name="csrf-token"]').first.get_attribute("content") or ""
    headers = {"X-CSRFToken": token, "Accept": "application/json", "Referer": roster.page.url}
    answer = roster.page.request.post(f"{roster.url}/rosters/1/{path}", data=body, headers=headers)
    assert answer.ok, answer.text()


def people_of(roster: RosterPage) -> tuple[dict[str, int], str]:
    """Everybody's id by name, and somebody who is on call in no layer of the days shown."""
    board = roster.board()
    names = {each["name"]: each["id"] for each in board["people"]}
    busy = {id_ for layer in board["layers"] for shift in layer["shifts"] for id_ in shift["people"]}
    return names, next(name for name, id_ in names.items() if id_ not in busy)


@pytest.mark.parametrize("width", [1280, 390, 360])
def test_a_cover_by_somebody_with_time_off(come: Come, width: int) -> None:
    roster = come(phone=width < 1280)
    roster.page.set_viewport_size({"width": width, "height": 844})
    names, free = people_of(roster)
    send(roster, "time-off", person_id=names[free], start=roster.at(2, "00:00"), end=roster.at(4, "00:00"), note="")
    roster.show()
    panel = roster.cover("first", free, roster.at(2, "18:00"), roster.at(3, "06:00"))
    alert = panel.get_by_role("alert")
    expect(alert).to_contain_text(f"{free} has time off and would not be rung: first, {roster.words(2)}")
    choice = alert.get_by_role("button", name=re.compile(" instead$")).first
    expect(choice).to_be_in_viewport()
    assert roster.faults_in_both_schemes() == []
    assert roster.overflow() == 0
    name = choice.inner_text().removesuffix(" instead")
    choice.click()
    roster.told(f"Saved: {name} covers")


def test_nobody_behind_is_amber_after_saving_and_on_the_board(come: Come) -> None:
    roster = come()
    begins, ends = roster.at(1, "20:00"), roster.at(2, "06:00")
    backup = next(people for start, end, people, _ in roster.shifts("backup") if start <= begins < end)
    panel = roster.cover("first", backup[0], begins, ends)
    alert = panel.get_by_role("alert")
    expect(alert).to_contain_text("at once, with nobody behind")
    roster.press("Save all the same", panel)
    roster.told(f"Saved: {backup[0]} covers")
    roster.told(f"Nobody is behind {backup[0]}")
    expect(roster.page.locator("[data-toast]")).to_have_attribute("data-tone", "amber")
    line = roster.page.locator(".thin-line")
    expect(line.first).to_contain_text(f"Nobody is behind {backup[0]}: {roster.words(1)}")
    assert roster.faults() == []
