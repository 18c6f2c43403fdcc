"""Telling those in a conversation that another caller comes in."""

from datetime import timedelta
from typing import Final

from core import log
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import CallGoneError, ProviderError
from oncall.models import jobs
from oncall.models.calls import PhoneCall
from oncall.models.conferences import Conference

# Later than after so many tries, a second apart, it would come as a surprise.
_TRIES: Final = 5

logger = log.get_logger(__name__)


@jobs.announce_caller.runner
def announce_caller(sender: Sender, *, room_id: int, call_id: int, tries: int = 1) -> None:
    with sender.runtime.database.transaction() as session:
        room, call = session.get(Conference, room_id), session.get(PhoneCall, call_id)
        if room is None or room.closed_at is not None or call is None or not call.live:
            return
        sid, name = room.conference_sid, room.name
    try:
        _announce(sender, sid, name, room_id, call_id)
    except ProviderError as error:
        logger.warning("another caller was not announced", room=room_id, call=call_id, tries=tries, error=str(error))
        if error.permanent or tries >= _TRIES:
            return
        with sender.runtime.database.transaction() as session:
            due = sender.runtime.clock.now() + timedelta(seconds=1)
            jobs.announce_caller.wake_at(
                session, sender.runtime.clock, due, room_id=room_id, call_id=call_id, tries=tries + 1
            )


def _announce(sender: Sender, sid: str | None, name: str, room_id: int, call_id: int) -> None:
    """By the conference that was reported last; by name, when no report has come or that one is over."""
    if sid is not None:
        try:
            sender.telephony.announce(sid, room_id, call_id)
            return
        except CallGoneError:
            logger.info("the conference has another id by now", room=room_id)
    found = sender.telephony.find_conference(name)
    if found is not None and found != sid:
        sender.telephony.announce(found, room_id, call_id)
