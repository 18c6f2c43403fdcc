"""The demo's accounts. Their passwords stand here for everybody to read: never with a real telephone network."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.accounts.administering import Wanted, find_account, put_account
from oncall.accounts.passwords import Passwords
from oncall.models.access.roles import Role
from oncall.models.people import Person

# Address, name (who is somebody of the demo's directory is tied to that person), role, password. Everybody whom the
# demo may ring has one: whoever is first on call can take the ticket in a browser too.
_ACCOUNTS: Final = (
    ("admin@aurora.example", "Anna Riva", Role.ADMINISTRATOR, "moonlit harbour admin"),
    ("paolo.greco@aurora.example", "Paolo Greco", Role.MANAGER, "moonlit harbour manager"),
    ("giulia.conti@aurora.example", "Giulia Conti", Role.TECHNICIAN, "moonlit harbour giulia"),
    ("marco.bellini@aurora.example", "Marco Bellini", Role.TECHNICIAN, "moonlit harbour marco"),
    ("sara.lombardi@aurora.example", "Sara Lombardi", Role.TECHNICIAN, "moonlit harbour sara"),
    ("luca.ferri@aurora.example", "Luca Ferri", Role.TECHNICIAN, "moonlit harbour luca"),
    ("elena.moretti@aurora.example", "Elena Moretti", Role.TECHNICIAN, "moonlit harbour elena"),
    ("viewer@aurora.example", "Vera Sala", Role.VIEWER, "moonlit harbour viewer"),
)
# E-mail address, password, role.
DEMO_ACCOUNTS: Final = tuple((email, password, role) for email, _, role, password in _ACCOUNTS)


def make_demo_accounts(session: Session, now: datetime) -> None:
    """Make the accounts, or set them back to what they were.

    `now` is real time. Whoever calls this has made sure that the simulator is the telephone network.
    """
    passwords = Passwords()
    for email, name, role, password in _ACCOUNTS:
        account = find_account(session, email)
        kept = account is not None and passwords.matches(account.password_hash, password)
        known = session.scalar(select(Person.name).where(Person.name == name))
        wanted = Wanted(
            email, name, role, known, None if kept else password, disabled=None if account is None else False
        )
        put_account(session, wanted, passwords, now)
