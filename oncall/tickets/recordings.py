"""Sounds of recordings: fetched from the provider once, and kept sealed.

A wake-up says that a recording may be there. It is fetched outside any transaction; what does not come now is asked for
again, ever more seldom, for three days.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from oncall.delivery.sender import Sender
from oncall.delivery.telephony import NotReadyError, ProviderError
from oncall.models import jobs
from oncall.models.work.recordings import UNFETCHED, Recording, RecordingSound
from oncall.runtime import Work
from oncall.tickets.sounds import sound_seal

# The first try again; each further one waits twice as long, up to the longest.
_AGAIN_AFTER: Final = timedelta(seconds=15)
_LONGEST: Final = timedelta(hours=1)
# 15 s to 1 h take eight tries; the others are an hour apart.
_MOST_TRIES: Final = 8 + 72


@jobs.fetch_recording.runner
def fetch_recording(sender: Sender, *, recording_id: int, tries: int = 1) -> None:
    """Fetch the sound unless it is here; a fault that passes is tried again, another one is kept in words."""
    with sender.runtime.work() as work:
        sid = _wanted(work.session, recording_id)
    if sid is None:
        return
    try:
        sound = sender.telephony.recording(sid)
    except ProviderError as error:
        with sender.runtime.work() as work:
            _failed(work, recording_id, tries, error)
        return
    sealed = sound_seal(sender.runtime.settings).close(sound)
    with sender.runtime.work() as work:
        row = insert(RecordingSound).values(recording_id=recording_id, sealed=sealed)
        work.session.execute(row.on_conflict_do_nothing())
        work.session.execute(update(Recording).where(Recording.id == recording_id).values(fetched_at=work.now))


def _wanted(session: Session, recording_id: int) -> str | None:
    """The provider's id of a recording whose sound is not here and may still come."""
    query = select(Recording.provider_sid).where(Recording.id == recording_id, UNFETCHED)
    return session.scalar(query)


def _failed(work: Work, recording_id: int, tries: int, error: ProviderError) -> None:
    lasting = error.permanent and not isinstance(error, NotReadyError)
    if lasting or tries >= _MOST_TRIES:
        recording = work.session.get(Recording, recording_id)
        if recording is not None:
            recording.fault = str(error)
        return
    due = work.now + again_after(tries)
    jobs.fetch_recording.wake_at(work.session, work.runtime.clock, due, recording_id=recording_id, tries=tries + 1)


def again_after(tries: int) -> timedelta:
    """How long after so many tries the next one comes. Pure."""
    return _LONGEST if tries > 8 else min(_AGAIN_AFTER * 2 ** (tries - 1), _LONGEST)
