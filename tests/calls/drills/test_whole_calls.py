"""Drills over the whole gateway: a real call, a real text, and a manager who hears of every failure in time."""

import re
from datetime import datetime, timedelta

import pytest

from oncall.models.calls import PhoneCall
from oncall.models.messages import Message
from oncall.models.stored_settings import PAGING, write
from oncall.planning.handoffs import watch_handoffs
from simulator.driven_phone import DrivenPhone
from tests.calls.drills.desk import DRILL, DRILLED, begin_drills, results, texts_to
from tests.calls.night_desk import PATIENCE, ok_of
from tests.calls.people import ADA, CARLA, DINO, Cast, hurry, report_problem
from tests.calls.stack import Gateway

SECOND_TRY = timedelta(minutes=11)


@pytest.fixture(autouse=True)
def _drill_at_two(gateway: Gateway) -> None:
    gateway.load(DRILLED)
    with gateway.database.transaction() as session:
        write(session, PAGING, {"no_answer": 30, "drill": "02:00"})


def at(gateway: Gateway, later: timedelta) -> datetime:
    """Let the time be so much after the drill's, and a worker look."""
    gateway.set_time(DRILL + later)
    begin_drills(gateway, DRILL + later)
    return DRILL + later


def settled(gateway: Gateway, *expected: tuple[str, str | None, str | None]) -> None:
    """Wait until the drills have come to this."""
    gateway.network.wait(lambda: results(gateway) == list(expected), PATIENCE, f"drills {expected}")


def call_over(gateway: Gateway, result: str) -> None:
    """Wait until the test call is over, and all that follows from it is done."""
    ended = PhoneCall.state == "ended", PhoneCall.result == result
    gateway.network.wait(lambda: gateway.rows(PhoneCall, *ended), PATIENCE, f"a call that ends with {result}")
    gateway.settle()


def press_1(phone: DrivenPhone) -> None:
    phone.answer(PATIENCE)
    phone.expect(r"This is a test call of the after-hours hotline\. No customer is waiting\.", PATIENCE)
    phone.expect(r"Your shift in After hours, backup, begins today at 4:00\. Press 1 if you hear this well", PATIENCE)
    phone.press("1")
    phone.expect(r"Thank you, all is well\. Goodbye", PATIENCE)
    phone.hung_up(PATIENCE)


def test_key_1_passes(gateway: Gateway, cast: Cast) -> None:
    begin_drills(gateway, DRILL)
    text = cast.ada.expect_text("Nightline test, no customer is waiting", PATIENCE)
    assert "You come on call today at 4:00 (After hours, backup)." in text.body
    press_1(cast.ada)
    settled(gateway, ("passed", "confirmed", "delivered"))
    code = re.search(r"Reply (OK \d{6})\.", text.body)
    assert code is not None
    cast.ada.send_text("ok")
    cast.ada.expect_text("OK needs the code from the notice", PATIENCE)
    assert results(gateway) == [("passed", "confirmed", "delivered")], "a sender's number proves nothing"
    cast.ada.send_text(code[1].lower())
    cast.ada.expect_text(r"Thank you\. Your test text is confirmed\.$", PATIENCE)
    settled(gateway, ("passed", "confirmed", "answered"))
    at(gateway, SECOND_TRY)
    gateway.settle()
    assert cast.ada.state == "idle"
    assert texts_to(gateway, CARLA) == texts_to(gateway, DINO) == []


def test_drill_and_handoff_have_a_code_each(gateway: Gateway, cast: Cast) -> None:
    begin_drills(gateway, DRILL)
    drill = ok_of(cast.ada)
    cast.ada.decline(PATIENCE)
    with gateway.database.transaction() as session:
        watch_handoffs(session, DRILL + timedelta(hours=1))
    gateway.set_time(DRILL + timedelta(hours=1))
    cast.ada.send_text(ok_of(cast.ada))
    cast.ada.expect_text(r"^Thank you\. You are on call from today at 4:00 \(After hours, backup\)\.$", PATIENCE)
    cast.ada.send_text(drill)
    cast.ada.expect_text(r"^Thank you\. Your test text is confirmed\.", PATIENCE)


def test_a_voicemail_that_talks_does_not_pass(gateway: Gateway, cast: Cast) -> None:
    """It answers twice; both times nobody presses a key, and the manager hears it."""
    hurry(gateway)
    cast.ada.faults(voicemail=2)
    begin_drills(gateway, DRILL)
    call_over(gateway, "completed")
    at(gateway, SECOND_TRY)
    settled(gateway, ("failed", "no key", "delivered"))
    told = cast.carla.expect_text("and the test call failed", PATIENCE).body
    assert told == (
        "Nightline: Ada Rossi comes on call today at 4:00 (After hours, backup), and the test call failed: it was "
        f"answered, but nobody pressed 1, as when a voicemail answers, twice. Call {ADA}, or let somebody else cover."
    )
    cast.dino.expect_text("and the test call failed", PATIENCE)


