"""Whatever goes wrong inside, callers and technicians hear a human sentence, and the call goes on as well as can be."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from bench.outage import snapshot_renewed
from core.db import Database
from oncall.models.pages import Page
from oncall.models.tickets import Ticket
from tests.calls import people
from tests.calls.people import ACME_PIN, Cast, report_problem
from tests.calls.stack import Gateway

PATIENCE = 90.0
CAUSE = "the disk is on fire"
SORRY = "something went wrong on our side"


@contextmanager
def broken(database: Database, table: str, when: str = "true") -> Iterator[None]:
    """Rows that fit the condition cannot be written to a table."""
    function = f"CREATE FUNCTION on_fire() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE '{CAUSE}'; END$$"
    trigger = f"CREATE TRIGGER on_fire BEFORE INSERT ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION on_fire()"
    with database.engine.begin() as connection:
        connection.execute(text(function))
        connection.execute(text(trigger))
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("DROP FUNCTION on_fire CASCADE"))


@contextmanager
def away(gateway: Gateway) -> Iterator[None]:
    """The database refuses every connection, as while it starts again; those that there were are gone."""
    drop_connections(gateway.database, accept_new=False)
    try:
        yield
    finally:
        _allow(gateway.database, True)
        gateway.network.settle()


def drop_connections(database: Database, *, accept_new: bool = True) -> None:
    """As a restarted server does."""
    database.engine.dispose()
    _allow(database, accept_new)
    name = make_url(database.url).database
    with _admin(database).connect() as connection:
        ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = :name"
        assert connection.scalar(text(ended), {"name": name}) > 2


def _allow(database: Database, yes: bool) -> None:
    with _admin(database).connect() as connection:
        name = make_url(database.url).database
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(yes).lower()}"))


def _admin(database: Database) -> Engine:
    address = make_url(database.url).set(drivername="postgresql+psycopg", database="postgres")
    return create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)


@pytest.fixture(autouse=True)
def discreet_logs(gateway: Gateway) -> Iterator[None]:
    """However a test upsets the gateway: no PIN and no whole number is in any log."""
    yield
    written = logs(gateway)
    secrets = [value for name, value in vars(people).items() if name.endswith("_PIN")]
    numbers = [*re.findall(r'"\+(\d+)"', people.DIRECTORY), people.STRANGER[1:], people.OFFICE[1:]]
    assert len(secrets) >= 5
    assert len(numbers) >= 10
    found = [each for each in [*secrets, *numbers] if each in written]
    assert not found, f"in the logs: {found}"


def logs(gateway: Gateway) -> str:
    return "\n".join(path.read_text() for path in gateway.folder.glob("*.log"))


def as_far_as_priority(cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("type your PIN", PATIENCE)
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator", PATIENCE)
    cast.acme.press("1")
    cast.acme.expect("critical", PATIENCE)


def test_a_question_is_asked_again_and_the_cause_is_logged(gateway: Gateway, cast: Cast) -> None:
    as_far_as_priority(cast)
    with broken(gateway.database, "ticket"):
        cast.acme.press("1")
        cast.acme.expect(SORRY, PATIENCE)
    cast.acme.expect("critical", PATIENCE)
    cast.acme.press("1")
    cast.acme.expect("ticket number is", PATIENCE)
    cast.ada.rings(PATIENCE)
    assert len(gateway.rows(Ticket)) == 1
    lines = [json.loads(line) for line in logs(gateway).splitlines() if line.startswith("{")]
    [failed] = [line for line in lines if line["event"] == "step failed" and line.get("step") == "priority"][-1:]
    assert CAUSE in failed["exception"]
    assert failed["call"] > 0


def test_an_error_that_stays_ends_the_call_with_an_apology(gateway: Gateway, cast: Cast) -> None:
    as_far_as_priority(cast)
    with broken(gateway.database, "ticket"):
        for _ in range(3):
            cast.acme.press("1")
            cast.acme.expect(SORRY, PATIENCE)
            cast.acme.expect("critical", PATIENCE)
        cast.acme.press("1")
        cast.acme.expect("Please call again in a moment", PATIENCE)
        cast.acme.hung_up(PATIENCE)
    assert gateway.rows(Ticket) == []


def test_with_a_ticket_the_caller_waits_and_the_technician_comes(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    gateway.network.hold_callbacks()  # that of the recording comes when it can be kept, however slow the machine is
    with broken(gateway.database, "recording"):
        cast.acme.expect("beep", PATIENCE, complete=True)
        cast.acme.speak("The whole exchange is down", wait=True)
        cast.acme.press("#")
        cast.acme.expect(f"{SORRY}. Your ticket is safe", PATIENCE)
    gateway.network.release()
    cast.acme.expect("call", PATIENCE)
    cast.bruno.answer(PATIENCE)
    cast.bruno.expect("The caller is on the line", PATIENCE)
    cast.bruno.press("1")
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    gateway.settle()
    assert len(gateway.rows(Page)) == 1


def test_a_caller_who_missed_the_room_is_fetched_again(gateway: Gateway, cast: Cast) -> None:
    gateway.set_paging(no_answer=20)
    report_problem(cast.acme)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)
    with broken(gateway.database, "stay", "NEW.role = 'caller'"):
        cast.ada.press("1")
        cast.acme.expect(f"{SORRY}. Your ticket is safe", PATIENCE)
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    assert [page.state for page in gateway.rows(Page)] == ["accepted"]


def test_a_technicians_key_that_failed_is_asked_for_again(gateway: Gateway, cast: Cast) -> None:
    gateway.set_paging(no_answer=20)
    report_problem(cast.acme)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)
    with broken(gateway.database, "stay"):
        cast.ada.press("1")
        cast.ada.expect(SORRY, PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)
    assert [page.state for page in gateway.rows(Page)] == ["paging"]
    cast.ada.press("1")
    gateway.joined(2, PATIENCE)


def test_a_technician_whose_call_never_works_is_passed_over(gateway: Gateway, cast: Cast) -> None:
    gateway.set_paging(no_answer=20)
    report_problem(cast.acme)
    with broken(gateway.database, "stay"):
        cast.ada.answer(PATIENCE)
        for _ in range(4):
            cast.ada.expect("P1, ticket", PATIENCE)
            cast.ada.press("1")
            cast.ada.expect(SORRY, PATIENCE)
        cast.ada.hung_up(PATIENCE)
    cast.bruno.answer(PATIENCE)
    cast.bruno.expect("P1, ticket", PATIENCE)
    cast.bruno.press("1")
    gateway.joined(2, PATIENCE)


def test_a_row_that_stays_locked_is_answered_in_time(gateway: Gateway, cast: Cast) -> None:
    as_far_as_priority(cast)
    with gateway.database.engine.begin() as connection:
        connection.execute(text("SELECT * FROM phone_call FOR UPDATE"))
        cast.acme.press("1")
        cast.acme.expect(SORRY, PATIENCE)
    slowest = max(hook.latency or 0 for hook in gateway.network.journal.webhooks("/priority"))
    assert 5 < slowest < 14.5, "Twilio gives up after 15 s"
    cast.acme.expect("critical", PATIENCE)
    cast.acme.press("1")
    cast.acme.expect("ticket number is", PATIENCE)


def test_lost_connections_are_not_even_noticed(gateway: Gateway, cast: Cast) -> None:
    as_far_as_priority(cast)
    drop_connections(gateway.database)
    cast.acme.press("1")
    cast.acme.expect("ticket number is", PATIENCE)
    cast.ada.rings(PATIENCE)
    assert not re.search(SORRY, cast.acme.story())


def test_callers_go_on_while_the_database_refuses_connections(gateway: Gateway, cast: Cast) -> None:
    """The details: `test_away.py`."""
    gateway.set_paging(no_answer=500, drop_grace=1)
    as_far_as_priority(cast)
    snapshot_renewed(gateway)
    with away(gateway):
        cast.acme.press("1")
        cast.stranger.dial()
        cast.acme.expect("calling the technician on call", PATIENCE)
        cast.stranger.expect("technical fault of our own", PATIENCE)
        cast.ada.rings(PATIENCE)
    assert SORRY not in cast.acme.story()


def test_a_text_that_fails_is_answered(gateway: Gateway, cast: Cast) -> None:
    with broken(gateway.database, "incoming_text"):
        cast.ada.send_text("WHO")
        cast.ada.expect_text("Sorry, that did not work on our side: nothing was done. Please send it again", PATIENCE)
    cast.ada.send_text("WHO")
    cast.ada.expect_text("Ada Rossi", PATIENCE)
