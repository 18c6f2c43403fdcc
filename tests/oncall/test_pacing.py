"""The pacer: it goes on whatever becomes of its threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.desk import Desk
from oncall.mail import build_mailer
from oncall.messages import Message, post
from oncall.pacing import SENDERS, Pacer
from oncall.runtime import Runtime
from oncall.send_queue import TEXT


class Network:
    """Takes texts."""

    def send_text(self, to: str, body: str, message_id: int) -> str:
        return f"SM{message_id}"


def test_a_pacer_without_threads_sends_by_itself(database: Database, tmp_path: Path, now: datetime) -> None:
    """The machine gives it none: what it has claimed is sent all the same, and its places stay free."""
    settings = Settings(var_dir=tmp_path)
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    pacer = Pacer(Desk(runtime, Network(), build_mailer(settings)), TEXT)  # type: ignore[arg-type]  # texts alone
    with ThreadPoolExecutor(1) as none:
        pass
    pacer.open()
    for number in range(SENDERS + 1):
        with database.transaction() as session:
            post(session, now, key=f"{number}", channel="text", recipient="+393470000001", body="Hello")
        pacer.nudge()
        assert pacer._free.acquire(timeout=1)
        while _states(database)[-1] == "queued":  # for a token
            pacer._look(none)
            assert pacer._free.acquire(timeout=1)
        pacer._free.release()
    assert set(_states(database)) == {"accepted"}
    assert pacer.close(0)


def _states(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(Message.state).order_by(Message.id)))
