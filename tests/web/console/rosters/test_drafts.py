"""Drafts over HTTP: what is shown beside the live roster, what is refused and how, and who may do what."""

from typing import Any

import pytest
from flask import Flask

from core.db import Database
from oncall.models.rosters import Roster, RosterLayer
from tests.web.console.rosters.roster_desk import Clerk

DAYS = "from=2026-06-01&days=14"
TUESDAY = {"start": "2026-06-02T18:00", "end": "2026-06-03T06:00"}
DRAFT = "/rosters/1/drafts/1"


@pytest.fixture
def draft(mara: Clerk) -> str:
    made = mara.send("POST", "/rosters/1/drafts", name="Summer plan")
    assert (made.status_code, made.get_json()) == (201, {"id": 1})
    return DRAFT


def override(people: dict[str, int], name: str | None, **more: Any) -> dict[str, Any]:
    person = None if name is None else people[name]
    return {"layer_id": 1, "person_id": person, "kind": "replace", "note": "", **TUESDAY, **more}


def board(clerk: Clerk) -> Any:
    return clerk.get(f"{DRAFT}/board.json?{DAYS}")


def send(clerk: Clerk, method: str, path: str, **body: Any) -> Any:
    """As the page does, which names the version that it shows."""
    version = board(clerk)["draft"]["version"]
    if method != "POST" or path.endswith("/move"):
        body["version"] = str(version)
    return clerk.send(method, f"{DRAFT}/{path}?version={version}", **body)


def test_a_draft_that_changes_nothing_yet(mara: Clerk, draft: str) -> None:
    found, force = board(mara), mara.get(f"/rosters/1/board.json?{DAYS}")
    assert found["layers"] == found["in_force"] == force["layers"]
    assert found["draft"] == {
        "id": 1, "name": "Summer plan", "state": "open", "version": 2, "by": "Mara",
        "at": "Mon 1 Jun 2026, 10:00 CEST", "closed": None, "differences": {"1": []}, "handovers": [], "hours": [],
        "opens": [], "closes": [], "changes": [], "conflicts": [],
        "stay": [],
    }  # fmt: skip
    assert found["last_change"] is None


def test_both_lanes_and_what_would_change(mara: Clerk, people: dict[str, int], draft: str) -> None:
    made = send(mara, "POST", "overrides", **override(people, "Carla", note="dentist"))
    assert (made.status_code, made.get_json()["version"]) == (201, 3)
    nobody = override(people, None, start="2026-06-09T18:00", end="2026-06-10T06:00")
    assert send(mara, "POST", "overrides", **nobody).status_code == 201, "a gap in a draft is shown, not asked about"
    found = board(mara)
    shift = found["layers"][0]["shifts"][2]
    assert (shift["people"], shift["note"], shift["reason"]) == (
        [people["Carla"]], "dentist", "override by Mara, Mon 1 Jun 2026, 10:00 CEST (dentist)",
    )  # fmt: skip
    assert [each["people"] for each in found["in_force"][0]["shifts"]] == [[], [people["Ada"]], [people["Bruno"]]]
    told = found["draft"]
    assert told["differences"]["1"] == [
        {**TUESDAY, "before": [people["Ada"]], "after": [people["Carla"]]},
        {"start": "2026-06-09T18:00", "end": "2026-06-10T06:00", "before": [people["Bruno"]], "after": []},
    ]
    assert told["handovers"] == [
        {"from": [people["Ada"]], "to": [people["Carla"]], "hours": 12.0},
        {"from": [people["Bruno"]], "to": [], "hours": 12.0},
    ]
    assert {each["person_id"]: (each["before"], each["after"]) for each in told["hours"]} == {
        people["Ada"]: (168.0, 156.0), people["Bruno"]: (150.0, 138.0), people["Carla"]: (0.0, 12.0),
    }  # fmt: skip
    assert told["opens"] == [{"region": "europe", "start": "2026-06-09T18:00", "end": "2026-06-10T06:00"}]
    assert told["changes"] == [
        "Carla Neri covers in first, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST",
        "Nobody, on purpose in first, Tue 9 Jun 2026, 18:00 CEST to Wed 10 Jun 2026, 06:00 CEST",
    ]
    assert found["last_change"]["words"] == told["changes"][1]
    force = mara.get(f"/rosters/1/board.json?{DAYS}")
    assert (force["layers"], force["last_change"]) == (found["in_force"], None)


