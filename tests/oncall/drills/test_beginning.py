"""Which drills are put down: those of the clock, once each whatever happens, and those that a manager asks for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.drills.beginning import begin_now, watch_drills
from oncall.models.calls import CallState, PhoneCall
from oncall.models.drills import Drill
from oncall.models.people import Person
from oncall.models.stored_settings import PAGING, write
from oncall.planning.editing import Author
from oncall.planning.plans.plan import OverrideRequest
from oncall.rosters.errors import RosterError
from oncall.sla.paging_times import NEVER
from tests.oncall.drills.conftest import CHANGE, DRILL, Look, drills, texts
from tests.oncall.planning.conftest import DAY, DIRECTORY, HOUR, NOW, WEEK, Desk, span
from tests.oncall.planning.in_force import add_override, remove_override

MINUTE = timedelta(minutes=1)
OPEN = [("Bruno", "open", None)]


def calls(desk: Desk) -> int:
    with desk.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(PhoneCall)) or 0


def paging(desk: Desk, **times: object) -> None:
    with desk.database.transaction() as session:
        write(session, PAGING, times)


def end_calls(desk: Desk, result: str = "no-answer") -> None:
    with desk.database.transaction() as session:
        for call in session.scalars(select(PhoneCall)):
            call.state, call.result, call.ended_at = CallState.ENDED, result, call.created_at


def test_who_comes_next_is_called_and_texted_once(desk: Desk, look: Look) -> None:
    assert look(DRILL - MINUTE) == []
    assert look(DRILL) == OPEN
    assert look(DRILL + MINUTE) == OPEN
    assert calls(desk) == 1
    assert texts(desk) == [
        (
            "Bruno",
            "Nightline test, no customer is waiting. You come on call today at 18:00 (Nights, first). "
            "Your phone rings too: press 1 there. Reply OK CODE.",
        )
    ]
    assert len(texts(desk)[0][1]) <= 160


def test_late_but_not_too_late_and_not_after_the_shift_has_begun(desk: Desk, look: Look) -> None:
    assert look(CHANGE - MINUTE) == OPEN
    with desk.database.transaction() as session:
        session.query(Drill).delete()
        session.query(PhoneCall).delete()
    assert look(CHANGE) == look(CHANGE + MINUTE) == []
    paging(desk, drill="12:00")
    assert look(CHANGE - 3 * HOUR) == []  # three hours late
    assert look(CHANGE - 3 * HOUR - MINUTE) == OPEN


def test_another_hour_or_never(desk: Desk, look: Look) -> None:
    paging(desk, drill=NEVER)
    assert look(DRILL) == []
    paging(desk, drill="17:30")
    assert look(DRILL + HOUR) == []
    assert look(DRILL + 90 * MINUTE) == OPEN


def test_the_clock_may_jump(desk: Desk, look: Look) -> None:
    """A pretended time that jumps over weeks brings the drill that is due then, no other; and back, none twice."""
    assert look(DRILL) == OPEN
    ahead = DRILL + 3 * WEEK + HOUR
    assert look(ahead) == [("Bruno", "open", None), ("Ada", "open", None)]
    assert look(DRILL + MINUTE) == look(ahead + MINUTE) == [("Bruno", "open", None), ("Ada", "open", None)]
    end_calls(desk)
    assert look(ahead + 2 * MINUTE) == [("Bruno", "failed", "no answer"), ("Ada", "open", None)]
    assert calls(desk) == 2


def test_a_drill_of_a_time_that_was_taken_back_is_forgotten(desk: Desk, look: Look) -> None:
    """A pretended time may be set back: what is still to come then is begun when its time comes."""
    call_in(desk, DRILL - MINUTE)
    assert look(DRILL) == OPEN
    assert look(DRILL - HOUR) == []
    assert look(DRILL) == OPEN


def test_two_workers_at_once(desk: Desk) -> None:
    start = Barrier(2)

    def work(_: int) -> None:
        with desk.database.transaction() as session:
            start.wait()
            watch_drills(session, DRILL)

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, range(2)))
    assert drills(desk) == OPEN


def test_a_cover_made_after_the_drill_is_drilled_as_well(desk: Desk, manager: Author, look: Look) -> None:
    look(DRILL)
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(WEEK, DAY), desk.people["Dino"]))
    assert [name for name, *_ in look(DRILL + HOUR)] == ["Bruno", "Dino"]


def test_who_does_not_come_after_all_is_not_called_again(desk: Desk, manager: Author, look: Look) -> None:
    look(DRILL)
    end_calls(desk)
    assert look(DRILL + MINUTE) == OPEN  # one more try in ten minutes
    with desk.database.transaction() as session:
        row = add_override(session, manager, desk.layer_id, OverrideRequest(span(WEEK, DAY), desk.people["Dino"]))
    assert look(DRILL + 12 * MINUTE) == [("Bruno", "not needed", "not needed"), ("Dino", "open", None)]
    with desk.database.transaction() as session:
        remove_override(session, manager, row.id)
    assert look(DRILL + 13 * MINUTE)[0] == ("Bruno", "open", None)
    assert [name for name, _ in texts(desk)].count("Bruno") == 1


def test_several_layers_and_rosters_are_one_drill(desk: Desk, look: Look) -> None:
    rotation = "{start: 2026-06-01T18:00, every: 1 week, people: [Dino Bianchi, Bruno Verdi]}"
    backup = f"\n      - name: backup\n        rotation: {rotation}"
    second = DIRECTORY.partition("rosters:\n")[2].replace("Nights", "Days")
    with desk.database.transaction() as session:
        text = DIRECTORY.rstrip("\n") + backup + "\n" + second
        apply(session, parse(text), NOW, PinKeys(b"a key for the tests of rosters"))
    assert look(DRILL) == OPEN
    with desk.database.transaction() as session:
        [found] = session.scalars(select(Drill))
        assert (found.layer, found.roster.name, found.shift_at) == ("first and backup", "Nights", CHANGE)


def test_on_the_day_of_a_clock_change(desk: Desk, look: Look) -> None:
    """25 October 2026 in Rome has 25 hours: the drill is at 16:00 winter time, for a shift of the next day."""
    paging(desk, drill="19:00")
    at = CHANGE + 20 * WEEK - DAY + 2 * HOUR  # Sunday, 19:00 CET
    assert at.isoformat() == "2026-10-25T18:00:00+00:00"
    assert look(at - MINUTE) == []
    [(name, state, _)] = look(at)
    assert state == "open"
    with desk.database.transaction() as session:
        [found] = session.scalars(select(Drill))
        assert found.shift_at == at + 23 * HOUR
        assert found.person.first_name == name


def test_a_manager_tests_somebody_at_once(desk: Desk) -> None:
    with desk.database.transaction() as session:
        made = begin_now(session, desk.roster_id, desk.person(session, "Bruno"), "Mara", NOW)
        assert (made.shift_at, made.layer, made.day, made.made_by) == (CHANGE, "first", None, "Mara")
    with desk.database.transaction() as session:
        nobody = begin_now(session, desk.roster_id, desk.person(session, "Dino"), "Mara", NOW)
        assert nobody.shift_at is None
    with (
        pytest.raises(RosterError, match=r"Bruno Verdi is being tested already: wait for the result\."),
        desk.database.transaction() as session,
    ):
        begin_now(session, desk.roster_id, desk.person(session, "Bruno"), "Mara", NOW)


def test_two_managers_at_once(desk: Desk) -> None:
    start = Barrier(2)

    def press(_: int) -> bool:
        start.wait()
        try:
            with desk.database.transaction() as session:
                begin_now(session, desk.roster_id, desk.person(session, "Bruno"), "Mara", NOW)
        except RosterError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, range(2))) == [False, True]


def call_in(desk: Desk, since: datetime) -> None:
    """Bruno calls the hotline, and is there still."""
    with desk.database.transaction() as session:
        phone = session.scalars(select(Person.phone).where(Person.id == desk.people["Bruno"])).one()
        session.add(PhoneCall(direction="in", purpose="hotline", number=phone, state="answered", created_at=since))


def test_a_call_whose_end_was_lost_does_not_keep_somebody_busy_for_ever(desk: Desk, look: Look) -> None:
    call_in(desk, DRILL - 5 * HOUR)
    assert look(DRILL) == OPEN
    assert calls(desk) == 2


def test_nobody_is_tested_who_is_in_a_call(desk: Desk) -> None:
    call_in(desk, NOW)
    with (
        pytest.raises(RosterError, match=r"on a page or in a call right now: try again when that is over"),
        desk.database.transaction() as session,
    ):
        begin_now(session, desk.roster_id, desk.person(session, "Bruno"), "Mara", NOW)


@pytest.mark.usefixtures("leader")
def test_whoever_is_busy_is_given_up_when_the_shift_begins(desk: Desk, look: Look) -> None:
    call_in(desk, CHANGE - 3 * HOUR)
    assert look(DRILL) == look(CHANGE - MINUTE) == OPEN
    assert (calls(desk), texts(desk)) == (1, [])
    assert look(CHANGE) == [("Bruno", "failed", "not rung")]
    assert texts(desk) == [
        (
            "Carla",
            "Nightline: Bruno Verdi came on call today at 18:00 (Nights, first), and the test call could not be made "
            "in time, most likely because of a page or another call. Call +390584000002, or let somebody else cover.",
        )
    ]


@pytest.mark.usefixtures("leader")
def test_no_second_try_after_the_shift_has_begun(desk: Desk, look: Look) -> None:
    look(CHANGE - 8 * MINUTE)
    end_calls(desk)
    assert look(CHANGE - 7 * MINUTE) == [("Bruno", "failed", "no answer")]
    assert texts(desk)[-1][0] == "Carla"
