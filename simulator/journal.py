"""What happened: every REST request and webhook, and everything that deserves a look."""

import itertools
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from simulator.identity import utc_now

KEPT = 20_000


@dataclass
class Record:
    """One HTTP exchange. `at` is time.monotonic() when it began, `wall` ISO 8601 UTC, `latency` seconds."""

    id: int
    kind: str  # "request": somebody called the API; "webhook": this program called somebody
    method: str
    url: str
    params: dict[str, list[str]]
    at: float = field(default_factory=time.monotonic)
    wall: str = field(default_factory=lambda: utc_now().isoformat())
    status: int | None = None
    body: str = ""
    latency: float | None = None
    error: str = ""
    call: str = ""
    token: str = ""

    def param(self, name: str) -> str | None:
        values = self.params.get(name)
        return values[0] if values else None


@dataclass(frozen=True)
class Alert:
    """An entry of Twilio's debugger."""

    id: int
    level: str  # error | warning
    code: int
    text: str
    call: str = ""
    url: str = ""
    wall: str = field(default_factory=lambda: utc_now().isoformat())


class Journal:
    """The last exchanges and warnings, oldest first."""

    def __init__(self) -> None:
        self.records: deque[Record] = deque(maxlen=KEPT)
        self.warnings: deque[Alert] = deque(maxlen=KEPT)
        self._ids = itertools.count(1)

    def keep(self, count: int) -> None:
        """Remember so many exchanges from now on."""
        self.records = deque(self.records, maxlen=count)

    def begin(self, kind: str, method: str, url: str, params: dict[str, list[str]]) -> Record:
        record = Record(next(self._ids), kind, method, url, params)
        self.records.append(record)
        return record

    @staticmethod
    def end(record: Record, status: int | None, body: str = "", error: str = "") -> None:
        record.latency = time.monotonic() - record.at
        record.status, record.body, record.error = status, body, error

    def warn(self, level: str, code: int, text: str, call: str = "", url: str = "") -> None:
        self.warnings.append(Alert(next(self._ids), level, code, text, call, url))

    def after(self, record_id: int) -> list[dict[str, Any]]:
        return [asdict(record) for record in list(self.records) if record.id > record_id]

    def requests(self, path: str = "", method: str = "") -> list[Record]:
        """Requests to the REST API whose address contains `path`."""
        return self._find("request", path, method)

    def webhooks(self, url: str = "", method: str = "") -> list[Record]:
        """Webhooks and callbacks sent to addresses that contain `url`."""
        return self._find("webhook", url, method)

    def clear(self) -> None:
        self.records.clear()
        self.warnings.clear()

    def _find(self, kind: str, part: str, method: str) -> list[Record]:
        found = [one for one in list(self.records) if one.kind == kind and part in one.url]
        return [one for one in found if not method or one.method == method]
