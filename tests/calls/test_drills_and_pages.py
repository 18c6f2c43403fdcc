"""A page and a drill want the same phone: the page goes first, is told at once, and is never lost or late."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select, text, update

from core.db import Database
from oncall.calls import PhoneCall
from oncall.directory import apply, parse
from oncall.drills.beginning import watch_drills
from oncall.drills.checking import check_drill
from oncall.drills.models import Drill
from oncall.messages import Message
from oncall.paging.engine import first_page
from oncall.paging.models import Attempt, Page
from oncall.people import Person
from oncall.pins import PinKeys
from oncall.setting import PAGING, write
from oncall.telephony import ProviderError
from oncall.tickets import Ticket
from tests.calls.crude import Leg
from tests.calls.drill_desk import DRILL, DRILLED, SHIFT
from tests.calls.people import ACME, ACME_PIN, ADA, BRUNO, CARLA
from tests.calls.switchboard import Switchboard

RACES = 40
PIN_KEY = b"a-pin-key-for-tests-0123456789"


class Board(Switchboard):
    """A switchboard whose network may refuse, or not be there."""

    refusing: ProviderError | None = None

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        if self.refusing is not None:
            raise self.refusing
        return super().place_call(to, call_id, ring_seconds)

    def over(self, leg: Leg, status: str) -> None:
        """The network ends a call that nobody picked up."""
        self._over(leg, status)

    def ringing(self, number: str) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.called == number and leg.status == "ringing"]


@pytest.fixture
def board(database: Database, tmp_path: Path) -> Board:
    with database.transaction() as session:
        apply(session, parse(DRILLED), DRILL, PinKeys(PIN_KEY))
        write(session, PAGING, {"drill": "02:00"})
    (tmp_path / "pin_key").write_bytes(PIN_KEY)
    return Board(database, tmp_path, DRILL, late=False)


Look = Callable[[], None]


@pytest.fixture
def look(board: Board) -> Look:
    """What a worker does each minute, and the jobs of that."""

    def look_now() -> None:
        with board.runtime.database.transaction() as session:
            watch_drills(session, board.clock.now())
        board.pass_time(0)

    return look_now


def report(board: Board) -> Leg:
    """Acme calls up to the ticket."""
    acme = board.dial(ACME)
    for keys in (ACME_PIN, "1", "1"):
        acme.press(keys)
    board.pass_time(0)
    return acme


def drill(board: Board) -> Drill:
    with board.runtime.database.transaction() as session:
        found = session.scalars(select(Drill)).one()
        assert found.person.name == "Ada Rossi"
        return found


def attempts(board: Board) -> list[tuple[str, int, str | None]]:
    """First name, round, outcome."""
    with board.runtime.database.transaction() as session:
        found = session.scalars(select(Attempt).order_by(Attempt.id))
        return [(each.person.first_name, each.round, each.outcome) for each in found]


def texts_to(board: Board, number: str) -> list[str]:
    with board.runtime.database.transaction() as session:
        query = select(Message.body).where(Message.recipient == number, Message.channel == "text")
        return list(session.scalars(query.order_by(Message.id)))


def page_call(board: Board) -> PhoneCall:
    """The call of the open attempt."""
    with board.runtime.database.transaction() as session:
        query = select(PhoneCall).join(Attempt, Attempt.call_id == PhoneCall.id).where(Attempt.outcome.is_(None))
        return session.scalars(query).one()


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


def test_a_test_call_that_waits_for_the_network_does_not_keep_the_page_waiting(board: Board, look: Look) -> None:
    board.refusing = ProviderError("too many requests", permanent=False, code=20429)
    look()
    board.pass_time(1)  # tried, and put off
    board.refusing = None
    assert board.ringing(ADA) == []
    report(board)
    assert len(board.ringing(ADA)) == 1
    assert "P1, ticket" in board.pick_up(ADA).words


def test_a_network_that_is_away_ends_the_test_and_not_the_page(board: Board, look: Look) -> None:
    board.refusing = ProviderError("no answer from the provider", permanent=False, processed_unknown=True)
    look()
    report(board)
    for _ in range(30):
        board.pass_time(1)
    board.refusing = None
    board.pass_time(14)
    assert page_call(board).purpose == "page"
    assert drill(board).last_result == "failed"


def test_accepting_by_text_while_the_test_is_heard(board: Board, look: Look) -> None:
    """The caller who holds is offered in the call that is there."""
    look()
    ada = board.pick_up(ADA)
    acme = report(board)
    with board.runtime.database.transaction() as session:
        code = session.scalars(select(Page.code)).one()
    address = f"{board.settings.public_url}/ivr/sms"
    board.send(address, {"MessageSid": "SM1", "From": ADA, "Body": f"ACK {code}"})
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
    board.send(f"{board.settings.public_url}/ivr/sms", {"MessageSid": "SM1", "From": ADA, "Body": f"ACK {code}"})
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
    board.send(address, {"MessageSid": "SM1", "From": CARLA, "Body": f"ACK {code}"})
    board.pass_time(2)
    board.pass_time(2)
    assert "Carla Neri has accepted this ticket already" in ada.words
    assert (drill(board).state, drill(board).tries, drill(board).last_result) == ("open", 0, None)
    board.pass_time(11 * 60)
    look()
    assert "This is a test call" in board.pick_up(ADA).words


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
        session.execute(update(Page).values(state="stopped", accepted_at=None, accepted_by_id=None))
        session.execute(update(Attempt).where(Attempt.outcome.is_(None)).values(outcome="cut off", ended_at=DRILL))
        session.execute(update(PhoneCall).values(state="ended", waiting=False))
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
            first_page(session, board.runtime, ticket, now, "test")

    def begin_drill() -> None:
        with database.transaction() as session:
            watch_drills(session, now)
        with database.transaction() as session:
            drill_id = session.scalars(select(Drill.id)).one()
            start.wait()
            check_drill(session, board.runtime, drill_id, now)

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
