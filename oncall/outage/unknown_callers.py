"""Callers whom nobody could place: neither a PIN nor a contract says who they are, so people have to listen."""

from sqlalchemy.orm import Session

from oncall.models import messages
from oncall.models.calls import PhoneCall
from oncall.models.messages import Channel
from oncall.models.people import Role, with_role
from oncall.outage.journal import Entry
from oncall.rosters.on_call import IN_CHARGE, chain


def tell_those_in_charge(session: Session, call: PhoneCall, entry: Entry) -> None:
    """Text and mail to leaders, managers and whoever is on call: who called, and where what was said can be heard."""
    number = call.number or "a withheld number"
    url = entry.more.get("url")
    said = f" The message: {url}" if url else " No message was left."
    words = (
        f"Nightline: while the database was away, {number} called about a problem that could be put on no ticket."
        f" Please call back."
    )
    people = {link.person.id: link.person for link in chain(session, None, entry.at)}
    people |= {person.id: person for role in IN_CHARGE for person in with_role(session, Role(role))}
    for person in people.values():
        key = f"away:{entry.key}:{person.id}"
        messages.post(
            session,
            entry.at,
            key=f"{key}:text",
            channel=Channel.TEXT,
            recipient=person.phone,
            body=words,
            person_id=person.id,
        )
        if person.email:
            subject = "A caller without a ticket has to be called back"
            messages.post(
                session,
                entry.at,
                key=f"{key}:mail",
                channel=Channel.MAIL,
                recipient=person.email,
                subject=subject,
                body=words + said,
                person_id=person.id,
            )
