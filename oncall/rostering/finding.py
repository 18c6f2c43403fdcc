"""Rows that a change is about, as they stand now."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.people import Person
from oncall.rostering.errors import GoneError
from oncall.rostering.versions import who_removed
from oncall.rosters import RosterLayer


def layer_now(session: Session, layer_id: int) -> RosterLayer:
    """The layer, read afresh. Raises GoneError when somebody has removed it."""
    layer = session.get(RosterLayer, layer_id, populate_existing=True)
    if layer is None:
        by = who_removed(session, "roster_layer", layer_id)
        raise GoneError(f"This layer is not there any more: it was removed{by}. Load the page again.")
    return layer


def refuse_retired(person: Person) -> None:
    """Raises GoneError for somebody who has left: nobody plans with them."""
    if person.retired:
        raise GoneError(f"{person.name} has left, and is never on call: choose somebody else.")


def refuse_strangers(session: Session, people: Iterable[int], where: str) -> None:
    """Raises GoneError when one of these people (ids) has left, or is not there any more. `where`: "in this draft"."""
    wanted = set(people)
    found = session.scalars(select(Person).where(Person.id.in_(wanted)).order_by(Person.name)).all()
    left = [person.name for person in found if person.retired]
    if left:
        has = "has" if len(left) == 1 else "have"
        raise GoneError(f"{' and '.join(left)} {has} left, but stands {where}: choose somebody else there first.")
    if wanted - {person.id for person in found}:
        raise GoneError(f"Somebody {where} is not there any more: choose other people there first.")
