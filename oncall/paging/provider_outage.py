"""The look at the telephone network's health: counts are written, an outage is noticed, told, and told to be over."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import log
from core.clock import real_now
from core.locks import Lock
from oncall.accounts.in_charge import in_charge
from oncall.delivery.provider_health import (
    LOOKED_AT,
    SILENT_FOR,
    forget_results,
    open_outage,
    silent_since,
    spells_until,
    write_results,
)
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import ProviderError
from oncall.models import messages
from oncall.models.customers import default_zone
from oncall.models.messages import Channel
from oncall.models.operations.provider_health import ProviderOutage, RequestKind, RequestResult
from oncall.models.people import ACTIVE, Person, Role
from oncall.paging.other_channels import post_elsewhere
from schedules.wall_clock import written_time

logger = log.get_logger(__name__)

WATCH_EVERY: Final = 2.0


def watch_provider(sender: Sender) -> None:
    """Write down this process's results, and see whether an outage has begun or is over."""
    counts = sender.tally.take()
    try:
        with sender.runtime.database.transaction() as session:
            write_results(session, counts)
    except Exception:
        sender.tally.give_back(counts)
        raise
    with sender.runtime.database.transaction() as session:
        if not session.scalar(select(func.pg_try_advisory_xact_lock(Lock.PROVIDER_OUTAGE))):
            return  # another worker is at it
        now = real_now()
        settled = settle_outage(session, sender, now)
        forget_results(session, now)
    if settled:
        return
    _knock(sender)


def settle_outage(session: Session, sender: Sender, now: datetime) -> bool:
    """Open or close the outage as the results say, and tell people. False when it is open and nobody tries any more."""
    outage, spells = open_outage(session), spells_until(session, now)
    if outage is None:
        since = silent_since(spells, now)
        if since is not None:
            _begin(session, sender, since, now)
        return True
    if any(spell.sent and spell.at > outage.since for spell in spells):
        _end(session, sender, outage, now)
        return True
    return any(spell.failed and spell.at > now - SILENT_FOR for spell in spells)


def _begin(session: Session, sender: Sender, since: datetime, now: datetime) -> None:
    words = sender.tally.last_words or "no answer"
    outage = ProviderOutage(since=since, noticed_at=now, open=True, words=words)
    session.add(outage)
    session.flush()
    logger.error("nothing gets through to the telephone network", since=since.isoformat(), reason=words)
    told = f"Nothing gets through to the telephone network since {_clock(session, sender, since)}"
    more = (
        f"Calls and texts are tried again and again; the network says: {words}.\n"
        "Pages go by people's other channels (mail, push, chat) at once. Whoever gets one may have to look for a"
        " colleague by other means.\nYou hear again when something gets through."
    )
    _tell(session, sender, f"outage:{outage.id}:began", told, more)


def _end(session: Session, sender: Sender, outage: ProviderOutage, now: datetime) -> None:
    outage.open, outage.over_at = False, now
    logger.warning("the telephone network takes calls again", since=outage.since.isoformat())
    told = f"The telephone network takes calls and texts again since {_clock(session, sender, now)}"
    more = f"Nothing had got through since {_clock(session, sender, outage.since)}."
    _tell(session, sender, f"outage:{outage.id}:over", told, more)


def _clock(session: Session, sender: Sender, at: datetime) -> str:
    """A real instant as the (maybe pretended) time of people in the default region."""
    zone = default_zone(session, sender.runtime.settings.default_region)
    return written_time(at + sender.runtime.clock.shift(), zone)


def _tell(session: Session, sender: Sender, key: str, told: str, more: str) -> None:
    """By mail to everybody in charge, and by the other channels of team leaders and support managers."""
    now = sender.runtime.clock.now()
    subject, body = f"Nightline: {told}", f"{told}.\n\n{more}\n"
    for recipient in in_charge(session):
        messages.post(
            session,
            now,
            key=f"{key}:{recipient}",
            channel=Channel.MAIL,
            recipient=recipient,
            subject=subject,
            body=body,
        )
    chiefs = select(Person).where(Person.role.in_((Role.TEAM_LEADER, Role.SUPPORT_MANAGER)), ACTIVE).order_by(Person.id)
    for chief in session.scalars(chiefs):
        post_elsewhere(session, chief, f"{key}:{chief.id}", subject, body, now)


def _knock(sender: Sender) -> None:
    """Nobody tries any more: a harmless question shows whether the network is back."""
    try:
        sender.telephony.find_calls(sender.runtime.settings.our_number, real_now() - LOOKED_AT)
    except ProviderError as error:
        sender.tally.count(RequestKind.CALL, RequestResult.FAILED, str(error))
    else:
        sender.tally.count(RequestKind.CALL, RequestResult.SENT)
