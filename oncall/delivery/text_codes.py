"""Reply codes: digits that name a page in a text message. Whoever has the code may act on the page, so it is random.

How hard they are to guess stands in docs/security.md; who may still use the code of a page that somebody has taken is
said in `oncall.texting.meaning`.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.locks import Lock
from oncall.models.pages import Page, PageState

# The code of a page is not given to another one for so long: an old code can be told from a wrong one.
NOT_AGAIN: Final = timedelta(days=90)


def random_code(length: int) -> str:
    """Digits at random. The first is no 0, which people and spreadsheets leave out."""
    return str(10 ** (length - 1) + secrets.randbelow(codes_there_are(length)))


def codes_there_are(length: int) -> int:
    """How many codes of this length there could be. Pure."""
    return 9 * int(10 ** (length - 1))


def new_code(session: Session, length: int, now: datetime) -> str:
    """A code that no open page has, nor one of the last 90 days, nor one that is being made at this moment."""
    while not _is_free(session, code := random_code(length), now):
        continue
    return code


def _is_free(session: Session, code: str, now: datetime) -> bool:
    # Kept until the transaction's end. A statement of its own: the look after it sees what others have committed.
    if not session.scalar(select(func.pg_try_advisory_xact_lock(Lock.REPLY_CODE, int(code)))):
        return False
    lately = or_(Page.state == PageState.PAGING, Page.opened_at > now - NOT_AGAIN)
    return session.scalar(select(Page.id).where(Page.code == code, lately).limit(1)) is None


def pages_with(session: Session, code: str) -> Sequence[Page]:
    """Pages that have or had this code, an open one first, then the newest."""
    query = select(Page).where(Page.code == code)
    newest = query.order_by((Page.state != PageState.PAGING), Page.opened_at.desc(), Page.id.desc()).limit(5)
    return session.scalars(newest.execution_options(populate_existing=True)).all()
