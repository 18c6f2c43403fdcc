"""Who hangs up when, what each hears, and who is rung: every row of the table in docs/calls.md is played here.

Whatever is measured is measured in the network's own time, by the network itself: a busy machine changes no row.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from oncall.models.calls import PhoneCall
from simulator.driven_phone import DrivenPhone
from simulator.network import handset
from tests.calls.goodbye_rows import SENTENCES, Row, Watch, check, check_order, sentences_of_document
from tests.calls.night_desk import PATIENCE, accept, join, page_states, texts_afterwards, work
from tests.calls.people import ADA_PIN, Cast, report_problem
from tests.calls.stack import SPEED, Gateway

QUESTION = "technician has hung up. If you are done, just hang up. If you were cut off, press 1, or stay on the line"
STILL_THERE = (
    "Your call with Acme about ticket .* has ended, and the caller is still on the line. Press 1 to talk again"
)
NEXT = "To speak with the next person on call, press 1. To be called back, press 2"
# Slow enough for whoever acts within seconds of the network's time, also on a busy machine.
SLOW = 3
STILL = 0.05


@dataclass
class Night:
    """A conversation, and what is seen of it from its end on."""

    gateway: Gateway
    cast: Cast

    def talk(self) -> None:
        report_problem(self.cast.acme)
        join(self.gateway, self.cast.acme, self.cast.ada)
        self.gateway.settle()
        self.watch = Watch(self.gateway, self.cast)

    def goodbye(self, **faults: float | bool) -> None:
        """They talk, Ada hangs up, and the caller is asked. `faults`: what is wrong with her phone from then on."""
        self.talk()
        self.cast.ada.faults(**faults)
        self.cast.ada.hang_up()
        self.cast.acme.expect(QUESTION, PATIENCE)

    def asked_on(self) -> None:
        """Ada can't be reached twice, and the caller is asked what comes next."""
        self.goodbye(no_answer=True)
        self.cast.acme.press("1")
        self.cast.acme.expect("could not be reached. To try once more", PATIENCE)
        self.cast.acme.press("1")
        self.cast.acme.expect(NEXT, PATIENCE)

    def rejoin(self) -> None:
        """Ada is rung, and comes back."""
        self.cast.ada.answer(PATIENCE)
        self.cast.ada.expect(STILL_THERE, PATIENCE)
        self.cast.ada.press("1")
        self.cast.acme.expect("A technician is here", PATIENCE)
        self.gateway.joined(2, PATIENCE)
        self.gateway.settle()

    def hangs_up_after(self, phone: DrivenPhone, seconds: float) -> None:
        """So many of the network's seconds from now, by its own clock."""
        exchange = self.gateway.network.exchange

        async def hang_up() -> None:
            await exchange.pace.sleep(seconds)
            handset.hang_up(exchange, phone.phone)

        self.gateway.network.run(hang_up(), 60)


Play = Callable[[Night], DrivenPhone | None]
SCENARIOS: dict[tuple[str, str], Play] = {}


def row(what: str, then: str) -> Callable[[Play], Play]:
    """A row of the table, played by this function. It returns the technician who is listened to, if not Ada."""

    def put_down(play: Play) -> Play:
        SCENARIOS[what, then] = play
        return play

    return put_down


HANGS_UP = "The technician hangs up, or the line drops"


@row("Both hang up", "in the same moment, 0 s apart")
def both(night: Night) -> None:
    night.talk()
    exchange, cast = night.gateway.network.exchange, night.cast

    def hang_up() -> None:
        handset.hang_up(exchange, cast.ada.phone)
        handset.hang_up(exchange, cast.acme.phone)

    night.gateway.network.do(hang_up)


def stays(seconds: int) -> Play:
    def play(night: Night) -> None:
        night.talk()
        night.gateway.network.set_speed(SLOW)
        night.cast.ada.hang_up()
        night.cast.acme.expect(QUESTION, PATIENCE)
        night.hangs_up_after(night.cast.acme, seconds)

    return play


for _seconds in (5, 10, 15):
    row(HANGS_UP, f"the caller hears it, and hangs up {_seconds} s later")(stays(_seconds))


