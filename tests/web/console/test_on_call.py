"""`/on-call` and `/on-call/mine`: now and next as the engine answers, numbers for technicians only, shifts by week."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from core.db import Database
from oncall.models.rosters import Roster
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.signing_in import BROWSER, signed_in


def look(client: FlaskClient, path: str) -> str:
    """The words of the page, each tag a space."""
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    main = answer.text.partition("<main>")[2].replace("&#39;", "'")
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def cover(mara: Clerk, person: int, start: str, end: str) -> None:
    body = {"layer_id": 1, "start": start, "end": end, "kind": "replace", "note": "", "person_id": person}
    answer = mara.send("POST", "/rosters/1/overrides", **body, accept_gaps=True)
    assert answer.status_code == 201, answer.text


def test_now_and_next_and_numbers_for_technicians_only(
    roster_app: Flask, mara: Clerk, ada: Clerk, people: dict[str, int]
) -> None:
    cover(mara, people["Carla"], "2026-06-01T09:00", "2026-06-01T12:00")
    cover(mara, people["Ada"], "2026-06-02T10:00", "2026-06-02T12:00")
    shown = look(ada.client, "/on-call")
    assert "Now Carla Neri +390584000003 until Mon 1 Jun 2026, 12:00 CEST · override by Mara" in shown
    viewer = look(signed_in(roster_app, "vera@example.org"), "/on-call")
    assert "Now Carla Neri until Mon 1 Jun 2026, 12:00 CEST" in viewer
    assert "+39" not in viewer


def test_my_shifts_by_week_with_links_to_the_day(ada: Clerk, mara: Clerk, people: dict[str, int]) -> None:
    cover(mara, people["Ada"], "2026-06-10T18:00", "2026-06-11T07:30")
    shown = look(ada.client, "/on-call/mine")
    first, second, third = shown.split("Week of ")[1:4]
    # Her week of rotation is one shift, and so is what she covers within Bruno's.
    assert first.startswith("Mon 1 Jun 2026 Mon 1 Jun 2026, 18:00 CEST to Mon 8 Jun 2026, 18:00 CEST 168 h")
    assert "Wed 10 Jun 2026, 18:00 CEST to Thu 11 Jun 2026, 07:30 CEST 13 h 30 min · Nights, first · override" in second
    assert third.startswith("Mon 15 Jun 2026")
    assert '"/rosters/1?from=2026-06-10"' in ada.client.get("/on-call/mine", headers=BROWSER).text
    assert "Your account is tied to nobody who can be rung" in look(mara.client, "/on-call/mine")


def test_a_roster_that_cannot_be_worked_out_is_named(ada: Clerk, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(Roster).values(time_zone="Atlantis/Capital"))
    assert "unknown time zone" in look(ada.client, "/on-call")
    mine = look(ada.client, "/on-call/mine")
    assert "The roster Nights can't be worked out" in mine
    assert "as far as rosters can be worked out" in mine
