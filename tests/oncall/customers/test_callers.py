"""Who calls, with what the directory knows of numbers."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.settings import Settings
from core.text.phones import CallerId
from oncall.customers.callers import who_calls
from tests.calls.people import ACME, ADA, DIRECTORY
from tests.oncall.conftest import Load


@pytest.mark.parametrize(
    ("reported", "caller"),
    [
        (ACME, CallerId(ACME)),
        (ACME[3:], CallerId(ACME)),
        (ACME[1:], CallerId(ACME)),
        (f"sip:{ADA}@pbx.example", CallerId(ADA)),
        ("2125550123", CallerId("+12125550123")),
        ("sip:alice@pbx.example", CallerId(None, "alice")),
        ("anonymous", CallerId()),
        ("+266696687", CallerId()),
        ("", CallerId()),
    ],
)
def test_caller_ids(session: Session, load: Load, tmp_path: Path, reported: str, caller: CallerId) -> None:
    """Without country: of the default region's, else of another region's office."""
    office = '\n  - {name: america, time_zone: America/New_York, office_number: "+12125550100"}\nrosters:'
    load(DIRECTORY.replace("\nrosters:", office))
    assert who_calls(session, Settings(var_dir=tmp_path), reported) == caller
