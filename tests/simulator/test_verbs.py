"""What each verb does to the call, one verb at a time."""

import pytest
from aiohttp import web

from simulator.driver import Network
from simulator.speech import wav
from tests.simulator.conftest import ACME, ADA
from tests.simulator.gateway import Gateway


def test_say_gather_redirect_hangup(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", '<Gather action="/typed"><Say>Welcome. Type your PIN.</Say></Gather>')
    gateway.on("/typed", lambda form: f"<Say>You typed {form['Digits']}</Say><Redirect>/bye</Redirect>")
    gateway.on("/bye", "<Say>Goodbye</Say><Hangup/><Say>never</Say>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("your pin")
    caller.press("4815#")
    assert caller.expect(r"typed (\d+)").group(1) == "4815"
    caller.expect("goodbye")
    assert caller.hung_up() == "completed"
    first, typed = gateway.received("/voice")[0], gateway.received("/typed")[0]
    assert (first["From"], first["Direction"], first["CallStatus"]) == (ACME, "inbound", "ringing")
    assert (typed["CallStatus"], typed["FinishedOnKey"], typed["CallSid"]) == ("in-progress", "#", first["CallSid"])
    assert all(one.signed for one in gateway.seen)
    assert "never" not in caller.story()
    net.assert_clean()


def test_gather_without_keys_goes_on_without_a_request(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", '<Gather action="/typed" timeout="2"><Say>Type</Say></Gather><Say>Nothing typed</Say>')
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("nothing typed")
    caller.hung_up()
    assert gateway.received("/typed") == []


def test_finish_key_alone_is_an_empty_result(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", '<Gather action="/typed"><Say>Type</Say></Gather><Say>Nothing typed</Say>')
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("type")
    caller.press("#")
    caller.expect("nothing typed")
    assert gateway.received("/typed") == []


def test_action_on_empty_result_asks_anyway(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", '<Gather action="/typed" timeout="1" actionOnEmptyResult="true"/>')
    caller = net.phone(ACME)
    caller.dial()
    caller.hung_up()
    assert gateway.received("/typed")[0]["Digits"] == ""


def test_gather_ends_at_num_digits_and_asks_the_current_document_by_default(net: Network, gateway: Gateway) -> None:
    menu = '<Gather numDigits="1"><Say>Key?</Say></Gather>'
    gateway.on("/voice", lambda form: f"<Say>Key {form['Digits']}</Say>" if "Digits" in form else menu)
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("key?")
    caller.press("2")
    caller.expect("key 2")
    assert [form.get("Digits") for form in gateway.received("/voice")] == [None, "2"]


def test_typing_cuts_the_prompt_but_keys_before_a_gather_are_lost(net: Network, gateway: Gateway) -> None:
    long_text = "word " * 300
    gateway.on("/voice", f'<Say>Before</Say><Gather numDigits="1" action="/typed"><Say>Now {long_text}</Say></Gather>')
    gateway.on("/typed", lambda form: f"<Say>Key {form['Digits']}</Say>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("before")
    caller.press("7")
    caller.expect("now")
    net.set_speed(1)  # the words take two minutes, which is longer than anybody here waits
    caller.press("8")
    caller.expect("key 8")
    assert [entry.text for entry in caller.transcript if "nobody was listening" in entry.text] == [
        "nobody was listening to 7"
    ]
    prompt = next(entry for entry in caller.transcript if entry.text.startswith("Now"))
    assert prompt.heard is not None
    assert len(prompt.shown) < len(prompt.text) / 2


def test_gather_hears_words_only_when_asked_to(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", '<Gather input="speech" action="/said"><Say>Speak</Say></Gather>')
    gateway.on("/said", lambda form: f"<Say>Heard {form['SpeechResult']}</Say>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("speak")
    caller.speak("help me")
    caller.expect("heard help me")


def test_play_lasts_as_long_as_its_sound_and_is_fetched_once(net: Network, gateway: Gateway) -> None:
    gateway.sounds["/music.wav"] = wav(20)
    gateway.on("/voice", '<Play loop="2">/music.wav</Play><Say>After</Say>')
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("music.wav")
    caller.expect("after")
    played = [entry for entry in caller.transcript if entry.kind == "played"]
    assert [round(entry.until - entry.at) for entry in played] == [20, 20]
    assert len(gateway.received("/music.wav")) == 1


def test_a_sound_that_is_missing_is_an_error_and_the_call_goes_on(net: Network, gateway: Gateway) -> None:
    gateway.on("/gone.wav", web.Response(status=404))
    gateway.on("/voice", "<Play>/gone.wav</Play><Say>After</Say>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("after")
    assert [(one.level, one.code) for one in net.warnings] == [("error", 11200)]


def test_pause_and_loops_take_their_time(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", '<Pause length="10"/><Say loop="3">again</Say>')
    caller = net.phone(ACME)
    caller.dial()
    for _ in range(3):
        caller.expect("again")
    assert caller.transcript[1].at - caller.transcript[0].at > 10


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_reject_never_answers(net: Network, gateway: Gateway, reason: str, status: str) -> None:
    gateway.on("/voice", f'<Reject reason="{reason}"/>')
    net.configure(status_url=gateway.url("/status"))
    caller = net.phone(ACME)
    caller.dial()
    assert caller.hung_up() == status
    net.settle()
    report = gateway.received("/status")[0]
    assert (report["CallStatus"], report["CallDuration"]) == (status, "0")


def test_message_sends_a_text_during_the_call(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", f'<Message to="{ADA}">Look outside</Message><Say>Sent</Say>')
    caller, ada = net.phone(ACME), net.phone(ADA, "Ada")
    caller.dial()
    caller.expect("sent")
    assert ada.expect_text("look").body == "Look outside"


def test_marks_inside_say_are_read_as_their_words(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", '<Say>Ticket <say-as interpret-as="digits">1042</say-as><break time="1s"/>of Acme</Say>')
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("^Ticket 1042 of Acme$")
    net.assert_clean()


@pytest.mark.parametrize(
    ("twiml", "problem"),
    [
        ("<Shout>Hi</Shout>", "Shout"),
        ('<Say volume="9">Hi</Say>', "volume"),
        ("<Gather><Dial>+390584000001</Dial></Gather>", "Dial"),
        ('<Gather timeout="soon"/>', "soon"),
        ("<Pause>words</Pause>", "takes no text"),
        ("<Leave/>", "Leave"),
    ],
)
def test_what_is_unknown_is_skipped_with_a_warning(net: Network, gateway: Gateway, twiml: str, problem: str) -> None:
    gateway.on("/voice", f"{twiml}<Say>Still here</Say>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("still here")
    assert [one.code for one in net.warnings] == [12200]
    assert problem in net.warnings[0].text
    with pytest.raises(AssertionError, match="12200"):
        net.assert_clean()
