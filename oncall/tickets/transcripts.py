"""What was spoken, in words: as the provider has written a recording down. It stands on the ticket, and is found there.

Whoever has the ticket, or is called for it now or later, gets the caller's description by text as well.
"""

from typing import Final

from sqlalchemy import select, update

from oncall.models.pages import Attempt, Page, PageState
from oncall.models.people import ACTIVE, Person
from oncall.models.tickets import EventKind, Ticket, TicketState, record_event
from oncall.models.work.recordings import Recording, RecordingKind
from oncall.paging.ringing import text_words
from oncall.runtime import Work

# A minute of fast speech has a thousand letters.
_LONGEST: Final = 4000


def keep_transcript(work: Work, recording_id: int, words: str) -> bool:
    """Keep the words of a recording that is there; False when it has some already."""
    words = " ".join(words.split())[:_LONGEST]
    bare = update(Recording).where(Recording.id == recording_id, Recording.transcript.is_(None))
    recording = work.session.scalars(bare.values(transcript=words).returning(Recording)).one_or_none()
    if recording is None:
        return False
    record_event(
        work.session,
        recording.ticket_id,
        work.now,
        EventKind.TRANSCRIPT,
        f"Written down from the recording: “{words}”",
        key=f"transcript:{recording.provider_sid}",
        person_id=recording.person_id,
        searched=words,
    )
    if recording.kind == RecordingKind.DESCRIPTION:
        ticket = work.session.get_one(Ticket, recording.ticket_id)
        for person in _concerned(work, ticket):
            text_words(work, ticket, person, recording.id, words)
    return True


def _concerned(work: Work, ticket: Ticket) -> list[Person]:
    """Who has the ticket, else whoever is called for it now; nobody once it is closed."""
    if ticket.state == TicketState.CLOSED:
        return []
    if ticket.assignee is not None:
        return [] if ticket.assignee.retired else [ticket.assignee]
    called = (
        select(Person)
        .join(Attempt, Attempt.person_id == Person.id)
        .join(Page, Page.id == Attempt.page_id)
        .where(Page.ticket_id == ticket.id, Page.state == PageState.PAGING, Attempt.outcome.is_(None), ACTIVE)
        .distinct()
    )
    return list(work.session.scalars(called))
