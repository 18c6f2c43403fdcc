"""PINs: made at random, kept only as stretched keyed digests, compared in constant time."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload, selectinload

from core.security.sealing import Seal
from oncall.customers.pin_rules import weak_pin
from oncall.models.contacts.channels import channel_seal
from oncall.models.customers import Contract, Customer, CustomerPhone, Pin

SHORTEST: Final = 6
LONGEST: Final = 16

_DIGITS: Final = "0123456789"
_INDEX_BYTES: Final = 16
_HASH_BYTES: Final = 32
# About 10 ms and 4 MB a guess: nothing to a caller who types for seconds, and a million processor seconds for
# somebody who holds both database and key and tries all eight-digit PINs.
_COST: Final = {"n": 2**12, "r": 8, "p": 1}
# Two random PINs meet about once in 10**length / PINs in force: so many in a row is no accident.
_DRAWS: Final = 50


class PinError(ValueError):
    """Something is wrong with a PIN. Its digits are never in the message."""


class PinNotDigitsError(PinError):
    """A PIN has a character that no telephone keypad sends as a digit."""


class PinLengthError(PinError):
    """A PIN is too short to be safe, or too long to be typed."""


class WeakPinError(PinError):
    """A PIN that guessers would try first; the words say of which kind."""


class PinTakenError(PinError):
    """Another contract has this PIN in force."""


class NoFreePinError(PinError):
    """So many PINs are in force that no unused one was drawn; longer PINs are needed."""


@dataclass(frozen=True)
class PinDigest:
    """What is stored of a customer's PIN: `blind_index` finds the row, `keyed_hash` proves the PIN."""

    blind_index: bytes
    keyed_hash: bytes


class PinKeys:
    """Turns PINs into digests under one secret (PIN_KEY); without it no PIN can be checked, or guessed offline."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def channel_seal(self) -> Seal:
        """Seals addresses of people's other channels under a key of its own."""
        return channel_seal(self._secret)

    def derive(self, pin: str) -> PinDigest:
        """The digest of a customer's PIN; slow on purpose. Raises PinNotDigitsError and PinLengthError."""
        stretched = self._stretch(pin, b"customer pin", _INDEX_BYTES + _HASH_BYTES)
        return PinDigest(stretched[:_INDEX_BYTES], stretched[_INDEX_BYTES:])

    def derived(self, text: str) -> PinDigest | None:
        """The same; None for what can't be a PIN."""
        try:
            return self.derive(text)
        except PinError:
            return None

    def personal(self, phone: str, pin: str) -> bytes:
        """The digest of a technician's own PIN, good with that phone (E.164) alone. Raises as `derive` does."""
        return self._stretch(pin, b"personal pin " + phone.encode(), _HASH_BYTES)

    def is_personal(self, stored: bytes | None, phone: str, pin: str) -> bool:
        """Whether a text is the technician's own PIN whose digest is stored; False for what can't be a PIN."""
        try:
            return matches(stored, self.personal(phone, pin))
        except PinError:
            return False

    def _stretch(self, pin: str, purpose: bytes, length: int) -> bytes:
        check_format(pin)
        salt = hmac.digest(self._secret, purpose, "sha256")
        return hashlib.scrypt(pin.encode(), salt=salt, dklen=length, **_COST)


def matches(stored: bytes | None, given: bytes) -> bool:
    """Whether two digests are the same, in a time that tells nothing; nothing stored matches nothing."""
    return stored is not None and hmac.compare_digest(stored, given)


def check_format(pin: str, shortest: int = SHORTEST) -> None:
    """Raises PinNotDigitsError or PinLengthError for what can't be a PIN; spaces are not forgiven."""
    # Not str.isdigit: that takes the digits of every script.
    if not pin or set(pin) - set(_DIGITS):
        raise PinNotDigitsError("a PIN has digits only")
    _check_length(len(pin), shortest)


def check_new_pin(pin: str, shortest: int = SHORTEST, numbers: Collection[str] = ()) -> None:
    """As `check_format`, and WeakPinError, for a PIN that somebody has chosen.

    `shortest`: PIN_LENGTH. `numbers`: telephone numbers of whoever gets it, E.164.
    """
    check_format(pin, shortest)
    weakness = weak_pin(pin, numbers)
    if weakness:
        raise WeakPinError(f"this PIN {weakness}, so it is easily guessed")


def _check_length(length: int, shortest: int = SHORTEST) -> None:
    if not shortest <= length <= LONGEST:
        raise PinLengthError(f"a PIN has {shortest} to {LONGEST} digits, not {length}")


