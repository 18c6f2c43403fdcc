"""Conferences: start, music, hold, events, end."""

import pytest

from simulator.driver import Network
from tests.simulator.conftest import ACME, ADA, BRUNO, Rest
from tests.simulator.gateway import Form, Gateway

EVENTS = 'statusCallback="/events" statusCallbackEvent="start end join leave mute hold"'


def _room(attributes: str = "", name: str = "night") -> str:
    return f'<Dial action="/after"><Conference waitUrl="/wait" {attributes}>{name}</Conference></Dial>'


def _join(rest: Rest, net: Network, gateway: Gateway, number: str, attributes: str = "") -> str:
    twiml = f"<Response>{_room(attributes)}</Response>".replace("/wait", gateway.url("/wait"))
    twiml = twiml.replace('"/after"', f'"{gateway.url("/after")}"').replace("/events", gateway.url("/events"))
    sid = rest.call(number, Twiml=twiml)
    net.phone(number).answer()
    return sid


def _names(events: list[Form]) -> list[str]:
    return [form["StatusCallbackEvent"] for form in sorted(events, key=lambda form: int(form["SequenceNumber"]))]


@pytest.fixture(autouse=True)
def scripts(gateway: Gateway, net: Network) -> None:
    gateway.on("/voice", _room(EVENTS))
    gateway.on("/wait", "<Say>Please wait for a technician</Say><Pause length='5'/>")
    gateway.on("/after", lambda form: f"<Say>After {form['DialCallStatus']}</Say><Pause length='50'/>")
    net.phone(ACME, "Acme")
    net.phone(ADA, "Ada")
    net.phone(BRUNO, "Bruno")


def test_two_join_talk_and_part(net: Network, gateway: Gateway, rest: Rest) -> None:
    caller, ada = net.phone(ACME), net.phone(ADA)
    caller.dial()
    caller.expect("please wait")
    caller.expect("please wait")
    _join(rest, net, gateway, ADA, 'startConferenceOnEnter="true"')
    caller.expect("somebody joined")
    ada.speak("Good evening")
    caller.expect("Ada: good evening")
    caller.hears_nothing("please wait", during=0.4)
    ada.hang_up()
    caller.expect("somebody left")
    assert caller.state == "talking"
    caller.hang_up()
    net.settle()
    events = gateway.received("/events")
    assert _names(events) == [
        "participant-join", "participant-join", "conference-start",
        "participant-leave", "participant-leave", "conference-end",
    ]  # fmt: skip
    leaves = [form for form in events if form["StatusCallbackEvent"] == "participant-leave"]
    assert {form["ReasonParticipantLeft"] for form in leaves} == {"participant_hung_up"}
    ends = [form for form in events if form["StatusCallbackEvent"] == "conference-end"]
    assert ends[0]["ReasonConferenceEnded"] == "last-participant-left"


