"""Reply codes: four digits that name a page in a text message."""

import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.paging.models import Page


def new_code(session: Session) -> str:
    """A code that no open page has. The unique index decides if two are made at the same moment."""
    taken = set(session.scalars(select(Page.code).where(Page.state == "paging")))
    while (code := f"{secrets.randbelow(9000) + 1000}") in taken:
        continue
    return code


def pages_with(session: Session, code: str) -> Sequence[Page]:
    """Pages that have or had this code, newest first."""
    query = select(Page).where(Page.code == code).order_by(Page.opened_at.desc(), Page.id.desc()).limit(5)
    return session.scalars(query).all()
