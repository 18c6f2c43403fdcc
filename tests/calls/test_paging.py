"""A page goes out: call and text at once, one person after the other, until a key is pressed."""

import re

import pytest

from oncall.models.calls import PhoneCall
from oncall.models.pages import Attempt, Page
from oncall.models.tickets import Ticket
from tests.calls.night_desk import PATIENCE, accept, await_told, page_states, told, tries
from tests.calls.people import DIRECTORY, Cast, report_problem
from tests.calls.stack import Gateway
from tests.conftest import SUNDAY_NIGHT


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    """Nothing happens by mere waiting, unless a test shortens a time."""
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)


def test_what_is_said_and_texted(gateway: Gateway, cast: Cast) -> None:
    number = report_problem(cast.acme, priority="2")
    digits = ", ".join(number)
    cast.ada.rings()
    text = cast.ada.expect_text(f"P2 ticket {number} Acme: caller is on the line").body
    assert "120 min left" in text
    assert f"{gateway.url}/t/" in text
    cast.ada.answer()
    cast.ada.expect(f"P2, ticket {digits}, Acme. The caller is on the line. 119 minutes left to take charge.")
    cast.ada.expect("Press 1 to accept, 2 to pass it on, 3 for more, 9 to repeat.")
    cast.ada.press("9")
    cast.ada.expect(f"P2, ticket {digits}, Acme")
    cast.acme.hang_up()
    gateway.settle()
    cast.ada.press("9")
    cast.ada.expect("Acme. The caller has hung up and waits for your call")
    cast.ada.press("1")
    cast.ada.expect("It is yours. The caller is no longer on the line. Press 1 to call back now")


