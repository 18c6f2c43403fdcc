"""Customers by their names, as people type them: each word, or its beginning, whatever the accents."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.text.folding import words_of
from oncall.models.customers import Customer


def customers_called(session: Session, words: str, *, active: bool = False) -> list[tuple[int, str]]:
    """Id and name of those whose name has each word, or its beginning, in order. `active`: none that has left."""
    query = select(Customer.id, Customer.name).order_by(Customer.name)
    if active:
        query = query.where(Customer.retired_at.is_(None))
    wanted = words_of(words)
    return [(id_, name) for id_, name in session.execute(query) if _has_all(words_of(name), wanted)]


def _has_all(known: Sequence[str], wanted: Sequence[str]) -> bool:
    return all(any(each.startswith(word) for each in known) for word in wanted)
