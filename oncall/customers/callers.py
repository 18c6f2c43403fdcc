"""Who calls: the network's caller id, read with what the directory knows."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.settings import Settings
from core.text.phones import CallerId, read_caller
from oncall.models.customers import Region, registered_customers
from oncall.models.people import by_phone

# In a journal: the name of a caller who has no telephone number.
CALLER_NAME = "caller_name"


def who_calls(session: Session, settings: Settings, reported: str) -> CallerId:
    """The caller id as a number (E.164) or a name. One without country is of the default region's, or a known one."""
    if reported.strip().startswith("+"):
        caller = read_caller(reported)
        if caller.number is not None:
            return caller
    query = select(Region.name, Region.office_number).order_by(Region.name)
    offices = {row.name: row.office_number for row in session.execute(query)}
    homes = homes_in_order(settings, offices.get(settings.default_region), offices.values())
    return read_caller(reported, homes, lambda number: _is_known(session, number))


def homes_in_order(settings: Settings, first: str | None, others: Iterable[str | None]) -> list[str]:
    """Numbers in whose countries a caller id without country is read: the default office's, ours, the others'. Pure."""
    return [number for number in (first, settings.our_number, *others) if number is not None]


def _is_known(session: Session, number: str) -> bool:
    return bool(registered_customers(session, number)) or by_phone(session, number) is not None