def test_nobody_answers_twice(gateway: Gateway, cast: Cast) -> None:
    hurry(gateway)
    begin_drills(gateway, DRILL)
    call_over(gateway, "no-answer")
    settled(gateway, ("open", None, "delivered"))
    at(gateway, timedelta(minutes=9))
    gateway.settle()
    assert cast.ada.state == "idle"
    at(gateway, SECOND_TRY)
    settled(gateway, ("failed", "no answer", "delivered"))
    cast.carla.expect_text("the test call failed: nobody answered, twice", PATIENCE)
    cast.dino.expect_text("the test call failed", PATIENCE)
    gateway.settle()
    at(gateway, 2 * SECOND_TRY)
    gateway.settle()
    assert cast.ada.state == "idle"
    assert len(gateway.rows(PhoneCall)) == 2
    assert len(texts_to(gateway, CARLA)) == 1
    mails = gateway.rows(Message, Message.channel == "mail")
    assert {(mail.recipient, mail.state) for mail in mails} == {
        ("carla@example.org", "sent"),
        ("dino@example.org", "sent"),
    }
    assert len(texts_to(gateway, ADA)) == 1, "one test text, however many calls"


def test_the_second_try_passes(gateway: Gateway, cast: Cast) -> None:
    begin_drills(gateway, DRILL)
    cast.ada.decline(PATIENCE)
    gateway.settle()
    at(gateway, SECOND_TRY)
    press_1(cast.ada)
    settled(gateway, ("passed", "confirmed", "delivered"))
    assert texts_to(gateway, CARLA) == []


def test_a_text_that_does_not_arrive_is_told_at_once(gateway: Gateway, cast: Cast) -> None:
    cast.ada.faults(undelivered=30003)
    begin_drills(gateway, DRILL)
    told = cast.carla.expect_text("the test text failed", PATIENCE).body
    assert told == (
        "Nightline: Ada Rossi comes on call today at 4:00 (After hours, backup), and the test text failed: "
        f"the phone is off or out of reach (30003). Call {ADA}, or let somebody else cover."
    )
    press_1(cast.ada)
    settled(gateway, ("failed", "confirmed", "failed"))
    gateway.settle()
    assert len(texts_to(gateway, CARLA)) == 1


def test_who_has_texted_stop_is_noticed_before_the_shift(gateway: Gateway, cast: Cast) -> None:
    cast.ada.send_text("STOP")
    gateway.settle()
    begin_drills(gateway, DRILL)
    told = cast.dino.expect_text("the test text failed", PATIENCE).body
    assert "STOP was texted from that phone, so it gets no texts any more (21610). Text START from it to +39" in told
    press_1(cast.ada)
    settled(gateway, ("failed", "confirmed", "failed"))


def test_a_network_that_never_reports_texts_does_not_fail_a_drill(gateway: Gateway, cast: Cast) -> None:
    gateway.network.hold_callbacks()
    begin_drills(gateway, DRILL)
    press_1(cast.ada)
    settled(gateway, ("passed", "confirmed", None))
    at(gateway, timedelta(hours=3))
    gateway.settle()
    assert results(gateway) == [("passed", "confirmed", None)]
    assert texts_to(gateway, CARLA) == []
    gateway.network.release([])


def test_a_dead_number(gateway: Gateway, cast: Cast) -> None:
    cast.ada.faults(failed=True)
    begin_drills(gateway, DRILL)
    call_over(gateway, "failed")
    at(gateway, SECOND_TRY)
    settled(gateway, ("failed", "failed", "failed"))
    gateway.settle()
    assert any("the phone can't be reached, twice" in text for text in texts_to(gateway, CARLA))


def test_every_webhook_twice(gateway: Gateway, cast: Cast) -> None:
    """Each report and each answer is delivered again: one drill, one call, one text, one thank-you."""
    gateway.network.disturb(duplicate=True)
    begin_drills(gateway, DRILL)
    press_1(cast.ada)
    cast.ada.send_text(ok_of(cast.ada))
    cast.ada.expect_text("Your test text is confirmed", PATIENCE)
    settled(gateway, ("passed", "confirmed", "answered"))
    gateway.settle()
    assert len(gateway.rows(PhoneCall)) == 1
    assert len(texts_to(gateway, ADA)) == 1


def test_a_page_comes_while_the_test_rings(gateway: Gateway, cast: Cast) -> None:
    begin_drills(gateway, DRILL)
    cast.ada.rings(PATIENCE)
    report_problem(cast.acme)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("This is no test, it is a real page.*P1, ticket", PATIENCE)
    cast.ada.press("1")
    cast.ada.expect("It is yours", PATIENCE)
    gateway.joined(2, PATIENCE)
    settled(gateway, ("passed", "confirmed", "delivered"))


def test_a_page_comes_while_the_test_is_heard(gateway: Gateway, cast: Cast) -> None:
    begin_drills(gateway, DRILL)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("This is a test call", PATIENCE)
    report_problem(cast.acme)
    cast.ada.expect("The test stops here. This is a real page.*P1, ticket", PATIENCE)
    cast.ada.press("1")
    cast.ada.expect("It is yours", PATIENCE)
    gateway.joined(2, PATIENCE)
    settled(gateway, ("passed", "confirmed", "delivered"))
