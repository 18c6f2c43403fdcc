"""I am ill: what it opens is shown, then others are rung, also for a page that rings now, and those in charge hear."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from core.db import Database
from oncall.models.messages import Message
from oncall.models.pages import Attempt
from oncall.models.people import Person
from oncall.models.planning.changes import TimeOff
from oncall.rosters.on_call import chain
from oncall.rosters.reading import Shelf
from tests.web.console.rosters.roster_desk import MORNING, Clerk
from tests.web.signing_in import BROWSER, form_token
from tests.web.tickets.conftest import ada as at_night  # noqa: F401 - a fixture
from tests.web.tickets.conftest import dark  # noqa: F401 - a fixture

PATH = "/account/ill"


def look(client: FlaskClient, path: str = PATH, status: int = 200) -> str:
    """The words of the page, each tag a space."""
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == status
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main>")[2].replace("&#39;", "'")).split())


def report(who: FlaskClient, until: str, status: int = 303) -> str:
    data = {"csrf_token": form_token(who, "/account"), "until": until}
    answer = who.post(PATH, data=data, headers=BROWSER)
    assert answer.status_code == status
    return answer.text


def told(database: Database, channel: str) -> list[tuple[str, str]]:
    with database.transaction() as session:
        query = select(Message.recipient, Message.subject, Message.body).where(Message.channel == channel)
        rows = session.execute(query.where(Message.key.startswith("ill:")).order_by(Message.id))
        return [(row.recipient, row.subject or row.body) for row in rows]


def test_what_it_opens_is_shown_until_the_end_of_the_next_shift(ada: Clerk) -> None:
    shown = look(ada.client)
    assert "Nobody is left on this roster: team leaders are rung" in shown, "Ada is alone in the only layer"
    assert "Mon 1 Jun 2026, 18:00 CEST to Mon 8 Jun 2026, 18:00 CEST · Nights, first" in shown
    assert "I am ill until Mon 8 Jun 2026, 18:00 CEST" in shown
    assert "You are not on call until then" in look(ada.client, f"{PATH}?until=2026-06-01T17:00")


def test_it_is_done_once_and_those_in_charge_are_told(ada: Clerk, database: Database, people: dict[str, int]) -> None:
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == people["Dino"]).values(role="team_leader"))
    for _ in range(2):
        report(ada.client, "2026-06-03T08:00")
    with database.transaction() as session:
        [row] = session.scalars(select(TimeOff)).all()
        assert (row.person_id, row.note) == (people["Ada"], "ill")
        assert row.span.lower is not None
        assert timedelta(0) <= row.span.lower - MORNING < timedelta(minutes=5)
        assert [each.source for each in chain(session, "europe", MORNING.replace(hour=20), Shelf())] == ["team leader"]
    [(recipient, subject)] = told(database, "mail")
    assert (recipient, subject) == ("mara@example.org", "Ada Rossi is ill")
    words = "Ada Rossi is ill until Wed 3 Jun 2026, 08:00 CEST. Rung first now: nobody on the roster: you are rung."
    assert told(database, "text") == [("+390584000004", words)]
    assert "You have reported ill until Wed 3 Jun 2026, 08:00 CEST" in look(ada.client)
    assert "ill" in look(ada.client, "/account")


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2026-06-01T09:00", "This is over already"),
        ("2026-06-30T09:00", "14 days are the longest"),
        ("tomorrow", "This is no time"),
        ("1066-10-14T09:00", "This is no time"),
        ("", "This is no time"),
    ],
)
def test_a_wrong_end_is_told_beside_its_field(ada: Clerk, database: Database, until: str, words: str) -> None:
    if until:
        assert words in look(ada.client, f"{PATH}?until={until}", 422)
    assert words in report(ada.client, until, 409)
    with database.transaction() as session:
        assert session.scalars(select(TimeOff)).all() == []


def test_who_has_time_off_already_is_told_so(ada: Clerk, mara: Clerk, people: dict[str, int]) -> None:
    body = {"person_id": people["Ada"], "start": "2026-06-02T08:00", "end": "2026-06-02T20:00", "note": ""}
    assert mara.send("POST", "/rosters/1/time-off", **body, accept_gaps=True).status_code == 201
    assert "has time off already" in report(ada.client, "2026-06-03T08:00", 409)


def test_an_account_that_is_nobodys_has_nothing_to_pass_on(mara: Clerk, roster_app: Flask) -> None:
    assert "tied to nobody who can be rung" in look(mara.client)
    report(mara.client, "2026-06-03T08:00")


def test_a_page_that_rings_goes_on_to_the_next(
    at_night: FlaskClient,  # noqa: F811 - the fixture
    database: Database,
    now: datetime,
) -> None:
    with database.transaction() as session:
        ringing = session.execute(
            text("SELECT count(*) FROM page_attempt WHERE outcome IS NULL AND page_id = 2")
        ).scalar_one()
    assert ringing == 1
    report(at_night, f"{now.replace(tzinfo=None):%Y-%m-%d}T23:00")
    with database.transaction() as session:
        outcomes = session.scalars(select(Attempt.outcome).where(Attempt.page_id == 2).order_by(Attempt.id)).all()
    assert outcomes == ["passed"]
    assert told(database, "mail") == [("bruno@example.org", "Ada Rossi is ill")]
