"""Drills that wait for somebody who is busy, and networks that refuse, or do not report."""

from datetime import timedelta

from sqlalchemy import update

from oncall.delivery.telephony import ProviderError
from oncall.models.calls import PhoneCall
from oncall.models.contacts.faults import FaultKind, ProviderFault
from oncall.models.tickets import Ticket
from tests.calls.drills.board import Board, Look, drill, page_call, report, texts_to
from tests.calls.drills.desk import DRILL, SHIFT
from tests.calls.people import ADA, CARLA


def test_a_test_call_that_waits_for_the_network_does_not_keep_the_page_waiting(board: Board, look: Look) -> None:
    board.refusing = ProviderError(ProviderFault(FaultKind.PASSING, "20429", "too many requests", permanent=False))
    look()
    board.pass_time(1)  # tried, and put off
    board.refusing = None
    assert board.ringing(ADA) == []
    report(board)
    assert len(board.ringing(ADA)) == 1
    assert "P1, ticket" in board.pick_up(ADA).words


def test_a_network_that_is_away_ends_the_test_and_not_the_page(board: Board, look: Look) -> None:
    board.refusing = ProviderError(
        ProviderFault(FaultKind.PASSING, "", "no answer from the provider", permanent=False), processed_unknown=True
    )
    look()
    report(board)
    for _ in range(30):
        board.pass_time(1)
    board.refusing = None
    board.pass_time(14)
    assert page_call(board).purpose == "page"
    assert drill(board).last_result == "failed"


def test_who_is_on_a_page_is_not_tested_until_it_is_over(board: Board, look: Look) -> None:
    report(board)
    [page] = board.ringing(ADA)
    look()
    assert board.ringing(ADA) == [page]
    assert (drill(board).call_id, drill(board).text_id) == (None, None)
    ada = board.pick_up(ADA)
    ada.press("1")
    board.pass_time(5)
    look()
    assert board.ringing(ADA) == []
    board.hang_up_phone(ada)
    board.pass_time(1)
    with board.runtime.database.transaction() as session:
        session.execute(update(Ticket).values(state="closed", closed_at=DRILL))
        live = update(PhoneCall).where(PhoneCall.state != "ended")
        session.execute(live.values(state="ended", ended_at=DRILL, waiting=False))
    look()
    assert "This is a test call" in board.pick_up(ADA).words


def test_the_end_of_a_test_call_that_nobody_reports(board: Board, look: Look) -> None:
    """They hung up, and the network says nothing: the page asks the network, and rings."""
    look()
    ada = board.pick_up(ADA)
    board.pass_time(1)
    ada.status = "completed"
    report(board)
    board.pass_time(2)
    assert len(board.ringing(ADA)) == 1
    assert page_call(board).purpose == "page"


def test_a_test_call_whose_end_is_never_reported_ends_all_the_same(board: Board, look: Look) -> None:
    look()
    ada = board.pick_up(ADA)
    board.pass_time(1)
    ada.status = "completed"
    board.pass_time(101)
    assert drill(board).last_result == "no key"
    assert drill(board).call_id is None


def test_given_up_when_the_shift_begins(board: Board, look: Look) -> None:
    report(board)
    board.pick_up(ADA).press("1")
    look()
    board.clock.instant = SHIFT - timedelta(seconds=1)
    look()
    assert drill(board).state == "open"
    board.clock.instant = SHIFT
    look()
    assert (drill(board).state, drill(board).call_result) == ("failed", "not rung")
    assert any("could not be made in time, most likely because of a page" in body for body in texts_to(board, CARLA))
