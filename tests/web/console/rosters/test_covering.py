"""What a cover would meet, over HTTP: who is on call then, who could not take it, the whole shift; in drafts too."""

from typing import Any

import pytest

from tests.web.console.rosters.roster_desk import Clerk

TUESDAY = {"start": "2026-06-02T18:00", "end": "2026-06-03T09:00"}


def query(**more: object) -> str:
    return "cover.json?" + "&".join(f"{name}={value}" for name, value in {"layer_id": 1, **TUESDAY, **more}.items())


def met(found: Any) -> list[tuple[str, str, list[int], list[int], bool]]:
    return [(each["start"], each["end"], each["people"], each["absent"], each["on_duty"]) for each in found["met"]]


def cover(clerk: Clerk, person: int, start: str, end: str, path: str = "/rosters/1/overrides") -> int:
    body = {"layer_id": 1, "person_id": person, "kind": "replace", "note": "", "start": start, "end": end}
    answer = clerk.send("POST", path, **body, accept_gaps=True)
    assert answer.status_code == 201, answer.text
    return int(answer.get_json()["id"])


def test_who_is_on_call_then(mara: Clerk, people: dict[str, int]) -> None:
    found = mara.get(f"/rosters/1/{query()}")
    assert met(found) == [("2026-06-02T18:00", "2026-06-03T09:00", [people["Ada"]], [], True)]
    assert found["shift"] == {"start": "2026-06-01T18:00", "end": "2026-06-08T18:00"}
    assert found["busy"] == []
    over_the_handoff = mara.get(f"/rosters/1/{query(end='2026-06-09T09:00')}")
    assert [each[2] for each in met(over_the_handoff)] == [[people["Ada"]], [people["Bruno"]]]
    before = mara.get(f"/rosters/1/{query(start='2026-05-30T18:00', end='2026-05-31T18:00')}")
    assert [each[2:] for each in met(before)] == [([], [], True)]


def test_an_override_that_is_changed_is_left_aside(mara: Clerk, people: dict[str, int]) -> None:
    number = cover(mara, people["Carla"], "2026-06-02T20:00", "2026-06-03T06:00")
    assert [each[2] for each in met(mara.get(f"/rosters/1/{query()}"))] == [
        [people["Ada"]],
        [people["Carla"]],
        [people["Ada"]],
    ]
    assert [each[2] for each in met(mara.get(f"/rosters/1/{query(besides=number)}"))] == [[people["Ada"]]]


def test_who_has_time_off_or_stands_in_another_layer(mara: Clerk, people: dict[str, int]) -> None:
    turns = [[people["Carla"]]]
    rotation = {"start": "2026-06-01T18:00", "every": "1 week", "until": None, "turns": turns}
    layer = {"name": "backup", "hours": [], "rotations": [rotation]}
    assert mara.send("POST", "/rosters/1/layers", **layer).status_code == 201
    for name, start, end in (
        ("Dino", "2026-06-02T00:00", "2026-06-05T00:00"),
        ("Bruno", "2026-06-02T00:00", "2026-06-02T19:00"),
        ("Ada", "2026-06-02T20:00", "2026-06-02T21:00"),
    ):
        off = {"person_id": people[name], "start": start, "end": end, "note": "", "accept_gaps": True}
        assert mara.send("POST", "/rosters/1/time-off", **off).status_code == 201
    found = mara.get(f"/rosters/1/{query()}")
    busy = {each["person_id"]: (each["away"], each["wholly"], each["layers"]) for each in found["busy"]}
    assert busy == {
        people["Dino"]: (True, True, []),
        people["Bruno"]: (True, False, []),
        people["Ada"]: (True, False, []),
        people["Carla"]: (False, False, ["backup"]),
    }
    assert met(found)[1] == ("2026-06-02T20:00", "2026-06-02T21:00", [], [people["Ada"]], True)


def test_in_a_draft_by_its_plan(mara: Clerk, people: dict[str, int]) -> None:
    assert mara.send("POST", "/rosters/1/drafts", name="Summer plan").status_code == 201
    cover(mara, people["Dino"], "2026-06-02T18:00", "2026-06-03T09:00", "/rosters/1/drafts/1/overrides?version=2")
    assert [each[2] for each in met(mara.get(f"/rosters/1/drafts/1/{query()}"))] == [[people["Dino"]]]
    assert [each[2] for each in met(mara.get(f"/rosters/1/{query()}"))] == [[people["Ada"]]]
    board = mara.get("/rosters/1/drafts/1/board.json?from=2026-06-01&days=7")
    [number] = {each["override_id"] for each in board["layers"][0]["shifts"]} - {None}
    assert [each[2] for each in met(mara.get(f"/rosters/1/drafts/1/{query(besides=number)}"))] == [[people["Ada"]]]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"layer_id": 99}, "layer_id"),
        ({"layer_id": "x"}, "layer_id"),
        ({"end": "2026-06-02T18:00"}, "end"),
        ({"end": ""}, "end"),
        ({"end": "2029-06-02T18:00"}, "end"),
        ({"start": "soon"}, "start"),
    ],
)
@pytest.mark.parametrize("path", ["/rosters/1", "/rosters/1/drafts/1"])
def test_what_makes_no_sense_is_refused(mara: Clerk, path: str, more: dict[str, object], field: str) -> None:
    assert mara.send("POST", "/rosters/1/drafts", name="Summer plan").status_code == 201
    answer = mara.client.get(f"{path}/{query(**more)}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["field"]) == (422, field)
