"""Customers by their names, as people type them: each word, or its beginning, whatever the accents."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.text.folding import words_of
from oncall.models.customers import Customer

# Names don't change their words: those of as many customers are kept.
_NAMES_KEPT: Final = 1 << 14


def customers_called(session: Session, words: str, *, active: bool = False) -> list[tuple[int, str]]:
    """Id and name of those whose name has each word, or its beginning, in order. `active`: none that has left."""
    query = select(Customer.id, Customer.name).order_by(Customer.name)
    if active:
        query = query.where(Customer.retired_at.is_(None))
    wanted = words_of(words)
    return [(id_, name) for id_, name in session.execute(query) if _has_all(_words_of_name(name), wanted)]


@lru_cache(maxsize=_NAMES_KEPT)
def _words_of_name(name: str) -> str:
    """Each word with a blank before it, which is where a word that is looked for begins."""
    return "".join(f" {word}" for word in words_of(name))


def _has_all(known: str, wanted: Sequence[str]) -> bool:
    return all(f" {word}" in known for word in wanted)
