"""Gaps that are accepted: those in charge are told at once, once a change, in words that need no explanation."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.models.access.accounts import Account
from oncall.models.messages import Message
from oncall.models.people import Person
from oncall.models.rosters import Roster
from oncall.planning.editing import Author
from oncall.planning.leave import add_time_off
from oncall.planning.plans.plan import OverrideRequest
from oncall.planning.undoing import last_change, undo
from oncall.rosters.errors import GapOpensError, TakenError
from tests.oncall.planning.conftest import DAY, HOUR, NOW, Desk, span
from tests.oncall.planning.in_force import add_override, change_override, remove_override

MARA = Author("Mara", NOW, accepts_gaps=True, manages=True, email="mara@example.org", site="https://night.example")
ADA = Author("Ada Rossi", NOW, accepts_gaps=True, email="ada@example.org", site="https://night.example")
NIGHT = span(2 * DAY, 6 * HOUR)


@pytest.fixture
def office(desk: Desk) -> Desk:
    """Carla leads the team, Mara manages by her account; Vera only looks."""
    with desk.database.transaction() as session:
        carla = update(Person).where(Person.id == desk.people["Carla"])
        session.execute(carla.values(role="team_leader", email="Carla@example.org"))
        common = {"password_hash": "x", "created_at": real_now()}
        session.add(Account(email="mara@example.org", name="Mara", role="manager", **common))
        session.add(Account(email="vera@example.org", name="Vera", role="viewer", **common))
    return desk


def mails(desk: Desk) -> list[Message]:
    with desk.database.transaction() as session:
        return list(session.scalars(select(Message).where(Message.channel == "mail").order_by(Message.id)))


def jobs(desk: Desk) -> int:
    """How many wake-ups wait to send something."""
    with desk.database.transaction() as session:
        query = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%send_message'")
        return int(session.scalar(query) or 0)


def test_the_others_in_charge_hear_of_it_in_the_same_transaction(office: Desk) -> None:
    with office.database.transaction() as session:
        add_override(session, MARA, office.layer_id, OverrideRequest(NIGHT, None))
        session.flush()
        assert len(session.scalars(select(Message)).all()) == 1
    [mail] = mails(office)
    assert (mail.recipient, mail.state, jobs(office)) == ("carla@example.org", "queued", 1)
    assert mail.subject == "Rosters: Mara accepted a gap, 6 hours without anybody on call"
    assert mail.body == (
        "Mara has saved a change, and accepted that nobody is on call in these hours, in which customers may call:\n"
        "\n"
        "  europe, Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 00:00 CEST\n"
        "\n"
        "The change: Nobody, on purpose in first, Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 00:00 CEST.\n"
        "Saved: Mon 1 Jun 2026, 10:00 CEST.\n"
        "\n"
        "Look at it, cover the hours, or take the change back: https://night.example/rosters/1?from=2026-06-03\n"
    )


def test_a_technicians_own_time_off(office: Desk) -> None:
    with office.database.transaction() as session:
        add_time_off(session, ADA, office.people["Ada"], NIGHT, "Europe/Rome", "the mountains")
    assert [mail.recipient for mail in mails(office)] == ["carla@example.org", "mara@example.org"]
    assert mails(office)[0].subject.startswith("Rosters: Ada Rossi accepted a gap")
    assert "The change: Time off of Ada Rossi, Wed 3 Jun 2026, 18:00 CEST" in mails(office)[0].body
    assert "https://night.example/rosters/1?from=2026-06-03" in mails(office)[0].body


def test_whoever_is_alone_in_charge_is_told_what_they_did(office: Desk) -> None:
    with office.database.transaction() as session:
        session.execute(update(Person).where(Person.id == office.people["Carla"]).values(role="technician"))
        add_override(session, MARA, office.layer_id, OverrideRequest(NIGHT, None))
    assert [mail.recipient for mail in mails(office)] == ["mara@example.org"]


def test_the_persons_own_address_is_the_authors_too(office: Desk) -> None:
    """Carla signs in with another address than the directory's."""
    carla = replace(MARA, name="Carla", email="carla@home.example", person_id=office.people["Carla"])
    with office.database.transaction() as session:
        add_override(session, carla, office.layer_id, OverrideRequest(NIGHT, None))
    assert [mail.recipient for mail in mails(office)] == ["mara@example.org"]


