"""What the caller hears when the gateway does not answer as it must."""

import pytest
from aiohttp import web

from simulator.driver import Network
from tests.simulator.conftest import ACME, ADA, HOTLINE, Rest
from tests.simulator.gateway import Form, Gateway

XML = "text/xml"


def _document(body: str, status: int = 200, kind: str = XML) -> web.Response:
    return web.Response(text=body, status=status, content_type=kind)


BROKEN = {
    "error status": (_document("<Response/>", 500), 11200),
    "unparsable": (_document("<Response><Say>Hi</Response>"), 12100),
    "empty": (_document(""), 12100),
    "another root": (_document("<Answer/>"), 12102),
    "too large": (_document(f"<Response><!--{'x' * 65_536}--></Response>"), 11750),
    "wrong content type": (_document('{"say": "hi"}', kind="application/json"), 12300),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_without_fallback_the_caller_hears_an_apology(net: Network, gateway: Gateway, kind: str) -> None:
    answer, code = BROKEN[kind]
    gateway.on("/voice", answer)
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("we are sorry, an application error has occurred")
    assert caller.hung_up() == "completed"
    assert [(one.level, one.code, one.call) for one in net.warnings] == [("error", code, caller.call_sid)]


@pytest.mark.parametrize("kind", BROKEN)
def test_the_fallback_address_takes_over(net: Network, gateway: Gateway, kind: str) -> None:
    answer, code = BROKEN[kind]
    gateway.on("/voice", answer)
    gateway.on("/fallback", "<Say>We ring the technician</Say>")
    net.configure(fallback_url=gateway.url("/fallback"))
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("we ring the technician")
    form = gateway.received("/fallback")[0]
    assert (form["ErrorCode"], form["ErrorUrl"]) == (str(code), gateway.url("/voice"))
    assert form["CallSid"] == caller.call_sid


def test_a_document_just_small_enough_is_played(net: Network, gateway: Gateway) -> None:
    frame = len("<Response><Say>Hi</Say><!----></Response>")
    gateway.on("/voice", _document(f"<Response><Say>Hi</Say><!--{'x' * (65_536 - frame)}--></Response>"))
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("hi")
    net.assert_clean()


def test_an_answer_that_takes_too_long_counts_as_none(net: Network, gateway: Gateway) -> None:
    net.configure(webhook_timeout=0.3)
    gateway.delays["/voice"] = 60.0
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("application error")
    assert [one.code for one in net.warnings] == [11200]
    latency = net.journal.webhooks("/voice")[0].latency
    assert latency is not None
    assert 0.29 < latency < 60, "the answer was not waited for"


def test_nobody_listens_at_the_address(net: Network) -> None:
    net.configure(voice_url="http://127.0.0.1:9/voice")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("application error")
    assert [one.code for one in net.warnings] == [11205]
    assert len(net.journal.webhooks("/voice")) == 2  # one retry, as Twilio does by default


def test_the_fragment_asks_for_retries_which_carry_one_token(net: Network, gateway: Gateway) -> None:
    tries: list[Form] = []

    def answer(form: Form) -> str | web.Response:
        tries.append(form)
        return "<Say>At last</Say>" if len(tries) == 3 else _document("", 503)

    gateway.on("/voice", answer)
    net.configure(voice_url=gateway.url("/voice") + "#rc=2&rp=5xx")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("at last")
    assert len({one.token for one in gateway.seen}) == 1
    assert all(one.signed for one in gateway.seen)
    net.assert_clean()


def test_a_retry_policy_does_not_fit_other_failures(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", _document("", 404))
    net.configure(voice_url=gateway.url("/voice") + "#rc=5&rp=5xx,ct")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("application error")
    assert len(gateway.received("/voice")) == 1


def test_a_redirect_is_followed_with_get_and_loses_the_parameters(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", web.Response(status=302, headers={"Location": "/elsewhere?from=voice"}))
    gateway.on("/elsewhere", "<Say>Found it</Say>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("found it")
    last = gateway.seen[-1]
    assert (last.method, last.form, last.signed) == ("GET", {"from": "voice"}, True)


def test_get_webhooks_carry_signed_queries(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", '<Redirect method="GET">/next?step=2</Redirect>')
    gateway.on("/next", lambda form: f"<Say>Step {form['step']} of {form['From']}</Say>")
    caller = net.phone(ACME)
    caller.dial()
    caller.expect(r"step 2 of \+390212345678")
    assert gateway.seen[-1].signed


def test_plain_text_is_read_aloud_with_a_warning(net: Network, gateway: Gateway) -> None:
    gateway.on("/voice", _document("Hello  there", kind="text/plain"))
    caller = net.phone(ACME)
    caller.dial()
    caller.expect("hello there")
    assert [one.code for one in net.warnings] == [12300]


def test_a_twiml_parameter_cannot_have_relative_addresses(net: Network, rest: Rest) -> None:
    net.phone(ADA).faults(auto_answer=0)
    rest.call(ADA, Twiml="<Response><Redirect>/next</Redirect></Response>")
    net.phone(ADA).expect("application error")
    assert [one.code for one in net.warnings] == [11100]


def test_a_failing_status_callback_is_a_warning_only(net: Network, gateway: Gateway, rest: Rest) -> None:
    gateway.on("/status", _document("", 500))
    net.phone(ADA).faults(auto_answer=0)
    rest.call(ADA, Twiml="<Response><Say>Hi</Say></Response>", StatusCallback=gateway.url("/status"))
    net.phone(ADA).hung_up()
    net.wait(lambda: net.warnings)
    assert [(one.level, one.code) for one in net.warnings] == [("warning", 11200)]
    assert HOTLINE in gateway.received("/status")[0]["From"]


def test_the_webhook_under_way_is_finished_although_the_caller_hangs_up(net: Network, gateway: Gateway) -> None:
    gateway.delays["/voice"] = 0.3
    caller = net.phone(ACME)
    caller.dial()
    net.wait(lambda: net.journal.webhooks("/voice"))
    caller.hang_up()
    net.settle()
    assert net.journal.webhooks("/voice")[0].status == 200
