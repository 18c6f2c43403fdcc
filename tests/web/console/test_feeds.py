"""Calendar feeds: read by a real parser, true to the roster, secret, revocable."""

import re
from datetime import UTC, datetime, timedelta

from flask import Flask
from icalendar import Calendar
from icalendar.cal import Component
from sqlalchemy import select

from core.db import Database
from core.settings import Settings
from oncall.models.access.accounts import Account
from schedules.wall_clock import wall_time
from tests.web.conftest import build
from tests.web.console.rosters.roster_desk import MORNING, Clerk
from tests.web.signing_in import BROWSER, disable

ROME = "Europe/Rome"


def get_feed(clerk: Clerk, about: str = "me", name: str = "") -> str:
    """The new feed's path."""
    form = {"about": about, "name": name, "csrf_token": clerk.token}
    answer = clerk.client.post("/calendars", data=form, headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/calendars"), answer.text
    found = re.search(r"/calendar/[\w-]+\.ics", clerk.client.get("/calendars", headers=BROWSER).text)
    assert found
    return found.group()


def events(roster_app: Flask, path: str) -> list[Component]:
    """What a calendar program sees, which has not signed in."""
    answer = roster_app.test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def spans(found: list[Component]) -> list[tuple[datetime, datetime]]:
    return [(each.decoded("dtstart"), each.decoded("dtend")) for each in found]


def test_my_shifts_across_both_clock_changes(roster_app: Flask, ada: Clerk) -> None:
    found = events(roster_app, get_feed(ada))
    first = datetime(2026, 6, 1, 16, tzinfo=UTC)
    assert spans(found)[0] == (first, first + timedelta(weeks=1))
    assert all(str(each["summary"]) == "On call: Ada Rossi (Nights, first)" for each in found)
    # Every other week, always at 18:00 in Rome: after 25 October that is an hour later in UTC.
    assert {f"{wall_time(start, ROME):%a %H:%M}" for start, _ in spans(found)} == {"Mon 18:00"}
    assert {start.hour for start, _ in spans(found)} == {16, 17}
    autumn = [end - start for start, end in spans(found) if start.date().isoformat() == "2026-10-19"]
    assert autumn == [timedelta(weeks=1, hours=1)]
    assert len({str(each["uid"]) for each in found}) == len(found)


def test_a_shift_keeps_its_name_in_the_calendar(
    demo_settings: Settings, database: Database, roster_app: Flask, ada: Clerk
) -> None:
    """Fetched again in the middle of a shift, and weeks later: known shifts are the same events."""
    path = get_feed(ada)
    first = {str(each["uid"]): each.decoded("dtstart") for each in events(roster_app, path)}
    for later in (timedelta(days=3, hours=1), timedelta(days=25)):
        moved = build(demo_settings, database, MORNING + later)
        again = {str(each["uid"]): each.decoded("dtstart") for each in events(moved, path)}
        assert again.items() >= {uid: start for uid, start in first.items() if uid in again}.items()
        assert len(again.keys() & first.keys()) == len(first)


def test_an_overridden_shift_is_no_longer_mine(roster_app: Flask, ada: Clerk, people: dict[str, int]) -> None:
    path = get_feed(ada)
    before = {str(each["uid"]) for each in events(roster_app, path)}
    mara = Clerk(roster_app, "mara@example.org")
    span = {"start": "2026-06-01T18:00", "end": "2026-06-08T18:00"}
    made = mara.send("POST", "/rosters/1/overrides", layer_id=1, person_id=people["Carla"], **span)
    assert made.status_code == 201
    after = events(roster_app, path)
    assert before - {str(each["uid"]) for each in after} != set()
    assert all(start >= datetime(2026, 6, 8, 16, tzinfo=UTC) for start, _ in spans(after))


def test_a_roster_shows_everybody_and_why(roster_app: Flask, ada: Clerk, people: dict[str, int]) -> None:
    mara = Clerk(roster_app, "mara@example.org")
    span = {"start": "2026-06-02T18:00", "end": "2026-06-03T06:00"}
    mara.send("POST", "/rosters/1/overrides", layer_id=1, person_id=people["Carla"], kind="add", note="busy", **span)
    found = events(roster_app, get_feed(ada, "1"))
    together = [each for each in found if each.decoded("dtstart") == datetime(2026, 6, 2, 16, tzinfo=UTC)]
    assert [str(each["summary"]) for each in together] == [
        "On call: Ada Rossi (Nights, first)",
        "On call: Carla Neri (Nights, first)",
    ]
    assert str(together[0]["description"]) == ("override by Mara, Mon 1 Jun 2026, 10:00 CEST (busy)\nwith Carla Neri")


def test_revoked_is_gone_at_once(roster_app: Flask, ada: Clerk) -> None:
    path = get_feed(ada)
    assert path not in ada.client.get("/calendars").text  # shown once
    number = re.search(r"/calendars/(\d+)/revoke", ada.client.get("/calendars").text)
    assert number
    bruno = Clerk(roster_app, "bruno@example.org")
    where = f"/calendars/{number.group(1)}/revoke"
    assert bruno.client.post(where, data={"csrf_token": bruno.token}, headers=BROWSER).status_code == 409
    assert roster_app.test_client().get(path).status_code == 200
    assert ada.client.post(where, data={"csrf_token": ada.token}, headers=BROWSER).status_code == 302
    assert roster_app.test_client().get(path).status_code == 404


def test_a_disabled_account_takes_its_calendars_along(roster_app: Flask, ada: Clerk, database: Database) -> None:
    path = get_feed(ada, "1")
    with database.transaction() as session:
        account = session.scalars(select(Account.id).where(Account.email == "ada@example.org")).one()
    disable(database, account)
    assert roster_app.test_client().get(path).status_code == 404


def test_a_guess_and_a_wrong_wish(roster_app: Flask, ada: Clerk) -> None:
    assert roster_app.test_client().get("/calendar/guess.ics").status_code == 404
    for about, status in (("", 422), ("9", 409)):
        answer = ada.client.post("/calendars", data={"about": about, "csrf_token": ada.token}, headers=BROWSER)
        assert answer.status_code == status
    mara = Clerk(roster_app, "mara@example.org")  # not tied to a person, so there are no shifts of her own
    assert mara.client.post("/calendars", data={"about": "me", "csrf_token": mara.token}).status_code == 422
