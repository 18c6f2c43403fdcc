"""How much is going on at this moment, in figures that tell nobody's name: one statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Figures:
    """`untaken`, `taken`: open tickets that nobody has, and that somebody has in charge. `paging`: pages that go on.

    `soonest`: when (UTC) the first promise of a ticket ends that nobody has taken; None where no clock runs.
    """

    calls: int
    talks: int
    paging: int
    untaken: int
    taken: int
    soonest: datetime | None


def figures_now(session: Session) -> Figures:
    """Of this moment."""
    return Figures(*session.execute(_FIGURES).one())


_FIGURES: Final = text("""
SELECT
  (SELECT count(*) FROM phone_call WHERE state <> 'ended'),
  (SELECT count(DISTINCT stay.room_id) FROM stay JOIN phone_call ON phone_call.id = stay.call_id
    WHERE phone_call.state <> 'ended' AND stay.role = 'technician' AND stay.joined_at IS NOT NULL
      AND stay.left_at IS NULL),
  (SELECT count(*) FROM page WHERE state = 'paging'),
  (SELECT count(*) FROM ticket WHERE state <> 'closed' AND taken_at IS NULL),
  (SELECT count(*) FROM ticket WHERE state <> 'closed' AND taken_at IS NOT NULL),
  (SELECT min(due_at) FROM ticket WHERE state <> 'closed' AND taken_at IS NULL AND waits_for IS NULL)
""")
