"""A press of the button meets others who change the same rows, or a database that was restarted."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import select, text

from core.db import Database
from oncall.models.calls import PhoneCall
from oncall.models.pages import Page
from tests.web.signing_in import BROWSER, form_token
from tests.web.tickets.desk import PATH, page

_WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    " AND pid <> pg_backend_pid()"
)


def test_a_press_waits_for_the_call_that_is_being_changed(ada: FlaskClient, database: Database) -> None:
    """Ada's phone accepts a page with its row locked, call first; the press of the button takes the same way round."""
    token = form_token(ada, PATH)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            call = session.scalars(
                select(PhoneCall).where(PhoneCall.direction == "out", PhoneCall.state != "ended").with_for_update()
            ).one()
            call.memo.accepts = 1
            session.flush()
            pressed = pool.submit(ada.post, PATH, data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
            while not session.scalar(text(_WAITS)):
                assert not pressed.done(), "it did not wait for the call"
                session.execute(text("SELECT pg_stat_clear_snapshot()"))  # else a transaction sees what it saw first
            session.scalars(select(Page.id).with_for_update()).all()  # it holds no page meanwhile
        assert pressed.result(10).status_code == 303
    assert page(database).state == "accepted"


def test_a_press_after_the_database_was_restarted(ada: FlaskClient, database: Database) -> None:
    """All connections of the web process are dead, and nobody has noticed."""
    token = form_token(ada, PATH)
    with psycopg.connect(database.url) as connection:  # one that is not the pool's
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    try:
        answer = ada.post(PATH, data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
        assert (answer.status_code, page(database).state) == (303, "accepted")
    finally:
        database.engine.dispose()  # the tests that follow share it, and what is still dead in it
