"""Directory files loaded into empty tables: the first time as `flask load` does, then by putting back what it wrote."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from bench.copies import Copier, DirectoryCopy
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.stored_settings import DIRECTORY_CHANGED_AT, PAGING, read, write

# What a load writes to a table that is never empty.
_SETTINGS: Final = (DIRECTORY_CHANGED_AT, PAGING)


@dataclass(frozen=True)
class _Loaded:
    said: list[str]
    rows: DirectoryCopy
    settings: dict[str, Any]


_kept: dict[tuple[str, datetime, bytes], _Loaded] = {}


def load_directory(session: Session, text: str, now: datetime, secret: bytes) -> list[str]:
    """As `apply` does to empty tables; what it says. What was loaded stays as it would be in the transaction."""
    key = (text, now, secret)
    if key in _kept:
        _put_back(session, _kept[key])
        return list(_kept[key].said)
    copier = Copier(session)
    said = apply(session, parse(text), now, PinKeys(secret))
    session.flush()
    _kept[key] = _Loaded(list(said), copier.copied(), {name: read(session, name) for name in _SETTINGS})
    return said


def _put_back(session: Session, loaded: _Loaded) -> None:
    loaded.rows.restore(session, numbers=True)
    for name, value in loaded.settings.items():
        if value is not None:
            write(session, name, value)
