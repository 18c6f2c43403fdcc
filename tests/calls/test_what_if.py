"""What the rosters' page foretells is what callers meet with: the same instant, asked beforehand and then called."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from oncall.models.calls import PhoneCall
from oncall.models.customers import Customer
from oncall.models.pages import Attempt, Page
from oncall.models.people import Person
from oncall.models.rosters import RosterLayer
from oncall.paging.what_if import WhatIf, what_if_customer
from oncall.planning.editing import Author
from oncall.planning.plans.plan import OverrideRequest
from oncall.sla.promises import Priority
from schedules.spans import Span
from tests.calls.people import (
    ACME_PIN,
    APAC_PIN,
    FUTURE_PIN,
    GOLD_PIN,
    LAPSED_PIN,
    OLD_PIN,
    UNPAID_PIN,
    Cast,
    hurry,
    report_problem,
)
from tests.calls.stack import Gateway
from tests.conftest import SUNDAY_NIGHT
from tests.oncall.planning.in_force import add_override

# Monday 15 June 2026, 11:00 in Rome: the office is there.
MONDAY = datetime(2026, 6, 15, 9, tzinfo=UTC)
# A step is due after so many seconds, and taken within so many more by the worker.
PACE, LATE = 3, 2.9


def foretold(gateway: Gateway, name: str, at: datetime, priority: Priority) -> WhatIf:
    with gateway.database.transaction() as session:
        customer = session.scalars(select(Customer).where(Customer.name == name)).one()
        return what_if_customer(session, customer, at, priority)


def rung(gateway: Gateway, people: int) -> list[tuple[str, float, int]]:
    """Who was really tried, once there are so many attempts: name, seconds after the page began, and its round.

    Phones ring in real time meanwhile: the network's own limit, a little later than ours, must not be the first.
    """
    gateway.network.set_speed(1)
    gateway.network.wait(lambda: len(gateway.rows(Attempt)) >= people, 60, f"{people} attempts")
    [page] = gateway.rows(Page)
    names = {person.id: person.name for person in gateway.rows(Person)}
    return [
        (names[each.person_id], (each.started_at - page.opened_at).total_seconds(), each.round)
        for each in gateway.rows(Attempt)
    ]


def same_people_in_time(told: WhatIf, really: list[tuple[str, float, int]], begins: int = 0) -> None:
    """One after the other in the same order at the same time; whoever is called together, in any order."""
    assert len(really) == len(told.rings)
    alone = [ring for ring in told.rings if not ring.together]
    assert [name for name, _, _ in really[: len(alone)]] == [ring.person for ring in alone]
    assert {name for name, _, _ in really[len(alone) :]} == {ring.person for ring in told.rings if ring.together}
    for ring, (_, seconds, _) in zip(told.rings, really, strict=True):
        assert 0 <= seconds - (ring.seconds - begins) < LATE, (ring, really)


@pytest.mark.parametrize(("key", "priority"), [("1", Priority.P1), ("2", Priority.P2)])
def test_by_night(gateway: Gateway, cast: Cast, key: str, priority: Priority) -> None:
    gateway.set_paging(no_answer=PACE, rounds=1, then_every=60, drop_grace=1)
    told = foretold(gateway, "Acme", SUNDAY_NIGHT, priority)
    assert (told.refused, told.office, told.staffed) == (None, None, False)
    report_problem(cast.acme, priority=key)
    same_people_in_time(told, rung(gateway, 8))


def test_in_staffed_hours_the_office_comes_first(gateway: Gateway, cast: Cast) -> None:
    gateway.set_paging(no_answer=PACE, rounds=1, then_every=60, office_rings=5, drop_grace=1)
    gateway.set_time(MONDAY)
    told = foretold(gateway, "Acme", MONDAY, Priority.P2)
    assert told.office is not None
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press(f"{ACME_PIN}#")
    cast.office.rings()
    assert (cast.office.number, gateway.rows(Page)) == (told.office.number, [])
    cast.acme.expect("Nobody in the office could pick up. If you are a system administrator")
    cast.acme.press("1")
    cast.acme.expect("critical")
    cast.acme.press("2")
    same_people_in_time(told, rung(gateway, 8), begins=told.office.seconds)


def test_a_shift_that_changes_while_people_are_rung(gateway: Gateway, cast: Cast) -> None:
    """Dino holds the first layer from the sixth second on: he is rung in Ada's place, and she is not again."""
    gateway.set_paging(no_answer=4, rounds=1, then_every=60, drop_grace=1)
    report_problem(cast.acme)
    [page] = gateway.rows(Page)
    with gateway.database.transaction() as session:
        dino = session.scalars(select(Person).where(Person.name == "Dino Gallo")).one()
        layer = session.scalars(select(RosterLayer).where(RosterLayer.name == "first")).one()
        change = Span(page.opened_at + timedelta(seconds=6), page.opened_at + timedelta(hours=1))
        add_override(session, Author("Mara", page.opened_at), layer.id, OverrideRequest(change, dino.id))
    told = foretold(gateway, "Acme", page.opened_at, Priority.P1)
    alone = [ring.person for ring in told.rings if not ring.together]
    assert alone == ["Ada Rossi", "Bruno Verdi", "Dino Gallo", "Carla Neri"]
    assert {ring.person for ring in told.rings if ring.together} == {"Bruno Verdi", "Dino Gallo", "Carla Neri"}
    same_people_in_time(told, rung(gateway, len(told.rings)))


@pytest.mark.parametrize(
    ("name", "pin"),
    [
        ("Golden", GOLD_PIN),
        ("Lapsed", LAPSED_PIN),
        ("Future", FUTURE_PIN),
        ("Unpaid", UNPAID_PIN),
        ("Pacific", APAC_PIN),
        ("Antique", OLD_PIN),
    ],
)
@pytest.mark.parametrize("at", [SUNDAY_NIGHT, MONDAY], ids=["by night", "in staffed hours"])
def test_who_is_turned_away(gateway: Gateway, cast: Cast, name: str, pin: str, at: datetime) -> None:
    gateway.set_time(at)
    told = foretold(gateway, name, at, Priority.P1)
    assert told.refused is not None
    cast.stranger.dial()
    cast.stranger.expect("type your PIN")
    cast.stranger.press(f"{pin}#")
    hurry(gateway)
    cast.stranger.hung_up()
    gateway.settle()
    [call] = gateway.rows(PhoneCall)
    assert call.result == f"refused: {told.refused.reason}"
    assert (told.rings, told.office, gateway.rows(Page)) == ((), None, [])


@pytest.mark.parametrize("priority", [Priority.P3, Priority.P4])
def test_what_can_wait_rings_nobody(gateway: Gateway, cast: Cast, priority: Priority) -> None:
    told = foretold(gateway, "Acme", SUNDAY_NIGHT, priority)
    assert (told.rings, told.message, told.refused) == ((), True, None)
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator")
    cast.acme.press("1")
    cast.acme.expect("critical")
    cast.acme.press("4")
    cast.acme.expect("message")
    cast.acme.hang_up()
    gateway.settle()
    assert (gateway.rows(Page), gateway.rows(Attempt)) == ([], [])
