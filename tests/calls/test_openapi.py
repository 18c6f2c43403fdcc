"""What the gateway asks of Twilio's REST API, and what the simulator answers, fits Twilio's own OpenAPI document."""

import re
from collections.abc import Callable

from core.settings import Settings
from ivr.twilio.number_setup import check_number
from oncall.models.pages import Attempt
from simulator.journal import Record
from tests.calls.people import Cast, report_problem
from tests.calls.stack import Gateway
from tests.simulator import specification

PATIENCE = 90.0


def test_every_request_and_answer_fits_the_document(gateway: Gateway, cast: Cast) -> None:
    specification.document()
    _a_night_with_everything(gateway, cast)
    requests = gateway.network.journal.requests()
    for kind, recognise in KINDS.items():
        assert any(map(recognise, requests)), f"the night has no {kind}"
    for record in requests:
        specification.check_record(record)


def _has(path: str, method: str, **params: str | None) -> Callable[[Record], bool]:
    """Recognises a request by its path and by parameters that it has (None: whatever the value)."""

    def fits(record: Record) -> bool:
        if record.method != method or (not record.url.endswith(path) and path not in record.url):
            return False
        return all(name in record.params and value in {None, record.param(name)} for name, value in params.items())

    return fits


KINDS = {
    "call placed": _has("/Calls.json", "POST", To=None),
    "call moved": _has("/Calls/CA", "POST", Url=None),
    "call hung up": _has("/Calls/CA", "POST", Status="completed"),
    "caller on hold": _has("/Participants/CA", "POST", Hold="true"),
    "caller off hold": _has("/Participants/CA", "POST", Hold="false"),
    "text": _has("/Messages.json", "POST", Body=None),
    "look-up of a call": _has("/Calls.json", "GET", To=None),
    "look-up of a text": _has("/Messages.json", "GET", To=None),
    "look at our number": _has("/IncomingPhoneNumbers.json", "GET"),
}


def _a_night_with_everything(gateway: Gateway, cast: Cast) -> None:
    """Answers get lost, one passes by text, the next goes to the keys and comes back, and calls back."""
    gateway.set_paging(no_answer=20)
    gateway.network.fail_api("reset", path="/Calls.json", method="POST")
    gateway.network.fail_api("reset", path="/Messages.json", method="POST")
    report_problem(cast.acme)
    cast.ada.rings(PATIENCE)
    told = cast.ada.expect_text(r"PASS (\d{6})", PATIENCE)
    cast.ada.send_text(re.findall(r"PASS \d{6}", told.body)[0])
    cast.bruno.answer(PATIENCE)
    cast.bruno.expect("P1, ticket", PATIENCE)
    cast.bruno.press("1")
    gateway.joined(2, PATIENCE)
    gateway.settle()
    cast.bruno.press("*")
    cast.bruno.expect("caller hears music|to bring in|colleague", PATIENCE)
    gateway.network.wait(lambda: any(map(KINDS["caller on hold"], gateway.network.journal.requests())), PATIENCE)
    cast.bruno.press("1")
    gateway.network.wait(lambda: any(map(KINDS["caller off hold"], gateway.network.journal.requests())), PATIENCE)
    cast.acme.hang_up()
    cast.bruno.expect("caller is no longer on the line", PATIENCE)
    cast.bruno.press("1")
    cast.acme.answer(PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.acme.hang_up()
    cast.bruno.hang_up()
    gateway.settle()
    settings = Settings(var_dir=gateway.folder, simulator_url=gateway.network.url, public_url=gateway.url)
    assert {check.level.value for check in check_number(settings)} == {"ok"}
    assert [attempt.outcome for attempt in gateway.rows(Attempt)] == ["passed", "accepted"]
