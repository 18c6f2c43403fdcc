"""What is kept for programs is what a page would ring, and never older than the last change."""

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text, update

from core.change_listener import Watch
from core.clock import real_now
from core.db import Database
from oncall.accounts.api_tokens import make_program, revoke_program
from oncall.models.people import Person
from oncall.planning.editing import Author
from oncall.planning.leave import add_time_off
from oncall.planning.plans.plan import OverrideRequest
from oncall.rosters import on_call as rosters_on_call
from oncall.rosters.on_call import RosterOnCall, UnknownRosterError
from oncall.rosters.on_call_cache import CHANGES, Choice, KeptDuties, KnownPrograms, UnknownRegionError
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, NOW, WEEK, Desk, desk, manager, span
from tests.oncall.planning.in_force import add_override

__all__ = ["desk", "manager"]  # fixtures

Names = dict[str, list[str]]
ALL = Choice()


def names(duties: Sequence[RosterOnCall]) -> Names:
    return {layer.layer: [person.first_name for person in layer.people] for duty in duties for layer in duty.layers}


@pytest.fixture
def watch(database: Database) -> Iterator[Watch]:
    watch = Watch(database.url, CHANGES)
    until = time.monotonic() + 6
    while watch.mark() is None and time.monotonic() < until:
        time.sleep(0.01)
    assert watch.mark() is not None
    yield watch
    watch.close()


@pytest.fixture
def kept(desk: Desk, watch: Watch) -> KeptDuties[Names]:
    return KeptDuties(desk.database, watch, names)


class Counted:
    """How many statements a block sends, those of the watch apart."""

    def __init__(self, database: Database) -> None:
        self.statements = 0
        self._engine = database.engine

    def _count(self, *_: object) -> None:
        self.statements += 1

    def __enter__(self) -> "Counted":
        event.listen(self._engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._count)


def heard(watch: Watch, before: int | None) -> None:
    until = time.monotonic() + 6
    while watch.mark() in (before, None) and time.monotonic() < until:
        time.sleep(0.005)
    assert watch.mark() not in (before, None)


def test_asked_again_it_asks_the_database_nothing(kept: KeptDuties[Names], desk: Desk) -> None:
    first = kept.now(ALL, HANDOFF)
    assert first == {"first": ["Ada"]}
    with Counted(desk.database) as counted:
        assert kept.now(ALL, HANDOFF + HOUR) is first
        assert kept.now(Choice("Nights"), HANDOFF + HOUR) == first
        assert kept.at(ALL, HANDOFF + WEEK, HANDOFF) == {"first": ["Bruno"]}
    assert counted.statements == 0


def test_at_the_instant_of_the_handoff_it_is_the_next_person(kept: KeptDuties[Names]) -> None:
    moment = timedelta(microseconds=1)
    assert kept.now(ALL, HANDOFF - moment) == {"first": []}
    assert kept.now(ALL, HANDOFF) == {"first": ["Ada"]}
    assert kept.now(ALL, HANDOFF + WEEK - moment) == {"first": ["Ada"]}
    assert kept.now(ALL, HANDOFF + WEEK) == {"first": ["Bruno"]}


def test_time_that_jumps_in_either_direction(kept: KeptDuties[Names]) -> None:
    assert kept.now(ALL, HANDOFF + 60 * WEEK) == {"first": ["Ada"]}
    assert kept.now(ALL, HANDOFF + HOUR) == {"first": ["Ada"]}
    assert kept.now(ALL, HANDOFF - HOUR) == {"first": []}
    assert kept.at(ALL, HANDOFF + 61 * WEEK, HANDOFF) == {"first": ["Bruno"]}
    assert kept.at(ALL, HANDOFF - 61 * WEEK, HANDOFF) == {"first": []}


@pytest.mark.parametrize("asked", [HANDOFF, HANDOFF + 50 * WEEK], ids=["now", "another instant"])
def test_an_answer_ends_with_an_override_however_far_ahead(
    desk: Desk, watch: Watch, manager: Author, asked: datetime
) -> None:
    """The layer's turns last for a year, so that nothing else ends before."""
    with desk.database.transaction() as session:
        session.execute(text("UPDATE roster_rotation SET every_n = 52"))
        add_override(session, manager, desk.layer_id, OverrideRequest(span(51 * WEEK, DAY), desk.people["Carla"]))
    ends = KeptDuties(desk.database, watch, lambda duties: duties[0].layers[0].until)
    assert ends.at(ALL, asked, HANDOFF) == HANDOFF + 51 * WEEK
    assert ends.now(ALL, asked) == HANDOFF + 51 * WEEK
    with desk.database.transaction() as session:
        [found] = rosters_on_call.on_call(session, asked)
    assert found.layers[0].until == HANDOFF + 51 * WEEK


