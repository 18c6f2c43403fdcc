"""Loading directory files into a database of the test."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse

KEYS = PinKeys(b"a secret of the tests")
Load = Callable[[str], list[str]]


@pytest.fixture
def load(session: Session, now: datetime) -> Load:
    """Loads a file's text and says what changed; what it wrote is read back from the database afterwards."""

    def load_text(text: str) -> list[str]:
        lines = apply(session, parse(text), now, KEYS)
        session.expire_all()
        return lines

    return load_text
