"""Each error of Twilio's as the look-alike gives it: whether it is tried again, whose fault it is, what people read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from core.settings import Settings
from ivr.twilio import errors as twilio_errors
from ivr.twilio.client import TwilioTelephony, retry_after
from ivr.twilio.errors import ERRORS, GONE, fault_of, reported, reported_text
from oncall.delivery.telephony import CallGoneError, ProviderError
from oncall.models.contacts.faults import FaultKind
from simulator.driver import Network
from tests.simulator.gateway import TOKEN, Gateway

ADA = "+393470000001"
NOW = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)
AGAIN, NEVER = False, True
NUMBER, PERSON, ACCOUNT = FaultKind.NUMBER, FaultKind.PERSON, FaultKind.ACCOUNT
NETWORK, PASSING, REQUEST = FaultKind.NETWORK, FaultKind.PASSING, FaultKind.REQUEST
# What must not be sorted otherwise: whose fault, whether the same request fails again, whether it says something about
# the number (a person's is noted), and whether the number is known from now on to take no texts.
SORTED = {
    11750: (REQUEST, NEVER, False, False),
    12100: (REQUEST, NEVER, False, False),
    12200: (REQUEST, NEVER, False, False),
    12300: (REQUEST, NEVER, False, False),
    13223: (NUMBER, NEVER, True, False),
    13224: (NUMBER, NEVER, True, False),
    13227: (ACCOUNT, NEVER, True, False),
    20003: (ACCOUNT, AGAIN, False, False),
    20429: (PASSING, AGAIN, False, False),
    20500: (PASSING, AGAIN, False, False),
    20503: (PASSING, AGAIN, False, False),
    21211: (NUMBER, NEVER, True, False),
    21214: (NUMBER, NEVER, True, False),
    21215: (ACCOUNT, NEVER, True, False),
    21216: (NUMBER, NEVER, True, False),
    21217: (NUMBER, NEVER, True, False),
    21408: (ACCOUNT, NEVER, True, False),
    21610: (PERSON, NEVER, True, True),
    21612: (NUMBER, NEVER, True, False),
    21614: (NUMBER, NEVER, True, True),
    21635: (NUMBER, NEVER, True, True),
    30003: (NETWORK, AGAIN, True, False),
    30004: (NUMBER, NEVER, True, False),
    30005: (NUMBER, NEVER, True, False),
    30006: (NUMBER, NEVER, True, True),
    30007: (ACCOUNT, NEVER, False, False),
    30008: (NETWORK, AGAIN, False, False),
    30034: (ACCOUNT, NEVER, False, False),
    30036: (NETWORK, AGAIN, False, False),
}
ROOT = Path(__file__).resolve().parents[2]
SOURCES = {".py", ".html", ".js", ".yaml"}
# The look-alike is the network itself.
OTHERS = {"simulator", "tests", "bench"}


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


@pytest.mark.parametrize("code", sorted(SORTED))
def test_the_table_sorts_what_the_service_promises(code: int) -> None:
    fault = fault_of(code)
    assert (fault.kind, fault.permanent, fault.about_number, fault.takes_no_texts) == SORTED[code]
    assert (fault.code, fault.words != "") == (str(code), True)


def test_every_kind_says_what_it_means() -> None:
    """Only a number's own fault, or its owner's, is always about the number; only STOP is a person's."""
    by_kind = {kind: {fault for fault in ERRORS.values() if fault.kind is kind} for kind in FaultKind}
    assert all(fault.about_number and fault.permanent for fault in by_kind[NUMBER] | by_kind[PERSON])
    assert {fault.code for fault in by_kind[PERSON]} == {"21610"}
    assert not any(fault.permanent for fault in by_kind[PASSING] | by_kind[NETWORK])
    assert all(by_kind.values()), "no kind without a code"


