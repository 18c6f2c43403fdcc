"""The fallback document is where it should be, and as it should be."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from core.clock import ShiftedClock, real_now
from core.db import Database
from core.settings import Settings
from ivr.fallback.upload import NAME, check_upload, renew_fallback
from oncall.customers.pins import PinKeys
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.directory import apply, parse
from oncall.models.stored_settings import read, write
from oncall.monitoring.preflight import Level
from oncall.runtime import Runtime
from tests.calls.people import ADA, DIRECTORY
from tests.commands.bucket_server import BUCKET, Bucket, s3


@dataclass
class Shelf:
    """A web server that takes PUT. `status`: what it answers."""

    url: str = ""
    status: int = 201
    taken: list[tuple[str, bytes]] = field(default_factory=list)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    found = Shelf()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.taken.append((self.headers.get("Authorization", ""), body))
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/fallback.xml"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


def desk(database: Database, now: datetime, folder: Path, **more: str | None) -> Sender:
    settings = Settings.model_validate({"var_dir": folder, **more})
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    return Sender(runtime, None, build_mailer(settings))  # type: ignore[arg-type]  # nothing is sent


@pytest.fixture
def loaded(database: Database, now: datetime) -> Database:
    with database.transaction() as session:
        apply(session, parse(DIRECTORY), now, PinKeys(b"a key for tests of uploads"))
    return database


def age_by(database: Database, age: timedelta) -> None:
    """Let the last upload, or failure, lie further back."""
    with database.transaction() as session:
        known = read(session, NAME)
        for name in ("at", "failed_at"):
            if known.get(name):
                known[name] = (datetime.fromisoformat(known[name]) - age).isoformat()
        write(session, NAME, known)


def test_a_file_renewed_at_a_change_and_every_hour(loaded: Database, now: datetime, tmp_path: Path) -> None:
    place = tmp_path / "out" / "fallback.xml"
    worker = desk(loaded, now, tmp_path, fallback_upload=place.as_uri())
    renew_fallback(worker)
    first = place.read_text()
    assert re.search(r"<!-- Made 2026-06-14 00:00 UTC; others are on call from 2026-06-\d\d \d\d:\d\d UTC -->", first)
    assert ADA in first
    assert place.stat().st_mode & 0o777 == 0o644
    place.unlink()
    renew_fallback(worker)
    assert not place.exists(), "nothing has changed"
    age_by(loaded, timedelta(minutes=56))
    renew_fallback(worker)
    assert place.exists()
    with loaded.transaction() as session:
        apply(session, parse(DIRECTORY.replace(ADA, "+393470000091")), now, PinKeys(b"a key for tests of uploads"))
    renew_fallback(worker)
    assert "+393470000091" in place.read_text()
    with loaded.transaction() as session:
        assert check_upload(session, worker.runtime.settings).level is Level.OK


def test_http_with_a_token(loaded: Database, now: datetime, tmp_path: Path, shelf: Shelf) -> None:
    renew_fallback(desk(loaded, now, tmp_path, fallback_upload=shelf.url, fallback_upload_token="open sesame"))
    [(token, body)] = shelf.taken
    assert token == "Bearer open sesame"
    assert b"<Dial" in body


def test_a_failure_is_shown_and_tried_again(loaded: Database, now: datetime, tmp_path: Path, shelf: Shelf) -> None:
    shelf.status = 507
    worker = desk(loaded, now, tmp_path, fallback_upload=shelf.url)
    renew_fallback(worker)
    renew_fallback(worker)
    assert len(shelf.taken) == 1, "not hammered"
    with loaded.transaction() as session:
        check = check_upload(session, worker.runtime.settings)
    assert check.level is Level.PROBLEM
    assert "never uploaded (127.0.0.1 answers with HTTP status 507)" in check.words
    age_by(loaded, timedelta(seconds=31))
    shelf.status = 200
    renew_fallback(worker)
    assert len(shelf.taken) == 2
    with loaded.transaction() as session:
        assert check_upload(session, worker.runtime.settings).words == "uploaded 0 min ago"


def test_a_dead_address_and_a_folder_that_refuses(loaded: Database, now: datetime, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for address, why in (
        ("http://127.0.0.1:9/x", "127.0.0.1 does not answer"),
        ((tmp_path / "file" / "x.xml").as_uri(), "file/x.xml"),
    ):
        with loaded.transaction() as session:
            write(session, NAME, {})
        worker = desk(loaded, now, tmp_path, fallback_upload=address)
        renew_fallback(worker)
        with loaded.transaction() as session:
            assert why in check_upload(session, worker.runtime.settings).words


def test_a_worker_that_died_while_uploading_is_replaced(loaded: Database, now: datetime, tmp_path: Path) -> None:
    place = tmp_path / "fallback.xml"
    worker = desk(loaded, now, tmp_path, fallback_upload=place.as_uri())
    for ago, there in ((timedelta(seconds=10), False), (timedelta(minutes=3), True)):
        with loaded.transaction() as session:
            write(session, NAME, {"claimed_at": (real_now() - ago).isoformat()})
        renew_fallback(worker)
        assert place.exists() is there


def test_an_old_upload_is_a_problem(loaded: Database, now: datetime, tmp_path: Path) -> None:
    worker = desk(loaded, now, tmp_path, fallback_upload=(tmp_path / "x.xml").as_uri())
    renew_fallback(worker)
    age_by(loaded, timedelta(hours=5))
    with loaded.transaction() as session:
        check = check_upload(session, worker.runtime.settings)
    assert (check.level, check.words) == (Level.PROBLEM, "uploaded 300 min ago, and then no more")


def test_a_bucket(loaded: Database, now: datetime, tmp_path: Path, bucket: Bucket) -> None:
    worker = desk(loaded, now, tmp_path, **s3(bucket))
    renew_fallback(worker)
    [(path, (body, headers))] = bucket.objects.items()
    assert path == f"/{BUCKET}/a%20folder/fallback%2B1.xml"
    assert b"<Dial" in body
    assert ADA.encode() in body
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    with loaded.transaction() as session:
        assert check_upload(session, worker.runtime.settings).words == "uploaded 0 min ago"


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        (
            {"fallback_upload_secret": "another secret"},
            "SignatureDoesNotMatch",
            "says that FALLBACK_UPLOAD_SECRET does not belong to FALLBACK_UPLOAD_KEY_ID",
        ),
        (
            {"fallback_upload_key_id": "ANOTHERKEY"},
            "InvalidAccessKeyId",
            "does not know the key in FALLBACK_UPLOAD_KEY_ID",
        ),
        ({"name": "no-such"}, "NoSuchBucket", "has no bucket no-such"),
        (
            {"region": "eu-north-1"},
            "AuthorizationHeaderMalformed",
            f"has bucket {BUCKET} in another region than eu-north-1",
        ),
    ],
)
def test_a_bucket_that_refuses_is_told_and_tried_again(
    loaded: Database, now: datetime, tmp_path: Path, bucket: Bucket, wrong: dict[str, str], code: str, words: str
) -> None:
    worker = desk(loaded, now, tmp_path, **s3(bucket, **wrong))
    renew_fallback(worker)
    renew_fallback(worker)
    assert bucket.refusals == [code], "not hammered"
    with loaded.transaction() as session:
        check = check_upload(session, worker.runtime.settings)
    assert (check.level, check.words) == (Level.PROBLEM, f"was never uploaded (127.0.0.1 {words})")
    age_by(loaded, timedelta(seconds=31))
    renew_fallback(worker)
    assert bucket.refusals == [code] * 2
    age_by(loaded, timedelta(seconds=31))
    renew_fallback(desk(loaded, now, tmp_path, **s3(bucket)))
    assert len(bucket.objects) == 1
