"""Two managers at once: the later one is told who was faster, and nothing is lost unseen."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from core.db import Database
from core.locks import Lock
from oncall.models.access.roles import Role
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.signing_in import add_account

BOARD = "/rosters/1/board.json?from=2026-06-01&days=14"
LAYERS = "/rosters/1/layers.json"


@pytest.fixture
def max_(roster_app: Flask, database: Database, people: dict[str, int]) -> Clerk:
    """A second manager."""
    assert people
    add_account(database, Role.MANAGER, "max@example.org")
    return Clerk(roster_app, "max@example.org")


def layer_of(clerk: Clerk, place: int = 0) -> dict[str, Any]:
    """A layer as a form has it: what is sent back, without its number."""
    found: dict[str, Any] = clerk.get(LAYERS)["layers"][place]
    return {name: value for name, value in found.items() if name != "id"}


def cover(clerk: Clerk, people: dict[str, int]) -> int:
    body = {"layer_id": 1, "start": "2026-06-02T18:00", "end": "2026-06-03T06:00", "person_id": people["Carla"]}
    number: int = clerk.send("POST", "/rosters/1/overrides", **body).get_json()["id"]
    return number


def override_of(clerk: Clerk, number: int) -> dict[str, Any]:
    shifts = clerk.get(BOARD)["layers"][0]["shifts"]
    shift = next(each for each in shifts if each["override_id"] == number)
    return {"layer_id": 1, "kind": shift["kind"], "note": shift["note"], **shift["override"]}


def test_the_later_save_of_a_layer_is_refused(mara: Clerk, max_: Clerk) -> None:
    hers, his = layer_of(mara), layer_of(max_)
    hers["name"] = "front"
    assert mara.send("PUT", "/rosters/1/layers/1", **hers).status_code == 200
    his["rotations"][0]["every"] = "2 weeks"
    refused = max_.send("PUT", "/rosters/1/layers/1", **his)
    assert (refused.status_code, refused.get_json()["changed"]) == (409, True)
    assert refused.get_json()["error"] == (
        "Mara has changed this layer meanwhile, Mon 1 Jun 2026, 10:00 CEST (Layer front (was first) changed: every "
        "1 week from Mon 1 Jun 2026, 18:00, 2 turns). "
        "Nothing of yours is saved: look at the layer as it is now, then change it again."
    )
    assert layer_of(max_)["name"] == "front"
    again = layer_of(max_) | {"rotations": his["rotations"]}
    assert max_.send("PUT", "/rosters/1/layers/1", **again, accept_gaps=True).status_code == 200
    assert (layer_of(mara)["name"], layer_of(mara)["rotations"][0]["every"]) == ("front", "2 weeks")


def test_what_was_seen_may_be_saved_twice(mara: Clerk) -> None:
    """The same request again changes nothing, and is no quarrel with oneself as long as it changed nothing."""
    same = layer_of(mara)
    assert [mara.send("PUT", "/rosters/1/layers/1", **same).status_code for _ in range(2)] == [200, 200]
    changed = same | {"name": "front"}
    answers = [mara.send("PUT", "/rosters/1/layers/1", **changed).status_code for _ in range(2)]
    assert answers == [200, 409]


def test_moving_and_removing_name_the_version_too(mara: Clerk, max_: Clerk) -> None:
    made = mara.send("POST", "/rosters/1/layers", name="backup", hours=[], rotations=[]).get_json()["id"]
    before = layer_of(max_, 1)["version"]
    assert mara.send("POST", f"/rosters/1/layers/{made}/move", position=0, version=before).status_code == 200
    for method, path, more in (("POST", "/move", {"position": 0}), ("DELETE", "", {})):
        refused = max_.send(method, f"/rosters/1/layers/{made}{path}", version=before, **more)
        assert (refused.status_code, refused.get_json()["changed"]) == (409, True)
        assert "(Ringing order: backup, first)" in refused.get_json()["error"]
    assert [each["name"] for each in mara.get(LAYERS)["layers"]] == ["backup", "first"]


def test_whoever_undid_it_is_named(mara: Clerk, max_: Clerk) -> None:
    assert mara.send("PUT", "/rosters/1/layers/1", **layer_of(mara) | {"name": "front"}).status_code == 200
    hers = layer_of(mara)
    last = max_.get(BOARD)["last_change"]["id"]
    assert max_.send("POST", "/rosters/1/undo", change_id=last).status_code == 200
    refused = mara.send("PUT", "/rosters/1/layers/1", **hers)
    assert refused.status_code == 409
    assert refused.get_json()["error"].startswith("Max has changed this layer meanwhile, Mon 1 Jun 2026, 10:00 CEST")
    assert "(Undone: Layer front" in refused.get_json()["error"]


def test_overrides_are_safe_as_well(mara: Clerk, max_: Clerk, people: dict[str, int]) -> None:
    number = cover(mara, people)
    where = f"/rosters/1/overrides/{number}"
    hers, his = override_of(mara, number), override_of(max_, number)
    assert mara.send("PUT", where, **hers | {"person_id": people["Dino"]}).status_code == 200
    for method, body in (("PUT", his | {"note": "mine"}), ("DELETE", {"version": his["version"]})):
        refused = max_.send(method, where, **body)
        assert (refused.status_code, refused.get_json()["changed"]) == (409, True)
        assert refused.get_json()["error"].startswith("Mara has changed this override meanwhile, Mon 1 Jun 2026")
    assert override_of(max_, number)["person_id"] == people["Dino"]
    assert max_.send("DELETE", where, version=override_of(max_, number)["version"]).status_code == 200
    gone = mara.send("PUT", where, **hers)
    assert gone.get_json()["error"] == (
        "This override is not there any more: it was removed by Max. Load the page again."
    )


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("PUT", "layers/1", {"name": "first"}),
        ("DELETE", "layers/1", {}),
        ("POST", "layers/1/move", {"position": 0}),
        ("DELETE", "overrides/1", {}),
    ],
)
def test_without_a_version_nothing_is_changed(mara: Clerk, method: str, path: str, more: dict[str, Any]) -> None:
    answer = mara.send(method, f"/rosters/1/{path}", **more)
    assert (answer.status_code, answer.get_json()["field"]) == (422, "version")
    assert "send the one that you have read" in answer.get_json()["error"]
    assert mara.get(BOARD)["last_change"] is None


def test_a_change_that_takes_too_long(mara: Clerk, people: dict[str, int], hurried: Database) -> None:
    """Whoever waits is told, nothing is half-written, and the same request is fine afterwards."""
    body = {"layer_id": 1, "start": "2026-06-02T18:00", "end": "2026-06-03T06:00", "person_id": people["Carla"]}
    with hurried.transaction() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": Lock.ROSTER_CHANGE})
        refused = mara.send("POST", "/rosters/1/overrides", **body)
    assert (refused.status_code, refused.get_json()) == (
        409,
        {
            "error": "Somebody else is changing rosters at this moment, so nothing of yours is saved yet: "
            "try again in a few seconds."
        },
    )
    assert mara.get(BOARD)["last_change"] is None
    assert mara.send("POST", "/rosters/1/overrides", **body).status_code == 201
