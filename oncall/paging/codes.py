"""Reply codes: digits that name a page in a text message. Four of them; six in a storm, when few of four are free."""

import secrets
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oncall.paging.models import Page

# So often four digits are tried. With half of them in use, one code in 250 has six.
_TRIES = 8
# The name of codes among the database's advisory locks; the second half is the code.
_MAKING = 7_215_013


def new_code(session: Session) -> str:
    """A code that no open page has, nor one that is being made at this moment."""
    for _ in range(_TRIES):
        code = f"{secrets.randbelow(9000) + 1000}"
        if _is_free(session, code):
            return code
    while not _is_free(session, code := f"{secrets.randbelow(900_000) + 100_000}"):
        continue
    return code


def _is_free(session: Session, code: str) -> bool:
    # Kept until the transaction's end. A statement of its own: the look after it sees what others have committed.
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_MAKING, int(code)))):
        return False
    taken = select(Page.id).where(Page.code == code, Page.state == "paging")
    return session.scalar(taken.limit(1)) is None


def pages_with(session: Session, code: str) -> Sequence[Page]:
    """Pages that have or had this code, newest first."""
    query = select(Page).where(Page.code == code).order_by(Page.opened_at.desc(), Page.id.desc()).limit(5)
    return session.scalars(query).all()
