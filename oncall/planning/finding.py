"""Rows that a change is about, as they stand now."""

from sqlalchemy.orm import Session

from oncall.models.people import Person
from oncall.models.rosters import RosterLayer, RosterOverride
from oncall.planning.versions import who_removed
from oncall.rosters.errors import GoneError


def layer_now(session: Session, layer_id: int) -> RosterLayer:
    """The layer, read afresh. Raises GoneError when somebody has removed it."""
    layer = session.get(RosterLayer, layer_id, populate_existing=True)
    if layer is None:
        by = who_removed(session, "roster_layer", layer_id)
        raise GoneError(f"This layer is not there any more: it was removed{by}. Load the page again.")
    return layer


def override_now(session: Session, override_id: int) -> RosterOverride:
    """The override, read afresh. Raises GoneError when somebody has removed it."""
    row = session.get(RosterOverride, override_id, populate_existing=True)
    if row is None:
        by = who_removed(session, "roster_override", override_id) or " by somebody"
        raise GoneError(f"This override is not there any more: it was removed{by}. Load the page again.")
    return row


def refuse_retired(person: Person) -> None:
    """Raises GoneError for somebody who has left: nobody plans with them."""
    if person.retired:
        raise GoneError(f"{person.name} has left, and is never on call: choose somebody else.")