@row(HANGS_UP, "the caller presses 1; the technician presses 1")
def presses_1(night: Night) -> None:
    night.goodbye()
    night.cast.acme.press("1")
    night.rejoin()
    night.cast.acme.hang_up()


@row(HANGS_UP, "the caller stays; the technician presses 1")
def stays_on(night: Night) -> None:
    night.goodbye()
    night.rejoin()
    night.cast.acme.hang_up()


@row(HANGS_UP, "the caller presses 7, then 1; the technician presses 1")
def wrong_key(night: Night) -> None:
    night.goodbye()
    night.cast.acme.press("7")
    night.cast.acme.expect("not in use here. If you are done", PATIENCE)
    night.cast.acme.press("1")
    night.rejoin()
    night.cast.acme.hang_up()


@row(HANGS_UP, "the caller stays, and hangs up while the technician is rung")
def gives_up(night: Night) -> None:
    night.goodbye()
    night.cast.ada.rings(PATIENCE)
    night.cast.acme.expect("calling Ada again", PATIENCE)
    night.cast.acme.hang_up()
    assert night.cast.ada.hung_up(PATIENCE) == "canceled"
    night.cast.ada.expect_text("The caller has hung up now", PATIENCE)


@row(HANGS_UP, "the caller stays, and hangs up while the technician is asked for the key")
def gives_up_late(night: Night) -> None:
    night.goodbye()
    night.cast.ada.answer(PATIENCE)
    night.cast.ada.expect(STILL_THERE, PATIENCE)
    night.cast.acme.hang_up()
    night.cast.ada.expect("no longer on the line. To call back now, press 1", PATIENCE)
    night.cast.ada.expect_text("The caller has hung up now", PATIENCE)
    night.cast.ada.hang_up()


@row(HANGS_UP, "the caller stays; the technician presses 7, then 1")
def technician_wrong_key(night: Night) -> None:
    night.goodbye()
    night.cast.ada.answer(PATIENCE)
    night.cast.ada.expect(STILL_THERE, PATIENCE)
    night.cast.ada.press("7")
    night.cast.ada.expect(f"not in use here. {STILL_THERE}", PATIENCE)
    night.cast.ada.press("1")
    night.cast.acme.expect("A technician is here", PATIENCE)
    night.gateway.joined(2, PATIENCE)
    night.cast.acme.hang_up()


def open_line(night: Night, **faults: float | bool) -> None:
    """A line that never clears, and a technician who does not come back."""
    night.goodbye(**faults)
    night.cast.acme.expect(NEXT, 60)
    night.cast.acme.expect("I did not hear a key, so I end this call", 60)
    night.cast.acme.hung_up(PATIENCE)
    night.cast.ada.expect_text("no key was pressed, so the call was ended", PATIENCE)


@row(HANGS_UP, "the caller's line never clears; the technician does not answer")
def never_clears(night: Night) -> None:
    open_line(night, no_answer=True)


@row(HANGS_UP, "the caller's line never clears; the technician's line is busy")
def never_clears_busy(night: Night) -> None:
    open_line(night, busy=True)


@row(HANGS_UP, "the caller's line never clears; the technician answers and presses nothing, as a voicemail does")
def never_clears_voicemail(night: Night) -> None:
    open_line(night, voicemail=1)


@row(HANGS_UP, "no answer to the second ring; the caller presses 1")
def asks_for_the_next(night: Night) -> DrivenPhone:
    night.asked_on()
    night.cast.acme.press("1")
    night.cast.acme.expect("calling the next person on call", PATIENCE)
    accept(night.cast.bruno)
    night.cast.acme.expect("A technician is here", PATIENCE)
    night.gateway.joined(2, PATIENCE)
    night.cast.acme.hang_up()
    return night.cast.bruno


@row(HANGS_UP, "no answer to the second ring; the caller presses 2, then 1 and hash")
def asks_for_a_call(night: Night) -> None:
    night.asked_on()
    night.cast.acme.press("2")
    night.cast.acme.expect("press star, then hash", PATIENCE)
    night.cast.acme.press("1#")
    night.cast.acme.hung_up(PATIENCE)
    night.cast.ada.expect_text("asks you to call back \\+390212345678", PATIENCE)


