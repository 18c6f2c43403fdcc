"""The gateway inside one process, with a clock that stands still and a network whose reports wait for their turn.

What takes a minute in the night takes no time here, so many nights fit into one test. Requests go through the real
application, signed; jobs run one after the other, as a worker would run them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text

from app import create_app
from core.clock import real_now
from core.db import Database
from core.jobs import runners
from core.settings import Settings
from ivr.twilio import addresses
from oncall.delivery.mail import FolderMailer
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import CallGoneError, CallState
from oncall.runtime import Runtime
from simulator.signer import signature
from tests.calls.crude import Leg
from worker import tasks  # noqa: F401 - registers what runs each job

_NEXT_JOB = text(
    "DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs"
    " WHERE scheduled_at IS NULL OR scheduled_at <= :real ORDER BY priority DESC, id LIMIT 1)"
    " RETURNING task_name, args"
)


# How often the n-th report arrives: for each time how many moments late, and its place among those of its moment.
Delays = Callable[[int], list[tuple[int, int]]]
Plan = list[list[tuple[int, int]]]


def in_order(_: int) -> list[tuple[int, int]]:
    """Every report once, at once, one after the other."""
    return [(0, 0)]


def by_plan(plan: Plan) -> Delays:
    """The n-th report arrives as the n-th entry says."""
    return lambda number: plan[number % len(plan)]


class StandingClock:
    """Shows what it is set to. Real time is taken to be as far away as it was at the start."""

    def __init__(self, instant: datetime, shift: timedelta) -> None:
        self.instant, self._shift = instant, shift

    def now(self) -> datetime:
        return self.instant

    def shift(self) -> timedelta:
        return self._shift


@dataclass(frozen=True)
class Report:
    """A status callback on its way."""

    url: str
    params: dict[str, str]


class Switchboard:
    """Network and gateway. `late`: whether the provider's own time on a report says that it comes late."""

    def __init__(
        self, database: Database, folder: Path, start: datetime, *, late: bool, transcribe: bool = False
    ) -> None:
        # Stamps older than three real seconds count as late: an hour makes sure, minus one of the opposite.
        hour = timedelta(hours=1 if late else -1)
        shift = timedelta(seconds=round((start - real_now()).total_seconds()))  # stamps are whole seconds
        self._start, self.clock = start, StandingClock(start, shift + hour)
        self.settings = Settings(
            var_dir=folder,
            public_url="http://gateway.test",
            simulator_url="http://127.0.0.1:9",
            calls_per_second=0,
            texts_per_second=0,
            transcribe=transcribe,
        )
        self.runtime = Runtime(self.settings, database, self.clock)
        self._client = create_app(self.settings, self.runtime).test_client()
        self._desk = Sender(self.runtime, self, FolderMailer(folder / "mail", "hotline@example.org"))
        self.begin(in_order)

    def begin(self, delays: Delays) -> None:
        """The night begins (anew): nobody on the phone, nothing on its way."""
        self.clock.instant = self._start
        self._delays = delays
        self._waiting: list[tuple[int, int, int, Report]] = []
        self.reports = self._moment = 0
        self.legs: dict[str, Leg] = {}
        self._call_ids: dict[str, int] = {}
        self._moves: list[tuple[str, str]] = []
        self._in_rooms: dict[str, tuple[str, dict[str, str]]] = {}

    # the gateway

    def send(self, url: str, params: dict[str, str]) -> str:
        """A signed webhook; the document that answers."""
        signed = signature(self.settings.auth_token, url, params.items())
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = self._client.post(path, data=params, headers={"X-Twilio-Signature": signed})
        assert answer.status_code == 200, f"{answer.status_code} from {url}"
        return answer.get_data(as_text=True)

    def _work(self) -> None:
        """Run jobs that are due until there are none, and let moved calls go on."""
        while True:
            with self.runtime.database.engine.begin() as connection:
                job = connection.execute(_NEXT_JOB, {"real": self.clock.now() - self.clock.shift()}).one_or_none()
            if job is not None:
                args = job.args if isinstance(job.args, dict) else json.loads(job.args)
                runners()[job.task_name](self._desk, **args)
            elif self._moves:
                self._follow(*self._moves.pop(0))
            else:
                return

    # time

    def pass_time(self, seconds: int) -> None:
        """Reports that are due now arrive, one after the other; then the time goes by, and the worker works."""
        self._moment += 1
        self._work()
        due = sorted(entry for entry in self._waiting if entry[0] <= self._moment)
        self._waiting = [entry for entry in self._waiting if entry[0] > self._moment]
        for *_, report in due:
            self.send(report.url, report.params)
            self._work()
        self.clock.instant += timedelta(seconds=seconds)
        self._work()

    def finish(self) -> None:
        """Everything that is still on its way arrives; then the rest of the night goes by."""
        while self._waiting:
            self.pass_time(1)
        self.pass_time(3600)

    def report(self, url: str, params: dict[str, str]) -> None:
        stamp = format_datetime(self.clock.now() - self.clock.shift())
        report = Report(url, params | {"Timestamp": stamp})
        number = self.reports
        self.reports += 1
        for copy, (delay, place) in enumerate(self._delays(number)):
            self._waiting.append((self._moment + 1 + delay, place, number * 10 + copy, report))

    # calls

    def dial(self, number: str) -> Leg:
        sid = f"CA{len(self.legs):032x}"
        ours, account = self.settings.our_number, self.settings.account_sid
        leg = self.legs[sid] = Leg(self._posting(sid), sid, number, ours, account=account)
        leg.ask(addresses.voice_url(self.settings))
        return leg

    def pick_up(self, number: str) -> Leg:
        """The newest call to that number is answered."""
        leg = next(leg for leg in reversed(self.legs.values()) if leg.called == number)
        assert leg.status == "ringing", f"{number} does not ring: {leg.status}"
        leg.status = "in-progress"
        self._progress(leg, "in-progress")
        leg.ask(addresses.step_url(self.settings, self._call_ids[leg.sid], "answered", 0))
        return leg

    def hang_up_phone(self, leg: Leg) -> None:
        leg.hang_up()
        self._over(leg)

    def _posting(self, sid: str) -> Callable[[str, dict[str, str]], str]:
        """Sends, and notes rooms entered and left and calls that the document ends."""

        def send(url: str, params: dict[str, str]) -> str:
            self._leave(sid)
            document = self.send(url, params)
            if params["CallStatus"] != "completed":
                self._enter(sid, document)
                if "<Hangup" in document:
                    self._over(self.legs[sid])
            return document

        return send

    def _enter(self, sid: str, document: str) -> None:
        leg = Leg(lambda *_: document, sid, "", "")
        leg.ask("")
        room = leg.room
        if room is not None:
            label = {"ParticipantLabel": room.get("participantLabel", ""), "FriendlyName": room.text or ""}
            params = {"ConferenceSid": f"CF{(room.text or '').rpartition('-')[2]:0>32}", "CallSid": sid, **label}
            self._in_rooms[sid] = (room.get("statusCallback", ""), params)
            self.report(room.get("statusCallback", ""), params | {"StatusCallbackEvent": "participant-join"})

    def _leave(self, sid: str) -> None:
        if sid in self._in_rooms:
            url, params = self._in_rooms.pop(sid)
            self.report(url, params | {"StatusCallbackEvent": "participant-leave"})

    def _progress(self, leg: Leg, status: str) -> None:
        if leg.direction == "inbound":
            url = f"{self.settings.public_url}/ivr/status"
        else:
            url = addresses.call_status_url(self.settings, self._call_ids[leg.sid])
        self.report(url, leg.params | {"CallStatus": status})

    def _over(self, leg: Leg, status: str = "completed") -> None:
        self._leave(leg.sid)
        leg.status = status
        self._progress(leg, status)

    def _follow(self, sid: str, url: str) -> None:
        self.legs[sid].ask(url)

    # what jobs ask of the network (oncall.delivery.telephony.Telephony)

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        sid = f"CA{call_id:031x}f"
        leg = self.legs[sid] = Leg(self._posting(sid), sid, self.settings.our_number, to, "outbound-api")
        leg.status = "ringing"
        self._call_ids[sid] = call_id
        self._progress(leg, "initiated")
        self._progress(leg, "ringing")
        return sid

    def move_call(self, sid: str, call_id: int, step: str, turn: int) -> None:
        if self.legs[sid].status != "in-progress":
            raise CallGoneError("not in progress")
        self._moves.append((sid, addresses.step_url(self.settings, call_id, step, turn)))

    def hang_up(self, sid: str) -> None:
        leg = self.legs.get(sid)
        if leg is None:
            raise CallGoneError("no such call")
        if leg.status not in {"ringing", "in-progress"}:
            raise CallGoneError("over")
        self._over(leg, "canceled" if leg.status == "ringing" else "completed")

    def hold(self, conference_sid: str, call_sid: str, on: bool) -> None:
        assert call_sid in self.legs

    def find_conference(self, name: str) -> str | None:
        return None

    def announce(self, conference_sid: str, room_id: int, call_id: int) -> None:
        assert any(call_id == known for known in self._call_ids.values()) or self.legs

    def send_text(self, to: str, body: str, message_id: int) -> str:
        url = addresses.message_status_url(self.settings, message_id)
        for state in ("queued", "sent", "delivered"):
            self.report(url, {"MessageSid": f"SM{message_id:032x}", "MessageStatus": state, "To": to})
        return f"SM{message_id:032x}"

    def recording(self, sid: str) -> bytes:
        return b"RIFF" + sid.encode()

    def call_state(self, sid: str) -> CallState:
        return CallState("in-progress", None)

    def find_calls(self, to: str, since: datetime) -> list[str]:
        return []

    def find_texts(self, to: str, body: str, since: datetime) -> list[str]:
        return []
