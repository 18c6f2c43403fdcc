"""Lines of the preflight about reaching people: contact points in red, people with one way only, the network itself."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.channels import PersonChannel
from oncall.contact_faults import fault_words, faults, remedy
from oncall.people import ACTIVE, Person
from oncall.preflight import Check, Level
from oncall.provider_health import provider_state
from schedules.wall_clock import written_time

_SUBJECT: Final = "contacts"


def check_contacts(session: Session) -> Iterator[Check]:
    """Whether everybody can be reached, also while the telephone network is sick."""
    red = faults(session)
    for each in red:
        words = f"{each.person.name}: {fault_words(each.kind, each.shown, each.words)}"
        yield Check(_SUBJECT, Level.PROBLEM, words, remedy(each.code))
    with_channels = select(PersonChannel.person_id)
    without = select(Person.name).where(ACTIVE, Person.email.is_(None), Person.id.not_in(with_channels))
    names = session.scalars(without.order_by(Person.id)).all()
    if names:
        words = f"only a phone, so out of reach while the telephone network is sick: {', '.join(names)}"
        yield Check(_SUBJECT, Level.WARNING, words, "give each `channels`, or an e-mail address")
    elif not red:
        yield Check(_SUBJECT, Level.OK, "everybody has another channel than the phone, and none has failed")
    state = provider_state(session, real_now())
    if state.since is not None:
        words = f"nothing has got through since {written_time(state.since, 'UTC')}: {state.words}"
        yield Check("telephone network", Level.PROBLEM, words, "look at the provider's status page and the credentials")