@row(HANGS_UP, "no answer to the second ring; the caller presses 7, then hangs up")
def wrong_key_at_last(night: Night) -> None:
    night.asked_on()
    night.cast.acme.press("7")
    night.cast.acme.expect(f"not in use here. {NEXT}", PATIENCE)
    night.cast.acme.hang_up()
    night.cast.ada.expect_text("The caller has hung up now", PATIENCE)


@row(HANGS_UP, "they are joined again, and the technician hangs up twice more within a minute; the caller hangs up")
def three_times(night: Night) -> None:
    night.goodbye()
    for _ in range(2):
        night.cast.acme.press("1")
        night.rejoin()
        night.cast.ada.hang_up()
        night.cast.acme.expect("technician has hung up", PATIENCE)
    night.cast.acme.expect(NEXT, PATIENCE)
    night.cast.acme.hang_up()


@row(HANGS_UP, "the same, but each conversation lasts more than a minute; the caller hangs up")
def three_long_talks(night: Night) -> None:
    """What counts as long is one second here: conversations take the gateway's own time."""
    night.gateway.set_paging(no_answer=5, goodbye_talk=1)
    night.goodbye()
    for _ in range(2):
        night.cast.acme.press("1")
        night.rejoin()
        begun = night.gateway.network.exchange.pace.real(night.gateway.network.exchange.pace.now())
        pace = night.gateway.network.exchange.pace
        night.gateway.network.wait(lambda: pace.real(pace.now()) > begun + 2.5, PATIENCE, "a long conversation")  # noqa: B023
        night.cast.ada.hang_up()
        night.cast.acme.expect(QUESTION, PATIENCE)
    night.cast.acme.hang_up()


@row("The technician accepts, and hangs up before the caller is there", "the next person presses 1")
def before_any_talk(night: Night) -> DrivenPhone:
    cast, network = night.cast, night.gateway.network
    night.gateway.set_paging(no_answer=60)  # the caller's next round of music ends while the next person is rung
    report_problem(cast.acme)
    cast.acme.press("#")
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)
    cast.acme.expect("calling the technician on call", PATIENCE)
    night.gateway.settle()
    network.set_speed(STILL)  # the caller's round of music lasts until she has gone
    night.watch = Watch(night.gateway, cast)
    night.gateway.processes["worker"].kill()  # nobody fetches the caller before she has gone
    cast.ada.press("1")
    cast.ada.expect("It is yours", PATIENCE)
    cast.ada.hang_up()
    network.wait(
        lambda: all(call.state == "ended" for call in night.gateway.rows(PhoneCall) if call.person_id is not None),
        PATIENCE,
        "the end of Ada's call",
    )
    night.gateway.start_worker()
    night.gateway.await_worker()
    network.set_speed(SLOW)
    cast.acme.expect("calling the next person on call", PATIENCE)
    accept(cast.bruno)
    night.gateway.joined(2, PATIENCE)
    cast.acme.hang_up()
    return cast.bruno


@row("The caller hangs up, or the line drops", "the technician presses 1")
def caller_hangs_up(night: Night) -> None:
    night.talk()
    night.cast.acme.hang_up()
    night.cast.ada.expect("no longer on the line. To call back now, press 1", PATIENCE)
    night.cast.ada.press("1")
    night.cast.acme.answer(PATIENCE)
    night.cast.acme.expect("Ada is on the line", PATIENCE)
    night.gateway.joined(2, PATIENCE)
    night.cast.acme.hang_up()
    night.cast.ada.expect("no longer on the line", PATIENCE)


@row("The caller hangs up, or the line drops", "the technician hangs up too")
def technician_follows(night: Night) -> None:
    night.talk()
    night.cast.acme.hang_up()
    night.cast.ada.expect("no longer on the line. To call back now, press 1", PATIENCE)
    night.cast.ada.hang_up()


