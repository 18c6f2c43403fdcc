"""The database is really stopped: callers reach the people on call all the same, and nothing of it is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall.calls import PhoneCall
from oncall.messages import Message
from oncall.paging.models import Page
from oncall.tickets import Recording, Ticket
from simulator.driven_phone import DrivenPhone
from tests.calls.conftest import begin
from tests.calls.night_desk import page_states, told, work
from tests.calls.outage import Server, Storm
from tests.calls.people import ACME_PIN, Cast
from tests.calls.stack import running

PATIENCE = 20.0


@pytest.fixture(scope="module")
def storm_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    folder = Path(tmp_path_factory.mktemp("storm"))
    server = Server(folder / "postgres")
    database = server.database()
    with running(database, folder) as gateway:
        yield Storm(gateway, server)
    database.engine.dispose()


@pytest.fixture
def storm(storm_process: Storm) -> Iterator[Storm]:
    begin(storm_process.gateway)
    storm_process.snapshot_renewed()
    yield storm_process
    storm_process.gateway.network.assert_clean()


@pytest.fixture
def cast(storm: Storm) -> Cast:
    return Cast.on(storm.gateway.network)


def report_away(phone: DrivenPhone, pin: str = ACME_PIN) -> None:
    phone.dial()
    phone.expect("technical fault of our own; you can still reach the technician", PATIENCE)
    phone.press(f"{pin}#")
    phone.expect("system administrator", PATIENCE)
    phone.press("1")
    phone.expect("critical", PATIENCE)
    phone.press("1")
    phone.expect("calling the technician on call", PATIENCE)


def connected(storm: Storm, phone: DrivenPhone) -> None:
    """Wait until the two talk."""
    network = storm.gateway.network
    network.wait(lambda: any(line.text == "connected" for line in phone.transcript), PATIENCE, "connected")


def test_a_whole_call(storm: Storm, cast: Cast) -> None:
    with storm.away():
        report_away(cast.acme)
        cast.ada.answer(PATIENCE)
        cast.ada.expect("P1, Acme. The caller is on the line. Press 1", PATIENCE)
        cast.ada.press("1")
        connected(storm, cast.ada)
        cast.acme.speak("Good evening", wait=True)
        cast.ada.expect("Good evening", PATIENCE)
        cast.ada.hang_up()
        cast.acme.expect("If you were cut off", PATIENCE)
        cast.acme.hang_up()
        storm.gateway.network.settle()
    storm.brought_in()
    gateway = storm.gateway
    [ticket] = gateway.rows(Ticket)
    [call] = gateway.rows(PhoneCall)
    assert (ticket.priority, ticket.state, ticket.caller_number) == ("P1", "taken", cast.acme.number)
    assert ticket.assignee is not None
    assert ticket.assignee.name == "Ada Rossi"
    assert (call.state, call.sid) == ("ended", cast.acme.call_sid)
    assert work(gateway) == [("Ada", "call")]
    assert page_states(gateway) == []
    print("\n".join(told(gateway)))