def test_overrides_and_layers_by_the_addresses_of_the_roster(mara: Clerk, people: dict[str, int], draft: str) -> None:
    assert send(mara, "POST", "overrides", **override(people, "Carla")).status_code == 201
    made = board(mara)["layers"][0]["shifts"][2]["override_id"]
    changed = override(people, "Dino", kind="add", end="2026-06-02T20:00")
    assert send(mara, "PUT", f"overrides/{made}", **changed).status_code == 200
    assert board(mara)["layers"][0]["shifts"][2]["people"] == [people["Ada"], people["Dino"]]
    assert send(mara, "DELETE", f"overrides/{made}").status_code == 200
    rotation = {"start": "2026-06-01T18:00", "every": "1 day", "until": None, "turns": [[people["Dino"]]]}
    night = {"name": "night", "hours": [{"days": ["mon"], "from": "18:00", "to": "09:00"}], "rotations": [rotation]}
    assert send(mara, "POST", "layers", **night).status_code == 201
    [_, layer] = mara.get(f"{draft}/layers.json")["layers"]
    assert layer == night | {"id": layer["id"], "version": layer["version"]}
    assert send(mara, "POST", f"layers/{layer['id']}/move", position=0).status_code == 200
    assert send(mara, "PUT", f"layers/{layer['id']}", **night | {"name": "late"}).status_code == 200
    assert [each["name"] for each in mara.get(f"{draft}/layers.json")["layers"]] == ["late", "first"]
    assert send(mara, "DELETE", "layers/1").status_code == 200
    found = board(mara)
    assert [each["name"] for each in found["layers"]] == ["late"]
    assert [each["name"] for each in found["in_force"]] == ["first"]
    assert found["draft"]["differences"]["1"][0]["after"] == []
    last = found["last_change"]
    assert mara.send("POST", f"{draft}/undo", change_id=last["id"]).status_code == 200
    assert [each["name"] for each in board(mara)["layers"]] == ["late", "first"]
    assert mara.get(f"{draft}/history.json")["changes"][0]["words"] == "Undone: Layer first removed"
    assert mara.send("POST", f"{draft}/undo", change_id=last["id"]).status_code == 409
    assert mara.get("/rosters/1/history.json")["changes"] == []


def test_put_into_force_with_the_question_and_back(mara: Clerk, people: dict[str, int], draft: str) -> None:
    send(mara, "POST", "overrides", **override(people, None))
    asked = send(mara, "POST", "force")
    assert (asked.status_code, asked.get_json()["confirm"]) == (409, True)
    assert asked.get_json()["error"].startswith("Nobody would be on call in europe: Tue 2 Jun 2026, 18:00 CEST")
    assert send(mara, "POST", "force", accept_gaps=True).get_json()["state"] == "in force"
    again = mara.send("POST", f"{draft}/force?version=9")
    assert (again.status_code, again.get_json()["error"]) == (
        409,
        "The draft “Summer plan” was published by Mara, Mon 1 Jun 2026, 10:00 CEST. It can't be changed any more.",
    )
    last = mara.get(f"/rosters/1/board.json?{DAYS}")["last_change"]
    assert last["words"].startswith("Draft “Summer plan” published: Nobody, on purpose in first")
    closed = mara.client.get(DRAFT).text
    assert "Closed draft" in closed
    assert "Published by Mara, Mon 1 Jun 2026, 10:00 CEST." in closed
    assert "data-force" not in closed
    [listed] = mara.get("/rosters/1/drafts.json")["drafts"]
    assert (listed["state"], listed["closed"]) == (
        "in force", "Published by Mara, Mon 1 Jun 2026, 10:00 CEST.",
    )  # fmt: skip
    assert mara.send("POST", "/rosters/1/undo", change_id=last["id"]).status_code == 200
    assert board(mara)["draft"]["state"] == "open"