def test_a_change_is_seen_as_soon_as_it_is_heard_of(
    kept: KeptDuties[Names], desk: Desk, watch: Watch, manager: Author
) -> None:
    kept.now(ALL, HANDOFF)
    before = watch.mark()
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(timedelta(0), DAY), desk.people["Carla"]))
        session.flush()
        assert kept.now(ALL, HANDOFF + HOUR) == {"first": ["Ada"]}  # not committed yet
    heard(watch, before)
    assert kept.now(ALL, HANDOFF + HOUR) == {"first": ["Carla"]}
    before = watch.mark()
    with desk.database.transaction() as session:
        accepting = Author("Mara", NOW, accepts_gaps=True, manages=True)
        add_time_off(session, accepting, desk.people["Carla"], span(timedelta(0), DAY), "Europe/Rome")
    heard(watch, before)
    assert kept.now(ALL, HANDOFF + HOUR) == {"first": []}
    with desk.database.transaction() as session:
        assert names(rosters_on_call.on_call(session, HANDOFF + HOUR)) == {"first": []}


def test_another_phone_number_is_seen_too(desk: Desk, watch: Watch) -> None:
    phones = KeptDuties(desk.database, watch, lambda duties: duties[0].layers[0].people[0].phone)
    assert phones.now(ALL, HANDOFF) == "+390584000001"
    before = watch.mark()
    with desk.database.transaction() as session:
        session.execute(update(Person).where(Person.id == desk.people["Ada"]).values(phone="+390584009999"))
    heard(watch, before)
    assert phones.now(ALL, HANDOFF) == "+390584009999"


def test_while_nobody_vouches_for_it_everything_is_read_anew(kept: KeptDuties[Names], desk: Desk, watch: Watch) -> None:
    kept.now(ALL, HANDOFF)
    watch.close()
    with desk.database.transaction() as session:
        session.execute(text("DELETE FROM roster"))
    assert kept.now(ALL, HANDOFF) == {}
    with Counted(desk.database) as counted:
        kept.now(ALL, HANDOFF)
    assert counted.statements > 0


def test_unknown_rosters_and_regions_are_named(kept: KeptDuties[Names]) -> None:
    with pytest.raises(UnknownRosterError, match="rosters are: Nights"):
        kept.now(Choice(roster="Days"), HANDOFF)
    with pytest.raises(UnknownRosterError, match="rosters are: Nights"):
        kept.at(Choice(roster="Days"), HANDOFF + 61 * WEEK, HANDOFF)
    with pytest.raises(UnknownRegionError, match="served are: europe"):
        kept.now(Choice(region="apac"), HANDOFF)
    assert kept.now(Choice(region="europe"), HANDOFF) == {"first": ["Ada"]}


def test_many_threads_while_rosters_change(desk: Desk, watch: Watch, manager: Author) -> None:
    """Whatever a thread was told after a change had been heard of is not from before it."""
    kept = KeptDuties(desk.database, watch, names)
    stop, wrong = threading.Event(), []
    committed = [("Ada", watch.mark())]

    def ask() -> None:
        while not stop.is_set():
            person, since = committed[-1]
            told = kept.now(ALL, HANDOFF + HOUR)
            if watch.mark() == since and committed[-1][1] == since and told != {"first": [person]}:
                wrong.append((person, told))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for number in range(12):
        name = ("Carla", "Dino")[number % 2]
        with desk.database.transaction() as session:
            session.execute(text("DELETE FROM roster_override"))
            add_override(session, manager, desk.layer_id, OverrideRequest(span(timedelta(0), DAY), desk.people[name]))
        # Not any new mark: the look that is made each second may still bring one for the change before.
        until = time.monotonic() + 6
        while kept.now(ALL, HANDOFF + HOUR) != {"first": [name]} and time.monotonic() < until:
            time.sleep(0.005)
        committed.append((name, watch.mark()))
        time.sleep(0.02)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert kept.now(ALL, HANDOFF + HOUR) == {"first": ["Dino"]}


def test_a_token_is_looked_up_once_and_refused_when_revoked(desk: Desk, watch: Watch) -> None:
    known, before = KnownPrograms(desk.database, watch), watch.mark()
    with desk.database.transaction() as session:
        token = make_program(session, "wallboard", real_now())
    heard(watch, before)
    assert known.find(token) is not None
    with Counted(desk.database) as counted:
        assert known.find(token) is not None
    assert counted.statements == 0
    assert known.find("another") is None
    before = watch.mark()
    with desk.database.transaction() as session:
        revoke_program(session, "wallboard", real_now())
    heard(watch, before)
    assert known.find(token) is None
