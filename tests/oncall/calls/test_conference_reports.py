"""Reports of who came into a room and who left it, with the provider's stamps of whole seconds."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import permutations

import pytest
from sqlalchemy import select

from core.clock import ShiftedClock, real_now
from core.db import Database
from core.settings import Settings
from ivr.provider_reports import call_progress, room_event, stamp_of
from ivr.twilio.belonging import StrangerError
from oncall.calls.conference import send_to_room, settle_room
from oncall.calls.participants import room_for
from oncall.models.calls import CallState, PhoneCall
from oncall.models.conferences import Conference, Participant, ParticipantRole
from oncall.models.customers import Contract, Customer, Region
from oncall.models.people import Person
from oncall.models.tickets import Intervention, Ticket, TicketEvent
from oncall.runtime import Runtime, Work

# The whole second in which everything begins, long enough ago for reports to be late.
BEGIN = (real_now() - timedelta(seconds=60)).replace(microsecond=0)


@dataclass
class Night:
    """A caller and a technician who were sent to room `room`."""

    runtime: Runtime
    room: int
    labels: dict[str, str]

    def report(self, event: str, who: str, second: float, label: str | None = None) -> None:
        """`second`: after the begin; the stamp has the whole second in which it lies."""
        stamp = BEGIN + timedelta(seconds=int(second))
        form = {"StatusCallbackEvent": f"participant-{event}", "CallSid": who, "Timestamp": format_datetime(stamp)}
        room_event(self.runtime, self.room, form | {"ParticipantLabel": self.labels[who] if label is None else label})
        with self.runtime.database.transaction() as session:
            settle_room(Work(session, self.runtime, self.runtime.clock.now()), self.room)

    def report_end(self, who: str, second: float) -> None:
        """The technician's call is over; the room told of nothing."""
        stamp = format_datetime(BEGIN + timedelta(seconds=int(second)))
        with self.runtime.database.transaction() as session:
            call_id = session.scalars(select(PhoneCall.id).where(PhoneCall.sid == who)).one()
        call_progress(self.runtime, call_id, {"CallSid": who, "CallStatus": "completed", "Timestamp": stamp})
        with self.runtime.database.transaction() as session:
            settle_room(Work(session, self.runtime, self.runtime.clock.now()), self.room)

    def work(self) -> list[tuple[float, float | None]]:
        """Begin and end of each intervention, in seconds after the begin."""
        shift = self.runtime.clock.shift()
        with self.runtime.database.transaction() as session:
            rows = list(session.scalars(select(Intervention)))
        return [
            (
                (row.started_at - shift - BEGIN).total_seconds(),
                None if row.ended_at is None else (row.ended_at - shift - BEGIN).total_seconds(),
            )
            for row in rows
        ]

    def told(self) -> list[str]:
        """What the timeline says of ends."""
        with self.runtime.database.transaction() as session:
            query = select(TicketEvent.words).where(TicketEvent.kind == "intervention").order_by(TicketEvent.id)
            return list(session.scalars(query))


@pytest.fixture
def night(database: Database, now: datetime) -> Night:
    runtime = Runtime(Settings(), database, ShiftedClock.starting_at(now))
    at = BEGIN + timedelta(seconds=0.4) + runtime.clock.shift()
    with database.transaction() as session:
        session.add_all([Region(name="europe", time_zone="Europe/Rome"), customer := Customer(name="Acme")])
        session.flush()
        terms = {"plan": "platinum", "start_date": now.date(), "end_date": now.date(), "paid": True}
        session.add(contract := Contract(customer_id=customer.id, region_name="europe", **terms))
        session.add(person := Person(name="Ada Rossi", phone="+393470000001", role="technician"))
        session.flush()
        ids = {"customer_id": customer.id, "contract_id": contract.id}
        session.add(ticket := Ticket(origin="test", priority="P1", channel="hotline", opened_at=at, **ids))
        session.flush()
        room = room_for(session, ticket.id, at)
        labels = {}
        for sid, role in (("CA1", ParticipantRole.CALLER), ("CA2", ParticipantRole.TECHNICIAN)):
            call = PhoneCall(
                sid=sid,
                direction="in" if role == ParticipantRole.CALLER else "out",
                purpose="hotline" if role == ParticipantRole.CALLER else "page",
                state="answered",
                step="left",
                turn=3,
                ticket_id=ticket.id,
                person_id=person.id if role == ParticipantRole.TECHNICIAN else None,
                created_at=at,
            )
            session.add(call)
            session.flush()
            labels[sid] = send_to_room(session, call, room, role, at).label
    return Night(runtime, room.id, labels)