def test_on_the_clock_of_the_roster(office: Desk) -> None:
    """Not of the region: whoever plans reads the roster's."""
    with office.database.transaction() as session:
        session.execute(update(Roster).values(time_zone="America/New_York"))
        add_override(session, MARA, office.layer_id, OverrideRequest(NIGHT, None))
    assert "  europe, Wed 3 Jun 2026, 12:00 EDT to Wed 3 Jun 2026, 18:00 EDT\n" in mails(office)[0].body


def test_each_region_of_a_gap_is_told(office: Desk) -> None:
    with office.database.transaction() as session:
        session.execute(update(Roster).values(regions=["europe", "middle_east"]))
        add_override(session, MARA, office.layer_id, OverrideRequest(NIGHT, None))
    [mail] = mails(office)
    assert mail.subject == "Rosters: Mara accepted 2 gaps, 12 hours without anybody on call"
    when = "Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 00:00 CEST"
    assert f"  europe, {when}\n  middle east, {when}\n" in mail.body


def test_once_a_change_however_often_it_is_asked_for(office: Desk) -> None:
    """A repeated request is refused, or changes nothing: neither tells anybody again."""
    with office.database.transaction() as session:
        number = add_override(session, MARA, office.layer_id, OverrideRequest(NIGHT, None)).id
        add_time_off(session, ADA, office.people["Ada"], span(4 * DAY, HOUR), "Europe/Rome")
    before = len(mails(office))
    with pytest.raises(TakenError), office.database.transaction() as session:
        add_override(session, MARA, office.layer_id, OverrideRequest(NIGHT, None))
    with pytest.raises(TakenError), office.database.transaction() as session:
        add_time_off(session, ADA, office.people["Ada"], span(4 * DAY, HOUR), "Europe/Rome")
    with office.database.transaction() as session:
        change_override(session, MARA, number, OverrideRequest(NIGHT, None))
    assert len(mails(office)) == before == jobs(office)


def test_nothing_is_told_of_what_opens_no_gap_or_is_not_kept(office: Desk) -> None:
    with office.database.transaction() as session:
        add_override(session, MARA, office.layer_id, OverrideRequest(NIGHT, office.people["Dino"]))
    with pytest.raises(GapOpensError), office.database.transaction() as session:
        add_override(
            session, replace(MARA, accepts_gaps=False), office.layer_id, OverrideRequest(span(5 * DAY, HOUR), None)
        )
    connection = office.database.engine.connect()
    with Session(connection) as session:  # as a process that dies before it commits
        add_override(session, MARA, office.layer_id, OverrideRequest(span(6 * DAY, HOUR), None))
    connection.close()
    assert (mails(office), jobs(office)) == ([], 0)


def test_an_undo_that_opens_a_gap_again_is_a_change_of_its_own(office: Desk) -> None:
    with office.database.transaction() as session:
        number = add_override(session, MARA, office.layer_id, OverrideRequest(NIGHT, None)).id
    with office.database.transaction() as session:
        remove_override(session, MARA, number)
    assert len(mails(office)) == 1
    with office.database.transaction() as session:
        change = last_change(session, office.roster_id)
        assert change is not None
        undo(session, MARA, office.roster_id, change.id)
    assert len(mails(office)) == 2
    assert "The change: Undone: Removed: Nobody, on purpose in first" in mails(office)[1].body


def test_without_anybody_in_charge_the_change_is_saved_all_the_same(office: Desk) -> None:
    with office.database.transaction() as session:
        session.execute(update(Person).values(role="technician"))
        session.execute(delete(Account))
        add_override(session, MARA, office.layer_id, OverrideRequest(NIGHT, None))
    assert mails(office) == []
