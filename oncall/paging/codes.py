"""Reply codes: digits that name a page in a text message. Four of them; six in a storm, when few of four are free."""

import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.paging.models import Page

# So often four digits are tried. With half of them in use, one code in 250 has six.
_TRIES = 8


def new_code(session: Session) -> str:
    """A code that no open page has. The unique index decides if two are made at the same moment."""
    for _ in range(_TRIES):
        code = f"{secrets.randbelow(9000) + 1000}"
        if _is_free(session, code):
            return code
    while not _is_free(session, code := f"{secrets.randbelow(900_000) + 100_000}"):
        continue
    return code


def _is_free(session: Session, code: str) -> bool:
    taken = select(Page.id).where(Page.code == code, Page.state == "paging")
    return session.scalar(taken.limit(1)) is None


def pages_with(session: Session, code: str) -> Sequence[Page]:
    """Pages that have or had this code, newest first."""
    query = select(Page).where(Page.code == code).order_by(Page.opened_at.desc(), Page.id.desc()).limit(5)
    return session.scalars(query).all()
