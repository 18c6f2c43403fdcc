"""Lines of the preflight about reaching people: contact points in red, people with one way only, the network itself."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.delivery.contact_faults import account_faults, fault_words, faults, remedy
from oncall.delivery.provider_health import provider_state
from oncall.models.contacts.channels import PersonChannel
from oncall.models.contacts.contact_faults import ContactFault
from oncall.models.people import ACTIVE, Person
from oncall.monitoring.preflight import Check, Level
from schedules.wall_clock import written_time

_SUBJECT: Final = "contacts"
_NETWORK: Final = "telephone network"


def check_contacts(session: Session) -> Iterator[Check]:
    """Whether everybody can be reached, also while the telephone network is sick."""
    red, refused = faults(session), account_faults(session)
    yield from (_check(_SUBJECT, each) for each in red)
    with_channels = select(PersonChannel.person_id)
    without = select(Person.name).where(ACTIVE, Person.email.is_(None), Person.id.not_in(with_channels))
    names = session.scalars(without.order_by(Person.id)).all()
    if names:
        words = f"only a phone, so out of reach while the telephone network is sick: {', '.join(names)}"
        yield Check(_SUBJECT, Level.WARNING, words, "give each `channels`, or an e-mail address")
    elif not red and not refused:
        yield Check(_SUBJECT, Level.OK, "everybody has another channel than the phone, and none has failed")
    yield from (_check(_NETWORK, each) for each in refused)
    state = provider_state(session, real_now())
    if state.since is not None:
        words = f"nothing has got through since {written_time(state.since, 'UTC')}: {state.words}"
        yield Check(_NETWORK, Level.PROBLEM, words, "look at the provider's status page and the credentials")


def _check(subject: str, fault: ContactFault) -> Check:
    words = f"{fault.person.name}: {fault_words(fault.kind, fault.shown, fault.words)}"
    return Check(subject, Level.PROBLEM, words, remedy(fault.fault_kind))
