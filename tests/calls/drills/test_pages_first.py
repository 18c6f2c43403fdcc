"""A page and a drill want the same phone: the page goes first, is told at once, and is never lost or late."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, text, update

from oncall.drills.beginning import watch_drills
from oncall.drills.checking import check_drill
from oncall.models.calls import PhoneCall
from oncall.models.drills import Drill
from oncall.models.pages import Attempt, Page, PageCause
from oncall.models.people import Person
from oncall.models.stored_settings import PAGING, write
from oncall.models.tickets import Ticket
from oncall.paging.engine import first_page
from oncall.runtime import Work
from tests.calls.crude import Leg
from tests.calls.drills.board import Board, Look, attempts, drill, page_call, report, texts_to
from tests.calls.people import ACME, ACME_PIN, ADA, BRUNO, CARLA

RACES = 40


def test_a_page_while_the_test_call_rings_is_told_in_it(board: Board, look: Look) -> None:
    look()
    [leg] = board.ringing(ADA)
    board.pass_time(10)
    acme = report(board)
    assert board.ringing(ADA) == [leg], "never rung twice at once"
    assert any("ACK" in body for body in texts_to(board, ADA)), "the page's text does not wait"
    ada = board.pick_up(ADA)
    assert ada.words.startswith("This is no test, it is a real page. P1, ticket 1, 0, 4, 2, Acme. The caller is on")
    assert "Press 1 to accept" in ada.words
    ada.press("1")
    board.pass_time(1)
    assert acme.room is not None
    assert ada.room is not None
    assert attempts(board) == [("Ada", 1, "accepted")]
    assert drill(board).state == "passed", "a key was pressed in the call"


def test_a_page_while_the_test_is_heard_takes_its_place_at_once(board: Board, look: Look) -> None:
    look()
    ada = board.pick_up(ADA)
    board.pass_time(3)
    assert "This is a test call" in ada.words
    acme = report(board)
    assert ada.words.startswith("The test stops here. This is a real page. P1, ticket")
    ada.press("1")
    board.pass_time(1)
    assert acme.room is not None
    assert drill(board).state == "passed"


def test_a_page_between_the_question_and_its_key(board: Board, look: Look) -> None:
    """The key 1 that was meant for the test passes the test and accepts nothing."""
    look()
    ada = board.pick_up(ADA)
    address = ada.place("Gather")
    acme = board.dial(ACME)
    for keys in (ACME_PIN, "1", "1"):
        acme.press(keys)  # the page is there, and no job has run yet
    ada.ask(address, Digits="1")
    assert ada.words.startswith("Thank you, all is well. This is no test, it is a real page. P1, ticket")
    board.pass_time(1)
    assert attempts(board) == [("Ada", 1, None)]
    ada.press("1")
    board.pass_time(1)
    assert attempts(board) == [("Ada", 1, "accepted")]


@pytest.fixture
def leaving(board: Board, look: Look) -> Leg:
    """Ada hears the last words of her test: nothing is asked any more."""
    look()
    ada = board.pick_up(ADA)
    ada.document.clear()
    with board.runtime.database.transaction() as session:
        session.execute(update(PhoneCall).values(step="goodbye", memo={"heard": True}))
    return ada


def test_a_page_while_the_test_says_goodbye_is_told_in_its_place(board: Board, leaving: Leg) -> None:
    report(board)
    assert leaving.words.startswith("The test stops here. This is a real page. P1, ticket")
    assert board.ringing(ADA) == []


def test_a_page_just_after_the_last_words_of_the_test_rings(board: Board, leaving: Leg) -> None:
    leaving.status = "completed"  # hung up, and that is not reported yet
    report(board)
    board.pass_time(0)
    board.pass_time(1)
    board.pass_time(1)
    assert len(board.ringing(ADA)) == 1
    assert page_call(board).purpose == "page"
    assert "P1, ticket" in board.pick_up(ADA).words
    assert attempts(board) == [("Ada", 1, None)]


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed"])
def test_a_test_call_that_ends_unheard_leaves_the_page_its_own_time(board: Board, look: Look, status: str) -> None:
    """Without the drill the phone would ring for 45 s from now on: it does, and not a second longer."""
    look()
    [leg] = board.ringing(ADA)
    board.pass_time(40)
    report(board)
    board.pass_time(15)
    board.over(leg, status)
    board.pass_time(1)
    assert page_call(board).purpose == "page"
    assert len(board.ringing(ADA)) == 1
    assert attempts(board) == [("Ada", 1, None)]
    board.pass_time(28)
    assert attempts(board) == [("Ada", 1, None)]
    board.pass_time(3)  # 47 s after the page began
    assert attempts(board) == [("Ada", 1, "no answer"), ("Bruno", 1, None)]
    assert board.ringing(ADA) == []
    assert len(board.ringing(BRUNO)) == 1


def test_a_voicemail_that_took_the_test_call_holds_the_page_no_longer_than_its_own_call_would(
    board: Board, look: Look
) -> None:
    look()
    ada = board.pick_up(ADA)
    report(board)
    board.pass_time(10)
    ada.wait()
    assert "P1, ticket" in ada.words
    board.pass_time(10)
    ada.wait()
    board.pass_time(1)
    assert attempts(board) == [("Ada", 1, "no key"), ("Bruno", 1, None)]
    assert drill(board).last_result == "no key"


def test_accepting_by_text_while_the_test_is_heard(board: Board, look: Look) -> None:
    """The caller who holds is offered in the call that is there."""
    look()
    ada = board.pick_up(ADA)
    acme = report(board)
    with board.runtime.database.transaction() as session:
        code = session.scalars(select(Page.code)).one()
    address = f"{board.settings.public_url}/ivr/sms"
    board.send(address, {"MessageSid": f"SM{1:032}", "From": ADA, "Body": f"ACK {code}"})
    board.pass_time(1)
    board.pass_time(1)
    assert "Acme is on the line for ticket" in ada.words
    ada.press("1")
    board.pass_time(1)
    assert acme.room is not None


def test_accepting_by_text_before_any_page_reached_the_test_call(board: Board, look: Look) -> None:
    """Bruno's page is accepted by Ada, who listens to her test: she is offered the caller there."""
    with board.runtime.database.transaction() as session:
        ada_id = session.scalars(select(Person.id).where(Person.phone == ADA)).one()
        write(session, PAGING, {"drill": "02:00", "no_answer": 600 - 20})
    acme = report(board)
    board.over(board.ringing(ADA)[0], "busy")
    board.pass_time(1)
    assert attempts(board)[-1] == ("Bruno", 1, None)
    look()
    ada = board.pick_up(ADA)
    assert "This is a test call" in ada.words
    with board.runtime.database.transaction() as session:
        code = session.scalars(select(Page.code)).one()
    board.send(f"{board.settings.public_url}/ivr/sms", {"MessageSid": f"SM{1:032}", "From": ADA, "Body": f"ACK {code}"})
    board.pass_time(1)
    assert ada.words.startswith("The test stops here. This is a real page. Acme is on the line")
    ada.press("1")
    board.pass_time(1)
    assert acme.room is not None
    with board.runtime.database.transaction() as session:
        assert session.scalars(select(Page.accepted_by_id)).one() == ada_id


