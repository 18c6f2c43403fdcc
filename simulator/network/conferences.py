"""Conference rooms and their events (Twilio, TwiML Conference)."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from simulator.identity import Params, new_sid, rfc2822, utc_now
from simulator.network.calls import Call, Target
from simulator.network.courier import Hook
from simulator.network.exchange_port import ExchangePort
from simulator.network.registry import Registry

LARGEST = 250
EVENT_GROUPS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}


@dataclass
class Entrance:
    """How a call enters a conference: the attributes of the Conference noun, or of the REST request."""

    label: str = ""
    muted: bool = False
    start_on_enter: bool = True
    end_on_exit: bool = False
    beep: str = "true"
    wait: Target | None = None
    callback: Target | None = None
    max_participants: int = LARGEST


@dataclass(eq=False)
class Participant:
    """`turned` tells the call that what it should hear has changed; `gone` that it has to leave."""

    call: Call
    entrance: Entrance
    hold: bool = False
    hold_target: Target | None = None
    joined: datetime = field(default_factory=utc_now)
    updated: datetime = field(default_factory=utc_now)
    turned: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    reason: str = ""
    kicked: bool = False
    left: bool = False

    @property
    def muted(self) -> bool:
        return self.entrance.muted

    def params(self) -> Params:
        flags = {
            "Muted": self.entrance.muted,
            "Hold": self.hold,
            "Coaching": False,
            "EndConferenceOnExit": self.entrance.end_on_exit,
            "StartConferenceOnEnter": self.entrance.start_on_enter,
        }
        values = [(name, str(flag).lower()) for name, flag in flags.items()]
        if self.entrance.label:
            values.append(("ParticipantLabel", self.entrance.label))
        return (("CallSid", self.call.sid), *values)


class Conference:
    def __init__(self, name: str, callback: Target | None) -> None:
        self.sid, self.name, self.callback = new_sid("CF"), name, callback
        self.status = "init"
        self.created = self.updated = utc_now()
        self.participants: dict[str, Participant] = {}
        self.reason: str | None = None
        self.ended_by: Participant | None = None
        self.sequence = 0

    def find(self, sid_or_label: str) -> Participant | None:
        found = self.participants.get(sid_or_label)
        labelled = (one for one in self.participants.values() if one.entrance.label == sid_or_label)
        return found or next(labelled, None)

    def audience(self, call: Call) -> list[Call]:
        """Who hears the call: nobody before the start, nor while it is muted or on hold."""
        speaker = self.participants.get(call.sid)
        if self.status != "in-progress" or speaker is None or speaker.muted or speaker.hold:
            return []
        others = (one for one in self.participants.values() if one is not speaker)
        return [one.call for one in others if not one.hold]


class Conferences:
    def __init__(self, exchange: ExchangePort) -> None:
        self._exchange = exchange
        self.all: Registry[Conference] = Registry(lambda one: one.status == "completed")
        self._open: dict[str, Conference] = {}

    def named(self, name: str) -> Conference | None:
        """The conference of that name that is not over."""
        return self._open.get(name)

    def find(self, sid_or_name: str) -> Conference | None:
        return self.all.get(sid_or_name) or self._open.get(sid_or_name)

    def join(self, name: str, call: Call, entrance: Entrance) -> tuple[Conference, Participant | None]:
        """Enters the room, opening it when needed; None when it is full. The first one in sets the callback."""
        conference = self._open.get(name)
        if conference is None:
            conference = self._open[name] = self.all.add(Conference(name, entrance.callback))
        if len(conference.participants) >= entrance.max_participants:
            return conference, None
        participant = Participant(call, entrance)
        conference.participants[call.sid] = participant
        call.room = conference
        self.tell(conference, "participant-join", participant.params())
        self._start_when_ready(conference)
        self._exchange.changed(call.phone)
        return conference, participant

    def leave(self, conference: Conference, participant: Participant, reason: str) -> None:
        """Takes the call out of the room. The last one out, or one with endConferenceOnExit, ends the conference."""
        if participant.left:
            return
        participant.left = True
        conference.participants.pop(participant.call.sid, None)
        if participant.call.room is conference:
            participant.call.room = None
        leave = (("ParticipantCallStatus", participant.call.status), ("ReasonParticipantLeft", reason))
        self.tell(conference, "participant-leave", participant.params() + leave)
        if conference.status != "completed":
            kind = "kicked" if participant.kicked else "left"
            if participant.entrance.end_on_exit:
                self.end(conference, f"participant-with-end-conference-on-exit-{kind}", participant)
            elif not conference.participants:
                self.end(conference, f"last-participant-{kind}", participant)
        self._exchange.changed(participant.call.phone)

    def end(self, conference: Conference, reason: str, by: Participant | None = None) -> None:
        """Ends the conference; whoever is still in it goes on with the verb after Dial."""
        if conference.status == "completed":
            return
        conference.status, conference.reason, conference.ended_by = "completed", reason, by
        conference.updated = utc_now()
        self._open.pop(conference.name, None)
        left = "moderator_ended_conference" if by is not None else "conference_ended_via_api"
        for participant in list(conference.participants.values()):
            participant.reason = left
            participant.gone.set()
        values = [("ReasonConferenceEnded", reason), ("Reason", reason.replace("-", " "))]
        if by is not None:
            values.append(("CallSidEndingConference", by.call.sid))
            if by.entrance.label:
                values.append(("ParticipantLabelEndingConference", by.entrance.label))
        self.tell(conference, "conference-end", tuple(values))

    def kick(self, participant: Participant) -> None:
        participant.kicked, participant.reason = True, "participant_updated_via_api"
        participant.gone.set()

    def change(self, conference: Conference, participant: Participant, what: str, on: bool) -> None:
        """Mutes or holds, or the reverse; `what` is `mute` or `hold`."""
        participant.updated = utc_now()
        if what == "mute":
            participant.entrance.muted = on
        else:
            participant.hold = on
        participant.turned.set()
        self.tell(conference, f"participant-{what if on else 'un' + what}", participant.params())

    def tell(self, conference: Conference, event: str, values: Params) -> None:
        """Sends the event to the conference's callback if that asked for it."""
        target = conference.callback
        if target is None or EVENT_GROUPS[event] not in target.events:
            return
        conference.sequence += 1
        params = (
            ("AccountSid", self._exchange.config.account_sid),
            ("ConferenceSid", conference.sid),
            ("FriendlyName", conference.name),
            ("SequenceNumber", str(conference.sequence)),
            ("StatusCallbackEvent", event),
            ("Timestamp", rfc2822(utc_now()) or ""),
            *values,
        )
        sid = dict(values).get("CallSid", "")
        call = self._exchange.calls.get(sid)
        self._exchange.courier.post(Hook(target.url, params, target.method, sid, call.numbers if call else ()))

    def clear(self) -> None:
        self.all.clear()
        self._open.clear()

    def _start_when_ready(self, conference: Conference) -> None:
        people = list(conference.participants.values())
        if conference.status != "init" or len(people) < 2:
            return
        if any(one.entrance.start_on_enter for one in people):
            conference.status, conference.updated = "in-progress", utc_now()
            for one in people:
                one.turned.set()
            self.tell(conference, "conference-start", ())
