"""Who hears of gaps in the rosters."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.access.accounts import Account
from oncall.models.access.roles import Role as AccountRole
from oncall.models.people import ACTIVE, Person, Role


def in_charge(session: Session) -> list[str]:
    """Mail addresses of team leaders and managers, by the directory and by their accounts, each once."""
    chiefs = select(Person.email).where(Person.role.in_((Role.TEAM_LEADER, Role.SUPPORT_MANAGER)), ACTIVE)
    roles = (AccountRole.MANAGER.value, AccountRole.ADMINISTRATOR.value)
    accounts = select(Account.email).where(Account.role.in_(roles), Account.disabled_at.is_(None))
    found = [*session.scalars(chiefs.order_by(Person.id)), *session.scalars(accounts.order_by(Account.id))]
    return list(dict.fromkeys(address.lower() for address in found if address))
