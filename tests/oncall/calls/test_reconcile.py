"""Calls that were picked up a while ago, on a network that says how they stand, or has no record of them."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.calls.reconcile import ask_about, watch_calls
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import CallGoneError
from oncall.delivery.telephony import CallState as NetworkState
from oncall.models.call_memo import CallMemo
from oncall.models.calls import CallState, PhoneCall
from oncall.runtime import Runtime


class Network:
    """Says this of every call; None: that it knows of no such call."""

    def __init__(self, status: str | None) -> None:
        self.status = status

    def call_state(self, sid: str) -> NetworkState:
        if self.status is None:
            raise CallGoneError(f"no {sid}")
        return NetworkState(self.status, None)


def desk_on(network: Network, database: Database, now: datetime, folder: Path) -> Sender:
    settings = Settings(var_dir=folder)
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    return Sender(runtime, network, build_mailer(settings))  # type: ignore[arg-type]  # nothing else is asked


def a_call(database: Database, now: datetime, minutes: float | None) -> int:
    """Picked up an hour ago; `minutes` since it asked for a document, None: nobody noted when."""
    with database.transaction() as session:
        call = PhoneCall(sid="CA1", direction="in", purpose="hotline", number="+390212345678", created_at=now)
        call.state, call.step, call.answered_at = CallState.ANSWERED, "wait", now - timedelta(hours=1)
        if minutes is not None:
            call.memo = CallMemo(last_request=(now - timedelta(minutes=minutes)).timestamp())
        session.add(call)
        session.flush()
        return call.id


def state(database: Database) -> str:
    with database.transaction() as session:
        return session.query(PhoneCall).one().state


@pytest.mark.parametrize(
    ("minutes", "found"),
    [
        (0, "answered"),
        (1, "answered"),
        (1.9, "answered"),
        (-1, "answered"),
        (3, "ended"),
        (50, "ended"),
        (None, "ended"),
    ],
)
def test_no_record_of_a_call_is_its_end_only_when_it_asked_for_nothing(
    database: Database, now: datetime, tmp_path: Path, minutes: float | None, found: str
) -> None:
    a_call(database, now, minutes)
    watch_calls(desk_on(Network(None), database, now, tmp_path))
    assert state(database) == found


@pytest.mark.parametrize("minutes", [0, 3, 50, None])
def test_those_that_ask_often_never_take_no_record_for_an_end(
    database: Database, now: datetime, tmp_path: Path, minutes: float | None
) -> None:
    """Rooms and callers who wait are asked about every few seconds."""
    call_id = a_call(database, now, minutes)
    ask_about(desk_on(Network(None), database, now, tmp_path), call_id, "CA1")
    assert state(database) == "answered"


@pytest.mark.parametrize("minutes", [0, 50])
@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("completed", "ended"),
        ("failed", "ended"),
        ("canceled", "ended"),
        ("in-progress", "answered"),
        ("?", "answered"),
    ],
)
def test_a_final_status_is_an_end_whatever_was_asked_for(
    database: Database, now: datetime, tmp_path: Path, status: str, found: str, minutes: float
) -> None:
    call_id = a_call(database, now, minutes)
    ask_about(desk_on(Network(status), database, now, tmp_path), call_id, "CA1")
    assert state(database) == found