def new_pin(length: int) -> str:
    """A random PIN, all that are not weak equally likely. Raises PinLengthError."""
    _check_length(length)
    while True:
        pin = "".join(secrets.choice(_DIGITS) for _ in range(length))
        if weak_pin(pin) is None:
            return pin


def find_contract(
    session: Session, keys: PinKeys, pin: str, customers: Collection[int] | None = None
) -> Contract | None:
    """The contract whose PIN in force this is, with customer, region and products loaded; None for any other text.

    `customers`: ids of the only customers whose PINs may match; None for all.
    """
    digest = keys.derived(pin)
    return None if digest is None else contract_of(session, digest, customers)


def contract_of(session: Session, digest: PinDigest, customers: Collection[int] | None = None) -> Contract | None:
    """As `find_contract`, for a digest derived before (deriving needs no database, so no transaction either)."""
    query = (
        select(Pin)
        .join(Pin.contract)
        .where(Pin.blind_index == digest.blind_index, Pin.revoked_at.is_(None))
        .options(
            joinedload(Pin.contract).options(
                joinedload(Contract.customer), joinedload(Contract.region), selectinload(Contract.products)
            )
        )
    )
    if customers is not None:
        query = query.where(Contract.customer_id.in_(customers))
    # The index makes a second row impossible, so the one row is the right one or there is none.
    pin = session.scalar(query)
    return pin.contract if pin is not None and matches(pin.keyed_hash, digest.keyed_hash) else None


def issue_pin(session: Session, contract: Contract, keys: PinKeys, length: int, now: datetime) -> str:
    """Give the contract a new random PIN beside those it has. The digits: to be shown once, and kept nowhere.

    Raises NoFreePinError.
    """
    numbers = _numbers(session, contract)
    for _ in range(_DRAWS):
        pin = new_pin(length)
        if weak_pin(pin, numbers) is None and _store(session, contract, keys.derive(pin), len(pin), now):
            return pin
    raise NoFreePinError(f"no unused PIN of {length} digits was found; set PIN_LENGTH higher")


def set_pin(
    session: Session, contract: Contract, keys: PinKeys, pin: str, now: datetime, digest: PinDigest | None = None
) -> bool:
    """Put a given PIN in force for the contract (directory file); False when it already was.

    `digest`: this PIN's, where it has been derived already, as that is slow.
    Raises PinNotDigitsError, PinLengthError, WeakPinError, and PinTakenError when it is another contract's.
    """
    check_new_pin(pin, numbers=_numbers(session, contract))
    digest = digest or keys.derive(pin)
    if _store(session, contract, digest, len(pin), now):
        return True
    holder = contract_of(session, digest)
    if holder is None or holder.id != contract.id:
        raise PinTakenError("this PIN is in force for another contract")
    return False


def revoke_pins(session: Session, contract: Contract, now: datetime) -> int:
    """End every PIN of the contract; from the next call on they are wrong. How many there were."""
    query = update(Pin).where(Pin.contract_id == contract.id, Pin.revoked_at.is_(None)).values(revoked_at=now)
    return len(session.scalars(query.returning(Pin.id)).all())


def _free(session: Session, contract: Contract, digest: PinDigest, now: datetime) -> None:
    """A customer who has left keeps no PIN from another one, such as the same company under a new name."""
    gone = select(Contract.id).join(Contract.customer).where(Customer.retired_at.is_not(None))
    theirs = (Pin.blind_index == digest.blind_index, Pin.revoked_at.is_(None), Pin.contract_id != contract.id)
    ended = update(Pin).where(*theirs, Pin.contract_id.in_(gone)).values(revoked_at=now)
    session.execute(ended.execution_options(synchronize_session=False))


def _numbers(session: Session, contract: Contract) -> Sequence[str]:
    """The customer's registered numbers."""
    session.flush()
    return session.scalars(select(CustomerPhone.number).where(CustomerPhone.customer_id == contract.customer_id)).all()


def _store(session: Session, contract: Contract, digest: PinDigest, length: int, now: datetime) -> bool:
    """False when the PIN is in force already, whichever process put it there a moment ago."""
    session.flush()
    _free(session, contract, digest, now)
    row = insert(Pin).values(
        contract_id=contract.id,
        blind_index=digest.blind_index,
        keyed_hash=digest.keyed_hash,
        length=length,
        created_at=now,
    )
    unless_taken = row.on_conflict_do_nothing(index_elements=[Pin.blind_index], index_where=Pin.revoked_at.is_(None))
    return session.scalar(unless_taken.returning(Pin.id)) is not None
