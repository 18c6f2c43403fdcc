"""First to accept wins, however close the second comes; whoever else is rung or listens hears of it at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from core.clock import ShiftedClock, real_now
from core.settings import Settings
from oncall.models import jobs
from oncall.models.calls import PhoneCall
from oncall.models.pages import Page, PageCause
from oncall.models.tickets import Ticket, TicketEvent
from oncall.paging import engine
from oncall.runtime import Runtime, Work
from simulator.driven_phone import DrivenPhone
from tests.calls.night_desk import PATIENCE, holders, page_states, tries
from tests.calls.people import ADA, BETA_PIN, Cast, report_problem
from tests.calls.stack import Gateway
from tests.conftest import SUNDAY_NIGHT

RACES = 10


def page_everybody(gateway: Gateway, ticket_id: int) -> None:
    """Open a page that has come as far as to call everybody."""
    runtime = Runtime(Settings(), gateway.database, ShiftedClock.starting_at(SUNDAY_NIGHT))
    with gateway.database.transaction() as session:
        now = runtime.clock.now()
        page = Page(ticket_id=ticket_id, cause="test", code="0000", round=9, opened_at=now, due_at=real_now())
        session.add(page)
        session.flush()
        engine.advance(Work(session, runtime, now), page.id)


def press_together(first: DrivenPhone, second: DrivenPhone) -> None:
    """Both press 1, as close together as two threads can."""
    start = Barrier(2)

    def press(phone: DrivenPhone) -> None:
        start.wait()
        phone.press("1")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, (first, second)))


@pytest.fixture
def ticket(gateway: Gateway, cast: Cast) -> Ticket:
    """A ticket whose caller has hung up, and which nobody is rung for at the moment."""
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)
    report_problem(cast.acme)
    cast.acme.hang_up()
    cast.ada.rings()
    gateway.stop_pages()
    cast.ada.decline()
    gateway.settle()
    return gateway.rows(Ticket)[0]


def test_two_press_1_within_a_millisecond(gateway: Gateway, cast: Cast, ticket: Ticket) -> None:
    """Twenty times over: exactly one wins, the other hears who has it, and both is what the records say."""
    rivals = {"Ada Rossi": cast.ada, "Bruno Verdi": cast.bruno}
    for phone in rivals.values():
        phone.faults(auto_answer=0)
    for phone in (cast.carla, cast.dino):
        phone.faults(busy=True)
    for _ in range(RACES):
        page_everybody(gateway, ticket.id)
        for phone in rivals.values():
            phone.expect("P1, ticket", PATIENCE)
        gateway.network.wait(lambda: [each[2] for each in tries(gateway)[-4:]].count("busy") == 2, PATIENCE)
        press_together(*rivals.values())
        for phone in rivals.values():
            phone.expect("It is yours|has accepted this ticket already", PATIENCE)
        winner = str(holders(gateway)[-1])
        for name, phone in rivals.items():
            heard = "It is yours" if name == winner else f"{winner} has accepted this ticket already"
            assert heard in phone.story().rpartition("P1, ticket")[2], phone.story()
        rivals[winner].hang_up()
        for phone in rivals.values():
            phone.hung_up(PATIENCE)
        gateway.settle()
        outcomes = {name: outcome for _, name, outcome in tries(gateway)[-4:]}
        assert sorted(str(outcome) for outcome in outcomes.values()) == ["accepted", "busy", "busy", "cut off"]
        assert outcomes[winner.split(maxsplit=1)[0]] == "accepted"
    assert len(gateway.rows(TicketEvent, TicketEvent.kind == "accepted")) == RACES


def test_who_rings_is_cut_off_and_who_listens_is_told(gateway: Gateway, cast: Cast, ticket: Ticket) -> None:
    page_everybody(gateway, ticket.id)
    for phone in (cast.carla, cast.dino):
        phone.rings(PATIENCE)
    for phone in (cast.ada, cast.bruno):
        phone.answer(PATIENCE)
        phone.expect("P1, ticket")
    cast.ada.press("1")
    for phone in (cast.carla, cast.dino):
        assert phone.hung_up(PATIENCE) == "canceled"
    cast.bruno.expect("Ada Rossi has accepted this ticket already. Thank you. Goodbye.", PATIENCE)
    assert cast.bruno.hung_up(PATIENCE) == "completed"
    gateway.settle()
    assert sorted(str(outcome) for _, _, outcome in tries(gateway)[-4:]) == [
        "accepted",
        "cut off",
        "cut off",
        "cut off",
    ]


def test_two_take_two_pages_at_the_same_moment(gateway: Gateway, cast: Cast) -> None:
    """Both have been told both pages, both callers hold: neither waits for the other."""
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1, rounds=1)
    for phone in (cast.ada, cast.bruno, cast.carla, cast.dino):
        phone.faults(busy=True)
    report_problem(cast.acme)
    report_problem(cast.beta, BETA_PIN)
    gateway.network.wait(lambda: sum(round_ == 2 for round_, *_ in tries(gateway)) == 8, PATIENCE, "everybody's round")
    gateway.settle()
    for phone in (cast.ada, cast.bruno):
        phone.faults(busy=False, auto_answer=0)
    with gateway.database.transaction() as session:
        session.execute(update(Page).values(due_at=real_now()))
        for page_id in session.scalars(select(Page.id)):
            jobs.advance_page.wake(session, page_id=page_id)
    gateway.network.wait(lambda: _told_both(gateway), PATIENCE, "both pages in both calls")
    for phone in (cast.ada, cast.bruno):
        phone.expect("P1, ticket", PATIENCE)
    cast.bruno.press("2")
    cast.bruno.expect("Passed on. Thank you. P1, ticket", PATIENCE)
    press_together(cast.ada, cast.bruno)
    for phone in (cast.ada, cast.bruno):
        phone.expect("It is yours. Connecting", PATIENCE)
    for phone in (cast.acme, cast.beta):
        phone.expect("A technician is here", PATIENCE)
    assert sorted(map(str, holders(gateway))) == ["Ada Rossi", "Bruno Verdi"]


def _told_both(gateway: Gateway) -> bool:
    """Ada and Bruno are each rung once, about both pages."""
    open_now = [name for _, name, outcome in tries(gateway) if outcome is None]
    return sorted(open_now) == ["Ada", "Ada", "Bruno", "Bruno"]


def test_a_key_that_comes_late_hears_who_has_it(gateway: Gateway, cast: Cast, ticket: Ticket) -> None:
    """The network does not let us speak to the second one in time, who hears it all the same."""
    page_everybody(gateway, ticket.id)
    for phone in (cast.ada, cast.bruno):
        phone.answer(PATIENCE)
        phone.expect("P1, ticket")
    gateway.network.fail_api(503, times=None, path=f"/Calls/{cast.bruno.call_sid}")
    cast.ada.press("1")
    cast.ada.expect("It is yours")
    in_vain = gateway.network.journal.requests
    gateway.network.wait(lambda: in_vain(f"/Calls/{cast.bruno.call_sid}", "POST"), PATIENCE, "an attempt to tell him")
    cast.bruno.press("1")
    cast.bruno.expect("Ada Rossi has accepted this ticket already")
    gateway.network.heal_api()
    assert holders(gateway)[-1] == "Ada Rossi"


def test_who_picks_up_too_late_hears_who_has_it(gateway: Gateway, cast: Cast, ticket: Ticket) -> None:
    """The network does not let us stop the ringing in time."""
    page_everybody(gateway, ticket.id)
    cast.bruno.rings(PATIENCE)
    gateway.network.fail_api(503, times=None, path=f"/Calls/{cast.bruno.call_sid}")
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket")
    cast.ada.press("1")
    cast.ada.expect("It is yours")
    cast.bruno.answer()
    cast.bruno.expect("Ada Rossi has accepted this ticket already. Thank you. Goodbye.")
    gateway.network.heal_api()
    assert page_states(gateway)[-1] == "accepted"


def test_the_database_refuses_a_second_call_to_somebody(gateway: Gateway, cast: Cast, ticket: Ticket) -> None:
    page_everybody(gateway, ticket.id)
    cast.ada.rings(PATIENCE)
    [live] = gateway.rows(PhoneCall, PhoneCall.number == ADA, PhoneCall.state != "ended")
    again = {"direction": "out", "purpose": "connect", "number": ADA, "person_id": live.person_id, "state": "queued"}
    with pytest.raises(IntegrityError, match="uq_phone_call_live_person"), gateway.database.transaction() as session:
        session.add(PhoneCall(**again, ticket_id=ticket.id, created_at=SUNDAY_NIGHT))


def test_a_lost_report_of_the_end_does_not_keep_somebody_busy(gateway: Gateway, cast: Cast, ticket: Ticket) -> None:
    """Nobody tells us that the ringing has ended: the next page still rings."""
    gateway.set_paging(no_answer=2, then_every=60, drop_grace=1)
    with gateway.database.transaction() as session:
        runtime = Runtime(Settings(), gateway.database, ShiftedClock.starting_at(SUNDAY_NIGHT))
        engine.open_page(
            Work(session, runtime, runtime.clock.now()), session.get_one(Ticket, ticket.id), PageCause.HOTLINE
        )
    gateway.network.hold_callbacks()
    cast.ada.rings(PATIENCE)
    cast.ada.decline()
    cast.bruno.rings(PATIENCE)
    gateway.settle()
    ended = gateway.rows(PhoneCall, PhoneCall.number == ADA)[-1]
    assert ended.state == "ended"
    assert tries(gateway)[-2:] == [(1, "Ada", "no answer"), (1, "Bruno", None)]
    gateway.network.release([])
