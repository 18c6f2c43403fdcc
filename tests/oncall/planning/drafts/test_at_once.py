"""Two at one moment: exactly one publishes a draft, and the other hears so."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import select

from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import RosterOverride
from oncall.planning.drafts.changing import change as changed
from oncall.planning.drafts.publishing import put_into_force
from oncall.planning.editing import Author, wait_for_others
from oncall.planning.plans import edits
from oncall.planning.plans.plan import OverrideRequest
from oncall.rosters.errors import GoneError
from tests.oncall.planning.conftest import DAY, DIRECTORY, HOUR, NOW, Desk, span
from tests.oncall.planning.draft_desk import OTHER, begin, change, draft_of, roster, state

TRIES = 30


def test_two_managers_at_one_moment(desk: Desk) -> None:
    """Thirty times: one publishes it, the other is told who did."""
    authors = [Author("Mara Manager", NOW), OTHER]
    for attempt in range(TRIES):
        draft = begin(desk, authors[0], f"Plan {attempt}")
        wish = OverrideRequest(span(attempt * DAY, HOUR), desk.people["Carla"])
        change(desk, authors[0], draft, edits.add_override, desk.layer_id, wish)
        with desk.database.transaction() as session:
            seen = draft_of(session, draft).version
        start = Barrier(2)

        def act(who: int, draft: int = draft, seen: int = seen, start: Barrier = start) -> str:
            start.wait()
            try:
                with desk.database.transaction() as session:
                    put_into_force(session, authors[who], draft, seen)
            except GoneError as error:
                return str(error)
            return "won"

        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(act, (0, 1)))
        assert results.count("won") == 1, results
        winner = results.index("won")
        assert f"was published by {authors[winner].name}" in results[1 - winner]
    with desk.database.transaction() as session:
        assert len(session.scalars(select(RosterOverride)).all()) == TRIES
        assert len(session.scalars(select(RosterChange)).all()) == TRIES


def test_one_changes_it_while_another_puts_it_into_force(desk: Desk) -> None:
    """Twenty times: who comes second has not seen the draft as it is, and is refused."""
    for attempt in range(20):
        draft = begin(desk, OTHER, f"Plan {attempt}")
        wish = OverrideRequest(span(attempt * DAY, HOUR), desk.people["Carla"])
        change(desk, OTHER, draft, edits.add_override, desk.layer_id, wish)
        with desk.database.transaction() as session:
            seen = draft_of(session, draft).version
        start = Barrier(2)

        def act(puts: bool, draft: int = draft, seen: int = seen, start: Barrier = start, day: int = attempt) -> bool:
            start.wait()
            try:
                with desk.database.transaction() as session:
                    if puts:
                        put_into_force(session, OTHER, draft, seen)
                    else:
                        more = OverrideRequest(span(day * DAY + HOUR, HOUR), desk.people["Dino"])
                        changed(
                            session, OTHER, draft, seen, partial(edits.add_override, layer_id=desk.layer_id, wish=more)
                        )
            except GoneError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(act, (True, False)))
        assert done.count(True) == 1
        assert (state(desk, draft) == "in force") is done[0]


def test_a_file_that_is_loaded_waits_for_the_change_under_way(desk: Desk) -> None:
    """Else a draft would be merged with what the file is about to replace."""
    renamed = DIRECTORY.replace("name: first", "name: nights")

    def load() -> None:
        with desk.database.transaction() as session:
            apply(session, parse(renamed), NOW, PinKeys(b"a key for the tests of rosters"))

    with ThreadPoolExecutor(1) as pool:
        with desk.database.transaction() as session:
            wait_for_others(session)
            loading = pool.submit(load)
            with pytest.raises(TimeoutError):
                loading.result(timeout=0.7)
        loading.result(timeout=8)
    assert [layer.name for layer in roster(desk).layers] == ["nights"]
