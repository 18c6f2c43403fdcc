"""Questions over HTTP: 409 with what is asked, and the same again with what was said yes to; warnings on the board."""

from typing import Any

from tests.web.console.rosters.roster_desk import Clerk

BOARD = "/rosters/1/board.json?from=2026-06-01&days=14"
TUESDAY = {"start": "2026-06-02T18:00", "end": "2026-06-03T06:00"}
HOURS = [{"days": ["sat"], "from": "09:00", "to": "18:00"}]


def cover(people: dict[str, int], name: str, **more: Any) -> dict[str, Any]:
    return {"layer_id": 1, "person_id": people[name], "kind": "replace", "note": "", **TUESDAY, **more}


def backup(people: dict[str, int], *names: str) -> dict[str, Any]:
    turns = [[people[name]] for name in names]
    rotation = {"start": "2026-06-01T18:00", "every": "1 week", "until": None, "turns": turns}
    return {"name": "backup", "hours": [], "rotations": [rotation]}


def test_a_cover_by_somebody_with_time_off(mara: Clerk, people: dict[str, int]) -> None:
    assert mara.send("POST", "/rosters/1/layers", **backup(people, "Dino")).status_code == 201
    off = {"person_id": people["Carla"], "start": "2026-06-02T00:00", "end": "2026-06-05T00:00", "note": ""}
    assert mara.send("POST", "/rosters/1/time-off", **off).status_code == 201
    asked = mara.send("POST", "/rosters/1/overrides", **cover(people, "Carla"))
    answer = asked.get_json()
    assert (asked.status_code, answer["confirm"], answer["gaps"]) == (409, True, [])
    [question] = answer["questions"]
    assert answer["error"] == f"{question['words']} Save it all the same?"
    assert question["kind"] == "time off"
    assert question["words"].startswith("Carla Neri has time off and would not be rung: first, Tue 2 Jun 2026, 18:00")
    [choice] = question["choices"]
    assert choice == {"words": "Bruno Verdi instead", "change": {"person_id": people["Bruno"]}, "instead": None}
    assert mara.get(BOARD)["last_change"]["words"].startswith("Time off of Carla"), "nothing is saved yet"
    wrong = mara.send("POST", "/rosters/1/overrides", **cover(people, "Carla"), accept=["time-off-0"])
    assert wrong.status_code == 409
    saved = mara.send("POST", "/rosters/1/overrides", **cover(people, "Carla"), accept=[question["key"]])
    assert (saved.status_code, saved.get_json()["warnings"]) == (
        201, ["Nobody is behind Dino Bianchi: Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST."],
    )  # fmt: skip
    assert mara.get(BOARD)["warnings"] == [
        {"kind": "thin", "words": "Nobody is behind Dino Bianchi", "person_id": people["Dino"],
         "start": start, "end": end}
        for start, end in (("2026-06-02T18:00", "2026-06-03T06:00"),)
    ]  # fmt: skip


def test_one_person_in_two_layers_is_accepted_by_the_older_word_too(mara: Clerk, people: dict[str, int]) -> None:
    assert mara.send("POST", "/rosters/1/layers", **backup(people, "Carla")).status_code == 201
    asked = mara.send("POST", "/rosters/1/overrides", **cover(people, "Carla")).get_json()
    assert [each["kind"] for each in asked["questions"]] == ["two layers"]
    assert mara.send("POST", "/rosters/1/overrides", **cover(people, "Carla"), accept_gaps=True).status_code == 201
    [thin] = mara.get(BOARD)["warnings"]
    assert (thin["start"], thin["end"], thin["person_id"]) == ("2026-06-02T18:00", "2026-06-03T06:00", people["Carla"])


def test_the_past_and_what_is_sent_instead(mara: Clerk, people: dict[str, int]) -> None:
    rotation = {"start": "2026-05-04T18:00", "every": "1 week", "until": None, "turns": [[people["Carla"]]]}
    night = {"name": "night", "hours": [], "rotations": [rotation]}
    [question] = mara.send("POST", "/rosters/1/layers", **night).get_json()["questions"]
    assert (question["kind"], question["choices"]) == ("past", [])
    assert "Carla Neri +664 h; Mon 4 May 2026, 18:00 CEST to Mon 1 Jun 2026, 10:00 CEST" in question["words"]
    made = mara.send("POST", "/rosters/1/layers", **night, accept=[question["key"]])
    assert made.status_code == 201
    body = cover(people, "Dino", start="2026-06-01T06:00", end="2026-06-01T20:00", layer_id=made.get_json()["id"])
    [question] = mara.send("POST", "/rosters/1/overrides", **body).get_json()["questions"]
    [choice] = question["choices"]
    assert choice["change"] == {"start": "2026-06-01T10:00"}
    assert mara.send("POST", "/rosters/1/overrides", **(body | choice["change"])).status_code == 201


