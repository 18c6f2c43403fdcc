"""Links that open one ticket for one person, once: in the text or notice of a page, in place of a password.

A link proves itself by its signature, so that nothing is stored when it is sent: paging is not slower for it. It is
used up by a row, which one browser alone can write. All times here are real ones, as those of sessions.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from oncall.models.access.accounts import Account
from oncall.models.access.ticket_passes import TicketPass
from oncall.models.people import ACTIVE, Person
from oncall.models.tickets import Ticket

# From sending to opening; and from opening on, so long the browser works on the ticket.
LASTS: Final = timedelta(minutes=30)
_MAC_BYTES: Final = 12
_LONGEST: Final = 64
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
_NUMBERS: Final = 3
_SHUT: Final = select(Account.id).where(Account.person_id == Person.id, Account.disabled_at.is_not(None)).exists()


@dataclass(frozen=True)
class Link:
    """What a link says. `token`: as it stands in the address."""

    token: str
    ticket_id: int
    person_id: int
    sent_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether it can't be opened any more (also one from the future is none of ours)."""
        return not self.sent_at <= now < self.sent_at + LASTS


@dataclass(frozen=True)
class Pass:
    """The right of a browser to work on one ticket as this person, until `expires_at`."""

    ticket_id: int
    person_id: int
    name: str
    expires_at: datetime


def link_token(secret: str, ticket_id: int, person_id: int, now: datetime) -> str:
    """The last part of a link's address. `secret`: the key of web sessions."""
    content = _packed(ticket_id, person_id, int((now - _EPOCH).total_seconds()))
    return _spelled(content + _mac(secret, content))


def read_link(secret: str, token: str) -> Link | None:
    """What a link says; None when we did not make it."""
    try:
        raw = base64.urlsafe_b64decode(token[:_LONGEST] + "=" * (-len(token[:_LONGEST]) % 4))
    except (ValueError, binascii.Error):
        return None
    content, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(_mac(secret, content), mac) or _spelled(raw) != token:
        return None
    ticket_id, person_id, seconds = _unpacked(content)
    return Link(token, ticket_id, person_id, _EPOCH + timedelta(seconds=seconds))


def _spelled(raw: bytes) -> str:
    """The one way in which a token is written: another spelling of the same bytes would be used up apart."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def is_used(session: Session, link: Link) -> bool:
    """Whether a browser has opened it already."""
    return session.scalar(select(TicketPass.ticket_id).where(TicketPass.link == _hash(link.token))) is not None


def who_may_use(session: Session, link: Link) -> Person | None:
    """The person, unless they have left or their account is shut."""
    return session.scalar(select(Person).where(Person.id == link.person_id, ACTIVE, ~_SHUT))


class Use(Enum):
    """What became of a wish to open a link. AGAIN: the same browser has opened it before."""

    FIRST = "first"
    AGAIN = "again"
    USED = "used"


def pass_for(secret: str, link: Link, browser: str) -> str:
    """What a browser keeps for a link; the same again, should the answer to its first wish have been lost.

    `browser`: a secret that only this browser has.
    """
    return hmac.digest(_key(secret), f"pass {link.token} {browser}".encode(), "sha256").hex()


def use_link(session: Session, link: Link, kept: str, now: datetime) -> Use:
    """Use it up for the browser that keeps `kept`. Passes that are long over are cleared away."""
    session.execute(delete(TicketPass).where(TicketPass.expires_at <= now - LASTS))
    row = insert(TicketPass).values(
        link=_hash(link.token),
        secret=_hash(kept),
        ticket_id=link.ticket_id,
        person_id=link.person_id,
        opened_at=now,
        expires_at=now + LASTS,
    )
    if session.scalar(row.on_conflict_do_nothing().returning(TicketPass.ticket_id)) is not None:
        return Use.FIRST
    ours = select(TicketPass.ticket_id).where(TicketPass.link == _hash(link.token), TicketPass.secret == _hash(kept))
    return Use.AGAIN if session.scalar(ours) is not None else Use.USED


def find_pass(session: Session, kept: Sequence[str], ticket_number: int, now: datetime) -> Pass | None:
    """The pass for this ticket among what a browser keeps; None without one that still counts."""
    query = (
        select(TicketPass.ticket_id, TicketPass.person_id, Person.name, TicketPass.expires_at)
        .join(Person, Person.id == TicketPass.person_id)
        .join(Ticket, Ticket.id == TicketPass.ticket_id)
        .where(
            TicketPass.secret.in_([_hash(each) for each in kept]),
            Ticket.number == ticket_number,
            TicketPass.expires_at > now,
            ACTIVE,
            ~_SHUT,
        )
    )
    row = session.execute(query.limit(1)).first()
    return None if row is None else Pass(*row)


def _hash(secret: str) -> bytes:
    """What is hashed is long and random, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"nightline link to a ticket").derive(secret.encode())


def _mac(secret: str, content: bytes) -> bytes:
    return hmac.digest(_key(secret), content, "sha256")[:_MAC_BYTES]


def _packed(*numbers: int) -> bytes:
    """Seven bits a byte, the eighth says that more follow: addresses in texts are to be short."""
    found = bytearray()
    for number in numbers:
        rest = number
        while rest > 0x7F:
            found.append(rest & 0x7F | 0x80)
            rest >>= 7
        found.append(rest)
    return bytes(found)


def _unpacked(content: bytes) -> tuple[int, int, int]:
    """Of content whose signature is ours."""
    numbers, number, shift = [], 0, 0
    for byte in content:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte <= 0x7F:
            numbers.append(number)
            number = shift = 0
    ticket_id, person_id, seconds = numbers[:_NUMBERS]
    return ticket_id, person_id, seconds
