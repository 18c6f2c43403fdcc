"""Sending to other channels by apprise, which knows how mail, ntfy, Teams, Slack, Telegram and many more are spoken to.

It is imported at first use, and takes about 40 MB then: only a worker that has to send, and the command that loads a
directory file, ever do. It may hang in a server that takes a connection and says nothing, so each send has a thread of
its own and a limit of time.
"""

import logging
import threading
from dataclasses import dataclass, field
from typing import Any, Final

TIMEOUT_SECONDS: Final = 10.0
# Threads that hang in a dead server end by themselves sooner or later; until then no more than so many are begun.
MOST_AT_ONCE: Final = 32
# They write to the machine that Nightline runs on, so they reach nobody.
_LOCAL: Final = frozenset({"syslog", "dbus", "qt", "kde", "glib", "gnome", "macosx", "windows"})


class ChannelError(Exception):
    """The notice was not taken, or not in time. `permanent` decides whether trying again makes sense.

    Its words never have the address in them.
    """

    def __init__(self, words: str, *, permanent: bool = False) -> None:
        super().__init__(words)
        self.permanent = permanent


def service_of(address: str) -> str:
    """The service that an address belongs to, such as "ntfy". Contacts nobody.

    Raises ChannelError when apprise can't read the address.
    """
    return str(_channel(address).service_name)


@dataclass(frozen=True)
class AppriseSender:
    """Sends notices, each within `limit` seconds."""

    limit: float = TIMEOUT_SECONDS
    _places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST_AT_ONCE))

    def send(self, address: str, subject: str, body: str) -> None:
        """Raises ChannelError. One that was too slow may arrive all the same."""
        channel = _channel(address)
        if not self._places.acquire(blocking=False):
            raise ChannelError("too many notices wait for slow servers")
        answer: list[bool] = []
        done = threading.Event()

        def run() -> None:
            try:
                answer.append(channel.notify(body=body, title=subject) is True)
            except Exception:  # noqa: BLE001 - any of a hundred services; its words may have the address in them
                answer.append(False)
            finally:
                self._places.release()
                done.set()

        # Not one of a pool: that would be waited for when the worker stops.
        threading.Thread(target=run, name="other channel", daemon=True).start()
        if not done.wait(self.limit):
            raise ChannelError(f"no answer from the service in {self.limit:g} seconds")
        if not answer[0]:
            raise ChannelError("the service did not take it")


def _channel(address: str) -> Any:
    from apprise import Apprise  # only who sends by other channels needs it

    # It tells of failures with addresses and answers, which have people's tokens in them.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    channel = Apprise.instantiate(address)
    if channel is None:
        raise ChannelError("not an address that apprise can send to", permanent=True)
    if address.partition(":")[0].strip().lower() in _LOCAL:
        raise ChannelError("reaches this machine alone, and nobody's pocket", permanent=True)
    return channel