def test_what_is_in_the_way_is_told_and_taken_over(mara: Clerk, people: dict[str, int], draft: str) -> None:
    send(mara, "POST", "overrides", **override(people, "Carla"))
    assert mara.send("POST", "/rosters/1/overrides", **override(people, "Dino")).status_code == 201
    told = board(mara)["draft"]["conflicts"]
    assert told == [
        "Live by now: Dino Bianchi covers in first, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST "
        "(by Mara, Mon 1 Jun 2026, 10:00 CEST). That is in the way of the draft's: Carla Neri covers in first, "
        "Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST."
    ]
    refused = send(mara, "POST", "force")
    assert (refused.status_code, refused.get_json()["conflicts"]) == (409, told)
    assert send(mara, "POST", "take-over").status_code == 200
    assert board(mara)["draft"]["conflicts"] == board(mara)["draft"]["changes"] == []
    assert send(mara, "POST", "take-over").status_code == 409


def test_discarding(mara: Clerk, people: dict[str, int], draft: str) -> None:
    assert send(mara, "POST", "discard").get_json()["state"] == "discarded"
    refused = send(mara, "POST", "overrides", **override(people, "Carla"))
    assert refused.get_json()["error"].startswith("The draft “Summer plan” was discarded by Mara")
    page = mara.client.get(DRAFT).text
    assert "Discarded by Mara, Mon 1 Jun 2026, 10:00 CEST." in page
    assert "data-force" not in page
    assert mara.send("POST", "/rosters/1/drafts", name="Summer plan").status_code == 201


def test_who_has_not_seen_the_last_version_is_told(mara: Clerk, people: dict[str, int], draft: str) -> None:
    old = board(mara)["draft"]["version"]
    assert send(mara, "POST", "overrides", **override(people, "Carla")).status_code == 201
    late = mara.send("DELETE", f"{draft}/layers/1?version={old}", version=str(old))
    assert (late.status_code, late.get_json()["error"].split(":")[0]) == (
        409, "Mara has changed this draft meanwhile",
    )  # fmt: skip
    unsaid = mara.send("DELETE", f"{draft}/layers/1", version=str(old))
    assert (unsaid.status_code, unsaid.get_json()["field"]) == (422, "version")
    assert len(board(mara)["layers"]) == 1


def test_the_rules_and_sentences_are_those_of_the_roster(mara: Clerk, people: dict[str, int], draft: str) -> None:
    send(mara, "POST", "overrides", **override(people, "Carla"))
    taken = send(mara, "POST", "overrides", **override(people, "Dino"))
    assert (taken.status_code, taken.get_json()["error"]) == (
        409,
        "Carla Neri covers in first already, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST, by Mara. "
        "Choose another time, or change that override.",
    )
    for change, field in (({"end": "2026-06-02T18:00"}, "end"), ({"kind": "swap"}, "kind"), ({"x": 1}, "x")):
        wrong = send(mara, "POST", "overrides", **(override(people, "Dino") | change))
        assert (wrong.status_code, wrong.get_json()["field"]) == (422, field)
    for name, status in (("x" * 61, 409), ("", 409), ("a\0b", 422), ("Summer plan", 409), ("x" * 301, 422), (5, 422)):
        assert mara.send("POST", "/rosters/1/drafts", name=name).status_code == status, name
    assert mara.get(f"{draft}/history.json")["changes"][0]["words"].startswith("Carla Neri covers")