def end_calls(night: Night) -> None:
    """Both have hung up, and nobody told of rooms."""
    with night.runtime.database.transaction() as session:
        for call in session.scalars(select(PhoneCall)):
            call.state, call.ended_at = CallState.ENDED, real_now() + night.runtime.clock.shift()


@pytest.mark.parametrize("by", ["room", "call"])
def test_who_leaves_in_the_second_of_the_others_coming_has_talked(night: Night, by: str) -> None:
    """The stamp of the leaving is earlier than the arrival, as the arrival was told at once and the leaving late."""
    arrived = BEGIN + timedelta(seconds=0.8) + night.runtime.clock.shift()
    with night.runtime.database.transaction() as session:
        for stay in session.scalars(select(Participant)):
            stay.joined_at = arrived
        settle_room(Work(session, night.runtime, arrived), night.room)
    [(_begin, end)] = night.work()
    assert end is None
    if by == "room":
        night.report("leave", "CA2", 0.9)
    else:
        night.report_end("CA2", 0.9)
    night.report("leave", "CA1", 5)
    assert night.work() == [(0.8, 1.0)]
    assert night.told() == ["Intervention of Ada Rossi by phone ended after 0 s."]


def test_what_was_begun_ends_even_if_reports_deny_it(night: Night) -> None:
    """They were seen together, and then each is told to have left before the other came."""
    shift = night.runtime.clock.shift()
    with night.runtime.database.transaction() as session:
        for stay in session.scalars(select(Participant)):
            stay.sent_at = stay.joined_at = BEGIN + timedelta(seconds=8) + shift
        settle_room(Work(session, night.runtime, BEGIN + shift), night.room)
        technician = session.scalars(select(Participant).where(Participant.role == ParticipantRole.TECHNICIAN)).one()
        technician.sent_at = technician.left_at = BEGIN + shift
        settle_room(Work(session, night.runtime, BEGIN + timedelta(seconds=9) + shift), night.room)
    assert night.work() == [(8.0, None)], "at the keys, as far as is known"
    end_calls(night)
    with night.runtime.database.transaction() as session:
        settle_room(Work(session, night.runtime, BEGIN + timedelta(seconds=10) + shift), night.room)
    assert night.work() == [(8.0, 8.0)]


BACK = "back-0011223344556677"
EVENTS: list[Callable[[Night], None]] = [
    lambda night: night.report("leave", "CA2", 10),
    lambda night: night.report("join", "CA2", 20, BACK),
    lambda night: night.report("leave", "CA1", 30),
    lambda night: night.report("leave", "CA2", 40, BACK),
]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_who_was_led_back_talked_until_the_end(night: Night, order: tuple[int, ...]) -> None:
    """A stay that could not be put down while the database was away is made by its reports, in any order, twice."""
    night.report("join", "CA2", 1)
    night.report("join", "CA1", 2)
    end_calls(night)
    for place in order + order:
        EVENTS[place](night)
    assert night.work() == [(3.0, 31.0)]
    assert night.told() == ["Intervention of Ada Rossi by phone ended after 28 s."], "not what was known at first"
    with night.runtime.database.transaction() as session:
        assert len(list(session.scalars(select(Participant)))) == 3


def test_back_at_the_caller_they_talk_again(night: Night) -> None:
    """The end that was told when the technician went to the keys is taken back until there is another."""
    night.report("join", "CA2", 1)
    night.report("join", "CA1", 2)
    with night.runtime.database.transaction() as session:
        session.scalars(select(PhoneCall).where(PhoneCall.sid == "CA2")).one().step = "drill"  # at no keys of ours
    night.report("leave", "CA2", 10)
    assert (night.work(), len(night.told())) == ([(3.0, 11.0)], 1)
    night.report("join", "CA2", 20, BACK)
    assert (night.work(), night.told()) == ([(3.0, None)], [])


@pytest.mark.parametrize("first", ["room", "call"])
def test_of_two_ends_the_earlier_counts(night: Night, first: str) -> None:
    night.report("join", "CA2", 1)
    night.report("join", "CA1", 2)
    ends: list[Callable[[], None]] = [lambda: night.report("leave", "CA2", 30), lambda: night.report_end("CA2", 40)]
    for end in ends if first == "room" else reversed(ends):
        end()
    assert night.work() == [(3.0, 31.0)]


