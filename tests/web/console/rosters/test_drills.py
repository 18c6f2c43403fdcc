"""Drills over HTTP: what is shown, who may begin one, and what is refused."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core.db import Database
from oncall.delivery.contact_faults import note_fault
from oncall.drills.beginning import watch_drills
from oncall.models.calls import PhoneCall
from oncall.models.contacts.contact_faults import ContactWay
from oncall.models.contacts.faults import Fault, FaultKind
from oncall.models.drills import Drill
from oncall.models.people import Person
from oncall.models.stored_settings import PAGING, write
from tests.web.console.rosters.roster_desk import MORNING, Clerk
from tests.web.signing_in import JSON

WHERE, RESULTS = "/rosters/1/drills", "/rosters/1/drills.json"
STOPPED = Fault(FaultKind.PERSON, "21610", "STOP was texted from that phone, so it gets no texts any more")
SIX_HOURS = timedelta(hours=6)


def settle(database: Database, **values: object) -> None:
    """The latest drill came to this."""
    with database.transaction() as session:
        drill = session.scalars(select(Drill).order_by(Drill.id.desc()).limit(1)).one()
        for name, value in values.items():
            setattr(drill, name, value)
        drill.ended_at = MORNING if drill.call_result else None


def failed_drills(app: Flask) -> str:
    lines = app.test_client().get("/metrics").text.splitlines()
    [line] = [line for line in lines if line.startswith("nightline_drills_failed ")]
    return line.rpartition(" ")[2]


def test_nobody_tested_yet(mara: Clerk, database: Database) -> None:
    assert mara.get(RESULTS) == {"at": "16:00", "drills": [], "faults": []}
    with database.transaction() as session:
        write(session, PAGING, {"drill": "never"})
    assert mara.get(RESULTS)["at"] is None


def test_what_is_out_of_reach_stands_beside_them(mara: Clerk, people: dict[str, int], database: Database) -> None:
    with database.transaction() as session:
        ada = session.get_one(Person, people["Ada"])
        note_fault(session, ada, ContactWay.TEXT, Fault(FaultKind.NUMBER, "21635", "the number is a landline"), MORNING)
    [fault] = mara.get(RESULTS)["faults"]
    assert fault == {
        "id": 1,
        "person": "Ada Rossi",
        "since": "Mon 1 Jun 2026, 10:00 CEST",
        "words": "Texts fail: the number is a landline (21635)",
        "remedy": "See whether the directory has the right address, or let somebody else cover.",
    }
    assert mara.get("/rosters/1/board.json")["contact_faults"] == 1


def test_a_manager_tests_a_phone_now(mara: Clerk, people: dict[str, int], database: Database) -> None:
    assert mara.send("POST", WHERE, person_id=people["Ada"]).status_code == 201
    [drill] = mara.get(RESULTS)["drills"]
    assert drill == {
        "id": 1,
        "person_id": people["Ada"],
        "person": "Ada Rossi",
        "state": "open",
        "at": "Mon 1 Jun 2026, 10:00 CEST",
        "by": "Mara",
        "shift": "Mon 1 Jun 2026, 18:00 CEST",
        "layer": "first",
        "call": "to be made when free",
        "text": "not sent",
    }
    settle(database, call_result="confirmed", text_result="delivered")
    [drill] = mara.get(RESULTS)["drills"]
    assert (drill["state"], drill["call"], drill["text"]) == ("passed", "confirmed by key 1", "delivered")


def test_the_drills_of_the_clock_newest_first(mara: Clerk, people: dict[str, int], database: Database) -> None:
    with database.transaction() as session:
        watch_drills(session, MORNING + SIX_HOURS)
    settle(database, call_result="no answer", tries=2, text_result="failed", text_fault=STOPPED)
    assert mara.send("POST", WHERE, person_id=people["Dino"]).status_code == 201
    newest, oldest = mara.get(RESULTS)["drills"]
    assert (newest["person"], newest["shift"], newest["by"]) == ("Dino Bianchi", None, "Mara")
    assert (oldest["person"], oldest["state"], oldest["by"]) == ("Ada Rossi", "failed", "")
    assert oldest["call"] == "no answer, twice"
    assert oldest["text"] == "failed: STOP was texted from that phone, so it gets no texts any more (21610)"


@pytest.mark.parametrize("email", ["vera@example.org", "ada@example.org"])
def test_others_look_and_begin_nothing(
    roster_app: Flask, people: dict[str, int], database: Database, email: str
) -> None:
    clerk = Clerk(roster_app, email)
    assert clerk.get(RESULTS)["drills"] == []
    assert clerk.send("POST", WHERE, person_id=people["Ada"]).status_code == 403
    with database.transaction() as session:
        assert session.scalar(select(Drill.id)) is None


def test_strangers_see_nothing(roster_app: Flask) -> None:
    client = roster_app.test_client()
    assert client.get(RESULTS, headers=JSON).status_code == 401
    assert client.post(WHERE, json={"person_id": 1}, headers=JSON).status_code == 401


def test_only_from_our_own_pages(mara: Clerk, people: dict[str, int]) -> None:
    answer = mara.client.post(WHERE, json={"person_id": people["Ada"]}, headers=JSON)
    assert answer.status_code == 400
    assert mara.get(RESULTS)["drills"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"person_id": 4711}, 422),
        ({"person_id": 0}, 422),
        ({"person_id": 2**40}, 422),
        ({"person_id": "Ada"}, 422),
        ({}, 422),
        ({"person_id": None}, 422),
    ],
)
def test_nobody_of_that_kind(mara: Clerk, body: dict[str, object], status: int) -> None:
    answer = mara.send("POST", WHERE, **body)
    assert (answer.status_code, answer.get_json()["field"]) == (status, "person_id")


def test_no_such_roster(mara: Clerk, people: dict[str, int]) -> None:
    assert mara.send("POST", "/rosters/99/drills", person_id=people["Ada"]).status_code == 404
    assert mara.client.get("/rosters/99/drills.json", headers=JSON).status_code == 404


def test_refused_while_tested_or_busy(mara: Clerk, people: dict[str, int], database: Database) -> None:
    assert mara.send("POST", WHERE, person_id=people["Ada"]).status_code == 201
    again = mara.send("POST", WHERE, person_id=people["Ada"])
    assert (again.status_code, again.get_json()["error"]) == (
        409,
        "Ada Rossi is being tested already: wait for the result.",
    )
    with database.transaction() as session:
        phone = session.scalars(select(Person.phone).where(Person.id == people["Bruno"])).one()
        session.add(PhoneCall(direction="in", purpose="hotline", number=phone, state="answered", created_at=MORNING))
    busy = mara.send("POST", WHERE, person_id=people["Bruno"])
    assert busy.status_code == 409
    assert "Bruno Verdi is on a page or in a call right now" in busy.get_json()["error"]


def test_failed_drills_are_in_the_metrics_until_the_phone_passes(
    roster_app: Flask, mara: Clerk, people: dict[str, int], database: Database
) -> None:
    assert failed_drills(roster_app) == "0.0"
    mara.send("POST", WHERE, person_id=people["Ada"])
    assert failed_drills(roster_app) == "0.0"
    settle(database, call_result="confirmed", text_result="failed")
    assert failed_drills(roster_app) == "1.0"
    mara.send("POST", WHERE, person_id=people["Ada"])
    assert failed_drills(roster_app) == "1.0"
    settle(database, call_result="confirmed")
    assert failed_drills(roster_app) == "0.0"
    settle(database, call_result="no answer")
    assert failed_drills(roster_app) == "1.0"
    settle(database, shift_at=MORNING - SIX_HOURS)
    settle(database, call_result="not needed")
    assert failed_drills(roster_app) == "1.0"  # the first one's text, of the shift to come
