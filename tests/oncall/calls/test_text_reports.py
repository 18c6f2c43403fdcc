"""Reports about texts: late, twice, out of order, and quicker than the answer to the request."""

from datetime import datetime
from pathlib import Path

import pytest

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from ivr.provider_reports import text_progress
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.models.messages import Message
from oncall.runtime import Runtime
from worker.pacer import send_message


class Network:
    """Has the text already, and would take another one."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def find_texts(self, to: str, body: str, since: datetime) -> list[str]:
        return ["SM1"]

    def send_text(self, to: str, body: str, message_id: int) -> str:
        self.sent.append(body)
        return "SM2"


@pytest.fixture
def runtime(database: Database, tmp_path: Path, now: datetime) -> Runtime:
    return Runtime(Settings(var_dir=tmp_path), database, ShiftedClock.starting_at(now))


def put_down(runtime: Runtime, now: datetime, state: str, sid: str | None = None) -> int:
    with runtime.database.transaction() as session:
        message = Message(key="a text", channel="text", recipient="+393470000001", body="Hello", state=state)
        message.created_at, message.provider_sid = now, sid
        session.add(message)
        session.flush()
        return message.id


def state_of(runtime: Runtime, message_id: int) -> tuple[str, str | None]:
    with runtime.database.transaction() as session:
        message = session.get_one(Message, message_id)
        return message.state, message.provider_sid


@pytest.mark.parametrize(
    ("before", "reported", "after"),
    [
        ("sending", ["queued"], "accepted"),
        ("queued", ["sending"], "accepted"),
        ("sending", ["sent", "queued", "sending"], "sent"),
        ("accepted", ["delivered", "delivered", "sent"], "delivered"),
        ("accepted", ["delivered", "undelivered"], "delivered"),
        ("accepted", ["undelivered", "sent", "delivered"], "undelivered"),
        ("accepted", ["undelivered", "failed"], "failed"),
        ("failed", ["delivered", "queued"], "failed"),
        ("merged", ["delivered", "merged"], "merged"),
        ("accepted", ["merged", "nonsense"], "accepted"),
    ],
)
def test_a_text_only_moves_forward(
    runtime: Runtime, now: datetime, before: str, reported: list[str], after: str
) -> None:
    message_id = put_down(runtime, now, before)
    for state in reported:
        text_progress(runtime, message_id, {"MessageStatus": state, "MessageSid": "SM1"})
    assert state_of(runtime, message_id)[0] == after


def test_a_text_that_was_reported_before_it_was_looked_up_is_not_sent_again(runtime: Runtime, now: datetime) -> None:
    """Its worker has died, the report has told the provider's name for it."""
    message_id, network = put_down(runtime, now, "sending", "SM1"), Network()
    send_message(Sender(runtime, network, build_mailer(runtime.settings)), message_id=message_id)  # type: ignore[arg-type]  # texts only
    assert (state_of(runtime, message_id), network.sent) == (("accepted", "SM1"), [])
