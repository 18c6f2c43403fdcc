"""Passwords: which are accepted, and their argon2 hashes."""

import re
import threading
import unicodedata
from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, Final

from core.memory import tune_malloc

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 12
LONGEST: Final = 256
_FEWEST_CHARACTERS: Final = 5
# By zxcvbn's reckoning. Between its scores 3 ("safely unguessable" online, 10^8) and 4 (10^10).
FEWEST_GUESSES: Final = 10**9
# For what is left without the words that everybody knows.
FEWEST_BESIDE: Final = 10**7
_LOOKED_AT: Final = 40
_SHORTEST_WORD: Final = 3
_GIVEN: Final = ("nightline", "hotline", "support", "oncall", "technician", "manager", "admin")
_BETTER: Final = "Take four words that have nothing to do with each other, or let a password manager make one."

# OWASP's second choice for argon2id (Password Storage Cheat Sheet): the least memory it recommends two passes for.
MEMORY_KIB: Final = 19_456
PASSES: Final = 2

# One at a time: each takes 19 MiB while it is computed, and 32 threads at once would take as much as all the rest of
# the gateway together.
_ONE_AT_A_TIME: Final = threading.Lock()


# What a hash took goes back to the system at once: glibc would keep such pieces in its heaps (80 MB in all).
_M_MMAP_THRESHOLD: Final = -3
_LARGE_BYTES: Final = 4 * 1024 * 1024


class PasswordRefusedError(ValueError):
    """A new password is not acceptable; the message is a sentence for whoever chose it."""


def check_new_password(password: str, email: str, name: str, company: str = "") -> None:
    """Raises PasswordRefusedError for one that is too short or too easily guessed.

    What everybody knows of an account (its address, its name, the company) counts for nothing in it.
    """
    plain = _normal(password).casefold().strip()
    if len(_normal(password)) < SHORTEST:
        raise PasswordRefusedError(f"That is too short: it takes at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise PasswordRefusedError(f"Take at most {LONGEST} characters.")
    if plain in {email.casefold(), _normal(name).casefold().strip(), email.casefold().partition("@")[0]}:
        raise PasswordRefusedError("Your e-mail address or name is the first thing anybody would try. Take another.")
    if len(set(plain)) < _FEWEST_CHARACTERS:
        raise PasswordRefusedError("That is the same few characters again and again. Take another.")
    known = {*_GIVEN, *_words(email), *_words(name), *_words(company)}
    if _guesses(plain) < FEWEST_GUESSES:
        raise PasswordRefusedError(f"That is among the first that anybody would try. {_BETTER}")
    if _guesses(_without(plain, known)) < FEWEST_BESIDE:
        raise PasswordRefusedError(f"That is little more than your name, your address or the company's. {_BETTER}")


def _words(text: str) -> list[str]:
    """Parts of a name or an address that are long enough to mean somebody."""
    return [word for word in re.findall(r"\w+", _normal(text).casefold()) if len(word) >= _SHORTEST_WORD]


def _without(plain: str, known: Collection[str]) -> str:
    for word in sorted(known, key=len, reverse=True):
        plain = plain.replace(word, "")
    return plain.strip()


def _guesses(plain: str) -> float:
    """How many guesses zxcvbn reckons it takes, from the beginning of a long password: it gets slow with length."""
    from zxcvbn import zxcvbn  # on first use: its lists of words take some megabytes

    return float(zxcvbn(plain[:_LOOKED_AT])["guesses"]) if plain else 1.0


class Passwords:
    """Hashes under fixed costs; hashes made under other costs are still understood."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._memory_kib, self._passes = memory_kib, passes

    def hash(self, password: str) -> str:
        """What to store; another one each time. About 30 ms of processor time."""
        return self._computed(password, None)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether `stored` was made from this password. When there is none a hash is computed all the same: nobody
        shall learn from the time it takes which accounts exist.
        """
        return bool(self._computed(password, stored)) and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether `stored` was made under other costs than these."""
        return self._hasher.check_needs_rehash(stored)

    def _computed(self, password: str, stored: str | None) -> str:
        """The one place where a hash is computed: a new one, or `stored` again ("" when the password isn't its)."""
        from argon2.exceptions import InvalidHashError, VerifyMismatchError  # on first use, as the hasher

        with _ONE_AT_A_TIME:
            if stored is None:
                return self._hasher.hash(_normal(password))
            try:
                self._hasher.verify(stored, _normal(password))
            except (VerifyMismatchError, InvalidHashError):
                return ""
            return stored

    @cached_property
    def _hasher(self) -> "PasswordHasher":
        from argon2 import PasswordHasher  # on first use: most commands and the worker never need it

        tune_malloc(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        return PasswordHasher(time_cost=self._passes, memory_cost=self._memory_kib, parallelism=1)


def _normal(password: str) -> str:
    """The same password however a keyboard composes its accents."""
    return unicodedata.normalize("NFKC", password)
