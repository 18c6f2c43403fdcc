"""An address serves its own call, room or text: any other is refused with 403, and nothing has changed."""

from pathlib import Path

import pytest
from sqlalchemy import update

from core.db import Database
from ivr.offline.replaying import replay
from ivr.twilio import addresses
from oncall.models.calls import PhoneCall
from oncall.models.conferences import Conference, Participant
from oncall.models.messages import Message, MessageState
from oncall.models.work.recordings import RecordingKind
from tests.calls.crude import Leg
from tests.calls.doors import PIN_KEY, PUBLIC, Door, sid_of
from tests.calls.people import ACME, ACME_PIN, ADA, BETA, DIRECTORY
from tests.calls.rows import fingerprint
from tests.conftest import SUNDAY_NIGHT
from tests.loading import load_directory

OTHER, CHILD = sid_of(999), sid_of(500)


@pytest.fixture
def door(database: Database, tmp_path: Path) -> Door:
    with database.transaction() as session:
        load_directory(session, DIRECTORY, SUNDAY_NIGHT, PIN_KEY.encode())
    return Door.to(database, tmp_path)


def refused(door: Door, database: Database, url: str, params: dict[str, str]) -> None:
    before = fingerprint(database)
    assert door.post(url, params).status_code == 403
    assert fingerprint(database) == before


def rung(door: Door, database: Database, sid: str | None = CHILD) -> PhoneCall:
    """Acme has reported P1, and Ada's phone rings; `sid`: what the network calls that call, None if it is not known."""
    caller = door.dial(ACME)
    for keys in (ACME_PIN, "1", "1"):
        caller.press(keys)
    with database.transaction() as session:
        state = "sending" if sid is None else "ringing"
        session.execute(update(PhoneCall).where(PhoneCall.direction == "out").values(sid=sid, state="sending"))
        session.execute(update(PhoneCall).where(PhoneCall.direction == "out").values(state=state))
        return session.query(PhoneCall).filter_by(direction="out").one()


def params_of(door: Door, call: PhoneCall, sid: str) -> dict[str, str]:
    return Leg(door.document, sid, door.settings.our_number, call.number or "", "outbound-api").params


# Conversations


@pytest.mark.parametrize("keys", [(), (ACME_PIN,), (ACME_PIN, "1"), (ACME_PIN, "1", "1")])
def test_another_call_can_not_answer_a_callers_question(door: Door, database: Database, keys: tuple[str, ...]) -> None:
    caller = door.dial(ACME)
    for each in keys:
        caller.press(each)
    url = caller.document.find(".//Redirect")
    assert url is not None
    for digits in (ACME_PIN, "99999999", "1", "2", ""):
        refused(door, database, url.text or "", caller.params | {"CallSid": OTHER, "Digits": digits})
    caller.wait()  # its own is taken


def test_nor_have_an_old_answer_repeated(door: Door, database: Database) -> None:
    caller = door.dial(ACME)
    url = caller.place("Gather")
    caller.press(ACME_PIN)
    refused(door, database, url, caller.params | {"CallSid": OTHER, "Digits": ACME_PIN})


def test_nor_press_the_technicians_keys(door: Door, database: Database) -> None:
    call = rung(door, database)
    url = addresses.step_url(door.settings, call.id, "answered", 0)
    ada = Leg(door.document, CHILD, door.settings.our_number, ADA, "outbound-api")
    ada.ask(url)
    refused(door, database, url, params_of(door, call, OTHER))
    refused(door, database, ada.place("Gather"), params_of(door, call, OTHER) | {"Digits": "1"})
    ada.press("1")
    assert "It is yours" in ada.words


@pytest.mark.parametrize("known", [None, sid_of(501)])
def test_of_two_calls_that_were_placed_the_one_that_is_picked_up_counts(
    door: Door, database: Database, known: str | None
) -> None:
    """The provider's first answer was lost, and it was asked again: with its first request a call says its name."""
    call = rung(door, database, known)
    ada = Leg(door.document, CHILD, door.settings.our_number, ADA, "outbound-api")
    ada.ask(addresses.step_url(door.settings, call.id, "answered", 0))
    assert "P1, ticket" in ada.words
    for late in (known or sid_of(501), OTHER):
        url = addresses.step_url(door.settings, call.id, "answered", 0)
        refused(door, database, url, params_of(door, call, late))


@pytest.mark.parametrize(
    ("step", "turn", "changes"),
    [
        ("choose", 0, {}),
        ("answered", 1, {}),
        ("answered", 0, {"To": BETA}),
        ("answered", 0, {"CallSid": sid_of(1)}),
        ("answered", 0, {"CallSid": ""}),
    ],
    ids=["another step", "another turn", "to another phone", "the caller's own call", "no name"],
)
def test_no_other_request_gives_a_call_its_name(
    door: Door, database: Database, step: str, turn: int, changes: dict[str, str]
) -> None:
    call = rung(door, database, None)
    url = addresses.step_url(door.settings, call.id, step, turn)
    refused(door, database, url, params_of(door, call, CHILD) | changes)


def test_a_call_that_we_made_did_not_come_in(door: Door, database: Database) -> None:
    call = rung(door, database)
    for url, status in (("/ivr/voice", "ringing"), ("/ivr/voice", "completed"), ("/ivr/status", "completed")):
        params = params_of(door, call, CHILD) | {"CallStatus": status, "Direction": "inbound", "From": ADA}
        refused(door, database, url, params)


