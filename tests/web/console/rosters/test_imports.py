"""The page of imports: who may, what it shows, what it writes, and what a hostile browser gets."""

import base64
import html
import re
import tracemalloc
import zlib
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from core.db import Database
from core.locks import Lock
from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import RosterOverride
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.signing_in import BROWSER

PATH = "/rosters/1/import"


def event(day: int, name: str = "Carla Neri", more: str = "") -> str:
    start, end = f"202606{day:02}T180000", f"202606{day + 1:02}T080000"
    return (
        f"BEGIN:VEVENT\r\nUID:{day}{name}\r\nSUMMARY:{name}\r\nDTSTART:{start}\r\nDTEND:{end}\r\n{more}END:VEVENT\r\n"
    )


def calendar(*events: str) -> str:
    return f"BEGIN:VCALENDAR\r\n{''.join(events)}END:VCALENDAR\r\n"


TWO = calendar(event(3), event(5, "Dino Bianchi"))
ROSTER = """\
rosters:
  - name: Nights
    regions: [europe]
    time_zone: Europe/Rome
    layers:
      - name: first
        rotation: {start: 2026-06-01T18:00, every: 1 day, people: [Ada Rossi, Carla Neri]}
"""


def look(clerk: Clerk, text: str | bytes, kind: str = "calendar", file: str = "duty.ics", **more: str) -> TestResponse:
    """Send a file to be looked at."""
    content = text.encode() if isinstance(text, str) else text
    data = {"csrf_token": clerk.token, "kind": kind, "layer": "1", "file": (BytesIO(content), file), **more}
    return clerk.client.post(PATH, data=data, headers=BROWSER, content_type="multipart/form-data")


def fields(page: str) -> dict[str, str]:
    """What the preview's button would send."""
    form = page[page.index("/import/confirm") :].partition("</form>")[0]
    return {name: html.unescape(value) for name, value in re.findall(r'hidden" name="(\w+)" value="([^"]*)"', form)}


def press(clerk: Clerk, page: TestResponse, **more: str) -> TestResponse:
    """Press the preview's button."""
    return clerk.client.post(f"{PATH}/confirm", data=fields(page.text) | more, headers=BROWSER)


def words(page: TestResponse) -> str:
    """What a reader sees, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main>")[2])).split())


def written(database: Database) -> list[tuple[int | None, str]]:
    with database.transaction() as session:
        rows = session.scalars(select(RosterOverride).order_by(RosterOverride.span))
        return [(row.person_id, row.note) for row in rows]


def test_what_was_sent_is_kept_while_somebody_else_changes_rosters(hurried: Database, mara: Clerk) -> None:
    """From the look at it, and from the preview: the form comes back with the file's text in it."""
    shown = look(mara, TWO)
    with hurried.transaction() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": Lock.ROSTER_CHANGE})
        answers = [look(mara, TWO), press(mara, shown)]
    for answer in answers:
        assert answer.status_code == 409
        assert "Somebody else is changing rosters at this moment" in words(answer)
        assert html.unescape(answer.text).replace("\r\n", "\n").count(TWO.replace("\r\n", "\n").strip()) == 1
    assert written(hurried) == []
    assert press(mara, shown).status_code == 303


def test_a_calendar_is_shown_then_written_then_undone(database: Database, mara: Clerk, people: dict[str, int]) -> None:
    shown = look(mara, TWO)
    assert shown.status_code == 200
    assert "2 shifts would be added to first. Nothing is written yet." in words(shown)
    assert "Carla Neri Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 08:00 CEST line 2" in words(shown)
    assert "Import these 2 shifts" in words(shown)
    assert written(database) == []
    done = press(mara, shown)
    with database.transaction() as session:
        [change] = session.scalars(select(RosterChange.id))
    assert (done.status_code, done.location) == (303, f"{PATH}?done={change}")
    assert written(database) == [(people["Carla"], "import"), (people["Dino"], "import")]
    assert "Imported 2 shifts into first from duty.ics. See it" in words(
        mara.client.get(done.location, headers=BROWSER)
    )
    assert mara.send("POST", "/rosters/1/undo", change_id=change).status_code == 200
    assert written(database) == []
    undone = words(mara.client.get(done.location, headers=BROWSER))
    assert "Imported 2 shifts into first from duty.ics, and undone since." in undone