def test_a_page_that_another_took_lets_the_drill_go_on_later(board: Board, look: Look) -> None:
    """Ada hears of a page that Bruno accepts: that says nothing about her phone, so the test is made again."""
    look()
    ada = board.pick_up(ADA)
    report(board)
    assert "P1, ticket" in ada.words
    with board.runtime.database.transaction() as session:
        code = session.scalars(select(Page.code)).one()
    address = f"{board.settings.public_url}/ivr/sms"
    board.send(address, {"MessageSid": f"SM{1:032}", "From": CARLA, "Body": f"ACK {code}"})
    board.pass_time(2)
    board.pass_time(2)
    assert "Carla Neri has accepted this ticket already" in ada.words
    assert (drill(board).state, drill(board).tries, drill(board).last_result) == ("open", 0, None)
    board.pass_time(11 * 60)
    look()
    assert "This is a test call" in board.pick_up(ADA).words


def test_page_and_drill_in_the_same_moment(board: Board) -> None:
    """Many times over: one live call to Ada, whichever came first, and the page is told in it."""
    report(board)
    database, now = board.runtime.database, board.clock.now()
    start = Barrier(2)

    def begin_page() -> None:
        with database.transaction() as session:
            ticket = session.scalars(select(Ticket)).one()
            start.wait()
            first_page(Work(session, board.runtime, now), ticket, PageCause.HOTLINE)

    def begin_drill() -> None:
        with database.transaction() as session:
            watch_drills(session, now)
        with database.transaction() as session:
            drill_id = session.scalars(select(Drill.id)).one()
            start.wait()
            check_drill(Work(session, board.runtime, now), drill_id)

    first = set()
    for _ in range(RACES):
        with database.engine.begin() as connection:
            connection.execute(text("TRUNCATE phone_call, page, drill CASCADE"))
        with ThreadPoolExecutor(2) as pool:
            for one in [pool.submit(begin_page), pool.submit(begin_drill)]:
                one.result()
        with database.transaction() as session:
            [call] = session.scalars(select(PhoneCall).where(PhoneCall.state != "ended"))
            [attempt] = session.scalars(select(Attempt))
            assert (attempt.call_id, attempt.outcome) == (call.id, None)
            first.add(call.purpose)
    assert first <= {"page", "drill"}


def test_a_drill_never_rings_while_a_page_rings_however_they_race(board: Board, look: Look) -> None:
    """Whatever comes first, there is one live call to Ada and it tells the page."""
    for second in range(3):
        look()
        report(board)
        board.pass_time(second)
        assert len(board.ringing(ADA)) == 1
    ada = board.pick_up(ADA)
    assert "P1, ticket" in ada.words
