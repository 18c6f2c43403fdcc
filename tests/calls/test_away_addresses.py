"""What addresses carry is opaque, small, and good for nothing else."""

from pathlib import Path

import pytest

from core.settings import Settings
from ivr.offline.carried import Carried, opened, sealed
from ivr.twilio.addresses import away_url, step_url
from tests.calls.people import ACME_PIN, Cast, report_problem
from tests.calls.stack import Gateway

SETTINGS = Settings(var_dir=Path("unused"), pin_key="a key for tests of addresses")
# A call as far as it can come: everybody of a large team tried, in the last round.
FULL = Carried(
    sid="CA" + "0123456789abcdef" * 2,
    turn=99_031,
    contract=123_456,
    priority="P1",
    call=9_999_999,
    ticket=9_999_999,
    number=9_999_999,
    known=9_999_999,
    room=9_999_999,
    staff=99_999,
    tries=2,
    useless=2,
    languages=5,
    round=3,
    tried=tuple(range(10_000, 10_030)),
    rung=90,
    person=10_029,
    first=10_001,
    readings=2,
    begun=1_800_000_000,
    child="CA" + "fedcba9876543210" * 2,
)


@pytest.mark.parametrize("carried", [Carried(), Carried(sid="CA1", contract=7), FULL])
def test_there_and_back(carried: Carried) -> None:
    assert opened(SETTINGS, sealed(SETTINGS, carried)) == carried


def test_well_under_the_limits_of_an_address() -> None:
    assert len(away_url(SETTINGS, "dialed", sealed(SETTINGS, FULL))) < 1000
    ordinary = Carried(sid=FULL.sid, contract=17, priority="P1", call=4711, ticket=1042, number=2083)
    assert len(step_url(SETTINGS, 4711, "wait", 12, s=sealed(SETTINGS, ordinary))) < 350


@pytest.mark.parametrize("text", ["", "nonsense", "A" * 4000, "%00", sealed(SETTINGS, FULL)[:-2]])
def test_nothing_of_ours(text: str) -> None:
    assert opened(SETTINGS, text) is None


def test_of_another_key() -> None:
    other = Settings(var_dir=Path("unused"), pin_key="quite another key than that")
    assert opened(other, sealed(SETTINGS, FULL)) is None


def test_an_ordinary_call_carries_it_from_the_first_question_on(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.ada.rings()
    gateway.network.settle()
    documents = [hook.body or "" for hook in gateway.network.journal.webhooks("/ivr/")]
    by_step = {
        hook.url.partition("?")[0].rpartition("/")[2]: hook for hook in gateway.network.journal.webhooks("/ivr/")
    }
    assert "&amp;s=" in (by_step["voice"].body or "")
    assert "&amp;s=" in (by_step["priority"].body or "")
    assert not [document for document in documents if ACME_PIN in document]