def test_it_waits_for_somebody_who_may_start_it(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/voice", _room(EVENTS + ' startConferenceOnEnter="false"'))
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("please wait")
    _join(rest, net, gateway, ADA, 'startConferenceOnEnter="false"')
    net.phone(ADA).speak("Too early")
    caller.expect("please wait")
    assert "conference-start" not in _names(gateway.received("/events"))
    _join(rest, net, gateway, BRUNO)
    net.wait(lambda: "conference-start" in _names(gateway.received("/events")))
    assert "Too early" not in caller.story()


def test_end_on_exit_sends_everybody_to_the_next_verb(net: Network, gateway: Gateway, rest: Rest) -> None:
    caller, ada = net.phone(ACME), net.phone(ADA)
    caller.dial()
    caller.expect("please wait")
    _join(rest, net, gateway, ADA, 'endConferenceOnExit="true"')
    caller.expect("joined")
    ada.hang_up()
    caller.expect("after answered")
    net.settle()
    events = gateway.received("/events")
    reasons = {form["CallSid"]: form["ReasonParticipantLeft"] for form in events if "ReasonParticipantLeft" in form}
    assert reasons == {ada.call_sid: "participant_hung_up", caller.call_sid: "moderator_ended_conference"}


def test_the_first_ones_callback_counts(net: Network, gateway: Gateway, rest: Rest) -> None:
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("please wait")
    second = EVENTS.replace("/events", "/other")
    _join(rest, net, gateway, ADA, second)
    caller.expect("joined")
    net.settle()
    assert len(gateway.received("/events")) == 3
    assert gateway.received("/other") == []


def test_hold_mute_and_labels_through_the_api(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/voice", _room(EVENTS + ' participantLabel="customer"'))
    gateway.on("/hold", "<Say>One moment</Say><Pause length='5'/>")
    caller, ada = net.phone(ACME), net.phone(ADA)
    caller.dial()
    caller.expect("please wait")
    _join(rest, net, gateway, ADA)
    caller.expect("joined")
    room = rest.get("/Conferences.json", FriendlyName="night", Status="in-progress").json()["conferences"][0]["sid"]
    path = f"/Conferences/{room}/Participants/customer.json"
    assert rest.post(path, Hold="true", HoldUrl=gateway.url("/hold")).json()["hold"] is True
    caller.expect("one moment")
    ada.speak("Can you hear me")
    assert rest.post(path, Hold="false").json()["hold"] is False
    assert rest.post(path, Muted="true").json()["muted"] is True
    caller.speak("I am muted")
    ada.speak("Back again")
    caller.expect("Ada: back again")
    assert "Can you hear me" not in caller.story()
    assert "I am muted" not in ada.story()
    net.settle()
    own = [form for form in gateway.received("/events") if form.get("CallSid") == caller.call_sid]
    assert {form.get("ParticipantLabel") for form in own} == {"customer"}
    assert _names(gateway.received("/events"))[3:] == ["participant-hold", "participant-unhold", "participant-mute"]


def test_kicked_and_ended_through_the_api(net: Network, gateway: Gateway, rest: Rest) -> None:
    caller, ada = net.phone(ACME), net.phone(ADA)
    caller.dial()
    caller.expect("please wait")
    _join(rest, net, gateway, ADA)
    caller.expect("joined")
    assert rest.delete(f"/Conferences/night/Participants/{ada.call_sid}.json").status_code == 204
    ada.expect("after answered")
    assert rest.post("/Conferences/night.json", Status="completed").json()["status"] == "completed"
    caller.expect("after answered")
    assert rest.get("/Conferences/night.json").status_code == 404


def test_moving_a_call_out_asks_no_action(net: Network, gateway: Gateway, rest: Rest) -> None:
    caller = net.phone(ACME)
    sid = caller.dial()
    caller.expect("please wait")
    rest.post(f"/Calls/{sid}.json", Twiml="<Response><Say>Elsewhere</Say><Pause length='50'/></Response>")
    caller.expect("elsewhere")
    net.settle()
    assert gateway.received("/after") == []
    leave = [form for form in gateway.received("/events") if "ReasonParticipantLeft" in form]
    assert [form["ReasonParticipantLeft"] for form in leave] == ["participant_updated_via_api"]


def test_the_api_dials_somebody_in_and_announces(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/announce", "<Say>Three minutes left</Say>")
    caller, ada = net.phone(ACME), net.phone(ADA)
    caller.dial()
    caller.expect("please wait")
    answer = rest.post("/Conferences/night/Participants.json", To=ADA, From=net.config.number, Label="technician")
    assert answer.status_code == 201
    ada.answer()
    caller.expect("joined")
    people = rest.get("/Conferences/night/Participants.json").json()["participants"]
    assert [one["label"] for one in people] == [None, "technician"]
    rest.post("/Conferences/night.json", AnnounceUrl=gateway.url("/announce"))
    caller.expect("three minutes left")
    ada.expect("three minutes left")


def test_a_full_room_refuses(net: Network, gateway: Gateway, rest: Rest) -> None:
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("please wait")
    _join(rest, net, gateway, ADA, 'maxParticipants="1"')
    net.phone(ADA).expect("after failed")
    assert [one.code for one in net.warnings] == [13255]
