"""Two, ten, many callers at once: each hears their own ticket, and talks with somebody who was told that ticket."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from bench.pins import pin_of
from oncall.models.pages import Attempt, Page
from oncall.models.tickets import Intervention, Ticket
from simulator.driven_phone import DrivenPhone
from tests.calls.stack import Gateway

REGIONS = ("europe", "america", "middle_east")
PATIENCE = 300.0  # real seconds, for everything at once on a slow machine


@dataclass(frozen=True)
class Told:
    """What somebody was told, or told somebody: firm and ticket."""

    firm: str
    ticket: int


def directory(count: int) -> str:
    """So many customers and technicians, shared out to three regions; each technician is a layer of their own."""
    people = [
        f'  - {{name: "Tech {i:02d}", phone: "+39347100{i:04d}", email: t{i}@example.org, role: technician}}'
        for i in range(count)
    ]
    customers = [_customer(i) for i in range(count)]
    rosters = [_roster(region, range(place, count, 3)) for place, region in enumerate(REGIONS) if place < count]
    return "\n".join(["people:", *people, "customers:", *customers, "rosters:", *rosters])


def _customer(i: int) -> str:
    return (
        f'  - {{name: "Firm {i:02d}", email: f{i}@example.org, phones: ["+39021000{i:04d}"], pin: "{pin(i)}",\n'
        f"     contract: {{plan: platinum, region: {REGIONS[i % 3]}, start: 2026-01-01, end: 2035-12-31, paid: true,\n"
        f"                products: [{{name: UC Suite, end_of_life: null}}]}}}}"
    )


def _roster(region: str, technicians: range) -> str:
    layers = "".join(
        f'\n      - {{name: "layer {i:02d}",'
        f" rotation: {{start: 2026-01-05T18:00, every: 1 week, people: [Tech {i:02d}]}}}}"
        for i in technicians
    )
    return f"  - name: {region}\n    regions: [{region}]\n    time_zone: Europe/Rome\n    layers:{layers}"


def pin(i: int) -> str:
    return pin_of(31_415_926 + 271_829 * i)


def report(phone: DrivenPhone, i: int) -> Told:
    """The call up to the room; the ticket's number as it was spoken and as it was texted."""
    phone.dial()
    phone.expect("type your PIN", PATIENCE)
    phone.press(f"{pin(i)}#")
    phone.expect("system administrator", PATIENCE)
    phone.press("1")
    phone.expect("critical", PATIENCE)
    phone.press("1")
    heard = phone.expect(r"ticket number is ((?:\d, )+\d)", PATIENCE)
    number = heard[1].replace(", ", "")
    phone.expect_text(f"ticket is {number}", PATIENCE)
    phone.expect("A technician is here", PATIENCE)
    return Told(phone.phone.name, int(number))


def take(phone: DrivenPhone) -> Told:
    """A technician answers and takes whatever is told first."""
    phone.answer(PATIENCE)
    page = phone.expect(r"P1, ticket ((?:\d, )+\d), (Firm \d+)", PATIENCE)
    phone.press("1")
    phone.expect("It is yours", PATIENCE)
    return Told(page[2], int(page[1].replace(", ", "")))


def listen(phone: DrivenPhone) -> Told:
    """What the caller in the same room says."""
    heard = phone.expect(r"(Firm \d+): my ticket is (\d+)", PATIENCE)
    return Told(heard[1], int(heard[2]))


@pytest.mark.parametrize("count", [2, 10, 25])
def test_nothing_is_mixed_up(gateway: Gateway, count: int) -> None:
    gateway.wipe()
    gateway.load(directory(count))
    gateway.set_paging(no_answer=120)
    network = gateway.network
    callers = [network.phone(f"+39021000{i:04d}", f"Firm {i:02d}") for i in range(count)]
    technicians = [network.phone(f"+39347100{i:04d}", f"Tech {i:02d}", "technician") for i in range(count)]
    with ThreadPoolExecutor(2 * count) as pool:
        taken = [pool.submit(take, phone) for phone in technicians]
        reported = [pool.submit(report, phone, i) for i, phone in enumerate(callers)]
        callers_told = [one.result() for one in reported]
        technicians_told = [one.result() for one in taken]
        assert len({told.ticket for told in callers_told}) == count
        assert set(technicians_told) == set(callers_told), "everybody was told of a ticket that is somebody's"
        gateway.joined(2 * count, PATIENCE)
        for phone, told in zip(callers, callers_told, strict=True):
            phone.speak(f"my ticket is {told.ticket}")
        assert list(pool.map(listen, technicians)) == technicians_told
    for phone in callers:
        phone.hang_up()
    gateway.settle(PATIENCE)
    _check_rows(gateway, {phone.phone.name: told for phone, told in zip(technicians, technicians_told, strict=True)})
    for phone in technicians:
        phone.hung_up(PATIENCE)


def _check_rows(gateway: Gateway, told: dict[str, Told]) -> None:
    """Each ticket is its customer's, and the work on it is the technician's who was told of it."""
    tickets = {ticket.id: ticket for ticket in gateway.rows(Ticket)}
    assert {(ticket.customer.name, ticket.number) for ticket in tickets.values()} == {
        (one.firm, one.ticket) for one in told.values()
    }
    interventions = gateway.rows(Intervention)
    assert len(interventions) == len(told)
    for row in interventions:
        assert tickets[row.ticket_id].number == told[row.person.name].ticket
        assert row.ended_at is not None
    assert {page.state for page in gateway.rows(Page)} == {"accepted"}
    # Who takes one page is busy for the others, which go on at once: none waits for somebody who will not hear of it.
    assert {attempt.outcome for attempt in gateway.rows(Attempt)} <= {"accepted", "busy"}