def test_a_report_that_was_kept_counts_from_when_it_came(night: Night) -> None:
    """The provider's clock runs ahead of ours: nothing happens after it was told of."""
    shift = night.runtime.clock.shift()
    came = BEGIN + timedelta(seconds=5) + shift
    stamp = format_datetime(BEGIN + timedelta(seconds=20))
    form = {"StatusCallbackEvent": "participant-join", "CallSid": "CA1", "Timestamp": stamp}
    room_event(night.runtime, night.room, form | {"ParticipantLabel": night.labels["CA1"]}, came)
    with night.runtime.database.transaction() as session:
        assert (
            session.scalars(select(Participant.joined_at).where(Participant.role == ParticipantRole.CALLER)).one()
            == came
        )


@pytest.mark.parametrize(
    "label", ["stay-²", "stay-99999999999", "stay-" + "9" * 5000, "back-", "back-\0", "²", "", BACK]
)
def test_strange_labels_do_no_harm(night: Night, label: str) -> None:
    """Without one that is ours, the call's stay is meant. A caller is never led back."""
    with pytest.raises(StrangerError) if label == BACK else nullcontext():
        night.report("join", "CA1", 1, label)
    with night.runtime.database.transaction() as session:
        [caller, technician] = session.scalars(select(Participant).order_by(Participant.id))
        assert (caller.joined_at is None, technician.joined_at) == (label == BACK, None)


def test_a_label_of_nobodys_call_is_refused(night: Night) -> None:
    with pytest.raises(StrangerError):
        night.report("join", "CA9", 1, BACK)
    assert night.work() == []
    with night.runtime.database.transaction() as session:
        assert len(list(session.scalars(select(Participant)))) == 2


@pytest.mark.parametrize(
    "stamp",
    [
        "Fri, 31 Dec 9999 23:59:59 -0500",
        "Fri, 31 Dec 9999 23:59:59 +0000",
        "Mon, 01 Jan 1900 00:00:00 +0500",
        "Sun, 14 Jun 2026 00:00:00 +99999999999999999",
        "Sun, 14 Jun 2100 00:00:00 +0000",
        "Sun, 14 Jun 99999 00:00:00 +0000",
        "soon",
    ],
)
def test_a_stamp_of_other_times_is_none(night: Night, stamp: str) -> None:
    """The report counts from when it came."""
    assert stamp_of({"Timestamp": stamp}) is None
    room_event(night.runtime, night.room, joined(night, "CA1") | {"Timestamp": stamp})
    with night.runtime.database.transaction() as session:
        came = session.scalars(select(Participant.joined_at).where(Participant.role == ParticipantRole.CALLER)).one()
        now = night.runtime.clock.now()
        assert came is not None
        assert now - timedelta(minutes=5) < came <= now


def joined(night: Night, who: str) -> dict[str, str]:
    return {"StatusCallbackEvent": "participant-join", "CallSid": who, "ParticipantLabel": night.labels.get(who, "")}


@pytest.mark.parametrize("event", ["participant-mute", "participant-hold", "announcement-end", "conference-start", ""])
def test_other_events_may_name_calls_that_nobody_knows(night: Night, event: str) -> None:
    """They tell the conference's name where they are of the room, and nothing else."""
    with night.runtime.database.transaction() as session:
        name = session.get_one(Conference, night.room).name
    form = {"StatusCallbackEvent": event, "CallSid": "CA9", "ConferenceSid": "CF1"}
    room_event(night.runtime, night.room, form)
    with night.runtime.database.transaction() as session:
        assert session.get_one(Conference, night.room).conference_sid is None
    room_event(night.runtime, night.room, form | {"FriendlyName": name})
    with night.runtime.database.transaction() as session:
        assert session.get_one(Conference, night.room).conference_sid == "CF1"
        assert session.scalars(select(Participant.joined_at)).all() == [None, None]
    with pytest.raises(StrangerError):
        room_event(night.runtime, night.room, form | {"FriendlyName": "another"})


@pytest.mark.parametrize("event", ["participant-join", "participant-leave"])
def test_comings_and_goings_of_unknown_calls_are_refused(night: Night, event: str) -> None:
    with pytest.raises(StrangerError):
        room_event(night.runtime, night.room, {"StatusCallbackEvent": event, "CallSid": "CA9", "ConferenceSid": "CF1"})