def test_turns_that_never_come_and_the_count_that_mends_it(mara: Clerk, people: dict[str, int]) -> None:
    turns = [[people[name]] for name in ("Ada", "Bruno", "Carla", "Dino", "Ada", "Bruno", "Dino")]
    rotation = {"start": "2026-06-01T09:00", "every": "1 day", "until": None, "turns": turns}
    wish = {"name": "saturdays", "hours": HOURS, "rotations": [rotation]}
    [question] = mara.send("POST", "/rosters/1/layers", **wish).get_json()["questions"]
    assert (question["kind"], question["choices"][0]["change"]) == (
        "idle",
        {"rotations": [rotation | {"count": "active"}]},
    )
    assert mara.send("POST", "/rosters/1/layers", **wish, accept=[question["key"]]).status_code == 201
    [idle] = [each for each in mara.get(BOARD)["warnings"] if each["kind"] == "idle"]
    assert idle["words"].endswith("(sat 09:00 to 18:00). Let the rotation count only the days on duty.")
    [_, layer] = mara.get("/rosters/1/layers.json")["layers"]
    mended = layer | question["choices"][0]["change"]
    number = mended.pop("id")
    answer = mara.send("PUT", f"/rosters/1/layers/{number}", **mended)
    assert [each["kind"] for each in answer.get_json()["questions"]] == ["two layers", "moves"]
    keys = [each["key"] for each in answer.get_json()["questions"]]
    assert mara.send("PUT", f"/rosters/1/layers/{number}", **mended, accept=keys).status_code == 200
    assert [each for each in mara.get(BOARD)["warnings"] if each["kind"] == "idle"] == []
    assert mara.get("/rosters/1/layers.json")["layers"][1]["rotations"][0]["count"] == "active"


def test_in_a_draft(mara: Clerk, people: dict[str, int]) -> None:
    """A change of its rotation is asked about, whoever would be moved stands on its page, and is no question then."""
    assert mara.send("POST", "/rosters/1/drafts", name="Summer plan").status_code == 201
    board = f"/rosters/1/drafts/1/board.json?{BOARD.partition('?')[2]}"
    assert mara.get(board)["moves"] is None
    [layer] = mara.get("/rosters/1/drafts/1/layers.json")["layers"]
    layer["rotations"][0]["turns"].reverse()
    path = f"/rosters/1/drafts/1/layers/{layer.pop('id')}?version={layer['version']}"
    asked = mara.send("PUT", path, **layer)
    assert asked.status_code == 409
    [question] = asked.get_json()["questions"]
    assert question["words"].startswith(
        "This moves who is on call from Mon 1 Jun 2026, 18:00 CEST: Bruno Verdi instead"
    )
    assert len(question["lines"]) == 2
    version = mara.get(board)["draft"]["version"]
    assert str(version) == layer["version"], "nothing is changed yet"
    assert mara.send("PUT", path, **layer, accept=[question["key"]]).status_code == 200
    found = mara.get(board)
    assert found["moves"] == {"words": question["words"], "lines": question["lines"]}
    version = found["draft"]["version"]
    assert mara.send("POST", f"/rosters/1/drafts/1/force?version={version}").status_code == 200
    assert mara.get(BOARD)["layers"][0]["shifts"][1]["people"] == [people["Bruno"]]


def test_a_draft_asks_of_covers_too(mara: Clerk, people: dict[str, int]) -> None:
    assert mara.send("POST", "/rosters/1/layers", **backup(people, "Carla")).status_code == 201
    assert mara.send("POST", "/rosters/1/drafts", name="Summer plan").status_code == 201
    path = "/rosters/1/drafts/1/overrides?version=2"
    asked = mara.send("POST", path, **cover(people, "Carla")).get_json()
    assert [each["kind"] for each in asked["questions"]] == ["two layers"]
    assert [each["words"] for each in asked["questions"][0]["choices"]] == [
        "Bruno Verdi instead",
        "Dino Bianchi instead",
    ]
    saved = mara.send("POST", path, **cover(people, "Carla"), accept=[asked["questions"][0]["key"]])
    assert (saved.status_code, saved.get_json()["warnings"]) == (
        201, ["Nobody is behind Carla Neri: Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST."],
    )  # fmt: skip
    [thin] = mara.get(f"/rosters/1/drafts/1/board.json?{BOARD.partition('?')[2]}")["warnings"]
    assert (thin["kind"], thin["words"]) == ("thin", "Nobody is behind Carla Neri")
