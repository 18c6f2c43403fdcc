"""The way out of calls and texts: when it reads the time."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.clock import ShiftedClock, real_now
from core.db import Database
from core.settings import Settings
from ivr.twilio.errors import fault_of
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import ProviderError
from oncall.models.calls import CallState, PhoneCall
from oncall.models.messages import Channel, Message, MessageState
from oncall.runtime import Runtime
from tests.calls.people import ADA
from tests.oncall.delivery.night_queue import fill
from worker.pacer import place_call, send_message


class OutsideClock(ShiftedClock):
    """A clock that is never read while a transaction is open, as asking a shared one may need a connection."""

    def __init__(self, database: Database, shift: timedelta) -> None:
        super().__init__(shift)
        self._pool = database.engine.pool

    def now(self) -> datetime:
        assert self._pool.checkedout() == 0, "read inside a transaction"  # type: ignore[attr-defined]  # a queue's
        return super().now()


class Network:
    """One that takes everything, or answers everything with one error."""

    def __init__(self, code: int) -> None:
        self._code = code

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        return self._answer("CA1")

    def send_text(self, to: str, body: str, message_id: int) -> str:
        return self._answer("SM1")

    def find_calls(self, to: str, since: datetime) -> list[str]:
        return []

    def find_texts(self, to: str, body: str, since: datetime) -> list[str]:
        return []

    def _answer(self, sid: str) -> str:
        if self._code:
            raise ProviderError(fault_of(self._code))
        return sid


@pytest.mark.parametrize("rate", [0, 100])
@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("code", [0, 20429, 21211], ids=["taken", "busy", "refused"])
def test_the_time_is_read_before_rows_are_locked(
    database: Database, tmp_path: Path, now: datetime, code: int, lost: bool, rate: int
) -> None:
    """Whether a row is sent at once or after a lost answer, by a job or with a token."""
    with database.transaction() as session:
        fill(session, now)
        call = PhoneCall(direction="out", purpose="hotline", number=ADA, created_at=now)
        call.state = CallState.SENDING if lost else CallState.QUEUED
        text = Message(key="a text", channel=Channel.TEXT, recipient=ADA, body="b", created_at=now)
        text.state = MessageState.SENDING if lost else MessageState.QUEUED
        session.add_all([call, text])
    settings = Settings(var_dir=tmp_path, calls_per_second=rate, texts_per_second=rate)
    runtime = Runtime(settings, database, OutsideClock(database, now - real_now()))
    desk = Sender(runtime, Network(code), build_mailer(settings))  # type: ignore[arg-type]  # nothing else is asked
    for _ in range(2):  # what is not found after a lost answer waits for a token
        place_call(desk, call_id=call.id)
        send_message(desk, message_id=text.id)
    states = {0: ("placed", "accepted"), 20429: ("queued", "queued"), 21211: ("ended", "failed")}
    with database.transaction() as session:
        assert (session.scalar(select(PhoneCall.state)), session.scalar(select(Message.state))) == states[code]
