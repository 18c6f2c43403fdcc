"""Rows that a change is about, as they stand now."""

from sqlalchemy.orm import Session

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
