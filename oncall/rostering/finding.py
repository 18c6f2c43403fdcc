"""Rows that a change is about, as they stand now."""

from sqlalchemy.orm import Session

from oncall.rostering.errors import GoneError
from oncall.rosters import RosterLayer


def layer_now(session: Session, layer_id: int) -> RosterLayer:
    """The layer, read afresh. Raises GoneError when somebody has removed it."""
    layer = session.get(RosterLayer, layer_id, populate_existing=True)
    if layer is None:
        raise GoneError("This layer is not there any more: load the page again.")
    return layer
