"""The database goes away in the middle of a conversation of three."""

from bench.outage import Storm
from oncall.models.pages import Page
from tests.calls.night_desk import accept, page_states, work
from tests.calls.people import ACME_PIN, Cast, report_problem
from tests.calls.storm import PATIENCE


def test_one_leaves_while_the_database_is_away(storm: Storm, storm_cast: Cast) -> None:
    """What was reported meanwhile is noted later: the technician is not alone before the last one has gone."""
    cast, gateway = storm_cast, storm.gateway
    report_problem(cast.acme)
    cast.ada.rings(3 * PATIENCE)  # the worker may still be coming back from an outage before
    accept(cast.ada)
    gateway.joined(2, PATIENCE)
    cast.stranger.dial()
    for heard, keys in {"type your PIN": f"{ACME_PIN}#", "system administrator": "1", "critical": "1"}.items():
        cast.stranger.expect(heard, PATIENCE)
        cast.stranger.press(keys)
    cast.stranger.expect("open P1 ticket", PATIENCE)
    cast.stranger.press("1")
    gateway.joined(3, PATIENCE)
    with storm.away():
        cast.stranger.speak("Do you hear us")
        cast.ada.expect("Do you hear us", PATIENCE)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    cast.stranger.speak("I am still here")
    cast.ada.expect("I am still here", PATIENCE)
    assert "no longer on the line" not in cast.ada.story()
    cast.stranger.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call")]
    assert page_states(gateway) == ["accepted"]
    assert len(gateway.rows(Page)) == 1
