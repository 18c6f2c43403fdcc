"""One request of a conversation, with the database."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.settings import Settings
from ivr.asking import Asking
from ivr.offline.carried import carried_by, sealed
from ivr.twilio import addresses
from ivr.useless import Useless
from oncall.customers.pin_guard import Verdict
from oncall.models.call_memo import CallMemo
from oncall.models.calls import CallResult, PhoneCall
from oncall.models.conferences import Conference
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from oncall.models.work.recordings import RecordingKind
from oncall.runtime import Runtime, Work


@dataclass
class Turn(Asking):
    """What a step works with. The call's row is locked; whatever the step changes is committed with its answer."""

    session: Session
    runtime: Runtime
    call: PhoneCall
    form: dict[str, str]
    args: dict[str, str]
    now: datetime
    pin_verdict: Verdict | None = None
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = self.runtime.settings

    @property
    def work(self) -> Work:
        """What use cases are given of it."""
        return Work(self.session, self.runtime, self.now)

    @property
    def person(self) -> Person:
        """The technician."""
        return self.session.get_one(Person, self.call.person_id)

    @property
    def ticket(self) -> Ticket:
        """The caller's; of a technician's call, the one for which they were rung."""
        return self.session.get_one(Ticket, self.call.ticket_id)

    @property
    def about(self) -> Ticket:
        """The one that a technician's call is about at present."""
        return self.session.get_one(Ticket, self.call.about_ticket_id)

    @property
    def room(self) -> Conference:
        """The room in which the call is, or was last."""
        return self.session.get_one(Conference, self.call.room_id)

    @property
    def memo(self) -> CallMemo:
        return self.call.memo

    @property
    def is_over(self) -> bool:
        told = self.form.get("CallStatus") == CallResult.COMPLETED or self.form.get("Digits") == "hangup"
        return told or not self.call.live

    @property
    def useless(self) -> Useless:
        return Useless(self.memo.silences_here, self.memo.wrong_keys_here)

    @useless.setter
    def useless(self, found: Useless) -> None:
        self.memo.silences_here, self.memo.wrong_keys_here = found.silences, found.wrong_keys

    def url(self, step: str, **more: str | int) -> str:
        # What is needed to go on should the database be away by then.
        more = {"s": sealed(self.settings, carried_by(self.call)), **more}
        return addresses.step_url(self.settings, self.call.id, step, self.call.turn + 1, **more)

    def recorded_url(self, kind: RecordingKind) -> str:
        return addresses.recording_url(self.settings, self.call.id, kind)

    def written_down(self, kind: RecordingKind) -> dict[str, Any]:
        if not self.settings.transcribe:
            return {}
        return {
            "transcribe": True,
            "transcribe_callback": addresses.transcript_url(self.settings, self.call.id, kind),
        }

    def asks(self, step: str) -> None:
        self.call.step = step
