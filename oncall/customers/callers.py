"""Who calls: the network's caller id, read with what the directory knows, and the row of the call."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.settings import Settings
from core.text.phones import CallerId, mask, read_caller
from oncall.models.call_memo import CallMemo
from oncall.models.calls import CallState, Direction, PhoneCall, Purpose, lock_call
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


def call_that_came_in(
    session: Session, sid: str, caller: CallerId, now: datetime, *, answered: bool = False
) -> PhoneCall:
    """The row of a call from outside, locked; made now unless the call is known already.

    `answered`: it has been, and its first question was asked.
    """
    row = insert(PhoneCall).values(
        sid=sid,
        direction=Direction.IN,
        purpose=Purpose.HOTLINE,
        number=caller.number,
        state=CallState.ANSWERED if answered else CallState.PLACED,
        step="greeting",
        created_at=now,
        answered_at=now if answered else None,
        memo=CallMemo(caller_name=caller.name),
        turn=int(answered),
        tries=0,
        waiting=False,
    )
    call_id = session.scalar(row.on_conflict_do_nothing().returning(PhoneCall.id))
    if call_id is None:  # known already
        call_id = session.scalars(select(PhoneCall.id).where(PhoneCall.sid == sid)).one()
    call = lock_call(session, call_id)
    if call is None:
        raise LookupError(f"call of {mask(caller.number)} vanished")
    return call


def homes_in_order(settings: Settings, first: str | None, others: Iterable[str | None]) -> list[str]:
    """Numbers in whose countries a caller id without country is read: the default office's, ours, the others'. Pure."""
    return [number for number in (first, settings.our_number, *others) if number is not None]


def _is_known(session: Session, number: str) -> bool:
    return bool(registered_customers(session, number)) or by_phone(session, number) is not None
