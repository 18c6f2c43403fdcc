"""Wrong keys while the database is away: the same rule as with it."""

import pytest

from bench.outage import Storm
from ivr.useless import MOST_WRONG_KEYS
from oncall.models.refusals import Refusal
from tests.calls.night_desk import told
from tests.calls.people import ACME_PIN, Cast
from tests.calls.stack import SPEED
from tests.calls.storm import PATIENCE, connected, report_away

WRONG = "that key is not in use here"


def test_a_technician_errs_and_talks(storm: Storm, storm_cast: Cast) -> None:
    """Wrong keys cost no reading; the right one joins."""
    cast, gateway = storm_cast, storm.gateway
    with storm.away():
        report_away(cast.acme)
        cast.ada.answer(PATIENCE)
        cast.ada.expect("Press 1 to talk now", PATIENCE)
        gateway.network.set_speed(1)
        for key in "78#":
            cast.ada.press(key)
            cast.ada.expect(f"{WRONG}.*Press 1 to talk now", PATIENCE)
        cast.ada.press("1")
        cast.ada.expect("Connecting", PATIENCE)
        gateway.network.set_speed(SPEED)
        connected(storm, cast.ada)
        cast.ada.speak("Good evening")
        cast.acme.expect("Good evening", PATIENCE)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    assert "Ada Rossi's phone was answered, and a key without a meaning was pressed." in told(gateway)


def test_a_child_with_the_phone(storm: Storm, storm_cast: Cast) -> None:
    cast, gateway = storm_cast, storm.gateway
    with storm.away():
        report_away(cast.acme)
        cast.ada.answer(PATIENCE)
        cast.ada.expect("Press 1 to talk now", PATIENCE)
        gateway.network.set_speed(1)
        for place in range(MOST_WRONG_KEYS):
            cast.ada.press("045*"[place % 4])
            cast.ada.expect(f"{WRONG}.*Press 1 to talk now", PATIENCE)
        cast.ada.press("0")
        cast.ada.expect("Only keys that are not in use here were pressed, so the next person is called", PATIENCE)
        gateway.network.set_speed(SPEED)
        cast.bruno.rings(PATIENCE)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    assert not any("nobody pressed a key" in words for words in told(gateway))


@pytest.mark.parametrize("question", ["system administrator", "critical"])
def test_a_caller_who_plays(storm: Storm, storm_cast: Cast, question: str) -> None:
    cast, gateway = storm_cast, storm.gateway
    with storm.away():
        cast.acme.dial()
        for heard, keys in (("type your PIN", f"{ACME_PIN}#"), ("system administrator", "1"), ("critical", "")):
            cast.acme.expect(heard, PATIENCE)
            if heard == question:
                break
            cast.acme.press(keys)
        gateway.network.set_speed(1)
        for place in range(MOST_WRONG_KEYS):
            cast.acme.press("90#"[place % 3])
            cast.acme.expect(f"{WRONG}.*{question}", PATIENCE)
        cast.acme.press("8")
        cast.acme.expect("I could not understand your choice", PATIENCE)
        gateway.network.set_speed(SPEED)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    assert [refusal.reason for refusal in gateway.rows(Refusal)] == ["invalid_key"]
