"""Accounts: passwords, sessions, limits on guessing, and what changes an account."""

import contextlib
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from core.clock import real_now
from core.db import Database
from demo.accounts import DEMO_ACCOUNTS
from oncall.accounts import sessions
from oncall.accounts.limits import KNOWN, Claim, TooManyTriesError
from oncall.accounts.passwords import MEMORY_KIB, PASSES, PasswordRefusedError, Passwords, check_new_password
from oncall.accounts.sessions import ABSOLUTE, IDLE, SignedIn
from oncall.accounts.signing_in import WrongPasswordError, change_password, sign_in
from oncall.models.access.accounts import Account, AccountSession
from oncall.models.access.roles import Role
from tests.oncall.accounts.account_desk import ADA, NEW, enter, outcome, who
from tests.web.signing_in import CHEAP, PASSWORD, CountingPasswords, add_account, disable

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)

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


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd1234",
        "PASSWORD-1234",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "letmeinletmein",
        "iloveyou12345",
        "123456789012",
        "abcdefghijklm",
        "summer2026!!",
        "welcome12345",
        "trustno1trustno1" * 4,
    ],
)
def test_common_passwords_are_refused(password: str) -> None:
    with pytest.raises(PasswordRefusedError, match="among the first that anybody would try"):
        check_new_password(password, "ada@example.org", "Ada Rossi")


@pytest.mark.parametrize(
    "password",
    [
        "AdaRossi1985!",
        "ada.rossi.2026",
        "Rossi, Ada, 123",
        "aurora-2026!",
        "nightline-oncall",
        "Nightline Nightline",
        "admin@admin1234",
    ],
)
def test_what_everybody_knows_of_an_account_counts_for_nothing(password: str) -> None:
    with pytest.raises(PasswordRefusedError, match=r"^That is .*\. Take four words"):
        check_new_password(password, "ada.rossi@example.org", "Ada Rossi", "Aurora Communications")


def test_passwords_of_the_demo_and_made_ones_are_fine() -> None:
    for email, password, _ in DEMO_ACCOUNTS:
        check_new_password(password, email, email.partition("@")[0].replace(".", " "), "Aurora Communications")
    for password in (
        "xk7Qp2mZ9vR4",
        "correct horse battery staple",
        "zq" + "Vw3-" * 12 + "7uP",
        secrets.token_urlsafe(24),
    ):
        check_new_password(password, "ada@example.org", "Ada Rossi", "Aurora Communications")


def test_the_longest_password_is_looked_at_in_a_moment() -> None:
    begun = time.process_time()
    for worst in ("4@{3680|1!$5+7%2" * 16, "1234567890" * 25, "p@$5w0rDl3" * 25):
        with contextlib.suppress(PasswordRefusedError):
            check_new_password(worst, "ada@example.org", "Ada Rossi")
    assert time.process_time() - begun < 5  # of the processor; without a limit on length it takes minutes


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


def test_one_hash_is_computed_at_a_time_as_each_takes_much_memory() -> None:
    class Slow:
        busy = most = 0

        def hash(self, _password: str) -> str:
            self.busy += 1
            self.most = max(self.most, self.busy)
            time.sleep(0.005)
            self.busy -= 1
            return "hash"

    passwords, slow = Passwords(), Slow()
    vars(passwords)["_hasher"] = slow
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(passwords.hash, ["a"] * 16)) == ["hash"] * 16
    assert slow.most == 1


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
