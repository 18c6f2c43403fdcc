"""Nobody who has left is found by whoever looks for somebody to ring, to tell, or to choose."""

import ast
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from oncall.accounts.in_charge import in_charge
from oncall.models.messages import Message
from oncall.models.people import Person, Role, by_phone, with_role
from oncall.monitoring.contact_check import check_contacts
from oncall.outage.snapshot_taking import take
from oncall.planning.handoffs import people_in_charge, watch_handoffs
from oncall.planning.imports.standing import people_now as importable
from oncall.rosters.on_call import chain, on_call
from oncall.rosters.reading import Shelf
from tests.oncall.directory.leaving_desk import BRUNO, CARLA, DAY, WEEK, Leave, leave, loaded, person

__all__ = ["leave", "loaded"]  # fixtures

ROOT: Final = Path(__file__).parents[3]

# Whoever is looked for, to be rung, told or chosen, by every way there is: first names.
Looked = Callable[[Session, datetime], list[str | None]]
LOOKED_FOR: Final[dict[str, Looked]] = {
    "rung for a page": lambda s, now: [link.person.first_name for link in chain(s, "europe", now, Shelf())],
    "rung for any region": lambda s, now: [link.person.first_name for link in chain(s, None, now, Shelf())],
    "on call": lambda s, now: _on_call(s, now + DAY),
    "on call in a year": lambda s, now: _on_call(s, now + 52 * WEEK),
    "on call before": lambda s, now: _on_call(s, now - 2 * WEEK),
    "rung without the database": lambda s, now: [p.first_name for p, _ in take(s, now).order("europe", now)],
    "known without the database": lambda s, now: [p.first_name for p in take(s, now).people],
    "technicians": lambda s, now: [p.first_name for p in with_role(s, Role.TECHNICIAN)],
    "leaders": lambda s, now: [p.first_name for p in with_role(s, Role.TEAM_LEADER)],
    "by phone": lambda s, now: [found.first_name for each in (BRUNO, CARLA) if (found := by_phone(s, each))],
    "in charge": lambda s, now: [each.partition("@")[0].capitalize() for each in in_charge(s)],
    "told of silence": lambda s, now: [each.first_name for each in people_in_charge(s, person(s, "Ada"))],
    "only a phone": lambda s, now: [w for check in check_contacts(s) for w in re.findall(r"\w+", check.words)],
    "in a calendar": lambda s, now: [each.split()[0] for each in importable(s).names.values()],
    "told of a handoff": lambda s, now: _told_of_handoffs(s, now + timedelta(hours=39, minutes=30)),
}  # fmt: skip


def _on_call(session: Session, at: datetime) -> list[str | None]:
    return [each.first_name for roster in on_call(session, at) for layer in roster.layers for each in layer.people]


def _told_of_handoffs(session: Session, now: datetime) -> list[str | None]:
    watch_handoffs(session, now)
    told = session.scalars(select(Message.person_id)).all()
    session.rollback()
    return [session.get_one(Person, each).first_name for each in told if each is not None]


@pytest.mark.parametrize("way", list(LOOKED_FOR))
def test_nobody_who_has_left_is_found_by_any_way(loaded: Session, leave: Leave, now: datetime, way: str) -> None:
    if way == "only a phone":
        loaded.execute(text("UPDATE person SET email = NULL"))
        loaded.commit()
    found = set(LOOKED_FOR[way](loaded, now))
    loaded.rollback()
    assert found & {"Bruno", "Carla"}, "or this proves nothing"
    leave()
    assert not set(LOOKED_FOR[way](loaded, now)) & {"Bruno", "Carla"}


# Queries of people that may find those who have left: what they did, or may be undone, or must be said of them.
MAY_FIND_ALL: Final = {
    "oncall/calls/known_ticket.py": "who talks in a conversation that goes on",
    "oncall/rosters/on_call_cache.py": "names of those who would be on call",
    "oncall/rosters/on_call.py": "the same; the chain of people asks for active ones",
    "oncall/rosters/ahead.py": "names of those who would be on call, as their rosters stand",
    "oncall/rosters/reading.py": "who has left, to be taken off",
    "oncall/planning/before_after.py": "names of what was",
    "oncall/planning/views/board.py": "names of what was",
    "oncall/planning/drafts/board.py": "names of what was",
    "oncall/planning/plans/reading.py": "names, and who has left, to be refused",
    "oncall/planning/views/figures.py": "hours that they were on call",
    "oncall/planning/feeds/ical.py": "names of what was",
    "oncall/directory/applying.py": "those whom the file names may come back",
    "oncall/directory/applying_rosters.py": "ids of names that the file's people have made active before",
    "oncall/directory/roster_import.py": "both, to refuse by name who has left",
    "oncall/accounts/administering.py": "to be refused by name",
    "demo/accounts.py": "a name of the demo",
    "ivr/texts/receiving.py": "the lock of somebody who was found by their phone",
    "oncall/drills/own.py": "the lock of somebody who has just signed in",
    "oncall/paging/illness.py": "names of those who would be on call",
    "oncall/paging/history.py": "names of what was done",
    "oncall/tickets/timeline.py": "names of what was done",
}


BLOCKS: Final = (ast.FunctionDef, ast.ClassDef, ast.With, ast.For, ast.If, ast.Try)


def test_every_query_of_people_says_whom_it_may_find() -> None:
    """A new one asks for ACTIVE people, or gives its reason above."""
    without: set[str] = set()
    for folder in ("oncall", "ivr", "web"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            source = path.read_text()
            if "select(Person" not in source:
                continue
            lines = source.splitlines()
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.stmt) and not isinstance(node, BLOCKS):
                    words = "\n".join(lines[node.lineno - 1 : node.end_lineno])
                    if re.search(r"select\((PersonRow|Person)\b", words) and "ACTIVE" not in words:
                        without.add(str(path.relative_to(ROOT)))
    assert without <= MAY_FIND_ALL.keys(), sorted(without - MAY_FIND_ALL.keys())
