"""Views of the list of tickets that an account keeps under a name."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from oncall.models.access.accounts import Account
from oncall.models.access.saved_views import SavedView

LONGEST_NAME: Final = 40
MOST: Final = 20


class SavedViewError(Exception):
    """Says in one sentence why the view can't be saved."""


def saved_views(session: Session, account_id: int) -> Sequence[SavedView]:
    """Those of an account, by their names."""
    return session.scalars(select(SavedView).where(SavedView.account_id == account_id).order_by(SavedView.name)).all()


def save_view(session: Session, account_id: int, name: str, query: Mapping[str, str]) -> None:
    """Keep it; under a name that is there already, in the place of what was. Raises SavedViewError."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SavedViewError(f"Give the view a name of 1 to {LONGEST_NAME} characters.")
    # One at a time for an account, so that the limit is exact.
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update(key_share=True))
    others = select(func.count()).where(SavedView.account_id == account_id, SavedView.name != name)
    if (session.scalar(others) or 0) >= MOST:
        raise SavedViewError(f"You have {MOST} saved views, which is as many as there can be: remove one first.")
    row = insert(SavedView).values(account_id=account_id, name=name, query=dict(query))
    session.execute(
        row.on_conflict_do_update(index_elements=["account_id", "name"], set_={"query": row.excluded.query})
    )


def remove_view(session: Session, account_id: int, view_id: int) -> None:
    """Forget it; one that is gone already, or somebody else's, changes nothing."""
    session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.account_id == account_id))
