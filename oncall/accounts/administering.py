"""Making accounts and changing them: for the command, and for the demo."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.accounts import sessions
from oncall.accounts.passwords import PasswordRefusedError, Passwords, check_new_password
from oncall.accounts.signing_in import normal_email
from oncall.models.access.accounts import Account
from oncall.models.access.roles import Role
from oncall.models.people import Person

_LONGEST_EMAIL = 254
_COMES_BACK = "if they are back, say so in the directory file, and load that first"


class AccountError(Exception):
    """The account can't be made or changed so; one line that says why."""


@dataclass(frozen=True)
class Wanted:
    """What an account shall be; None leaves a thing as it is. `person`: a name from the directory."""

    email: str
    name: str | None = None
    role: Role | None = None
    person: str | None = None
    password: str | None = None
    disabled: bool | None = None


def find_account(session: Session, email: str) -> Account | None:
    """The account with this address, however it is written."""
    return session.scalar(select(Account).where(Account.email == normal_email(email)))


def put_account(session: Session, wanted: Wanted, passwords: Passwords, now: datetime, company: str = "") -> list[str]:
    """Make the account or change it; a line for each thing that was done. `now` is real time. Raises AccountError.

    `company`: what a password must not be made of (COMPANY_NAME).
    """
    account = find_account(session, wanted.email)
    if account is not None:
        _refuse_left(account, wanted)
    if account is None:
        account, done = _made(session, wanted, passwords, now, company), [f"account {normal_email(wanted.email)}: made"]
    else:
        done = list(_changes(session, account, wanted, passwords, now, company))
    if wanted.person is not None:
        done += _tied(session, account, wanted.person)
    session.flush()
    return done


def _made(session: Session, wanted: Wanted, passwords: Passwords, now: datetime, company: str) -> Account:
    email = normal_email(wanted.email)
    local, _, domain = email.rpartition("@")
    if not local or not domain or len(email) > _LONGEST_EMAIL or any(each.isspace() for each in email):
        raise AccountError(f"{wanted.email!r} is not an e-mail address")
    if wanted.disabled:
        raise AccountError(f"there is no account {email}")
    if wanted.name is None or not wanted.name.strip() or wanted.role is None or wanted.password is None:
        raise AccountError(f"there is no account {email} yet: a new one needs a name, a role and a password")
    hashed = _hashed(passwords, wanted.password, email, wanted.name, company)
    account = Account(email=email, name=wanted.name, role=wanted.role.value, password_hash=hashed, created_at=now)
    session.add(account)
    session.flush()
    return account


def _refuse_left(account: Account, wanted: Wanted) -> None:
    """The account of somebody who has left can only be shut, which it is."""
    if account.person is not None and account.person.retired and not wanted.disabled:
        raise AccountError(f"{account.person.name} has left, so {account.email} stays shut: {_COMES_BACK}")


def _changes(
    session: Session, account: Account, wanted: Wanted, passwords: Passwords, now: datetime, company: str
) -> Iterator[str]:
    who = f"account {account.email}"
    if wanted.name is not None and wanted.name != account.name:
        yield f"{who}: name {account.name} → {wanted.name}"
        account.name = wanted.name
    if wanted.role is not None and wanted.role != account.role:
        yield f"{who}: role {account.role} → {wanted.role.value}"
        account.role = wanted.role
    if wanted.password is not None:
        account.password_hash = _hashed(passwords, wanted.password, account.email, account.name, company)
        yield f"{who}: new password, {_ended(session, account)}"
    if wanted.disabled and account.disabled_at is None:
        account.disabled_at = now
        yield f"{who}: disabled, {_ended(session, account)}"
    if wanted.disabled is False and account.disabled_at is not None:
        account.disabled_at = None
        yield f"{who}: enabled"


def _tied(session: Session, account: Account, name: str) -> list[str]:
    person = session.scalar(select(Person).where(Person.name == name))
    if person is None:
        raise AccountError(f"there is nobody called {name!r} in the directory")
    if person.retired:
        raise AccountError(f"{name} has left: {_COMES_BACK}")
    if account.person_id == person.id:
        return []
    other = session.scalar(select(Account.email).where(Account.person_id == person.id))
    if other is not None:
        raise AccountError(f"{name} already has the account {other}")
    account.person_id = person.id
    return [f"account {account.email}: is {name} of the directory"]


def _hashed(passwords: Passwords, password: str, email: str, name: str, company: str) -> str:
    try:
        check_new_password(password, email, name, company)
    except PasswordRefusedError as error:
        raise AccountError(str(error).removesuffix(".")) from None
    return passwords.hash(password)


def _ended(session: Session, account: Account) -> str:
    ended = sessions.end_all(session, account.id)
    return "1 session ended" if ended == 1 else f"{ended} sessions ended"