def test_what_is_done_is_told_whoever_changes_the_roster_next(mara: Clerk, people: dict[str, int]) -> None:
    """A calendar's, and a directory file's."""
    for content, kind, told in (
        (TWO, "calendar", "Imported 2 shifts into first from duty.ics."),
        (ROSTER, "directory", "Imported the roster from duty.ics: 1 change."),
    ):
        done = press(mara, look(mara, content, kind), accept_gaps="yes")
        day = "2026-06-20" if kind == "calendar" else "2026-06-22"
        other = {"start": f"{day}T20:00", "end": f"{day}T22:00"}
        made = mara.send("POST", "/rosters/1/overrides", layer_id=1, person_id=people["Dino"], **other)
        assert made.status_code == 201, made.text
        assert told in words(mara.client.get(done.location, headers=BROWSER))


@pytest.mark.parametrize("number", ["yes", "0", "-1", "999", "9" * 30, "1.5", "²"])
def test_a_change_that_is_none_is_not_told(mara: Clerk, number: str) -> None:
    page = mara.client.get(PATH, query_string={"done": number}, headers=BROWSER)
    assert (page.status_code, "banner" in page.text) == (200, False)


def test_twice_changes_nothing(database: Database, mara: Clerk) -> None:
    press(mara, look(mara, TWO))
    again = look(mara, TWO)
    assert "Everything is in first already: nothing would be changed." in words(again)
    assert "There already 2" in words(again)
    assert "There is nothing to import." in words(again)
    assert "/import/confirm" in again.text
    assert len(written(database)) == 2


def test_what_is_in_the_way_and_what_is_not_understood(database: Database, mara: Clerk, people: dict[str, int]) -> None:
    span = {"start": "2026-06-03T20:00", "end": "2026-06-03T22:00"}
    mara.send("POST", "/rosters/1/overrides", layer_id=1, person_id=people["Bruno"], **span)
    page = look(
        mara,
        calendar(event(3), event(5, "Dino Bianchi"), event(7, "Carl Neri"), event(9, more="RRULE:FREQ=SECONDLY\r\n")),
    )
    text = words(page)
    assert "Import this shift" in text
    assert "Bruno Verdi covers already, Wed 3 Jun 2026, 20:00 CEST to Wed 3 Jun 2026, 22:00 CEST, by Mara." in text
    assert "Nobody here is called “Carl Neri”. Did you mean Carla Neri?" in text
    assert "It repeats every second, which no shift does." in text
    assert "line 14" in text
    press(mara, page)
    assert [person for person, _ in written(database)] == [people["Bruno"], people["Dino"]]


def test_pasted_text_and_what_was_pasted_comes_back_when_it_is_wrong(database: Database, mara: Clerk) -> None:
    data = {"csrf_token": mara.token, "kind": "calendar", "layer": "1", "text": TWO}
    shown = mara.client.post(PATH, data=data, headers=BROWSER)
    press(mara, shown)
    assert len(written(database)) == 2
    with database.transaction() as session:
        assert session.scalar(select(RosterChange.words)) == "Imported 2 shifts into first from pasted text"
    wrong = mara.client.post(PATH, data=data | {"text": "BEGIN:NOTHING <b>"}, headers=BROWSER)
    assert wrong.status_code == 422
    assert "This is no iCal file" in words(wrong)
    assert "BEGIN:NOTHING &lt;b&gt;</textarea>" in wrong.text


def test_a_change_in_between_shows_a_new_preview(database: Database, mara: Clerk, people: dict[str, int]) -> None:
    shown = look(mara, TWO)
    span = {"start": "2026-06-03T20:00", "end": "2026-06-03T22:00"}
    mara.send("POST", "/rosters/1/overrides", layer_id=1, person_id=people["Bruno"], **span)
    outdated = press(mara, shown)
    assert outdated.status_code == 409
    assert "Something has changed since you looked" in words(outdated)
    assert "Import this shift" in words(outdated)
    assert len(written(database)) == 1
    assert press(mara, outdated).status_code == 303
    assert len(written(database)) == 2


def test_a_gap_must_be_accepted(database: Database, mara: Clerk, people: dict[str, int]) -> None:
    span = {"start": "2026-06-03T18:00", "end": "2026-06-04T18:00"}
    mara.send("POST", "/rosters/1/time-off", person_id=people["Carla"], **span)
    shown = look(mara, TWO)
    assert "Nobody would be on call in europe: Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 08:00 CEST" in words(shown)
    refused = press(mara, shown)
    assert refused.status_code == 409
    assert written(database) == []
    assert press(mara, shown, accept_gaps="yes").status_code == 303
    assert len(written(database)) == 2


