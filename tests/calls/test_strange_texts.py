"""Texts of numbers that are nobody's of ours: kept, answered once a day, shown on the ticket, and never obeyed."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from core.db import Database
from core.locks import Lock
from ivr.texts.apology import MOST_AN_HOUR, WORDS
from oncall.models.tickets import Ticket
from oncall.texting.letters import LONGEST_TEXT
from oncall.texting.strangers import SHOWN_AN_HOUR, sender_of
from oncall.texting.words import LONGEST_SHOWN
from oncall.tickets.timeline import read_ticket
from tests.calls.people import ACME, ADA, BETA, STRANGER
from tests.calls.text_desk import TextDesk, open_desk

DAY = timedelta(days=1)
MOBILE = "+393331112233"
SID = "SM" + "1" * 32


@pytest.fixture
def desk(database: Database, tmp_path: Path, now: datetime) -> TextDesk:
    return open_desk(database, tmp_path, now)


@pytest.mark.parametrize("body", ["ACK {}", "{}", "DONE {} works", "PASS {}", "> ACK {}"])
@pytest.mark.parametrize(
    "sender",
    [
        STRANGER,
        ACME,
        f"whatsapp:{ADA}",
        f"rcs:{ADA}",
        f"messenger:{ADA}",
        f"WhatsApp:{ACME}",
        "40404",
        "Nightline",
        "",
        "anonymous",
    ],
)
def test_nothing_is_accepted_by_them(desk: TextDesk, sender: str, body: str) -> None:
    _, code = desk.open()
    desk.text(sender, body.format(code))
    assert (desk.pages(), desk.tickets()) == (["paging"], ["open"])
    assert [(each.number, each.body) for each in desk.kept()] == [(sender_of(sender).name, body.format(code))]


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        (STRANGER, "this number is for calls, nobody reads texts to it. For support at night call +390584943299."),
        (BETA, "this number is for calls"),
        (f"whatsapp:{ADA}", "only plain texts (SMS) of our technicians are carried out here."),
        (f"rcs:{STRANGER}", "only plain texts (SMS) of our technicians are carried out here."),
    ],
)
def test_each_is_answered_once_a_day(desk: TextDesk, sender: str, words: str) -> None:
    assert words in desk.text(sender, "Is anybody there?")
    assert desk.text(sender, "Hello?") == desk.text(sender, "ACK 123456") == ""
    desk.clock.instant += DAY - timedelta(minutes=1)
    assert desk.text(sender, "Hello?") == ""
    desk.clock.instant += timedelta(minutes=2)
    assert words in desk.text(sender, "Hello?")
    assert len(desk.kept()) == 5


@pytest.mark.parametrize("sender", ["40404", "Nightline", "", "anonymous", "+390584943299"])
def test_who_can_get_no_answer_gets_none(desk: TextDesk, sender: str) -> None:
    """A short number, a name, nobody, ourselves."""
    assert desk.text(sender, "Hello") == ""
    assert len(desk.kept()) == 1


@pytest.mark.parametrize("word", ["STOP", "stop.", "START", "Yes"])
def test_what_the_network_acts_on_is_not_answered(desk: TextDesk, word: str) -> None:
    assert desk.text(STRANGER, word) == ""


def test_many_senders_are_answered_a_few_times_an_hour(database: Database, tmp_path: Path, now: datetime) -> None:
    """Faked numbers must not spend our money, nor send our texts to others."""
    desk = open_desk(database, tmp_path, now, stranger_answers_hour=3)
    answers = [desk.text(f"+3933311{number:05}", "Hello") for number in range(12)]
    assert [bool(answer) for answer in answers] == [True] * 3 + [False] * 9
    assert len(desk.kept()) == 12
    number, code = desk.open()
    assert desk.text(ADA, f"ACK {code}").startswith(f"Ticket {number} is yours."), "technicians are counted apart"


def test_the_same_text_twice_is_kept_and_shown_once(desk: TextDesk) -> None:
    number, _ = desk.open(caller=MOBILE)
    first = desk.text(MOBILE, "It works again", sid=SID)
    assert first
    assert [desk.text(MOBILE, "It works again", sid=SID) for _ in range(3)] == [first] * 3
    assert len(desk.kept()) == len(desk.timeline(number)) == 1


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        (ACME, "Text from +39********78: “The door is locked, ring twice”"),
        (MOBILE, "Text from +39********33: “The door is locked, ring twice”"),
        (f"whatsapp:{MOBILE}", "Text from +39********33 by whatsapp: “The door is locked, ring twice”"),
    ],
)
def test_a_customers_text_stands_on_the_open_ticket(desk: TextDesk, sender: str, shown: str) -> None:
    """Whether the number is registered, or the ticket was opened from it."""
    number, code = desk.open(caller=MOBILE)
    answer = desk.text(sender, "The door is locked,\n ring twice")
    assert f"your text stands on ticket {number}." in answer
    assert desk.timeline(number) == [shown]
    desk.text(sender, f"ACK {code}")
    assert desk.pages() == ["paging"]
    assert len(desk.timeline(number)) == 2


def test_a_number_to_call_back_counts_and_the_newest_ticket(desk: TextDesk) -> None:
    old, _ = desk.open()
    desk.clock.instant += timedelta(minutes=5)
    other, _ = desk.open("Beta", caller=STRANGER)
    with desk.database.transaction() as session:
        session.scalars(select(Ticket).where(Ticket.number == other)).one().callback_number = MOBILE
    desk.text(MOBILE, "call me now")
    desk.text(ACME, "for Acme")
    newest, _ = desk.open(caller=ACME)
    desk.text(ACME, "again")
    assert [len(desk.timeline(number)) for number in (old, other, newest)] == [1, 1, 1]


def test_nothing_is_shown_on_closed_tickets_or_those_of_others(desk: TextDesk) -> None:
    number, code = desk.open()
    desk.text(BETA, "from Beta")
    desk.text(ADA, f"DONE {code} works")
    assert "this number is for calls" in desk.text(ACME, "thank you")
    assert desk.timeline(number) == []


def test_a_flood_does_not_bury_the_ticket(desk: TextDesk) -> None:
    number, _ = desk.open()
    for place in range(SHOWN_AN_HOUR + 30):
        desk.text(ACME, f"text {place}")
    shown = desk.timeline(number)
    assert len(shown) == SHOWN_AN_HOUR + 1
    assert shown[-1] == "More texts came in from there. They are kept, and not shown."
    assert len(desk.kept()) == SHOWN_AN_HOUR + 30


@pytest.mark.parametrize(
    "body", ["<script>alert(1)</script>", "a bell\x07 and \x1b[31m escapes", "x" * 5000, "مستشفى 🚑", "", " \n "]
)
def test_whatever_it_says_can_be_kept_and_shown(desk: TextDesk, body: str) -> None:
    number, _ = desk.open()
    assert desk.text(ACME, body)
    [row] = desk.kept()
    assert len(row.body) <= LONGEST_TEXT
    [line] = desk.timeline(number)
    assert len(line) <= LONGEST_SHOWN + 60
    assert "\x00" not in line
    with desk.database.transaction() as session:
        view = read_ticket(session, number, desk.now)
    assert view is not None
    assert line in [each.words for each in view.lines]


def test_without_the_database_nothing_is_carried_out_and_few_are_answered(desk: TextDesk) -> None:
    """Whatever the text and whoever sends it, the answer is the same: nothing can be learnt from it."""
    _, code = desk.open()
    desk.database.engine.dispose()
    desk.runtime.database.outlook._away = True
    try:
        answers = [desk.text(*each) for each in ((ADA, f"ACK {code}"), (ADA, "ACK 200000"), (STRANGER, "hello")) * 10]
    finally:
        desk.runtime.database.outlook._away = False
    assert answers == [WORDS] * MOST_AN_HOUR + [""] * (30 - MOST_AN_HOUR)
    assert desk.pages() == ["paging"]
    assert desk.kept() == []


@pytest.mark.parametrize("what", ["the sender", "all"])
def test_a_text_that_could_not_be_looked_at_is_answered(desk: TextDesk, what: str) -> None:
    """Others are at it for too long: the sender hears so, a few times an hour, and nothing is done."""
    _, code = desk.open()
    lock, body = (Lock.TEXT_SENDER, f"ACK {code}") if what == "the sender" else (Lock.TEXT_ALL, "ACK 200000")
    key = {"kind": lock, "what": ADA if what == "the sender" else "all"}
    apologies = desk.app.extensions["text_apologies"]
    with desk.database.transaction() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:kind, hashtext(:what))"), key)
        assert desk.text(ADA, body, sid=SID) == WORDS
        assert sum(bool(apologies.words()) for _ in range(MOST_AN_HOUR)) == MOST_AN_HOUR - 1
        assert desk.text(ADA, body, sid=SID) == ""
    assert desk.kept() == []
    assert desk.pages() == ["paging"]
    assert "is yours" in desk.text(ADA, f"ACK {code}", sid=SID)
    assert desk.pages() == ["accepted"]
