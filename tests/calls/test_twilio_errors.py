"""Each error of Twilio's as the look-alike gives it: whether it is tried again, whose fault it is, what people read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from core.settings import Settings
from ivr.twilio_client import TwilioTelephony, retry_after
from ivr.twilio_errors import ERRORS, meaning_of, reported
from oncall.telephony import CallGoneError, ProviderError
from simulator.driver import Network
from tests.simulator.gateway import TOKEN, Gateway

ADA = "+393470000001"
NOW = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)
AGAIN, NEVER = False, True
# What the brief of the service asks for by number; the table has more.
SORTED = {
    "number": {21211, 21214, 21217, 13224, 21614, 21635, 30005, 30006},
    "person": {21610, 30004},
    "account": {21215, 21408, 30007, 30034, 20003},
    "network": {30003, 30008, 30036},
    "provider": {20429, 20500, 20503},
}
TEMPORARY = {20003, 20429, 20500, 20503, 30003, 30008, 30036}


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.fixture(scope="module")
def network(gateway: Gateway) -> Iterator[Network]:
    with Network(TOKEN, "+390584943200", speed=200) as network:
        network.phone(ADA, "Ada")
        yield network


@pytest.fixture(autouse=True)
def _healthy(network: Network) -> None:
    network.heal_api()
    network.configure(retry_after="1")
    network.fault(ADA, refused=0, undelivered=0, opted_out=False, not_mobile=False, not_permitted=False)


@pytest.fixture
def telephony(network: Network, gateway: Gateway, tmp_path: Path) -> TwilioTelephony:
    settings = Settings(
        twilio_account_sid=network.config.account_sid,
        twilio_auth_token=TOKEN,
        twilio_api_url=network.url,
        hotline_number="+390584943200",
        public_url=gateway.url(""),
        provider_timeout=0.5,
        var_dir=tmp_path,
    )
    return TwilioTelephony(settings)


def refusals(telephony: TwilioTelephony, to: str = ADA) -> list[ProviderError]:
    """What a call and a text to this number come to."""
    with pytest.raises(ProviderError) as call:
        telephony.place_call(to, 1, 30)
    with pytest.raises(ProviderError) as text:
        telephony.send_text(to, "Hi", 1)
    return [call.value, text.value]


def test_the_table_sorts_what_the_service_promises() -> None:
    assert {code: ERRORS[code].fault for codes in SORTED.values() for code in codes} == {
        code: fault for fault, codes in SORTED.items() for code in codes
    }
    assert {code for codes in SORTED.values() for code in codes if not ERRORS[code].permanent} == TEMPORARY


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_a_request_that_is_refused(network: Network, telephony: TwilioTelephony, code: int) -> None:
    network.fault(ADA, refused=code)
    meaning = ERRORS[code]
    for error in refusals(telephony):
        assert (error.code, error.permanent, error.fault) == (code, meaning.permanent, meaning.fault)
        assert str(error) == meaning.words
        assert not error.processed_unknown


@pytest.mark.parametrize("code", sorted(code for code in ERRORS if 30000 <= code < 31000))
def test_a_text_that_is_reported_lost(
    network: Network, gateway: Gateway, telephony: TwilioTelephony, code: int
) -> None:
    network.fault(ADA, undelivered=code)
    telephony.send_text(ADA, "Hi", code)
    path = f"/ivr/messages/{code}/status"
    network.wait(lambda: any(form["MessageStatus"] == "undelivered" for form in gateway.received(path)))
    assert reported(gateway.received(path)[-1]) == (code, ERRORS[code])


@pytest.mark.parametrize(
    ("faults", "to", "codes"),
    [
        ({}, "+12", [21211, 21211]),
        ({"not_permitted": True}, ADA, [21215, 21408]),
    ],
)
def test_what_the_look_alike_itself_refuses(
    network: Network, telephony: TwilioTelephony, faults: dict[str, bool], to: str, codes: list[int]
) -> None:
    network.fault(ADA, **faults)
    assert [(error.code, error.permanent) for error in refusals(telephony, to)] == [(code, NEVER) for code in codes]


@pytest.mark.parametrize(("status", "unknown"), [(500, True), (502, True), (503, True), (429, False)])
def test_a_fault_of_the_provider_is_tried_again(
    network: Network, telephony: TwilioTelephony, status: int, unknown: bool
) -> None:
    network.fail_api(status, times=2)
    for error in refusals(telephony):
        assert (error.permanent, error.fault, error.processed_unknown) == (AGAIN, "provider", unknown)
        assert error.retry_after == (1.0 if status == 429 else None)


@pytest.mark.parametrize("kind", ["hang", "drop", "reset"])
def test_a_lost_answer_is_looked_up(network: Network, telephony: TwilioTelephony, kind: str) -> None:
    network.fail_api(kind, times=2)
    for error in refusals(telephony):
        assert (error.permanent, error.processed_unknown, error.code) == (AGAIN, True, None)
        assert str(error).startswith("no answer from Twilio")


def test_refused_credentials_may_be_mended(network: Network, telephony: TwilioTelephony) -> None:
    network.configure(auth_token="another")
    try:
        errors = refusals(telephony)
    finally:
        network.configure(auth_token=TOKEN)
    assert [(error.code, error.permanent, error.fault) for error in errors] == [(20003, AGAIN, "account")] * 2


def test_a_call_that_is_gone(telephony: TwilioTelephony) -> None:
    with pytest.raises(CallGoneError):
        telephony.hang_up("CA" + "0" * 32)


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, NEVER), (404, NEVER), (401, AGAIN), (403, AGAIN), (429, AGAIN), (500, AGAIN), (0, AGAIN)],
)
def test_an_error_without_a_row(status: int, permanent: bool) -> None:
    assert meaning_of(99999, status, "Twilio's own words").permanent == permanent


def test_a_call_that_is_reported_failed() -> None:
    assert reported({"CallStatus": "failed", "ErrorCode": "13224"}) == (13224, ERRORS[13224])
    gone = reported({"CallStatus": "failed", "SipResponseCode": "404"})
    assert gone is not None
    assert (gone[0], gone[1].permanent, gone[1].fault) == (404, NEVER, "number")
    assert reported({"CallStatus": "failed", "ErrorCode": "0"}) is None
    assert reported({"CallStatus": "failed"}) is None


def test_a_429_says_for_how_long(network: Network, telephony: TwilioTelephony) -> None:
    """As a number of seconds and as an instant; nobody is kept from calling for an hour."""
    given = {"7": 7.0, "3600": 60.0, "0": 0.0, "soon": None}
    for header, seconds in given.items():
        network.configure(retry_after=header)
        network.fail_api(429, times=2)
        assert [error.retry_after for error in refusals(telephony)] == [seconds] * 2, header


def test_a_429_names_an_instant() -> None:
    def header(seconds: int) -> dict[str, str]:
        return {"retry-after": format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)}

    assert [retry_after(header(seconds), NOW) for seconds in (12, 3600, -5)] == [12.0, 60.0, 0.0]
    assert retry_after({}, NOW) is None
    assert retry_after({"Retry-After": "Sun, 14 Jun 2026 00:00:09"}, NOW) == 9.0
