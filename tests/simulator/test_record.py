"""Record keeps what was said, however it ends."""

import io
import wave

import pytest

from simulator.driver import Network
from tests.simulator.conftest import ACME, Rest
from tests.simulator.gateway import Gateway

RECORD = '<Record action="/recorded" maxLength="60" timeout="10" recordingStatusCallback="/ready" playBeep="true"/>'


def test_a_key_ends_it_and_the_file_follows(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/voice", RECORD)
    gateway.on("/recorded", "<Say>Thank you</Say>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("beep")
    net.wait(lambda: caller.phone.call is not None and caller.phone.call.recording)
    caller.speak("the whole telephone system is down since midnight", wait=True)
    caller.press("#")
    caller.expect("thank you")
    net.settle()
    result, ready = gateway.received("/recorded")[0], gateway.received("/ready")[0]
    assert result["Digits"] == "#"
    assert (ready["RecordingStatus"], ready["RecordingSid"]) == ("completed", result["RecordingSid"])
    assert int(result["RecordingDuration"]) >= 2
    assert result["RecordingUrl"] == f"{rest.root}/Recordings/{result['RecordingSid']}"
    sound = rest.session.get(result["RecordingUrl"] + ".wav", timeout=60).content
    with wave.open(io.BytesIO(sound)) as file:
        assert round(file.getnframes() / file.getframerate()) == int(result["RecordingDuration"])
    assert b"the whole telephone system" in sound


def test_silence_ends_it_and_an_empty_one_goes_on(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", RECORD + "<Say>You said nothing</Say>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("you said nothing")
    assert gateway.received("/recorded") == []
    net.settle()
    assert gateway.received("/ready") == []


def test_hanging_up_tells_the_action_so(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", RECORD)
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("beep")
    net.wait(lambda: caller.phone.call is not None and caller.phone.call.recording)
    caller.speak("we are cut off", wait=True)
    caller.hang_up()
    net.settle()
    result = gateway.received("/recorded")[0]
    assert (result["Digits"], result["CallStatus"]) == ("hangup", "completed")
    assert len(gateway.received("/ready")) == 1


def test_an_update_keeps_the_part_recorded_and_asks_no_action(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/voice", RECORD)
    gateway.on("/joined", "<Say>The technician is here</Say><Pause length='60'/>")
    caller = net.phone(ACME)
    sid = caller.dial()
    caller.expect("beep")
    net.wait(lambda: caller.phone.call is not None and caller.phone.call.recording)
    caller.speak("nothing works", wait=True)
    caller.speak("and " + "on " * 200)
    assert rest.post(f"/Calls/{sid}.json", Url=gateway.url("/joined")).status_code == 200
    caller.expect("technician is here")
    net.settle()
    assert gateway.received("/recorded") == []
    ready = gateway.received("/ready")[0]
    recording = net.server.exchange.recordings.all.get(ready["RecordingSid"])
    assert recording is not None
    assert recording.words.startswith("nothing works")
    assert recording.words.count("on") < 150


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        ("the whole telephone system is down", "completed", "the whole telephone system is down"),
        ("no", "failed", ""),  # Twilio writes nothing down that is shorter than two seconds
    ],
)
def test_what_was_said_is_written_down_when_it_is_asked_for(
    net: Network, gateway: Gateway, words: str, status: str, text: str
) -> None:
    gateway.on("/voice", RECORD.replace("playBeep", 'transcribe="true" transcribeCallback="/written" playBeep'))
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("beep")
    net.wait(lambda: caller.phone.call is not None and caller.phone.call.recording)
    caller.speak(words, wait=True)
    caller.hang_up()
    net.settle()
    [written], [ready] = gateway.received("/written"), gateway.received("/ready")
    assert (written["TranscriptionStatus"], written["TranscriptionText"]) == (status, text)
    assert (written["RecordingSid"], written["CallSid"]) == (ready["RecordingSid"], ready["CallSid"])
