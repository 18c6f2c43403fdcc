"""Keeps the fallback document up to date where Twilio fetches it: put there at every change, and every hour anyway."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import real_now
from core.log import get_logger
from core.settings import Settings
from ivr.fallback.document import fallback_document
from ivr.fallback.places import UploadError, put
from oncall.delivery.sender import Sender
from oncall.models.stored_settings import Setting, paging_times, read, write
from oncall.monitoring.preflight import Check, Level
from oncall.outage.snapshot_taking import next_change
from oncall.rosters import on_call

NAME: Final = "fallback_upload"
RENEW_AFTER: Final = timedelta(minutes=55)
RETRY_AFTER: Final = timedelta(seconds=30)
# A worker that has begun to upload and says nothing for so long is dead.
_CLAIM: Final = timedelta(minutes=2)
_OLD: Final = timedelta(hours=2)

logger = get_logger(__name__)


@dataclass(frozen=True)
class Upload:
    """How the last uploads went. Instants are real time, ISO 8601; `at`: the last good one, of what `digest` tells."""

    at: str | None = None
    digest: str | None = None
    claimed_at: str | None = None
    failed_at: str | None = None
    problem: str | None = None


def renew_fallback(sender: Sender) -> None:
    """Upload the document if it has changed, has been there for an hour, or could not be uploaded a moment ago."""
    settings = sender.runtime.settings
    if settings.fallback_upload is None:
        return
    now = sender.runtime.clock.now()
    with sender.runtime.database.transaction() as session:
        document = _document(session, settings, now)
        digest = hashlib.sha256(f"{settings.fallback_upload} {document}".encode()).hexdigest()
        if not _claim(session, digest):
            return
        document = _document(session, settings, now, next_change(session, now))
    try:
        put(settings, document)
    except UploadError as error:
        logger.error("the fallback document was not uploaded, trying again", reason=str(error))
        _note(sender, failed_at=real_now().isoformat(), problem=str(error))
    else:
        _note(sender, at=real_now().isoformat(), digest=digest, failed_at=None, problem=None)


def _document(session: Session, settings: Settings, now: datetime, until: datetime | None = None) -> str:
    links = on_call.chain(session, None, now)
    made_at = None if until is None else now
    return fallback_document(links, settings, paging_times(session).no_answer, made_at, until)


def _claim(session: Session, digest: str) -> bool:
    """Whether it is due, and this worker the one who does it."""
    row = session.scalar(select(Setting).where(Setting.name == NAME).with_for_update())
    known = Upload(**(row.value if row is not None else {}))
    if _since(known.claimed_at) < _CLAIM or _since(known.failed_at) < RETRY_AFTER:
        return False
    if known.digest == digest and known.problem is None and _since(known.at) < RENEW_AFTER:
        return False
    write(session, NAME, asdict(known) | {"claimed_at": real_now().isoformat()})
    return True


def _note(sender: Sender, **changes: Any) -> None:
    with sender.runtime.database.transaction() as session:
        write(session, NAME, (read(session, NAME) or {}) | changes | {"claimed_at": None})


def _since(stamp: str | None) -> timedelta:
    return timedelta.max if stamp is None else real_now() - datetime.fromisoformat(stamp)


def check_upload(session: Session, settings: Settings) -> Check:
    """A line of the preflight: how old the uploaded document is."""
    subject = "fallback document"
    if settings.fallback_upload is None:
        words = "not uploaded by itself: FALLBACK_UPLOAD is not set"
        return Check(subject, Level.OK, f"{words}; renew it by hand at each handoff")
    known = Upload(**(read(session, NAME) or {}))
    remedy = "see that `flask worker` runs, and that the address in FALLBACK_UPLOAD takes it"
    if known.at is None:
        return Check(subject, Level.PROBLEM, f"was never uploaded ({known.problem or 'no worker has tried'})", remedy)
    minutes = _since(known.at) / timedelta(minutes=1)
    words = f"uploaded {minutes:.0f} min ago"
    if known.problem is not None:
        return Check(subject, Level.PROBLEM, f"{words}, and then no more: {known.problem}", remedy)
    if _since(known.at) > _OLD:
        return Check(subject, Level.PROBLEM, f"{words}, and then no more", remedy)
    return Check(subject, Level.OK, words)
