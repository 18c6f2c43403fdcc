"""What the tests of this folder share: short ways to name instants, and a second opinion on wall clocks."""

from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

ROME: Final = "Europe/Rome"
NEW_YORK: Final = "America/New_York"
DUBAI: Final = "Asia/Dubai"
LORD_HOWE: Final = "Australia/Lord_Howe"  # half an hour of summer time
SAO_PAULO: Final = "America/Sao_Paulo"  # changed its clocks at midnight, until 2019
REGION_ZONES: Final = (ROME, NEW_YORK, DUBAI)
ZONES: Final = (*REGION_ZONES, LORD_HOWE, SAO_PAULO)

zones = st.sampled_from(ZONES)
walls = st.datetimes(datetime(2018, 1, 1), datetime(2028, 12, 31))  # noqa: DTZ001 - wall-clock times
instants = walls.map(lambda wall: wall.replace(tzinfo=UTC))


def utc(text: str) -> datetime:
    """An instant from "2026-03-29 01:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    """A naive wall-clock time from "2026-03-29 01:00"."""
    return datetime.fromisoformat(text)


@lru_cache
def _second_opinion(zone: str) -> ZoneInfo:
    # From the same data as pytz, so that a machine without zone files of its own will do.
    with resources.files("pytz").joinpath("zoneinfo", *zone.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=zone)


def instant_of(local: datetime, zone: str) -> datetime:
    """The standard library's conversion. With fold 0 it follows the rule of schedules.wall_clock by definition."""
    return local.replace(tzinfo=_second_opinion(zone), fold=0).astimezone(UTC)


def shown_at(at: datetime, zone: str) -> datetime:
    """What the standard library says the zone's clock shows."""
    return at.astimezone(_second_opinion(zone)).replace(tzinfo=None, fold=0)
