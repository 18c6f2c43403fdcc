"""The first answer to each question that is asked without the database, kept on disk: a second look gets it again.

What an address carries says where a call stands, so whoever sends it once more with other keys would begin from there
again. With the database a call's turn keeps that from happening; here a file does, one a call, which all processes of
this machine share under its lock. Other machines don't know of it (docs/security.md tells what limits that).
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from core.clock import real_now
from core.log import get_logger
from core.security.sealing import Seal, SealError, seal_for
from core.settings import Settings
from oncall.outage.files import appended, held
from oncall.outage.journal import Entry, coded, decoded

# Addresses hold for as long after the call's first one, and so do the answers to them.
KEPT_FOR_S: Final = 24 * 3600
_PURPOSE: Final = "answers"
_LOOK_FOR_OLD_EVERY_S: Final = 600.0
# A line between answers: the caller went back to the ordinary way here.
_HANDED_BACK: Final = b"handed back\n"

logger = get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """A document (TwiML), and the facts that go into the journal with it."""

    document: str
    facts: tuple[Entry, ...] = ()


class KeptAnswers:
    """The answers of this machine. Any number of processes and threads may ask at once."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.var_dir / "answers"
        self._settings = settings
        self._looked_for_old = float("-inf")

    @property
    def _seal(self) -> Seal:
        return seal_for(self._settings.pin_secret, _PURPOSE)

    def first(self, call: str, question: str, make: Callable[[], Answer], *, ordinary: bool = False) -> Answer:
        """The first answer of this call (the provider's id) to this question; `make` makes it, once.

        `ordinary`: a question of the ordinary way. Once a caller was handed back to that it may be asked anew.
        Whoever asks meanwhile waits. A process that dies in `make` leaves none. A disk that refuses is logged, and the
        answer is made all the same: the caller on the phone comes first.
        """
        made: Answer | None = None
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._forget_old()
            with held(self.folder / f"{_digest(call)}.log") as handle:
                known = self._known(handle, question, ordinary)
                if known is not None:
                    return known
                made = make()
                self._keep(handle, question, made)
        except OSError as error:
            logger.error("an answer could not be kept", reason=str(error))
        return make() if made is None else made

    def _known(self, handle: int, question: str, ordinary: bool) -> Answer | None:
        mark = f"{_digest(question)} ".encode()
        content = os.pread(handle, os.fstat(handle).st_size, 0)
        if ordinary:
            content = content.rpartition(_HANDED_BACK)[2]
        for line in content.splitlines():
            if line.startswith(mark):
                try:
                    return self._opened(line[len(mark) :].decode("ascii", "replace"))
                except (SealError, ValueError, TypeError, KeyError):  # the process died while it wrote
                    logger.error("a kept answer can't be read")
        return None

    def _keep(self, handle: int, question: str, answer: Answer) -> None:
        facts = [coded(fact).decode() for fact in answer.facts]
        sealed = self._seal.close_text(json.dumps([answer.document, facts]).encode())
        back = any(fact.kind == "handed_back" for fact in answer.facts)
        appended(handle, f"{_digest(question)} {sealed}\n".encode() + (_HANDED_BACK if back else b""))

    def _opened(self, sealed: str) -> Answer:
        document, facts = json.loads(self._seal.open_text(sealed))
        return Answer(document, tuple(decoded(fact) for fact in facts))

    def _forget_old(self) -> None:
        """Remove calls that nobody can come back to, now and then."""
        if time.monotonic() - self._looked_for_old < _LOOK_FOR_OLD_EVERY_S:
            return
        self._looked_for_old = time.monotonic()
        oldest = real_now().timestamp() - 2 * KEPT_FOR_S
        for path in self.folder.glob("*.log"):
            with suppress(FileNotFoundError):  # another process was quicker
                if path.stat().st_mtime < oldest:
                    path.unlink()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
