"""Recordings: fetched once, kept sealed, and played on the ticket's page for whoever may, for a while."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from core.clock import ShiftedClock, real_now
from core.db import Database
from core.settings import Settings
from ivr.twilio.errors import fault_of
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import NotReadyError, ProviderError
from oncall.models.access.accounts import Account
from oncall.models.work.recordings import Recording, RecordingSound
from oncall.runtime import Runtime
from oncall.tickets.recordings import again_after, fetch_recording
from tests.web.signing_in import BROWSER, signed_in
from tests.web.tickets.desk import look

SOUND = b"RIFF" + bytes(range(256)) * 8
PATH = "/tickets/1042"


NOT_YET = NotReadyError("the telephone network does not have the file", "404")


class Provider:
    """A network that gives sounds, after so many refusals."""

    def __init__(self, refusals: int = 0, error: ProviderError = NOT_YET) -> None:
        self.refusals, self.error, self.asked = refusals, error, 0

    def recording(self, sid: str) -> bytes:
        assert sid == f"RE{1:032}"
        self.asked += 1
        if self.asked <= self.refusals:
            raise self.error
        return SOUND


@pytest.fixture
def settings(dark: Flask) -> Settings:
    found: Settings = dark.extensions["runtime"].settings
    return found


def fetch(settings: Settings, database: Database, now: datetime, provider: Provider, tries: int = 1) -> None:
    runtime = Runtime(settings, database, ShiftedClock(now - real_now()))
    sender = Sender(runtime, provider, build_mailer(settings))  # type: ignore[arg-type]  # nothing else is asked
    with database.transaction() as session:
        recording_id = session.scalars(select(Recording.id)).one()
    fetch_recording(sender, recording_id=recording_id, tries=tries)


def due(database: Database) -> list[tuple[int, timedelta]]:
    """Tries that are planned: their number, and how far ahead."""
    words = "SELECT (args->>'tries')::int, scheduled_at - now() FROM procrastinate_jobs WHERE status = 'todo'"
    with database.transaction() as session:
        found = session.execute(text(f"{words} AND task_name = 'fetch_recording'")).all()
    return [(tries, ahead) for tries, ahead in found]


def address(page: str) -> str:
    found = re.search(r'<audio [^>]*src="([^"]+)"', page)
    assert found, "no recording plays"
    return unescape(found[1])


def test_it_is_fetched_once_kept_sealed_and_plays_in_parts(
    ada: FlaskClient, settings: Settings, database: Database, now: datetime
) -> None:
    assert "Its sound is being fetched." in look(ada, PATH)
    provider = Provider()
    for _ in range(2):
        fetch(settings, database, now, provider)
    assert provider.asked == 1
    with database.transaction() as session:
        sealed = session.scalars(select(RecordingSound.sealed)).one()
    assert SOUND[4:60] not in sealed
    page = look(ada, PATH)
    where = address(page)
    assert address(look(ada, PATH)) == where, "a page that looks again does not begin it anew"
    whole = ada.get(where)
    assert (whole.status_code, whole.data, whole.mimetype) == (200, SOUND, "audio/wav")
    assert whole.headers["Cache-Control"] == "no-store"
    part = ada.get(where, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.data) == (206, SOUND[4:8])


def test_what_does_not_come_is_tried_again_and_given_up_in_words(
    ada: FlaskClient, settings: Settings, database: Database, now: datetime
) -> None:
    provider = Provider(refusals=2)
    fetch(settings, database, now, provider)
    [(tries, ahead)] = due(database)
    assert tries == 2
    assert timedelta(seconds=10) < ahead <= timedelta(seconds=15)
    fetch(settings, database, now, provider, tries=80)
    assert "It could not be fetched: 404 the telephone network does not have the file" in look(ada, PATH)
    fetch(settings, database, now, provider)
    assert provider.asked == 2, "nobody asks for what was given up"


def test_what_will_fail_again_is_not_asked_for_again(
    ada: FlaskClient, settings: Settings, database: Database, now: datetime
) -> None:
    provider = Provider(1, ProviderError(fault_of(0, 400, "the file is larger than 20 MB")))
    for _ in range(2):
        fetch(settings, database, now, provider)
    assert (provider.asked, due(database)) == (1, [])
    assert "the file is larger than 20 MB" in look(ada, PATH)


def test_tries_come_ever_more_seldom() -> None:
    seconds = [again_after(tries).total_seconds() for tries in (1, 2, 3, 8, 9, 79)]
    assert seconds == [15, 30, 60, 1920, 3600, 3600]
    assert timedelta(days=2.9) < sum((again_after(tries) for tries in range(1, 80)), timedelta()) < timedelta(days=3.1)


def test_who_may_not_hears_nothing(
    dark: Flask, ada: FlaskClient, bruno: FlaskClient, settings: Settings, database: Database, now: datetime
) -> None:
    fetch(settings, database, now, Provider())
    where = address(look(ada, PATH))
    assert bruno.get(where, headers=BROWSER).status_code == 403, "forwarded"
    assert ada.get(where.replace("/1042/", "/1043/"), headers=BROWSER).status_code == 404
    assert ada.get(re.sub("key=.*", "key=" + "0" * 32, where), headers=BROWSER).status_code == 403
    assert ada.get(re.sub(r"until=\d+", "until=99999999999", where), headers=BROWSER).status_code == 403
    viewer = signed_in(dark, "vera@example.org")
    assert "<audio" not in viewer.get(PATH, headers=BROWSER).text
    assert viewer.get(where, headers=BROWSER).status_code == 403
    stranger = dark.test_client().get(where, headers=BROWSER)
    assert (stranger.status_code, "/sign-in" in stranger.headers["Location"]) == (303, True)
    with database.transaction() as session:
        session.execute(update(Account).where(Account.email == "ada@example.org").values(disabled_at=now))
    assert ada.get(where, headers=BROWSER).status_code == 303


def test_an_address_ends(
    ada: FlaskClient, settings: Settings, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(settings, database, now, Provider())
    where, later = address(look(ada, PATH)), real_now() + timedelta(minutes=21)
    monkeypatch.setattr("web.console.tickets.sounds.real_now", lambda: later)
    answer = ada.get(where, headers=BROWSER)
    assert answer.status_code == 403
    assert "load the ticket" in answer.text
    assert address(look(ada, PATH)) != where


def test_another_key_opens_nothing_and_says_so(
    ada: FlaskClient, settings: Settings, database: Database, now: datetime
) -> None:
    fetch(
        settings.model_copy(update={"pin_key": "another key of at least thirty-two letters"}), database, now, Provider()
    )
    answer = ada.get(address(look(ada, PATH)), headers=BROWSER)
    assert answer.status_code == 410
    assert "under another PIN_KEY" in answer.text
