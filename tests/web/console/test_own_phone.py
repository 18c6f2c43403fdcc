"""A test call and text to oneself: begun by a button, shown as it goes, limited by the hour."""

from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from core.db import Database
from oncall.models.drills import Drill
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.signing_in import BROWSER


def look(client: FlaskClient) -> str:
    answer = client.get("/account/phone", headers=BROWSER)
    assert answer.status_code == 200
    return answer.text


def press(who: Clerk) -> tuple[int, str]:
    answer = who.client.post("/account/phone/test", data={"csrf_token": who.token}, headers=BROWSER)
    return answer.status_code, answer.text


def test_it_is_a_drill_of_ones_own_phone(ada: Clerk, database: Database, people: dict[str, int]) -> None:
    assert "None yet." in look(ada.client)
    assert press(ada)[0] == 303
    page = look(ada.client)
    assert "data-going" in page
    assert "by Ada" in page
    with database.transaction() as session:
        drill = session.scalars(select(Drill)).one()
        assert (drill.person_id, drill.made_by, drill.layer) == (people["Ada"], "Ada Rossi", "first")
        jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'check_drill'"
        assert session.scalar(text(jobs)) == 1
    status, words = press(ada)
    assert (status, "is being tested already" in words) == (409, True)


def test_a_few_times_an_hour_and_no_more(ada: Clerk, database: Database) -> None:
    for _ in range(5):
        assert press(ada)[0] == 303
        with database.transaction() as session:
            session.execute(text("UPDATE drill SET call_result = 'confirmed', ended_at = begun_at"))
    status, words = press(ada)
    assert (status, "5 times in the last hour" in words) == (409, True)
    with database.transaction() as session:
        session.execute(text("UPDATE drill SET begun_at = begun_at - interval '61 minutes'"))
    assert press(ada)[0] == 303


def test_an_account_that_is_nobodys_has_no_phone(mara: Clerk, database: Database) -> None:
    assert "no phone to test" in look(mara.client)
    assert press(mara)[0] == 303
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Drill)) == 0