@row("The technician calls back, and hangs up first", "the customer presses 1; the technician presses 1")
def after_a_call_back(night: Night) -> None:
    caller_hangs_up_and_is_called(night)
    night.cast.ada.hang_up()
    night.cast.acme.expect(QUESTION, PATIENCE)
    night.cast.acme.press("1")
    night.rejoin()
    night.cast.acme.hang_up()


def caller_hangs_up_and_is_called(night: Night) -> None:
    report_problem(night.cast.acme)
    night.cast.acme.hang_up()
    accept(night.cast.ada)
    night.cast.ada.press("1")
    night.cast.acme.answer(PATIENCE)
    night.cast.acme.expect("Ada is on the line", PATIENCE)
    night.gateway.joined(2, PATIENCE)
    night.gateway.settle()
    night.watch = Watch(night.gateway, night.cast)


@pytest.mark.parametrize("name", SCENARIOS, ids=" - ".join)
def test_the_document_says_what_happens(gateway: Gateway, cast: Cast, name: tuple[str, str]) -> None:
    gateway.set_paging(no_answer=5)
    night = Night(gateway, cast)
    technician = SCENARIOS[name](night)
    gateway.network.set_speed(SPEED)
    gateway.settle()
    found: Row = night.watch.row(*name, technician)
    check(found)
    assert "paging" not in page_states(gateway), "nobody is looked for any more"


def test_the_document_has_these_rows_in_this_order() -> None:
    check_order(list(SCENARIOS))


def test_the_document_says_what_the_names_of_sentences_mean() -> None:
    assert sentences_of_document() == list(SENTENCES)


@pytest.mark.parametrize(
    "disturbed",
    [{"duplicate": True}, {"late": 2.0}, {"shuffled": 3.0, "duplicate": True}],
    ids="+".join,
)
def test_reports_twice_late_and_out_of_order(gateway: Gateway, cast: Cast, disturbed: dict[str, float]) -> None:
    """One question, one ring, one text, and nobody else is woken."""
    gateway.set_paging(no_answer=5)
    gateway.network.disturb(**disturbed)  # type: ignore[arg-type]
    night = Night(gateway, cast)
    night.goodbye()
    cast.acme.press("1")
    night.rejoin()
    cast.acme.hang_up()
    gateway.network.disturb()
    gateway.settle()
    found = night.watch.row("", "")
    assert (found.caller, found.rung) == ("*asked*; *being rung*; *joined*", "Ada")
    assert work(gateway) == [("Ada", "call"), ("Ada", "call")]
    assert page_states(gateway) == ["accepted"]
    assert texts_afterwards(gateway) == 1


def test_the_worker_is_killed_in_the_middle(gateway: Gateway, cast: Cast) -> None:
    """The caller's questions need none; who was to be rung is rung by the next one."""
    gateway.set_paging(no_answer=60)
    night = Night(gateway, cast)
    night.goodbye()
    gateway.processes["worker"].kill()
    cast.acme.press("1")
    cast.acme.expect("I am calling Ada again", PATIENCE)
    cast.acme.expect("I am still calling Ada", PATIENCE)
    gateway.start_worker()
    night.rejoin()
    cast.acme.hang_up()
    gateway.settle()
    assert work(gateway) == [("Ada", "call"), ("Ada", "call")]
    assert page_states(gateway) == ["accepted"]


def test_the_technician_calls_the_hotline_while_the_caller_is_asked(gateway: Gateway, cast: Cast) -> None:
    """By the menu the two are joined at once, whatever the caller is asked just then."""
    gateway.set_paging(no_answer=60)
    night = Night(gateway, cast)
    night.goodbye()
    gateway.network.set_speed(SLOW)
    cast.ada.dial()
    cast.ada.expect("type your own PIN", PATIENCE)
    cast.ada.press(f"{ADA_PIN}#")
    for words, key in (("To hear it, press 1", "1"), ("The caller is on the line. .* 3 to talk to the caller", "3")):
        cast.ada.expect(words, PATIENCE)
        cast.ada.press(key)
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.acme.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call"), ("Ada", "call")]
    assert page_states(gateway) == ["accepted"]
