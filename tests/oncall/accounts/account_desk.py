"""Accounts as tests use them: sign in, look who it is, try and see what comes of it."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from core.clock import real_now
from core.db import Database
from oncall.accounts import sessions
from oncall.accounts.limits import Claim, TooManyTriesError
from oncall.accounts.sessions import SignedIn
from oncall.accounts.signing_in import WrongPasswordError, sign_in
from tests.web.signing_in import CHEAP, PASSWORD

ADA = Claim("ada@example.org", "198.51.100.7")
WRONG = "wrong"
NEW = "five other unrelated words"


def enter(database: Database, claim: Claim = ADA, password: str = PASSWORD, at: datetime | None = None) -> str:
    return sign_in(database, CHEAP, claim, password, "Firefox on Linux", at or real_now())


def who(database: Database, token: str, at: datetime | None = None) -> SignedIn | None:
    with database.transaction() as session:
        return sessions.find(session, token, at or real_now())


def outcome(database: Database, claim: Claim, password: str = WRONG, at: datetime | None = None) -> str:
    try:
        enter(database, claim, password, at)
    except TooManyTriesError as error:
        return error.limit
    except WrongPasswordError:
        return "wrong"
    return "right"


def outcomes(database: Database, claims: Sequence[Claim], at: datetime) -> Counter[str]:
    """All at once, 40 at a time."""
    with ThreadPoolExecutor(40) as threads:
        return Counter(threads.map(lambda claim: outcome(database, claim, at=at), claims))