def test_the_hour_that_comes_twice(mara: Clerk, people: dict[str, int], draft: str) -> None:
    second = override(people, "Carla", start="2026-10-25T02:30:00+01:00", end="2026-10-25T04:00:00")
    assert send(mara, "POST", "overrides", **second).status_code == 201
    assert board(mara)["draft"]["changes"] == [
        "Carla Neri covers in first, Sun 25 Oct 2026, 02:30 CET to Sun 25 Oct 2026, 04:00 CET"
    ]


def test_others_look_and_only_managers_edit(roster_app: Flask, people: dict[str, int], draft: str) -> None:
    for email in ("vera@example.org", "ada@example.org"):
        clerk = Clerk(roster_app, email)
        assert board(clerk)["draft"]["name"] == "Summer plan"
        assert [each["id"] for each in clerk.get("/rosters/1/drafts.json")["drafts"]] == [1]
        assert len(clerk.get(f"{draft}/history.json")["changes"]) == 1
        page = clerk.client.get(DRAFT).text
        assert "Summer plan" in page
        assert "data-force" not in page
        for method, path in (
            ("POST", "/rosters/1/drafts"), ("POST", f"{draft}/overrides"), ("PUT", f"{draft}/overrides/1"),
            ("DELETE", f"{draft}/overrides/1"), ("POST", f"{draft}/layers"), ("PUT", f"{draft}/layers/1"),
            ("DELETE", f"{draft}/layers/1"), ("POST", f"{draft}/layers/1/move"), ("POST", f"{draft}/undo"),
            ("POST", f"{draft}/force"), ("POST", f"{draft}/take-over"), ("POST", f"{draft}/discard"),
        ):  # fmt: skip
            assert clerk.send(method, f"{path}?version=2").status_code == 403, path
    assert Clerk(roster_app, "vera@example.org").get(f"{draft}/history.json")["changes"][0]["by"] == "Mara"


def test_nothing_changes_without_the_token_of_our_page(mara: Clerk, people: dict[str, int], draft: str) -> None:
    for path in (f"{draft}/overrides?version=2", f"{draft}/force?version=2", "/rosters/1/drafts"):
        assert mara.client.post(path, json=override(people, "Carla")).status_code == 400
    assert len(mara.get(f"{draft}/history.json")["changes"]) == 1


def test_drafts_of_another_roster_do_not_exist_there(
    mara: Clerk, people: dict[str, int], draft: str, database: Database
) -> None:
    with database.transaction() as session:
        other = Roster(name="Days", time_zone="America/New_York", regions=["america"], layers=[])
        other.layers.append(RosterLayer(name="first", position=0))
        session.add(other)
        session.flush()
        foreign = f"/rosters/{other.id}/drafts/1"
    json = {"Accept": "application/json"}
    for path in (foreign, "/rosters/1/drafts/9", "/rosters/9/drafts/1", "/rosters/1/drafts/3000000000"):
        for more in ("", "/board.json", "/layers.json", "/history.json"):
            assert mara.client.get(path + more, headers=json).status_code == 404, path + more
        assert mara.send("POST", f"{path}/overrides?version=2", **override(people, "Carla")).status_code == 404
        for what in ("force", "discard", "take-over"):
            assert mara.send("POST", f"{path}/{what}?version=2").status_code == 404
        assert mara.send("POST", f"{path}/undo", change_id=1).status_code == 404
    assert mara.client.get("/rosters/9/drafts.json", headers=json).status_code == 404
    assert mara.send("POST", "/rosters/9/drafts", name="x").status_code == 404
    assert mara.client.get(f"{draft}/board.json?days=94", headers=json).status_code == 422
    assert len(mara.get(f"{draft}/history.json")["changes"]) == 1


def test_the_roster_tells_of_its_drafts(mara: Clerk, draft: str) -> None:
    assert 'Drafts <b class="count">1</b>' in mara.client.get("/rosters/1").text
