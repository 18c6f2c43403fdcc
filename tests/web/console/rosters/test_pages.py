"""Rosters over HTTP: what is shown, what is refused and how, and who may do what."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select, update

from core.clock import real_now
from core.db import Database
from oncall.models.customers import Contract, Customer, Pin, Product
from oncall.models.messages import Message
from oncall.models.rosters import Roster, RosterLayer
from tests.web.console.rosters.roster_desk import Clerk

BOARD = "/rosters/1/board.json?from=2026-06-01&days=14"
TUESDAY = {"start": "2026-06-02T18:00", "end": "2026-06-03T06:00"}


def override(people: dict[str, int], name: str | None, **more: Any) -> dict[str, Any]:
    person = None if name is None else people[name]
    return {"layer_id": 1, "person_id": person, "kind": "replace", "note": "", **TUESDAY, **more}


def seen(clerk: Clerk, override_id: int, board: str = BOARD) -> str:
    """The version of an override on the board."""
    shifts = [shift for layer in clerk.get(board)["layers"] for shift in layer["shifts"]]
    return next(str(each["override"]["version"]) for each in shifts if each["override_id"] == override_id)


def test_what_is_in_the_way_is_named_with_its_time_and_author(mara: Clerk, people: dict[str, int]) -> None:
    """Both when an override is put there and when another one is moved there."""
    there = "Carla Neri covers in first already, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST, by Mara. "
    assert mara.send("POST", "/rosters/1/overrides", **override(people, "Carla")).status_code == 201
    put = mara.send("POST", "/rosters/1/overrides", **override(people, "Dino"))
    later = {"start": "2026-06-04T18:00", "end": "2026-06-05T06:00"}
    made = mara.send("POST", "/rosters/1/overrides", **override(people, "Dino", **later)).get_json()["id"]
    changed = override(people, "Dino", version=seen(mara, made))
    moved = mara.send("PUT", f"/rosters/1/overrides/{made}", **changed)
    for refused in (put, moved):
        assert (refused.status_code, refused.get_json()["error"]) == (
            409,
            f"{there}Choose another time, or change that override.",
        )


def test_the_board(mara: Clerk, people: dict[str, int]) -> None:
    board = mara.get(BOARD)
    assert board["roster"] == {"id": 1, "name": "Nights", "zone": "Europe/Rome", "regions": ["europe"]}
    assert (board["from"], board["days"], board["now"]) == ("2026-06-01", 14, "2026-06-01T10:00")
    [layer] = board["layers"]
    shifts = [(shift["start"], shift["end"], shift["people"], shift["why"]) for shift in layer["shifts"]]
    assert shifts == [
        ("2026-06-01T00:00", "2026-06-01T18:00", [], "nobody"),
        ("2026-06-01T18:00", "2026-06-08T18:00", [people["Ada"]], "rotation"),
        ("2026-06-08T18:00", "2026-06-15T00:00", [people["Bruno"]], "rotation"),
    ]
    assert board["holidays"] == [{"date": "2026-06-02", "name": "Republic Day"}]
    assert board["gaps"] == [{"region": "europe", "start": "2026-06-01T00:00", "end": "2026-06-01T09:00"}]
    # Tuesday is a listed holiday, staffed for Platinum.
    assert board["required"][1] == {"start": "2026-06-01T18:00", "end": "2026-06-02T09:00"}
    assert board["last_change"] is None


def test_covering_changing_removing_and_undoing(mara: Clerk, people: dict[str, int]) -> None:
    made = mara.send("POST", "/rosters/1/overrides", **override(people, "Carla", note="dentist"))
    assert made.status_code == 201
    shift = mara.get(BOARD)["layers"][0]["shifts"][2]
    assert (shift["people"], shift["override_id"], shift["note"]) == (
        [people["Carla"]],
        made.get_json()["id"],
        "dentist",
    )
    assert shift["reason"] == "override by Mara, Mon 1 Jun 2026, 10:00 CEST (dentist)"
    number = made.get_json()["id"]
    where = f"/rosters/1/overrides/{number}"
    changed = override(people, "Dino", kind="add", end="2026-06-02T20:00", version=seen(mara, number))
    assert mara.send("PUT", where, **changed).status_code == 200
    assert mara.get(BOARD)["layers"][0]["shifts"][2]["people"] == [people["Ada"], people["Dino"]]
    assert mara.send("DELETE", where, version=seen(mara, number)).status_code == 200
    last = mara.get(BOARD)["last_change"]
    assert last["words"].startswith("Removed: Dino Bianchi added in first")
    assert mara.send("POST", "/rosters/1/undo", change_id=last["id"]).status_code == 200
    assert mara.get(BOARD)["layers"][0]["shifts"][2]["people"] == [people["Ada"], people["Dino"]]
    assert [change["undone"] for change in mara.get("/rosters/1/history.json")["changes"]] == [True, True, False, False]


def test_a_gap_asks_first(mara: Clerk, people: dict[str, int]) -> None:
    nobody = override(people, None)
    asked = mara.send("POST", "/rosters/1/overrides", **nobody)
    assert (asked.status_code, asked.get_json()["confirm"]) == (409, True)
    assert asked.get_json()["error"].startswith("Nobody would be on call in europe: Tue 2 Jun 2026, 18:00 CEST to")
    assert asked.get_json()["gaps"] == [
        {"region": "europe", "start": "2026-06-02T16:00:00+00:00", "end": "2026-06-03T04:00:00+00:00"}
    ]
    assert mara.get(BOARD)["last_change"] is None
    assert mara.send("POST", "/rosters/1/overrides", **nobody, accept_gaps=True).status_code == 201
    assert {"region": "europe", **TUESDAY} in mara.get(BOARD)["gaps"]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"end": "2026-06-02T18:00"}, "end", "It must end after it starts."),
        ({"start": "tomorrow"}, "start", "start: Input should be a valid datetime"),
        ({"kind": "swap"}, "kind", "kind: Input should be 'replace' or 'add'"),
        ({"person": 1}, "person", "person: Extra inputs are not permitted"),
        ({"note": "x" * 301}, "note", "note: String should have at most 300 characters"),
    ],
)
def test_what_makes_no_sense_names_its_field(
    mara: Clerk, people: dict[str, int], change: dict[str, Any], field: str, words: str
) -> None:
    answer = mara.send("POST", "/rosters/1/overrides", **(override(people, "Carla") | change))
    assert (answer.status_code, answer.get_json()["field"]) == (422, field)
    assert answer.get_json()["error"].startswith(words)
    assert mara.get(BOARD)["last_change"] is None


def test_years_and_numbers_that_nobody_means(mara: Clerk, people: dict[str, int]) -> None:
    json = {"Accept": "application/json"}
    for path in ("board.json?from=9999-12-31", "figures.json?from=0001-01-01", "what-if.json?at=9999-12-31T00:00"):
        assert mara.client.get(f"/rosters/1/{path}", headers=json).status_code == 422
    assert mara.client.get("/rosters/3000000000/board.json", headers=json).status_code == 404
    for change in ({"end": "9999-12-31T00:00"}, {"note": "a\0b"}, {"layer_id": 3_000_000_000}):
        answer = mara.send("POST", "/rosters/1/overrides", **(override(people, "Carla") | change))
        assert answer.status_code == 422, answer.text
    assert mara.get(BOARD)["last_change"] is None


def test_layers_of_another_roster_are_refused(mara: Clerk, people: dict[str, int], database: Database) -> None:
    """Its times would be read on the wrong clock."""
    with database.transaction() as session:
        other = Roster(name="Days", time_zone="America/New_York", regions=["america"], layers=[])
        other.layers.append(RosterLayer(name="first", position=0))
        session.add(other)
        session.flush()
        foreign, elsewhere = other.layers[0].id, other.id
    answer = mara.send("POST", "/rosters/1/overrides", **override(people, "Carla", layer_id=foreign))
    assert (answer.status_code, answer.get_json()["field"]) == (422, "layer_id")
    made = mara.send("POST", "/rosters/1/overrides", **override(people, "Carla")).get_json()["id"]
    for path in (f"overrides/{made}", "layers/1"):
        answer = mara.send("DELETE", f"/rosters/{elsewhere}/{path}", version="any")
        assert (answer.status_code, answer.get_json()["field"]) == (422, "layer_id")
    assert len(mara.get(BOARD)["layers"]) == 1


def test_the_hour_that_comes_twice_can_be_told_apart(mara: Clerk, people: dict[str, int]) -> None:
    """On 25 October, 02:30 comes twice: without an offset it is the first; with one, the one meant."""
    second = override(people, "Carla", start="2026-10-25T02:30:00+01:00", end="2026-10-25T04:00:00")
    assert mara.send("POST", "/rosters/1/overrides", **second).status_code == 201
    history = mara.get("/rosters/1/history.json")["changes"]
    assert history[0]["words"] == "Carla Neri covers in first, Sun 25 Oct 2026, 02:30 CET to Sun 25 Oct 2026, 04:00 CET"


def test_what_was_shown_of_that_hour_is_saved_as_it_was(mara: Clerk, people: dict[str, int]) -> None:
    """From the first 02:15 to the second one: the board tells the two apart, and takes back what it told."""
    span = {"start": "2026-10-25T02:15", "end": "2026-10-25T02:15+01:00"}
    assert mara.send("POST", "/rosters/1/overrides", **override(people, "Carla", **span)).status_code == 201
    for _ in range(2):
        board = mara.get("/rosters/1/board.json?from=2026-10-25&days=1")
        [shift] = [each for each in board["layers"][0]["shifts"] if each["override_id"]]
        assert {name: shift[name] for name in ("start", "end")} == span
        where = f"/rosters/1/overrides/{shift['override_id']}"
        kept = {name: shift["override"][name] for name in ("start", "end", "version")}
        assert mara.send("PUT", where, **override(people, "Carla", **kept)).status_code == 200
    off = {"person_id": people["Dino"], "start": "2026-10-25T02:45+01:00", "end": "2026-10-25T09:00", "note": ""}
    assert mara.send("POST", "/rosters/1/time-off", **off).status_code == 201
    board = mara.get("/rosters/1/board.json?from=2026-10-25&days=1")
    assert [(each["start"], each["end"]) for each in board["time_off"]] == [(off["start"], off["end"])]
    written = {
        at: mara.get(f"/rosters/1/what-if.json?at={quote(at)}&region=europe")["written"]
        for at in ("2026-10-25T02:30", "2026-10-25T02:30+01:00")
    }
    assert list(written.values()) == ["Sun 25 Oct 2026, 02:30 CEST", "Sun 25 Oct 2026, 02:30 CET"]


def test_half_an_hour_that_comes_twice(mara: Clerk, people: dict[str, int], database: Database) -> None:
    """On Lord Howe Island the clock goes back by thirty minutes: from the first 01:45 to the second is half an hour."""
    with database.transaction() as session:
        session.execute(update(Roster).values(time_zone="Australia/Lord_Howe"))
    span = {"start": "2027-04-04T01:45", "end": "2027-04-04T01:45+10:30"}
    assert mara.send("POST", "/rosters/1/overrides", **override(people, "Carla", **span)).status_code == 201
    board = mara.get("/rosters/1/board.json?from=2027-04-04&days=1")
    [shift] = [each for each in board["layers"][0]["shifts"] if each["override_id"]]
    assert {name: shift[name] for name in ("start", "end")} == span
    words = mara.get("/rosters/1/history.json")["changes"][0]["words"]
    assert words.endswith("Sun 4 Apr 2027, 01:45 UTC+11 to Sun 4 Apr 2027, 01:45 UTC+1030")
    hours = mara.get("/rosters/1/figures.json?from=2027-04-04&to=2027-04-05")["people"]
    assert {"Carla Neri": 0.5}.items() <= {each["name"]: each["total"] for each in hours}.items()


def test_the_board_says_when_its_clock_changes(mara: Clerk) -> None:
    clock = mara.get(BOARD)["clock"]
    autumn = int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()) // 60
    assert {"at": autumn, "offset": 60, "name": "CET"} in clock
    assert [each["at"] for each in clock] == sorted(each["at"] for each in clock)


def test_layers_and_rotations(mara: Clerk, people: dict[str, int]) -> None:
    turns = [[people["Carla"], people["Dino"]], [people["Bruno"]]]
    rotation: dict[str, Any] = {"start": "2026-06-01T18:00", "every": "2 days", "until": None, "turns": turns}
    hours = [{"days": ["mon", "tue"], "from": "18:00", "to": "09:00"}]
    backup: dict[str, Any] = {"name": "backup", "hours": hours, "rotations": [rotation]}
    made = mara.send("POST", "/rosters/1/layers", **backup)
    assert made.status_code == 201
    [_, layer] = mara.get("/rosters/1/layers.json")["layers"]
    assert layer == backup | {"id": made.get_json()["id"], "version": layer["version"]}
    where = f"/rosters/1/layers/{layer['id']}"
    assert mara.send("POST", f"{where}/move", position=0, version=layer["version"]).status_code == 200
    [moved, first] = mara.get("/rosters/1/layers.json")["layers"]
    assert (moved["name"], first["name"]) == ("backup", "first")
    wrong = backup | {"rotations": [rotation | {"every": "fortnight"}], "version": moved["version"]}
    refused = mara.send("PUT", where, **wrong)
    assert (refused.status_code, refused.get_json()["field"]) == (422, "rotations.0")
    assert "cannot read 'fortnight'" in refused.get_json()["error"]
    assert mara.send("DELETE", where, version=moved["version"]).status_code == 200
    assert [each["name"] for each in mara.get("/rosters/1/layers.json")["layers"]] == ["first"]


def test_a_swap_between_two_browsers(roster_app: Flask, people: dict[str, int]) -> None:
    ada, bruno = Clerk(roster_app, "ada@example.org"), Clerk(roster_app, "bruno@example.org")
    back = {"layer_id": 1, "start": "2026-06-09T18:00", "end": "2026-06-10T06:00"}
    asked = ada.send(
        "POST", "/rosters/1/swaps", layer_id=1, **TUESDAY, other_id=people["Bruno"], note="", **{"return": back}
    )
    assert asked.status_code == 201, asked.text
    number = asked.get_json()["id"]
    [waiting] = bruno.get(BOARD)["swaps"]
    assert (waiting["id"], waiting["mine"], waiting["state"]) == (number, True, "proposed")
    refused = ada.send("POST", f"/swaps/{number}/accept")
    assert (refused.status_code, refused.get_json()["error"]) == (409, "Only Bruno Verdi can accept this swap.")
    assert bruno.send("POST", f"/swaps/{number}/accept").get_json() == {"state": "accepted"}
    shifts = bruno.get(BOARD)["layers"][0]["shifts"]
    held = {(shift["start"], tuple(shift["people"])) for shift in shifts}
    assert {("2026-06-02T18:00", (people["Bruno"],)), ("2026-06-09T18:00", (people["Ada"],))} <= held
    assert ada.send("POST", f"/swaps/{number}/cancel").get_json() == {"state": "cancelled"}
    assert len(bruno.get(BOARD)["layers"][0]["shifts"]) == 3


def test_technicians_enter_their_own_time_off_only(roster_app: Flask, people: dict[str, int]) -> None:
    ada = Clerk(roster_app, "ada@example.org")
    days = {"start": "2026-06-03T00:00", "end": "2026-06-05T00:00", "note": "", "accept_gaps": True}
    assert ada.send("POST", "/rosters/1/time-off", person_id=people["Bruno"], **days).status_code == 403
    past = days | {"start": "2026-05-20T00:00"}
    refused = ada.send("POST", "/rosters/1/time-off", person_id=people["Ada"], **past)
    assert "begins in the past: ask a manager" in refused.get_json()["error"]
    made = ada.send("POST", "/rosters/1/time-off", person_id=people["Ada"], **days)
    assert made.status_code == 201
    board = ada.get(BOARD)
    assert [each["person_id"] for each in board["time_off"]] == [people["Ada"]]
    away = [shift for shift in board["layers"][0]["shifts"] if shift["absent"]]
    assert [(shift["start"], shift["end"], shift["people"]) for shift in away] == [
        ("2026-06-03T00:00", "2026-06-05T00:00", [])
    ]
    assert ada.send("DELETE", f"/rosters/1/time-off/{made.get_json()['id']}").status_code == 200
    assert ada.send("POST", "/rosters/1/overrides", **override(people, "Carla")).status_code == 403


def test_time_off_that_opens_a_gap_is_told_to_the_manager(
    ada: Clerk, people: dict[str, int], database: Database
) -> None:
    """Sent twice, as a browser does that got no answer: told once, with the way to look at it."""
    days = {"start": "2026-06-03T18:00", "end": "2026-06-04T00:00", "note": "", "person_id": people["Ada"]}
    asked = ada.send("POST", "/rosters/1/time-off", **days)
    assert (asked.status_code, asked.get_json()["confirm"]) == (409, True)
    answers = [ada.send("POST", "/rosters/1/time-off", **days, accept_gaps=True).status_code for _ in range(2)]
    assert answers == [201, 409]
    with database.transaction() as session:
        [mail] = session.scalars(select(Message)).all()
        assert mail.recipient == "mara@example.org"
        assert "Time off of Ada Rossi, Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 00:00 CEST" in mail.body
        assert "http://127.0.0.1:8000/rosters/1?from=2026-06-03" in mail.body


def test_who_would_be_rung(mara: Clerk) -> None:
    found = mara.get("/rosters/1/what-if.json?at=2027-03-28T02:30&region=europe")
    assert (found["hours"], found["written"]) == ("after hours", "Sun 28 Mar 2027, 03:30 CEST")
    steps = [(step["seconds"], step["person"], step["together"]) for step in found["steps"]]
    # 42 weeks and some days after the first turn: Ada's again, rung three times 45 s apart, then everybody.
    assert steps == [
        (0, "Ada Rossi", False),
        (45, "Ada Rossi", False),
        (90, "Ada Rossi", False),
        (135, "Ada Rossi", True),
    ]
    assert (
        mara.client.get("/rosters/1/what-if.json?region=moon", headers={"Accept": "application/json"}).status_code
        == 422
    )


def test_asking_for_a_customer_and_a_priority(
    roster_app: Flask, mara: Clerk, ada: Clerk, people: dict[str, int], database: Database
) -> None:
    """Technicians see customers' names, viewers don't; both may ask for a region."""
    assert people
    with database.transaction() as session:
        for name, paid in (("Acme", True), ("Beta", False), ("Nobody's", True)):
            customer = Customer(name=name)
            session.add(customer)
            if name == "Nobody's":
                continue
            contract = Contract(plan="platinum", region_name="europe", paid=paid)
            contract.start_date, contract.end_date = date(2026, 1, 1), date(2027, 12, 31)
            contract.products = [Product(name="UC Suite")]
            contract.pins = [Pin(blind_index=name.encode(), keyed_hash=b"x", created_at=real_now())]
            customer.contracts = [contract]
    customers = {each["name"]: each["id"] for each in ada.get("/rosters/customers.json")["customers"]}
    assert list(customers) == ["Acme", "Beta"]
    ask = "/rosters/1/what-if.json?at=2026-06-02T02:00"
    found = ada.get(f"{ask}&customer={customers['Acme']}&priority=P2")
    assert (found["customer"], found["region"], found["priority"], found["refused"]) == ("Acme", "europe", "P2", None)
    assert (found["words"], found["steps"][0]["person"]) == ("After hours, the people on call:", "Ada Rossi")
    unpaid = mara.get(f"{ask}&customer={customers['Beta']}")
    assert (unpaid["refused"], unpaid["steps"]) == ({"reason": "unpaid", "words": "Fees are unpaid"}, [])
    assert unpaid["words"] == "Beta would be turned away, and nobody rung. Fees are unpaid."
    low = ada.get(f"{ask}&customer={customers['Acme']}&priority=P4")
    assert low["words"] == (
        "After hours, nobody is rung for P4: the caller can leave a message, which becomes a P3 ticket for the next "
        "working day."
    )
    vera = Clerk(roster_app, "vera@example.org")
    assert vera.get(f"{ask}&region=europe&priority=P3")["message"] is True
    json = {"Accept": "application/json"}
    assert vera.client.get(f"{ask}&customer={customers['Acme']}", headers=json).status_code == 403
    assert vera.client.get("/rosters/customers.json", headers=json).status_code == 403
    assert "what-if-customer" not in vera.client.get("/rosters/1").text
    assert "what-if-customer" in ada.client.get("/rosters/1").text
    for query, field in (("customer=99", "customer"), ("customer=-1", "customer"), ("priority=P5", "priority")):
        answer = ada.client.get(f"{ask}&{query}", headers=json)
        assert (answer.status_code, answer.get_json()["field"]) == (422, field)


def test_hours_on_call(mara: Clerk) -> None:
    found = mara.get("/rosters/1/figures.json?from=2026-06-01&to=2026-06-15")
    assert [(each["name"], each["total"]) for each in found["people"]] == [("Ada Rossi", 168.0), ("Bruno Verdi", 150.0)]
    table = mara.client.get("/rosters/1/figures.csv?from=2026-06-01&to=2026-06-15")
    assert table.mimetype == "text/csv"
    assert table.text.splitlines()[1].endswith(",168.00,9.00")
    assert "on-call-hours-2026-06-01-to-2026-06-15.csv" in table.headers["Content-Disposition"]


def test_rosters_and_days_that_are_not_there(mara: Clerk) -> None:
    json = {"Accept": "application/json"}
    assert mara.client.get("/rosters/9/board.json", headers=json).status_code == 404
    assert mara.client.get("/rosters/1/board.json?days=94", headers=json).status_code == 422
    assert mara.client.get("/rosters/1/board.json?from=June", headers=json).status_code == 422
    assert mara.send("POST", "/rosters/1/overrides", layer_id=99, person_id=1, **TUESDAY).status_code == 409


def test_nothing_changes_without_the_token_of_our_page(mara: Clerk, people: dict[str, int]) -> None:
    body = override(people, "Carla")
    assert mara.client.post("/rosters/1/overrides", json=body).status_code == 400
    assert mara.get(BOARD)["last_change"] is None


def test_a_body_nested_without_end_is_refused(mara: Clerk) -> None:
    headers = {"Accept": "application/json", "Content-Type": "application/json", "X-CSRFToken": mara.token}
    answer = mara.client.post("/rosters/1/overrides", data="[" * 100_000, headers=headers)
    assert answer.status_code == 400
    assert "nested too deeply" in answer.get_json()["error"]


def test_the_page_itself(roster_app: Flask, mara: Clerk) -> None:
    page = mara.client.get("/rosters/1")
    assert page.status_code == 200
    assert "<h1>Nights</h1>" in mara.client.get("/rosters").text  # the only one, without a detour
    assert "Nights" in page.text
    assert roster_app.test_client().get("/rosters/1", headers={"Accept": "text/html"}).status_code in {302, 303}


def test_templates_are_there() -> None:
    folder = Path(__file__).parents[4] / "web" / "templates"
    assert {"roster.html", "rosters.html"} <= {path.name for path in folder.iterdir()}
