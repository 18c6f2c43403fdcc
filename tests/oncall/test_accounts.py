"""Accounts: passwords, sessions, limits on guessing, and what changes an account."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from core.clock import real_now
from core.db import Database
from oncall.accounts import sessions
from oncall.accounts.administering import AccountError, Wanted, find_account, put_account
from oncall.accounts.demo import DEMO_ACCOUNTS, make_demo_accounts
from oncall.accounts.limits import ACCOUNT, ADDRESS, ALL, KNOWN, Claim, Limit, TooManyTriesError, full_until, reserve
from oncall.accounts.models import Account, AccountSession, SignInAttempt
from oncall.accounts.passwords import MEMORY_KIB, PASSES, PasswordRefusedError, Passwords, check_new_password
from oncall.accounts.roles import Role
from oncall.accounts.sessions import ABSOLUTE, IDLE, SignedIn
from oncall.accounts.signing_in import WrongPasswordError, change_password, sign_in
from oncall.people import Person
from tests.web.signing_in import CHEAP, PASSWORD, CountingPasswords, add_account, disable

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
ADA = Claim("ada@example.org", "198.51.100.7")
WRONG = "wrong"
NEW = "five other unrelated words"


@pytest.fixture
def wide(database: Database) -> Iterator[Database]:
    """A connection for each of 40 who try at once."""
    wide = Database(database.url, pool_size=40)
    yield wide
    wide.engine.dispose()


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


# --- Roles and passwords


def test_each_role_includes_those_before_it() -> None:
    order = [Role.VIEWER, Role.TECHNICIAN, Role.MANAGER, Role.ADMINISTRATOR]
    for mine, role in enumerate(order):
        assert [role.includes(needed) for needed in order] == [place <= mine for place in range(4)]


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "",
        "ada.rossi@example.org",
        "Ada.Rossi@Example.org",
        "ADA ROSSI THE 2ND",
        "aaaabbbbccccdddd",
        "x" * 257,
    ],
)
def test_weak_passwords_are_refused_with_a_sentence(password: str) -> None:
    with pytest.raises(PasswordRefusedError, match=r"^[A-Z].*\.$"):
        check_new_password(password, "ada.rossi@example.org", "Ada Rossi the 2nd")


def test_ordinary_ones_are_accepted() -> None:
    for password in ("correct horse battery", "twelve chars", "Ada Rossi writes poems", "密码密码一二三四五六七八"):
        check_new_password(password, "ada@example.org", "Ada Rossi")


def test_hashes_have_the_costs_that_are_documented() -> None:
    stored = Passwords().hash(PASSWORD)
    assert (MEMORY_KIB, PASSES) == (19_456, 2)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Passwords().matches(stored, PASSWORD)
    assert not Passwords().matches(stored, PASSWORD + " ")
    assert not Passwords().outdated(stored)
    assert Passwords().outdated(CHEAP.hash(PASSWORD))


def test_the_same_letters_match_however_they_are_composed() -> None:
    assert CHEAP.matches(CHEAP.hash("caffe\u0300 caffe\u0300 nero"), "caff\u00e8 caff\u00e8 nero")


def test_every_try_computes_exactly_one_hash_whether_or_not_there_is_an_account(database: Database) -> None:
    add_account(database)
    disable(database, add_account(database, email="gone@example.org"))
    for email, password, right in (
        ("ada@example.org", PASSWORD, True),
        ("ada@example.org", "wrong", False),
        ("nobody@example.org", PASSWORD, False),
        ("gone@example.org", PASSWORD, False),
        ("", "", False),
    ):
        counting = CountingPasswords()
        try:
            sign_in(database, counting, Claim(email, "198.51.100.7"), password, "", real_now())
            entered = True
        except WrongPasswordError:
            entered = False
        assert (entered, counting.computed) == (right, 1), email


def test_a_try_beyond_the_limits_computes_none(database: Database) -> None:
    add_account(database)
    now = real_now()
    for email in ("ada@example.org", "nobody@example.org"):
        claim = Claim(email, "198.51.100.7")
        assert [outcome(database, claim, at=now) for _ in range(10)] == ["wrong"] * 10
        counting = CountingPasswords()
        with pytest.raises(TooManyTriesError):
            sign_in(database, counting, claim, PASSWORD, "", now)
        assert counting.computed == 0


def test_a_hash_of_other_costs_is_renewed_at_sign_in_and_only_then(database: Database) -> None:
    add_account(database)
    dearer = CountingPasswords(memory_kib=128)
    with pytest.raises(WrongPasswordError):
        sign_in(database, dearer, ADA, "wrong", "", real_now())
    assert "$m=64," in stored_hash(database)
    sign_in(database, dearer, ADA, PASSWORD, "", real_now())
    renewed = stored_hash(database)
    assert "$m=128," in renewed
    sign_in(database, dearer, ADA, PASSWORD, "", real_now())
    assert stored_hash(database) == renewed


def stored_hash(database: Database) -> str:
    with database.transaction() as session:
        return session.scalars(select(Account.password_hash)).one()


# --- Sessions


def test_a_session_says_who_it_is_and_keeps_no_token(database: Database) -> None:
    account = add_account(database, Role.MANAGER)
    token = enter(database)
    found = who(database, token)
    assert found is not None
    assert (found.account_id, found.email, found.role) == (account, "ada@example.org", Role.MANAGER)
    assert who(database, token + "x") is None
    assert who(database, found.session_id.hex()) is None
    with database.transaction() as session:
        assert token.encode() not in session.scalars(select(AccountSession.id)).one()


def test_it_ends_after_twelve_idle_hours_and_seven_days_of_use(database: Database) -> None:
    add_account(database)
    start = real_now()
    token = enter(database, at=start)
    assert who(database, token, start + IDLE - MINUTE) is not None
    assert who(database, token, start + IDLE + IDLE - 2 * MINUTE) is not None
    assert who(database, token, start + 3 * IDLE) is None
    token = enter(database, at=start)
    steps = int(ABSOLUTE / (6 * HOUR))
    alive = [who(database, token, start + step * 6 * HOUR) is not None for step in range(1, steps + 1)]
    assert alive == [True] * (steps - 1) + [False]


def test_being_seen_is_written_once_a_minute(database: Database) -> None:
    add_account(database)
    start = real_now()
    token = enter(database, at=start)

    def seen(after: timedelta) -> timedelta:
        assert who(database, token, start + after) is not None
        with database.transaction() as session:
            return session.scalars(select(AccountSession.last_seen_at)).one() - start

    assert seen(MINUTE - timedelta(seconds=1)) == timedelta(0)
    assert seen(MINUTE) == MINUTE
    assert seen(1.9 * MINUTE) == MINUTE


def test_roles_and_disabling_count_from_the_next_request_on(database: Database) -> None:
    account = add_account(database, Role.VIEWER)
    token = enter(database)
    with database.transaction() as session:
        session.execute(update(Account).values(role="administrator"))
    found = who(database, token)
    assert found is not None
    assert found.role is Role.ADMINISTRATOR
    disable(database, account)
    assert who(database, token) is None
    with pytest.raises(WrongPasswordError):
        enter(database)


def test_one_account_cannot_end_the_session_of_another(database: Database) -> None:
    add_account(database)
    other = add_account(database, email="bruno@example.org")
    found = who(database, token := enter(database))
    assert found is not None
    with database.transaction() as session:
        assert not sessions.end(session, other, found.session_id)
    assert who(database, token) is not None


def test_sessions_that_are_over_are_cleared_away(database: Database) -> None:
    add_account(database)
    start = real_now()
    enter(database, at=start - DAY)
    enter(database, at=start)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(AccountSession)) == 1


# --- Changing the password


def change(database: Database, me: SignedIn, current: str, new: str = NEW, at: datetime | None = None) -> int:
    return change_password(database, CHEAP, me, current, new, at or real_now())


def test_another_password_ends_all_other_sessions(database: Database) -> None:
    add_account(database)
    add_account(database, email="bruno@example.org")
    bruno = enter(database, Claim("bruno@example.org", "198.51.100.7"))
    here, there, elsewhere = (enter(database) for _ in range(3))
    me = who(database, here)
    assert me is not None
    assert change(database, me, PASSWORD) == 2
    assert [who(database, token) is not None for token in (here, there, elsewhere, bruno)] == [True, False, False, True]
    with pytest.raises(WrongPasswordError):
        enter(database)
    assert enter(database, password=NEW)


def test_the_present_password_cannot_be_guessed_there_either(database: Database) -> None:
    add_account(database)
    token = enter(database)
    me = who(database, token)
    assert me is not None
    now = real_now()
    for _ in range(KNOWN.hour):
        with pytest.raises(WrongPasswordError):
            change(database, me, "wrong", at=now)
    with pytest.raises(TooManyTriesError) as refused:
        change(database, me, PASSWORD, at=now)
    assert refused.value.until == now + HOUR
    assert who(database, token) is not None
    assert outcome(database, ADA, PASSWORD, now) == "right"  # signing in is counted apart
    assert change(database, me, PASSWORD, at=now + HOUR) == 1


def test_a_password_changed_meanwhile_lets_nobody_in_with_the_old_one(database: Database) -> None:
    add_account(database)

    class Overtaken(CountingPasswords):
        def matches(self, stored: str | None, password: str) -> bool:
            with database.transaction() as session:
                session.execute(update(Account).values(password_hash=CHEAP.hash(NEW)))
            return super().matches(stored, password)

    with pytest.raises(WrongPasswordError):
        sign_in(database, Overtaken(), ADA, PASSWORD, "", real_now())
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(AccountSession)) == 0


# --- Limits


def test_when_the_next_try_fits(now: datetime) -> None:
    limit = Limit(hour=2, day=3)
    assert full_until([], limit, now) is None
    assert full_until([now], limit, now) is None
    assert full_until([now, now - 10 * MINUTE], limit, now) == now + 50 * MINUTE
    assert full_until([now - HOUR, now - HOUR], limit, now) is None
    assert full_until([now - 2 * HOUR, now - 3 * HOUR, now - 4 * HOUR], limit, now) == now + 20 * HOUR
    assert full_until([now, now, now - 23 * HOUR], limit, now) == now + HOUR


def one_account(count: int) -> list[Claim]:
    return [Claim("ada@example.org", f"198.51.100.{place}") for place in range(count)]


def one_address(count: int) -> list[Claim]:
    return [Claim(f"{place}@example.org", "198.51.100.7") for place in range(count)]


def all_different(count: int) -> list[Claim]:
    return [Claim(f"{place}@example.org", f"2001:db8:{place:x}::/64") for place in range(count)]


def one_browser(count: int) -> list[Claim]:
    return [Claim("ada@example.org", f"198.51.100.{place}", known="a browser") for place in range(count)]


@pytest.mark.parametrize(
    ("claims", "limit", "name"),
    [
        (one_account, ACCOUNT, "account"),
        (one_address, ADDRESS, "address"),
        (all_different, ALL, "all"),
        (one_browser, KNOWN, "browser"),
    ],
)
def test_tries_at_the_same_moment_never_exceed_the_limit(
    wide: Database, claims: Callable[[int], list[Claim]], limit: Limit, name: str
) -> None:
    add_account(wide)
    start = real_now()
    tries = claims(limit.hour + 40)
    assert outcomes(wide, tries, start) == {"wrong": limit.hour, name: 40}
    assert outcomes(wide, tries, start + HOUR) == {"wrong": limit.hour, name: 40}
    for hour in range(2, 5):
        outcomes(wide, tries, start + hour * HOUR)
    assert outcomes(wide, tries[:20], start + 6 * HOUR) == {name: 20}  # the day is used up
    assert outcome(wide, tries[0], at=start + 25 * HOUR) == "wrong"


def test_nobody_shuts_the_owner_out_of_a_known_browser(wide: Database) -> None:
    add_account(wide)
    now = real_now()
    outcomes(wide, one_account(15) + all_different(120), now)
    assert outcome(wide, ADA, PASSWORD, now) in {"account", "all"}
    own = Claim("ada@example.org", "198.51.100.7", known="my browser")
    assert outcome(wide, own, PASSWORD, now) == "right"


def test_right_passwords_count_against_nothing(database: Database) -> None:
    add_account(database)
    now = real_now()
    assert [outcome(database, ADA, PASSWORD, now) for _ in range(30)] == ["right"] * 30
    assert outcome(database, ADA, at=now) == "wrong"


def test_a_process_that_dies_while_it_looks_leaves_a_try_that_counts(database: Database) -> None:
    now = real_now()
    for _ in range(ACCOUNT.hour):
        with database.transaction() as session:
            reserve(session, ADA, now)
    assert outcome(database, ADA, PASSWORD, now) == "account"


def test_what_was_typed_is_not_kept_readable_and_old_tries_are_deleted(database: Database) -> None:
    now = real_now()
    outcome(database, Claim("my secret password", "198.51.100.7"), at=now - timedelta(days=3))
    outcome(database, Claim("my secret password", "198.51.100.7"), at=now)
    with database.transaction() as session:
        kept = session.scalars(select(SignInAttempt)).one()
    assert b"secret" not in (kept.email_digest or b"")
    assert kept.at == now


# --- Making and changing accounts


def put(database: Database, email: str, **wanted: object) -> list[str]:
    with database.transaction() as session:
        return put_account(session, Wanted(email, **wanted), CHEAP, real_now())  # type: ignore[arg-type]


def test_an_address_is_one_accounts_however_it_is_written(database: Database) -> None:
    put(database, " Ada@Example.ORG ", name="Ada", role=Role.MANAGER, password=PASSWORD)
    assert put(database, "ADA@example.org", role=Role.MANAGER) == []
    assert enter(database, Claim("ada@example.org", "::"))
    twin = Account(email="Ada@example.org", name="A", role="viewer", password_hash="", created_at=real_now())
    with pytest.raises(IntegrityError, match="ck_account_email"), database.transaction() as session:
        session.add(twin)


def test_changes_are_told_line_by_line(database: Database) -> None:
    put(database, "ada@example.org", name="Ada", role=Role.VIEWER, password=PASSWORD)
    enter(database)
    assert put(database, "ada@example.org", name="Ada Rossi", role=Role.MANAGER, password=NEW) == [
        "account ada@example.org: name Ada → Ada Rossi",
        "account ada@example.org: role viewer → manager",
        "account ada@example.org: new password, 1 session ended",
    ]
    token = enter(database, password=NEW)
    assert put(database, "ada@example.org", disabled=True) == ["account ada@example.org: disabled, 1 session ended"]
    assert put(database, "ada@example.org", disabled=False) == ["account ada@example.org: enabled"]
    assert who(database, token) is None


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"name": "B", "role": Role.VIEWER}, "needs a name, a role and a password"),
        ({"name": "B", "password": PASSWORD}, "needs a name, a role and a password"),
        ({"disabled": True}, "there is no account"),
        ({"name": "B", "role": Role.VIEWER, "password": "short"}, "at least 12 characters$"),
        ({"name": "B", "role": Role.VIEWER, "password": PASSWORD, "person": "Nobody"}, "nobody called 'Nobody'"),
    ],
)
def test_what_makes_no_sense_makes_no_account(database: Database, wanted: dict[str, object], words: str) -> None:
    with pytest.raises(AccountError, match=words):
        put(database, "b@example.org", **wanted)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 0


@pytest.mark.parametrize("email", ["", "ada", "@example.org", "ada@", "a b@example.org", "a" * 250 + "@b.org"])
def test_an_address_has_to_look_like_one(database: Database, email: str) -> None:
    with pytest.raises(AccountError, match="is not an e-mail address"):
        put(database, email, name="A", role=Role.VIEWER, password=PASSWORD)


def test_a_person_has_one_account(database: Database) -> None:
    with database.transaction() as session:
        session.add(Person(name="Ada Rossi", phone="+390584000001", role="technician"))
    put(database, "ada@example.org", name="Ada", role=Role.TECHNICIAN, password=PASSWORD, person="Ada Rossi")
    with pytest.raises(AccountError, match=r"already has the account ada@example\.org"):
        put(database, "b@example.org", name="B", role=Role.VIEWER, password=PASSWORD, person="Ada Rossi")
    found = who(database, enter(database))
    assert found is not None
    assert found.person_id is not None


def test_the_demos_accounts_are_always_what_was_printed(database: Database) -> None:
    with database.transaction() as session:
        session.add(Person(name="Giulia Conti", phone="+390584000001", role="technician"))
    with database.transaction() as session:
        make_demo_accounts(session, real_now())
    put(database, DEMO_ACCOUNTS[0][0], password=NEW, disabled=True, role=Role.VIEWER)
    with database.transaction() as session:
        make_demo_accounts(session, real_now())
        giulia = find_account(session, "giulia.conti@aurora.example")
        assert giulia is not None
        assert giulia.person_id is not None
    assert {role for _, _, role in DEMO_ACCOUNTS} == set(Role)
    for email, password, role in DEMO_ACCOUNTS:
        found = who(database, enter(database, Claim(email, "::"), password))
        assert found is not None
        assert found.role is role