def test_a_roster_of_a_directory_file(database: Database, mara: Clerk) -> None:
    shown = look(mara, ROSTER, "directory", "nights.yaml")
    assert "layer first rotation changed" in words(shown)
    assert "This moves who is on call from" in words(shown), words(shown)
    assert press(mara, shown, accept_gaps="yes").status_code == 303
    with database.transaction() as session:
        assert session.scalar(select(RosterChange.words)) == "Imported the roster from nights.yaml: 1 change"
    assert "already as the file describes it" in words(look(mara, ROSTER, "directory", "nights.yaml"))
    wrong = look(mara, ROSTER.replace("Carla", "Clara"), "directory", "nights.yaml")
    assert wrong.status_code == 422
    assert "line 7" in words(wrong)
    assert "there is no person 'Clara Neri'; did you mean 'Carla Neri'?" in words(wrong)


def test_only_managers(roster_app: Flask, mara: Clerk) -> None:
    paths = (("GET", PATH), ("POST", PATH), ("POST", f"{PATH}/confirm"))
    for email in ("ada@example.org", "vera@example.org"):
        clerk = Clerk(roster_app, email)
        for method, path in paths:
            answer = clerk.client.open(path, method=method, data={"csrf_token": clerk.token}, headers=BROWSER)
            assert answer.status_code == 403
    stranger: FlaskClient = roster_app.test_client()
    assert [stranger.open(path, method=method, headers=BROWSER).status_code for method, path in paths] == [303] * 3
    assert mara.client.get(PATH, headers=BROWSER).status_code == 200
    assert mara.client.get("/rosters/9/import", headers=BROWSER).status_code == 404


def test_other_sites_cannot_send_it(database: Database, mara: Clerk) -> None:
    sent = fields(look(mara, TWO).text) | {"csrf_token": "guess"}
    assert mara.client.post(f"{PATH}/confirm", data=sent, headers=BROWSER).status_code == 400
    assert mara.client.post(PATH, data={"text": TWO}, headers=BROWSER).status_code == 400
    assert written(database) == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": "nonsense!"}, 400),
        ({"content": base64.urlsafe_b64encode(b"no zip").decode()}, 400),
        ({"content": base64.urlsafe_b64encode(zlib.compress(b"x" * 50_000_000)).decode()}, 422),
        ({"content": base64.urlsafe_b64encode(zlib.compress(calendar(event(9)).encode())).decode()}, 409),
        ({"seen": ""}, 409),
        ({"layer": "99"}, 409),
        ({"layer": "first"}, 409),
        ({"kind": "directory"}, 422),
    ],
)
def test_what_the_browser_sends_back_is_not_believed(
    database: Database, mara: Clerk, sent: dict[str, str], status: int
) -> None:
    assert press(mara, look(mara, TWO), **sent).status_code == status
    assert written(database) == []


def test_what_unpacks_to_much_is_not_unpacked(mara: Clerk) -> None:
    sent = fields(look(mara, TWO).text)
    sent["content"] = base64.urlsafe_b64encode(zlib.compress(b"x" * 50_000_000)).decode()
    tracemalloc.start()
    try:
        assert mara.client.post(f"{PATH}/confirm", data=sent, headers=BROWSER).status_code == 422
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_large_files_pass_and_too_large_ones_are_told_so(database: Database, mara: Clerk) -> None:
    padding = "X-NOTE:" + "x" * 800_000 + "\r\n"
    data = {"csrf_token": mara.token, "layer": "1", "text": calendar(event(3, more=padding))}
    shown = mara.client.post(PATH, data=data, headers=BROWSER, content_type="multipart/form-data")
    assert press(mara, shown).status_code == 303
    assert len(written(database)) == 1
    for content, status, told in ((b"x" * 950_000, 422, "larger than 900 KB"), (b"x" * 1_100_000, 413, "too much")):
        answer = look(mara, content)
        assert (answer.status_code, told in words(answer)) == (status, True)


def test_names_from_elsewhere_are_only_shown(database: Database, mara: Clerk) -> None:
    script = "<script>alert(1)</script>"
    page = look(mara, calendar(event(3), event(5, script)), file=f"C:\\duty\\{script}\x07.ics")
    assert script not in page.text
    assert "&lt;script&gt;" in page.text
    press(mara, page)
    with database.transaction() as session:
        assert session.scalar(select(RosterChange.words)) == "Imported 1 shift into first from script>.ics"


def test_nothing_sent(mara: Clerk) -> None:
    answer = mara.client.post(PATH, data={"csrf_token": mara.token, "layer": "1"}, headers=BROWSER)
    assert (answer.status_code, "choose a file, or paste its text" in words(answer)) == (422, True)
