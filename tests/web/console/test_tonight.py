"""Home of whoever has signed in: who is on call, open tickets, calls and gaps; strangers see none of it."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from core.db import Database
from oncall.models.access.roles import Role
from oncall.models.calls import CallState, PhoneCall
from oncall.models.customers import Region
from oncall.models.people import Person
from oncall.models.rosters import Roster, RosterLayer
from oncall.models.tickets import Ticket, TicketState
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.night import a_night, a_region
from tests.web.signing_in import BROWSER, add_account, signed_in


def look(client: FlaskClient, path: str = "/") -> str:
    """The page with its spaces as people see them."""
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    return " ".join(re.sub(r"\s+", " ", answer.text).split())


def part(page: str, title: str) -> str:
    """The words of one section."""
    section = page.partition(f'id="{title}-title"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", section).split()).removeprefix(">").strip()


def test_strangers_are_told_what_this_is_and_nothing_of_the_night(roster_app: Flask, mara: Clerk) -> None:
    stranger = look(roster_app.test_client())
    assert "The hotline that wakes the right person." in stranger
    assert "Nights" not in stranger
    assert "On call now Nights" in part(look(mara.client), "on-call")


def test_who_is_on_call_in_each_roster(roster_app: Flask, mara: Clerk, people: dict[str, int]) -> None:
    before = part(look(mara.client), "on-call")
    assert "Nights first" in before
    body = {"layer_id": 1, "start": "2026-06-01T09:00", "end": "2026-06-01T12:00", "kind": "replace", "note": ""}
    body |= {"person_id": people["Carla"], "accept_gaps": True}
    assert mara.send("POST", "/rosters/1/overrides", **body).status_code == 201
    shown = part(look(mara.client), "on-call")
    assert "first Carla Neri until Mon 1 Jun 2026, 12:00, then nobody · override by Mara" in shown


def test_a_roster_without_layers_and_none_at_all(database: Database, mara: Clerk) -> None:
    with database.transaction() as session:
        session.execute(delete(RosterLayer))
    assert "Nobody This roster has no layers yet." in part(look(mara.client), "on-call")
    with database.transaction() as session:
        session.execute(delete(Roster))
    assert "There is no roster yet." in part(look(mara.client), "on-call")


@pytest.fixture
def tom(demo_app: Flask, database: Database, now: datetime) -> FlaskClient:
    """A technician's browser in a night with one ticket that is paged, and one that is done."""
    with database.transaction() as session:
        a_night(session, now)
    add_account(database, Role.TECHNICIAN, "tom@example.org")
    return signed_in(demo_app, "tom@example.org")


def test_viewers_do_not_see_customers(tom: FlaskClient, demo_app: Flask, database: Database) -> None:
    add_account(database, Role.VIEWER, "vera@example.org")
    page = look(signed_in(demo_app, "vera@example.org"))
    assert "Harbour Clinic" not in page
    assert part(page, "tickets").startswith("Open tickets 1 1043 P1 Nobody has it yet · opened 01:59")
    assert "A customer waits for a technician since 01:58 · ticket 1043" in part(page, "calls")


def test_it_is_said_when_it_cannot_be_worked_out(tom: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        for region in session.scalars(select(Region)):
            region.time_zone = "Atlantis/Capital"
    page = look(tom)
    assert "Tonight" in page
    assert "can't be worked out: the log says why" in page.replace("&#39;", "'")


def test_open_tickets_with_the_promise_and_calls_with_their_ticket(tom: FlaskClient) -> None:
    page = look(tom)
    tickets = part(page, "tickets")
    assert tickets.startswith("Open tickets 1 1043 P1, Harbour Clinic Nobody has it yet · opened 01:59 · due by 02:59")
    assert "1042" not in tickets
    assert 'href="/tickets/1043"' in page
    calls = part(page, "calls")
    assert "Harbour Clinic waits for a technician since 01:58 · ticket 1043" in calls
    assert "Ada Rossi is called since 01:59 · ticket 1043" in calls


def test_taken_overdue_and_ended(tom: FlaskClient, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
        ticket.due_at = now - timedelta(days=1)
        for call in session.scalars(select(PhoneCall)):
            call.state, call.ended_at, call.waiting = CallState.ENDED, call.ended_at or now, False
    page = look(tom)
    assert "overdue since Sat 13 Jun 2026, 02:0" in part(page, "tickets")
    assert "Nobody is on the line." in part(page, "calls")
    with database.transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
        ticket.taken_at, ticket.state = now, TicketState.TAKEN
        ticket.assignee = session.scalars(select(Person).where(Person.name == "Ada Rossi")).one()
    assert "Ada Rossi has it · opened 01:59" in part(look(tom), "tickets")
    assert "overdue" not in part(look(tom), "tickets")


def test_a_quiet_night(demo_app: Flask, database: Database) -> None:
    with database.transaction() as session:
        a_region(session)
    add_account(database, Role.VIEWER, "vera@example.org")
    page = look(signed_in(demo_app, "vera@example.org"))
    assert "None. A quiet night so far." in part(page, "tickets")
    assert "Nobody is on the line." in part(page, "calls")


def test_gaps_lead_to_their_days(mara: Clerk, people: dict[str, int]) -> None:
    assert "Every hour that must be covered is." in part(look(mara.client), "gaps")
    body = {"layer_id": 1, "start": "2026-06-03T20:00", "end": "2026-06-03T22:00", "kind": "replace", "note": ""}
    assert mara.send("POST", "/rosters/1/overrides", **body, person_id=None, accept_gaps=True).status_code == 201
    page = look(mara.client)
    assert part(page, "gaps").startswith(
        "Gaps in the next 30 days 1 Nobody for europe Wed 3 Jun 2026, 20:00 CEST to Wed 3 Jun 2026, 22:00 CEST"
    )
    assert 'href="/rosters/1?from=2026-06-03"' in page


def test_a_long_list_is_cut_and_counted(tom: FlaskClient, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        one = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
        for each in range(15):
            session.add(
                Ticket(
                    origin=f"test:{each}", customer=one.customer, contract=one.contract, priority="P2",
                    channel="hotline", opened_at=now, due_at=now + timedelta(hours=4),
                )
            )  # fmt: skip
    tickets = part(look(tom), "tickets")
    assert tickets.startswith("Open tickets 16 1043 P1"), "the promise that ends first"
    assert tickets.endswith("and 4 more")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "Tonight"),
        ("/rosters/1", "Rosters"),
        ("/rosters/1/import", "Rosters"),
        ("/calendars", "Calendars"),
        ("/account", "Mara"),
    ],
)
def test_the_present_page_is_marked_and_no_other(mara: Clerk, path: str, name: str) -> None:
    page = look(mara.client, path)
    found = re.findall(r'<a [^>]*aria-current="page"[^>]*>([^<]*)<', page)
    assert [each for each in found if each.strip()] == [name]


def test_the_payroll_and_the_gaps_are_linked_and_download(mara: Clerk, ada: Clerk) -> None:
    for clerk in (mara, ada):
        page = look(clerk.client, "/rosters/1")
        links = re.findall(r'href="([^"]+\.csv)"', page)
        assert links == ["/rosters/1/figures.csv", "/rosters/gaps.csv"]
        for link in links:
            answer = clerk.client.get(link)
            assert (answer.status_code, answer.mimetype) == (200, "text/csv")
            assert "attachment" in answer.headers["Content-Disposition"]