def test_no_other_module_knows_a_code() -> None:
    """In a string, a number or a comment: whoever needs to know asks for what the table decided."""
    known = re.compile(rf"(?<![\w.+])({'|'.join(map(str, sorted(set(ERRORS) | GONE)))})(?!\w)")
    rooms = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name not in OTHERS]
    files = [path for room in rooms for path in room.rglob("*") if path.suffix in SOURCES]
    assert len(files) > 300
    files += ROOT.glob("*.py")
    assert {path for path in files if known.search(path.read_text())} == {Path(twilio_errors.__file__)}


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_a_request_that_is_refused(network: Network, telephony: TwilioTelephony, code: int) -> None:
    network.fault(ADA, refused=code)
    for error in refusals(telephony):
        assert (error.fault, error.permanent) == (ERRORS[code], ERRORS[code].permanent)
        assert str(error) == f"{code} {ERRORS[code].words}"
        assert not error.processed_unknown


@pytest.mark.parametrize("code", sorted(code for code in ERRORS if 30000 <= code < 31000))
def test_a_text_that_is_reported_lost(
    network: Network, gateway: Gateway, telephony: TwilioTelephony, code: int
) -> None:
    network.fault(ADA, undelivered=code)
    telephony.send_text(ADA, "Hi", code)
    path = f"/ivr/messages/{code}/status"
    network.wait(lambda: any(form["MessageStatus"] == "undelivered" for form in gateway.received(path)))
    assert reported(gateway.received(path)[-1]) == ERRORS[code]


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
    assert [error.fault for error in refusals(telephony, to)] == [ERRORS[code] for code in codes]


@pytest.mark.parametrize(("status", "unknown"), [(500, True), (502, True), (503, True), (429, False)])
def test_a_fault_of_the_provider_is_tried_again(
    network: Network, telephony: TwilioTelephony, status: int, unknown: bool
) -> None:
    network.fail_api(status, times=2)
    for error in refusals(telephony):
        assert (error.permanent, error.fault.kind, error.processed_unknown) == (AGAIN, PASSING, unknown)
        assert error.retry_after == (1.0 if status == 429 else None)


@pytest.mark.parametrize("kind", ["hang", "drop", "reset"])
def test_a_lost_answer_is_looked_up(network: Network, telephony: TwilioTelephony, kind: str) -> None:
    network.fail_api(kind, times=2)
    for error in refusals(telephony):
        assert (error.permanent, error.processed_unknown, error.fault.code) == (AGAIN, True, "")
        assert str(error).startswith("no answer from Twilio")


def test_refused_credentials_may_be_mended(network: Network, telephony: TwilioTelephony) -> None:
    network.configure(auth_token="another")
    try:
        errors = refusals(telephony)
    finally:
        network.configure(auth_token=TOKEN)
    assert [(error.fault, error.permanent) for error in errors] == [(ERRORS[20003], AGAIN)] * 2


def test_a_call_that_is_gone(telephony: TwilioTelephony) -> None:
    with pytest.raises(CallGoneError):
        telephony.hang_up("CA" + "0" * 32)


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, NEVER), (404, NEVER), (401, AGAIN), (403, AGAIN), (429, AGAIN), (500, AGAIN), (0, AGAIN)],
)
def test_an_error_without_a_row(status: int, permanent: bool) -> None:
    fault = fault_of(99999, status, "Twilio's own words")
    assert (fault.permanent, fault.code, fault.about_number) == (permanent, "99999", False)


def test_a_call_that_is_reported_failed() -> None:
    assert reported({"CallStatus": "failed", "ErrorCode": "13224"}) == ERRORS[13224]
    gone = reported({"CallStatus": "failed", "SipResponseCode": "404"})
    assert gone is not None
    assert (gone.code, gone.permanent, gone.kind, gone.about_number) == ("404", NEVER, NUMBER, True)
    assert reported({"CallStatus": "failed", "ErrorCode": "0"}) is None
    assert reported({"CallStatus": "failed"}) is None


def test_a_text_that_is_reported_lost_without_a_reason() -> None:
    """That is about the number, while a reason that nobody knows is not."""
    plain, odd = reported_text({}, "undelivered"), reported_text({"ErrorCode": "99999"}, "undelivered")
    assert (plain.kind, plain.sentence, plain.about_number) == (NETWORK, "undelivered", True)
    assert reported_text({"ErrorCode": "", "ErrorMessage": ""}, "undelivered") == plain
    assert (odd.kind, odd.sentence, odd.about_number) == (
        NETWORK,
        "99999 the telephone network gives no reason",
        False,
    )
    assert reported_text({"ErrorCode": "21610"}, "failed") == ERRORS[21610]


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