def test_more_about_it(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.ada.answer()
    cast.ada.expect("P1, ticket")
    cast.ada.press("3")
    cast.ada.expect("There was no intervention so far. The caller has left no description. Press 1 to accept")
    cast.acme.expect("beep", PATIENCE, complete=True)
    cast.acme.speak("Nobody can call out", wait=True)
    cast.acme.press("#")
    cast.acme.expect("that is on your ticket", PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)  # the second reading: between the two nobody listens to keys
    cast.ada.press("3")
    cast.ada.expect(r"no intervention so far. This is what the caller said. \d+.wav\S* Press 1 to accept")
    [sound] = gateway.network.journal.requests("/Recordings/RE")
    assert sound.status == 200
    [played] = gateway.network.journal.webhooks("/ivr/recordings/", "GET")
    assert int(played.body.removesuffix(" bytes")) > 8000, "the caller's words, not the silence in their place"
    assert tries(gateway) == [(1, "Ada", None)]


def test_two_readings_without_a_key_are_no_answer(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.ada.answer()
    cast.ada.expect("P1, ticket .*9 to repeat. .*P1, ticket .*9 to repeat.", PATIENCE)
    cast.ada.expect("No key was pressed, so the next person is called. Goodbye.", PATIENCE)
    cast.bruno.rings(PATIENCE)
    cast.ada.hung_up()
    assert tries(gateway) == [(1, "Ada", "no key"), (1, "Bruno", None)]
    assert "Ada Rossi's phone was answered, but nobody pressed a key." in told(gateway)


def test_a_voicemail_that_talks_never_accepts(gateway: Gateway, cast: Cast) -> None:
    cast.ada.faults(voicemail=1, voicemail_text="Hello. Press one. One! I accept. Leave a message.")
    report_problem(cast.acme)
    cast.bruno.rings(PATIENCE)
    assert tries(gateway) == [(1, "Ada", "no key"), (1, "Bruno", None)]
    assert page_states(gateway) == ["paging"]


def test_declined_busy_failed_go_on_at_once(gateway: Gateway, cast: Cast) -> None:
    cast.bruno.faults(busy=True)
    cast.carla.faults(failed="failed")
    report_problem(cast.acme)
    cast.ada.decline()
    cast.dino.rings()
    assert tries(gateway) == [(1, "Ada", "busy"), (1, "Bruno", "busy"), (1, "Carla", "failed"), (1, "Dino", None)]
    lines = told(gateway)
    for words in ("Calling and texting Carla Neri (team leader).", "Calling and texting Dino Gallo (support manager)."):
        assert words in lines
    cast.bruno.expect_text("P1 ticket")


def test_passed_on(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.ada.answer()
    cast.ada.expect("P1, ticket")
    cast.ada.press("2")
    cast.ada.expect("Passed on. Thank you. Goodbye.")
    cast.bruno.rings()
    assert tries(gateway) == [(1, "Ada", "passed"), (1, "Bruno", None)]


def test_three_rounds_then_everybody_until_somebody_accepts(gateway: Gateway, cast: Cast) -> None:
    gateway.set_paging(no_answer=500, then_every=1, drop_grace=1)
    team = (cast.ada, cast.bruno, cast.carla, cast.dino)
    for phone in team:
        phone.faults(busy=True)
    report_problem(cast.acme)
    gateway.network.wait(lambda: len(tries(gateway)) >= 20, PATIENCE, "two rounds of everybody")
    names = ["Ada", "Bruno", "Carla", "Dino"]
    assert [attempt[:2] for attempt in tries(gateway)[:12]] == [(r, name) for r in (1, 2, 3) for name in names]
    assert sorted(attempt[:2] for attempt in tries(gateway)[12:20]) == [(r, name) for r in (4, 5) for name in names]
    cast.acme.expect("calling everybody|everybody of the team", PATIENCE)
    for phone in team:
        phone.faults(busy=False)
    for phone in team:
        phone.rings(PATIENCE)
    accept(cast.dino)
    for phone in team[:3]:
        assert phone.hung_up(PATIENCE) == "canceled"
    gateway.settle()
    assert page_states(gateway) == ["accepted"]


def test_a_handoff_in_the_middle_of_a_page(gateway: Gateway, cast: Cast) -> None:
    """At 02:00:00 the first layer is Dino's; Ada, who was rung before, is followed by him."""
    override = '{layer: first, from: "2026-06-14T02:00", to: "2026-06-14T06:00", person: Dino Gallo}'
    gateway.load(f"{DIRECTORY.rstrip()}\n    overrides:\n      - {override}\n")
    gateway.set_time(SUNDAY_NIGHT.replace(day=13, hour=23, minute=59, second=30))
    report_problem(cast.acme)
    cast.ada.rings()
    gateway.set_time(SUNDAY_NIGHT)
    cast.ada.decline()
    cast.dino.rings()
    cast.dino.decline()
    cast.bruno.rings()
    assert [attempt[1] for attempt in tries(gateway)] == ["Ada", "Dino", "Bruno"]


def test_nobody_on_call_is_said_and_tried_again(gateway: Gateway, cast: Cast) -> None:
    gateway.set_paging(no_answer=500, then_every=2, drop_grace=1)
    nobody = "".join(
        f'      - {{layer: {layer}, from: "2026-06-13T18:00", to: "2026-06-15T06:00", person: null}}\n'
        for layer in ("first", "backup")
    )
    roles = re.sub("team_leader|support_manager", "technician", DIRECTORY)
    gateway.load(f"{roles.rstrip()}\n    overrides:\n{nobody}")
    report_problem(cast.acme)
    await_told(gateway, "Nobody is on call: .*Trying again in 2 seconds", times=2)
    assert tries(gateway) == []
    gateway.load(DIRECTORY)
    cast.ada.rings(PATIENCE)
    accept(cast.ada)


def test_an_accepted_ticket_without_work_is_paged_again(gateway: Gateway, cast: Cast) -> None:
    gateway.set_paging(no_answer=500, promise=2, drop_grace=1)
    report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.ada.hang_up()
    cast.ada.rings(PATIENCE)
    await_told(gateway, "Accepted, but no intervention or note since: paging again.")
    cast.ada.decline()
    cast.bruno.rings(PATIENCE)
    assert page_states(gateway) == ["accepted", "paging"]
    assert [attempt[1] for attempt in tries(gateway)] == ["Ada", "Ada", "Bruno"]


def test_work_keeps_the_promise(gateway: Gateway, cast: Cast) -> None:
    gateway.set_paging(no_answer=500, promise=2, drop_grace=1)
    number = report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    [page] = gateway.rows(Page)
    cast.ada.send_text(f"DONE {page.code} restarted the gateway")
    cast.ada.expect_text(f"Ticket {number} is closed")
    cast.ada.hang_up()
    gateway.network.wait(lambda: _promise_checked(gateway), PATIENCE, "the check of the promise")
    gateway.settle()
    assert page_states(gateway) == ["accepted"]
    assert [ticket.state for ticket in gateway.rows(Ticket)] == ["closed"]


def _promise_checked(gateway: Gateway) -> bool:
    with gateway.database.engine.connect() as connection:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'check_promise'"
        return connection.exec_driver_sql(query).scalar() == 0


def test_attempts_share_the_call_that_rings(gateway: Gateway, cast: Cast) -> None:
    """Two customers at once: Ada is rung once, told both in the same call, the graver one first."""
    second = report_problem(cast.beta, "26409573", priority="2")
    cast.ada.rings()
    first = report_problem(cast.acme)
    gateway.settle()
    cast.acme.hang_up()
    cast.beta.hang_up()
    gateway.settle()
    cast.ada.answer()
    cast.ada.expect(f"P1, ticket {', '.join(first)}, Acme")
    cast.ada.press("1")
    cast.ada.expect("It is yours.* call back later from the technician menu. There is one more.")
    cast.ada.expect(f"P2, ticket {', '.join(second)}, Beta")
    cast.ada.press("1")
    cast.ada.expect("It is yours. The caller is no longer on the line")
    assert len(gateway.rows(PhoneCall, PhoneCall.direction == "out")) == 1
    assert tries(gateway) == [(1, "Ada", "accepted")] * 2
    assert {attempt.call_id for attempt in gateway.rows(Attempt)} == {gateway.rows(PhoneCall)[1].id}


def test_who_talks_with_one_caller_is_not_kept_for_the_other(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.beta, "26409573", priority="2")
    cast.ada.rings()
    report_problem(cast.acme)
    gateway.settle()
    accept(cast.ada)
    cast.acme.expect("A technician is here", PATIENCE)
    cast.bruno.rings(PATIENCE)
    cast.bruno.answer()
    cast.bruno.expect("P2, ticket .*, Beta. The caller is on the line")
    assert tries(gateway) == [(1, "Ada", "busy"), (1, "Ada", "accepted"), (1, "Bruno", None)]
    cast.acme.hang_up()


def test_who_talks_already_is_passed_over(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    accept(cast.ada)
    gateway.joined(2, PATIENCE)
    report_problem(cast.beta, "26409573")
    cast.bruno.rings(PATIENCE)
    assert tries(gateway) == [(1, "Ada", "accepted"), (1, "Ada", "busy"), (1, "Bruno", None)]
    cast.ada.expect_text("P1 ticket .* Beta")