def test_a_call_without_a_name_is_refused(door: Door, database: Database) -> None:
    caller = door.dial(ACME)
    nameless = {name: value for name, value in caller.params.items() if name != "CallSid"}
    for url in ("/ivr/voice", caller.place("Gather"), "/ivr/away/pin?s=x", "/ivr/away/blind"):
        refused(door, database, url, nameless | {"Digits": ACME_PIN})


# Reports


@pytest.mark.parametrize("status", ["ringing", "in-progress", "completed", "busy", "failed"])
def test_progress_of_another_call(door: Door, database: Database, status: str) -> None:
    call = rung(door, database)
    url = addresses.call_status_url(door.settings, call.id)
    refused(door, database, url, params_of(door, call, OTHER) | {"CallStatus": status})
    assert door.post(url, params_of(door, call, CHILD) | {"CallStatus": status}).status_code == 200


@pytest.mark.parametrize("changes", [{"To": BETA}, {"CallSid": sid_of(1)}], ids=["to another", "a known call"])
def test_progress_tells_the_name_of_a_call_of_ours_alone(
    door: Door, database: Database, changes: dict[str, str]
) -> None:
    call = rung(door, database, None)
    url = addresses.call_status_url(door.settings, call.id)
    params = params_of(door, call, CHILD) | {"CallStatus": "ringing"}
    refused(door, database, url, params | changes)
    assert door.post(url, params).status_code == 200


@pytest.mark.parametrize("kind", RecordingKind)
def test_a_recording_of_another_call(door: Door, database: Database, kind: RecordingKind) -> None:
    rung(door, database)
    url = addresses.recording_url(door.settings, 1, kind)
    made = {"RecordingSid": sid_of(5, "RE"), "RecordingUrl": "https://api.example.org/x", "RecordingDuration": "7"}
    refused(door, database, url, made | {"CallSid": OTHER, "RecordingStatus": "completed"})


@pytest.fixture
def room(door: Door, database: Database) -> Conference:
    """Ada's call was sent to a room."""
    call = rung(door, database)
    with database.transaction() as session:
        room = Conference(ticket_id=call.ticket_id, created_at=SUNDAY_NIGHT)
        session.add(room)
        session.flush()
        session.add(Participant(key="x", room_id=room.id, call_id=call.id, role="technician", sent_at=SUNDAY_NIGHT))
        return room


@pytest.mark.parametrize(
    "changes",
    [
        {"CallSid": OTHER},
        {"CallSid": sid_of(1)},
        {"CallSid": OTHER, "ParticipantLabel": ""},
        {"CallSid": OTHER, "ParticipantLabel": "back-0011223344556677"},
        {"FriendlyName": "nightline-room-77"},
    ],
)
@pytest.mark.parametrize("event", ["participant-join", "participant-leave"])
def test_somebody_else_in_a_room(
    door: Door, database: Database, room: Conference, changes: dict[str, str], event: str
) -> None:
    url = addresses.room_events_url(door.settings, room.id)
    own = {"ParticipantLabel": "stay-1", "CallSid": CHILD, "FriendlyName": room.name}
    own |= {"StatusCallbackEvent": event, "ConferenceSid": sid_of(3, "CF")}
    refused(door, database, url, own | changes)
    assert door.post(url, own).status_code == 200
    with database.transaction() as session:
        assert session.get_one(Conference, room.id).conference_sid == sid_of(3, "CF")


@pytest.mark.parametrize("state", ["sent", "delivered", "undelivered"])
@pytest.mark.parametrize("known", [sid_of(1, "SM"), None])
def test_the_fate_of_another_text(door: Door, database: Database, state: str, known: str | None) -> None:
    with database.transaction() as session:
        for number, sid in ((1, known), (2, sid_of(2, "SM"))):
            row = Message(key=f"k{number}", channel="text", recipient=ADA, body="b", created_at=SUNDAY_NIGHT)
            row.state, row.provider_sid = MessageState.ACCEPTED, sid
            session.add(row)
            session.flush()
        first = row.id - 1
    url = addresses.message_status_url(door.settings, first)
    own = {"MessageSid": sid_of(1, "SM"), "MessageStatus": state, "To": ADA}
    refused(door, database, url, own | {"MessageSid": sid_of(2, "SM")})
    if known is None:
        refused(door, database, url, own | {"To": BETA})
    else:
        refused(door, database, url, own | {"MessageSid": sid_of(3, "SM")})
    assert door.post(url, own).status_code == 200


def test_a_kept_report_of_another_call_is_left_out_later(door: Door, database: Database) -> None:
    call, before = rung(door, database), fingerprint(database)
    runtime = door.app.extensions["runtime"]
    form = params_of(door, call, OTHER) | {"CallStatus": "completed"}
    replay(runtime, "outgoing_status", {"call_id": call.id}, form, SUNDAY_NIGHT)
    assert fingerprint(database) == before


def test_what_no_row_has(door: Door, database: Database) -> None:
    """Ids beyond all rows, and kinds of recordings that are none."""
    for path in ("/ivr/call/99999999999/wait?turn=1", "/ivr/rooms/99999999999/events", "/ivr/call/1/recorded/song"):
        assert door.post(path, {"CallSid": OTHER}).status_code == 404
    assert door.post(f"{PUBLIC}/ivr/call/99/status", {"CallSid": OTHER}).status_code == 200
