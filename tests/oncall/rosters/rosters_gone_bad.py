"""Two rosters, one of which goes bad as rows of earlier releases, or of another hand, may be."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

PEOPLE: Final = """\
people:
  - {name: Ada Rossi, phone: "+390584000001", email: ada@example.org, role: technician}
  - {name: Bruno Verdi, phone: "+390584000002", email: bruno@example.org, role: technician}
  - {name: Carla Neri, phone: "+390584000003", email: carla@example.org, role: team_leader}
  - {name: Dino Gallo, phone: "+390584000004", email: dino@example.org, role: support_manager}
regions:
  - {name: europe, time_zone: Europe/Rome}
rosters:
"""
ROSTERS: Final = (
    PEOPLE
    + """\
  - name: Nights
    regions: [europe]
    time_zone: Europe/Rome
    layers:
      - name: first
        rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Ada Rossi]}
        hours: [{days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "00:00"}]
  - name: Backups
    regions: [europe, america]
    time_zone: Europe/Rome
    layers:
      - name: second
        rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Bruno Verdi]}
"""
)
NOW: Final = datetime(2026, 6, 14, 0, tzinfo=UTC)

# What is wrong with the roster Nights, and a part of the words that say so.
GONE_BAD: Final = {
    "a far end": ("UPDATE roster_rotation SET until = '9999-12-31 23:59' WHERE {nights}", "in the year 9999"),
    "a far start": ("UPDATE roster_rotation SET starts = '0001-01-01 00:00' WHERE {nights}", "in the year 0001"),
    "an endless turn": ("UPDATE roster_rotation SET every_n = 999999999 WHERE {nights}", "a turn lasts 1 to 10000"),
    "no such zone": ("UPDATE roster SET time_zone = 'Europe/Roma' WHERE name = 'Nights'", "unknown time zone"),
    "no such day": (
        "UPDATE roster_layer SET duty_hours = jsonb_set(duty_hours, '{{0,days}}', '[\"someday\"]')"
        " WHERE name = 'first'",
        "cannot read the day",
    ),
    "hours without an end": (
        "UPDATE roster_layer SET duty_hours = duty_hours #- '{{0,to}}' WHERE name = 'first'",
        "to",
    ),
}
_NIGHTS: Final = "layer_id IN (SELECT id FROM roster_layer WHERE name = 'first')"


def spoil(session: Session, what: str) -> str:
    """Make the roster Nights a bad one; a part of the words that say what is wrong."""
    statement, words = GONE_BAD[what]
    session.execute(text(statement.format(nights=_NIGHTS)))
    session.expire_all()
    return words
