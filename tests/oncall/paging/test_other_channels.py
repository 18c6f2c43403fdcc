"""Pages by other channels: what keeps a call or text waiting, though nobody has asked the network for it yet."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.clock import real_now
from core.db import Database
from core.settings import Settings
from oncall.delivery.mail import build_mailer
from oncall.delivery.rate_limit import pause
from oncall.delivery.sender import Sender
from oncall.models.calls import CallState, PhoneCall
from oncall.models.messages import Message, MessageState
from oncall.models.operations.provider_health import ProviderOutage, RequestKind
from oncall.models.pages import Attempt
from oncall.paging.other_channels import seek_elsewhere, watch_attempts
from oncall.runtime import Runtime
from tests.calls.switchboard import StandingClock
from tests.oncall.delivery.night_queue import fill, page

PATIENCE = timedelta(seconds=15)


class Evening:
    """A page whose call and text are queued."""

    def __init__(self, database: Database, folder: Path, now: datetime) -> None:
        self.database, self.clock = database, StandingClock(now, now - real_now())
        settings = Settings(var_dir=folder)
        runtime = Runtime(settings, database, self.clock)
        self.desk = Sender(runtime, None, build_mailer(settings))  # type: ignore[arg-type]  # nothing is sent
        with database.transaction() as session:
            fill(session, now)
            page(session, runtime, now)
            self.attempt_id = session.scalars(select(Attempt.id)).one()

    def look(self) -> list[str]:
        """The watch, and the looks that it asks for; the reasons that stand on the ticket then."""
        watch_attempts(self.desk)
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'seek_elsewhere'"
        with self.database.engine.begin() as connection:
            woken = connection.exec_driver_sql(query).scalar_one()
        if woken:
            seek_elsewhere(self.desk, attempt_id=self.attempt_id)
        with self.database.transaction() as session:
            asked = select(Message.body).where(Message.key.startswith(f"attempt:{self.attempt_id}:other"))
            return list(session.scalars(asked))


@pytest.fixture
def evening(database: Database, tmp_path: Path, now: datetime) -> Evening:
    return Evening(database, tmp_path, now)


def test_a_queue_alone_is_no_reason(evening: Evening) -> None:
    evening.clock.instant += 2 * PATIENCE
    assert evening.look() == []


def test_a_long_pause_is_a_call_that_is_not_taken(evening: Evening) -> None:
    """Another call was answered with 429 and a minute: this one was not even tried."""
    with evening.database.transaction() as session:
        pause(session, RequestKind.CALL, 60)
    assert evening.look() == [], "the pause may be over soon"
    evening.clock.instant += PATIENCE
    [body] = evening.look()
    assert "because the call is not taken by the telephone network" in body


def test_a_pause_that_is_nearly_over_is_waited_for(evening: Evening) -> None:
    with evening.database.transaction() as session:
        pause(session, RequestKind.CALL, 4)
    evening.clock.instant += PATIENCE
    assert evening.look() == []


def test_an_outage_finds_those_whose_call_still_waits_for_its_turn(evening: Evening) -> None:
    """They were put down before it was noticed, and none of their own requests has failed."""
    with evening.database.transaction() as session:
        now = real_now()
        session.add(ProviderOutage(since=now, noticed_at=now, open=True, words="503"))
    evening.clock.instant += PATIENCE
    [body] = evening.look()
    assert "nothing gets through to the telephone network" in body


def test_what_becomes_of_the_text_that_tells_of_its_page(evening: Evening) -> None:
    """It was put down for an earlier page, and has taken this page's text along."""
    with evening.database.transaction() as session:
        call = session.scalars(select(PhoneCall)).one()
        call.state, call.sid = CallState.RINGING, "CA1"
        own = session.scalars(select(Message).where(Message.page_id.is_not(None))).one()
        early = own.created_at - timedelta(seconds=30)
        about = {"channel": "text", "recipient": own.recipient, "person_id": own.person_id, "body": "2 pages."}
        carrier = Message(key="earlier", created_at=early, state="failed", error="30007 filtered", **about)
        session.add(carrier)
        session.flush()
        own.state, own.carrier_id = MessageState.MERGED, carrier.id
    seek_elsewhere(evening.desk, attempt_id=evening.attempt_id)
    [body] = evening.look()
    assert "because the text failed for good" in body
