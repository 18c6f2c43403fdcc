"""The text after a conversation: the ticket's number and the technician's first name, once."""

from collections.abc import Sequence

from oncall import wording
from oncall.models import messages
from oncall.models.conferences import Conference, Participant, ParticipantRole
from oncall.models.messages import Channel
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from oncall.runtime import Work
from oncall.tickets.intake import takes_texts
from oncall.tickets.interventions import conversation


def thank_callers(work: Work, room: Conference, stays: Sequence[Participant]) -> None:
    """Text every caller whose call is over and ended (or last talked) here, and who really spoke with somebody.

    Who goes back to waiting, or is handed over, hears from us after the last conversation. One technician and one
    caller's number get one text a ticket, however often their line drops in between.
    """
    for stay in stays:
        call = stay.call
        if stay.role != ParticipantRole.CALLER or call.live or call.number is None or call.room_id != room.id:
            continue
        person_id = _spoke_with(stay, [other for other in stays if other.role == ParticipantRole.TECHNICIAN])
        if person_id is None:
            continue
        key = f"after:{room.ticket_id}:{person_id}:{call.number}"
        if messages.is_put_down(work.session, key) or not takes_texts(work.session, call.number):
            continue
        ticket = work.session.get_one(Ticket, room.ticket_id)
        person = work.session.get_one(Person, person_id)
        messages.post(
            work.session,
            work.now,
            key=key,
            channel=Channel.TEXT,
            recipient=call.number,
            body=wording.afterwards_text(ticket, person, work.runtime.settings.company_name),
            ticket_id=ticket.id,
        )


def _spoke_with(caller: Participant, technicians: Sequence[Participant]) -> int | None:
    """The last technician whom this caller talked with in the room."""
    ends = [
        (talk.end, stay.person_id)
        for stay in technicians
        if (talk := conversation([stay], [caller])) is not None and talk.end is not None and stay.person_id is not None
    ]
    return max(ends)[1] if ends else None
