"""What paging asks of a telephone network. `ivr` implements it with Twilio's REST API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from oncall.models.calls import CallResult
from oncall.models.contacts.faults import FaultKind, ProviderFault

# The provider's words for a call that is over.
FINAL: Final = frozenset(
    {CallResult.COMPLETED, CallResult.BUSY, CallResult.FAILED, CallResult.NO_ANSWER, CallResult.CANCELED}
)


class ProviderError(Exception):
    """The provider refused or did not answer. `fault.permanent` alone decides whether trying again makes sense.

    `processed_unknown`: the request may have been carried out (a time-out): look it up before sending again.
    `retry_after`: seconds for which the provider wants no more of the kind (429), None when it did not say.
    """

    def __init__(
        self, fault: ProviderFault, *, processed_unknown: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(fault.sentence)
        self.fault = fault
        self.processed_unknown = processed_unknown
        self.retry_after = retry_after

    @property
    def permanent(self) -> bool:
        """Whether the same request will fail in the same way."""
        return self.fault.permanent


class CallGoneError(ProviderError):
    """The call that should be moved or ended is over."""

    def __init__(self, words: str, code: str = "") -> None:
        super().__init__(ProviderFault(FaultKind.REQUEST, code, words))


class NotReadyError(ProviderError):
    """The provider does not have it: not yet, or not any more."""

    def __init__(self, words: str, code: str = "") -> None:
        super().__init__(ProviderFault(FaultKind.REQUEST, code, words))


@dataclass(frozen=True)
class CallState:
    """`status`: the provider's word (in-progress, completed, ...). `ended_at`: real UTC, whole seconds, once known."""

    status: str
    ended_at: datetime | None


class Telephony(Protocol):
    """A telephone network. Every method makes one request, outside any transaction, and may raise ProviderError."""

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        """Ring `to` (E.164) from the hotline's number; the provider's id of the call."""

    def move_call(self, sid: str, call_id: int, step: str, turn: int) -> None:
        """Let a live call go on with another step of its conversation. Raises CallGoneError."""

    def hang_up(self, sid: str) -> None:
        """End a call, ringing or answered. Raises CallGoneError."""

    def hold(self, conference_sid: str, call_sid: str, on: bool) -> None:
        """Let somebody in a room hear music (on) or the room (off). Raises CallGoneError."""

    def find_conference(self, name: str) -> str | None:
        """The provider's id of the conference of that name that goes on; None when there is none."""

    def announce(self, conference_sid: str, room_id: int, call_id: int) -> None:
        """Let everybody in a room hear that this caller comes in. Raises CallGoneError when the conference is over."""

    def send_text(self, to: str, body: str, message_id: int) -> str:
        """Send a text; the provider's id of the message."""

    def recording(self, sid: str) -> bytes:
        """The sound of a recording (WAV). Raises NotReadyError before the provider has it ready."""

    def call_state(self, sid: str) -> CallState:
        """How a call stands. Raises CallGoneError."""

    def find_calls(self, to: str, since: datetime) -> list[str]:
        """Calls to `to` begun at or after `since` (real UTC), newest first."""

    def find_texts(self, to: str, body: str, since: datetime) -> list[str]:
        """Texts of these words to `to` sent at or after `since` (real UTC), newest first."""
