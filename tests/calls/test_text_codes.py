"""Who may do what with a code by text, and that codes can't be guessed."""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select, text, update

from core.db import Database
from ivr.texts.apology import WORDS as APOLOGY
from oncall.models.messages import IncomingOutcome
from oncall.models.pages import Attempt, Page, Via
from oncall.models.people import Person, by_phone
from oncall.models.planning.changes import HandoffNotice
from oncall.models.rosters import Roster
from oncall.models.tickets import Intervention
from oncall.monitoring.preflight import Level
from oncall.monitoring.text_check import check_texts
from oncall.paging.acknowledge import accept
from oncall.runtime import Work
from oncall.texting.silence import tell_silence
from tests.calls.people import ADA, BRUNO, CARLA, DINO
from tests.calls.text_desk import MANAGERS, TextDesk, open_desk

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STAFF = (ADA, BRUNO, CARLA, DINO)


@pytest.fixture
def desk(database: Database, tmp_path: Path, now: datetime) -> TextDesk:
    return open_desk(database, tmp_path, now)


def use_up(desk: TextDesk, number: str, times: int = 5) -> None:
    """So many wrong codes from a number."""
    for _ in range(times):
        assert desk.text(number, "ACK 200000").startswith("There is no page with code 200000 for you.")


def passes(desk: TextDesk, code: str) -> None:
    """Ada was tried and has passed: Bruno is rung as well."""
    desk.text(ADA, f"PASS {code}")
    with desk.database.transaction() as session:
        page = session.scalars(select(Page).where(Page.code == code)).one()
        bruno = session.scalars(select(Person).where(Person.phone == BRUNO)).one()
        session.add(Attempt(page_id=page.id, person_id=bruno.id, round=1, started_at=desk.now))


# --- Who may use a code


@pytest.mark.parametrize("body", ["ACK {}!", "> ACK {}", "👍 {}", "{}", "ok ack{}", "ACK ({})"])
def test_a_page_is_accepted_as_people_type(desk: TextDesk, body: str) -> None:
    number, code = desk.open()
    assert desk.text(ADA, body.format(code)).startswith(f"Ticket {number} is yours.")
    assert desk.pages() == ["accepted"]


def test_full_width_digits(desk: TextDesk) -> None:
    number, code = desk.open()
    wide = code.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})
    assert desk.text(ADA, f"ＡＣＫ {wide}").startswith(f"Ticket {number} is yours.")


@pytest.mark.parametrize(
    ("body", "exact"),
    [
        ("akc {}", "To take the ticket reply ACK {}."),
        ("don't ack {}", "To take the ticket reply ACK {}."),
        ("pass? {}", "To pass it on reply PASS {}."),
        ("not done {}", "To close it reply DONE {} and what was done."),
        ("what is {}", "To take the ticket reply ACK {}."),
        ("ok {}", "To take the ticket reply ACK {}."),
        ("ACK {} PASS {}", "To take the ticket reply ACK {}."),
    ],
)
def test_what_would_be_a_guess_is_answered_with_the_exact_text(desk: TextDesk, body: str, exact: str) -> None:
    _, code = desk.open()
    answer = desk.text(ADA, body.replace("{}", code))
    assert exact.format(code) in answer
    assert "nothing was done" in answer
    assert desk.pages() == ["paging"]
    assert [each.outcome for each in desk.kept()] == ["told"]


def test_done_keeps_the_note_as_it_was_typed(desk: TextDesk) -> None:
    number, code = desk.open()
    assert desk.text(ADA, f"DONE {code}! restarted it").startswith(f"Ticket {number} is closed with your note.")
    with desk.database.transaction() as session:
        assert session.scalars(select(Intervention.note)).one() == "restarted it"


@pytest.mark.parametrize("note", ["not yet", "not fixed", "still working on it"])
def test_a_doubtful_done_is_answered_with_what_works(desk: TextDesk, note: str) -> None:
    number, code = desk.open()
    answer = desk.text(ADA, f"DONE {code} {note}")
    assert f"To close it reply DONE {code} closed: what was done." in answer
    assert desk.tickets() == ["open"]
    assert desk.text(ADA, f"DONE {code} closed: {note}").startswith(f"Ticket {number} is closed with your note.")
    with desk.database.transaction() as session:
        assert session.scalars(select(Intervention.note)).one() == f"closed: {note}"


@pytest.mark.parametrize("body", ["ACK {number} {code}", "{number} {code}", "ack {number}: code {code}"])
def test_the_ticket_named_before_the_code_is_no_wrong_code(desk: TextDesk, body: str) -> None:
    number, code = desk.open()
    answer = desk.text(ADA, body.format(number=number, code=code))
    assert f"To take the ticket reply ACK {code}." in answer
    assert desk.pages() == ["paging"]
    assert [each.outcome for each in desk.kept()] == ["told"]
    desk.text(ADA, f"ACK {number} {desk.wrong(code)}")
    assert sorted(each.outcome for each in desk.kept()) == ["told", "wrong"], "a wrong code is one all the same"


def test_two_codes_at_once_do_nothing(desk: TextDesk) -> None:
    (_, one), (_, other) = desk.open(), desk.open("Beta")
    assert desk.text(ADA, f"ACK {one} {other}") == f"Nothing was done: send one text for each code, such as ACK {one}."
    assert desk.pages() == ["paging", "paging"]


@pytest.mark.parametrize("command", ["DONE {} works", "PASS {}"])
def test_closing_and_passing_are_for_who_was_paged(desk: TextDesk, command: str) -> None:
    _, code = desk.open()
    for number in (BRUNO, CARLA):
        desk.text(number, command.format(code))
    assert (desk.pages(), desk.tickets()) == (["paging"], ["open"])
    assert [each.outcome for each in desk.kept()] == ["wrong", "wrong"]


def test_a_colleague_who_was_given_the_code_may_take_the_page(desk: TextDesk) -> None:
    number, code = desk.open()
    assert desk.text(BRUNO, f"ACK {code}").startswith(f"Ticket {number} is yours.")
    assert desk.text(BRUNO, f"DONE {code} works").startswith(f"Ticket {number} is closed")


def test_a_code_dies_with_its_page_for_everybody_else(desk: TextDesk) -> None:
    number, code = desk.open()
    passes(desk, code)
    assert desk.text(ADA, f"ACK {code}").startswith(f"Ticket {number} is yours.")
    assert desk.text(BRUNO, f"ACK {code}") == f"Ada Rossi has accepted ticket {number} already."
    for body in (f"ACK {code}", f"PASS {code}", f"DONE {code} works", f"{code}"):
        assert desk.text(CARLA, body) == (
            f"There is no page with code {code} for you. Look at the newest text, or call this number for the menu."
        )
    assert desk.text(ADA, f"ACK {code}").startswith(f"Ticket {number} is yours."), "once more changes nothing"
    assert desk.text(BRUNO, f"DONE {code} works").startswith(f"Ticket {number} is closed"), "he was paged for it"
    assert desk.text(ADA, f"DONE {code} too") == f"Code {code} is old: ticket {number} is closed."
    assert [each.outcome for each in desk.kept() if each.number == CARLA] == ["wrong"] * 4


def test_an_old_code_is_told_as_such_without_the_new_one(desk: TextDesk) -> None:
    number, old = desk.open()
    desk.text(ADA, f"ACK {old}")
    new = desk.page_again(number)
    answer = desk.text(ADA, f"DONE {old} works")
    assert answer.startswith(f"Code {old} is old: ticket {number} was paged again.")
    assert new not in answer
    assert desk.text(CARLA, f"ACK {old}").startswith("There is no page with code")
    assert desk.text(ADA, f"ACK {new}").startswith(f"Ticket {number} is yours.")


def test_who_has_the_ticket_may_close_it_while_a_colleague_is_looked_for(desk: TextDesk) -> None:
    """The page for a colleague has another code, which its holder was never sent."""
    number, code = desk.open()
    desk.text(ADA, f"ACK {code}")
    with desk.database.transaction() as session:
        page = session.scalars(select(Page)).one()
        at = desk.now + MINUTE
        session.add(Page(ticket_id=page.ticket_id, cause="colleague", code="345678", opened_at=at, due_at=at))
    assert desk.text(ADA, f"DONE {code} works").startswith(f"Ticket {number} is closed")


def test_a_page_of_the_release_before_keeps_its_four_digits_to_its_end(desk: TextDesk) -> None:
    number, code = desk.open()
    with desk.database.transaction() as session:
        session.execute(update(Page).where(Page.code == code).values(code="1234"))
    assert desk.text(ADA, "PASS 1234").startswith(f"Passed on: ticket {number}")
    assert desk.text(ADA, "ack(1234)").startswith(f"Ticket {number} is yours.")
    assert desk.text(ADA, "DONE 1234! restarted it").startswith(f"Ticket {number} is closed")


@pytest.mark.parametrize("length", [6, 8])
def test_codes_have_as_many_digits_as_are_set(database: Database, tmp_path: Path, now: datetime, length: int) -> None:
    desk = open_desk(database, tmp_path, now, code_length=length)
    number, code = desk.open()
    assert len(code) == length
    assert f"such as ACK {'12345678'[:length]}." in desk.text(ADA, "ACK")
    assert desk.text(ADA, f"ack {code}").startswith(f"Ticket {number} is yours.")


def notice_for(desk: TextDesk, number: str, code: str | None) -> None:
    with desk.database.transaction() as session:
        person = by_phone(session, number)
        roster = session.scalars(select(Roster)).first()
        assert person is not None
        assert roster is not None
        about = {"roster_id": roster.id, "layer": "first", "comes": True, "code": code, "told_at": desk.now}
        session.add(HandoffNotice(at=desk.now + HOUR, person_id=person.id, **about))


def confirmed(desk: TextDesk) -> bool:
    with desk.database.transaction() as session:
        return session.scalars(select(HandoffNotice.confirmed_at)).one() is not None


def test_a_handoff_is_confirmed_by_its_code_alone(desk: TextDesk) -> None:
    notice_for(desk, ADA, "345678")
    assert desk.text(BRUNO, "OK 345678").startswith("There is no page with code")
    for body in ("OK", "OK 200000", "ACK 345678", "345678", "ok? 345678"):
        desk.text(ADA, body)
        assert not confirmed(desk), body
    assert desk.text(ADA, "ok 345678").startswith("Thank you. You are on call from")
    assert confirmed(desk)


# --- Guessing


def test_five_wrong_codes_an_hour_then_silence(desk: TextDesk) -> None:
    number, code = desk.open()
    use_up(desk, ADA)
    assert desk.mails() == []
    for body in ("ACK 200000", f"ACK {code}", f"DONE {code} works", code, "WHO", "HELP", "hello"):
        assert desk.text(ADA, body) == "", "a right code must not end the silence, or guessing would go on"
    assert (desk.pages(), desk.tickets()) == (["paging"], ["open"])
    assert [each.recipient for each in desk.mails()] == list(MANAGERS)
    assert "Ada Rossi, +393470000001" in desk.mails()[0].body
    assert code not in desk.mails()[0].body
    desk.clock.instant += HOUR
    assert desk.text(ADA, f"ACK {code}").startswith(f"Ticket {number} is yours.")


@pytest.mark.parametrize(
    "body",
    ["ACK 200000", "PASS 200000", "DONE 200000 x", "200000", "akc 200000", "ack 12", "OK 200000", "ACK 1234567890"],
)
def test_every_kind_of_wrong_code_counts(desk: TextDesk, body: str) -> None:
    desk.open()
    assert all(desk.text(ADA, body) for _ in range(5))
    assert desk.text(ADA, body) == ""


def test_what_has_no_code_is_answered_twenty_times_an_hour(desk: TextDesk) -> None:
    """So that a faked sender costs little, and two phones that answer by themselves don't go on for ever."""
    number, code = desk.open()
    assert all(desk.text(ADA, "I am driving and will answer later") for _ in range(20))
    assert desk.text(ADA, "I am driving and will answer later") == desk.text(ADA, "WHO") == ""
    assert desk.text(ADA, f"ACK {code}").startswith(f"Ticket {number} is yours."), "no code was wrong"
    assert len(desk.mails()) == len(MANAGERS)


def test_the_limit_over_all_numbers(database: Database, tmp_path: Path, now: datetime) -> None:
    """Three numbers use it up. Who was paged is not shut out by that; who was only given a code is."""
    desk = open_desk(database, tmp_path, now, code_limit_all_hour=12)
    number, code = desk.open()
    use_up(desk, CARLA)
    use_up(desk, DINO)
    use_up(desk, BRUNO, 2)
    assert desk.text(BRUNO, "ACK 200000") == ""
    assert desk.text(BRUNO, f"ACK {code}") == "", "else guessing would go on"
    assert desk.text(ADA, "ACK 200000") == "", "wrong, and counted for her number"
    assert desk.text(ADA, f"ACK {code}").startswith(f"Ticket {number} is yours.")
    assert Counter(each.outcome for each in desk.kept()) == {"wrong": 12, "own": 3, "done": 1}
    assert len(desk.mails()) == len(MANAGERS)


def test_the_limit_of_a_day_over_all_numbers(database: Database, tmp_path: Path, now: datetime) -> None:
    desk = open_desk(database, tmp_path, now, code_limit_all_day=12)
    for _ in range(2):
        use_up(desk, BRUNO)
        desk.clock.instant += HOUR
    use_up(desk, BRUNO, 2)
    assert desk.text(CARLA, "ACK 200000") == ""
    desk.clock.instant += 24 * HOUR
    use_up(desk, CARLA)


def test_beyond_the_limit_of_all_a_number_has_its_own(database: Database, tmp_path: Path, now: datetime) -> None:
    desk = open_desk(database, tmp_path, now, code_limit_all_hour=1)
    _, code = desk.open()
    use_up(desk, CARLA, 1)
    assert [desk.text(ADA, "ACK 200000") for _ in range(5)] == [""] * 5
    assert desk.text(ADA, f"ACK {code}") == ""
    assert desk.pages() == ["paging"]


def test_a_clock_that_is_set_back_opens_nothing(desk: TextDesk) -> None:
    _, code = desk.open()
    use_up(desk, ADA)
    desk.clock.instant -= 30 * MINUTE
    assert desk.text(ADA, f"ACK {code}") == ""


def test_right_codes_count_for_nothing(desk: TextDesk) -> None:
    number, code = desk.open()
    for _ in range(30):
        assert desk.text(ADA, f"ACK {code}").startswith(f"Ticket {number} is yours.")
    use_up(desk, ADA)


def test_the_same_text_twice_counts_once(desk: TextDesk) -> None:
    one, two = "SM" + "1" * 32, "SM" + "2" * 32
    first = desk.text(ADA, "ACK 200000", sid=one)
    assert [desk.text(ADA, "ACK 200000", sid=one) for _ in range(9)] == [first] * 9
    use_up(desk, ADA, 4)
    assert desk.text(ADA, "ACK 200000", sid=two) == desk.text(ADA, "ACK 200000", sid=two) == ""


def test_many_at_the_same_moment_are_counted_exactly(database: Database, tmp_path: Path, now: datetime) -> None:
    """Of one number and of all: no more are looked at than the limits say, however they meet."""
    desk = open_desk(database, tmp_path, now, code_limit_all_hour=13)
    desk.open()
    texts = [(number, f"ACK {200_000 + place}") for place in range(15) for number in STAFF]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda each: desk.text(*each), texts))
    # On a busy machine some wait too long for their turn, and are told to come again.
    told = zip(texts, answers, strict=True)
    looked_at = Counter(number for (number, _), answer in told if answer not in ("", APOLOGY))
    assert sum(looked_at.values()) == 13
    assert max(looked_at.values()) <= 5
    assert len(desk.mails()) == len(MANAGERS)


def test_further_numbers_are_told_of_when_the_hour_is_over(desk: TextDesk) -> None:
    use_up(desk, ADA)
    desk.text(ADA, "ACK 200000")
    use_up(desk, BRUNO)
    desk.text(BRUNO, "ACK 200000")
    with desk.database.transaction() as session:
        [due] = session.scalars(
            text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'tell_silence'")
        ).all()
        tell_silence(session, desk.now)
    assert due == desk.now + HOUR - desk.clock.shift()
    assert len(desk.mails()) == len(MANAGERS)
    desk.clock.instant += HOUR - MINUTE / 2
    desk.text(BRUNO, "ACK 200000")
    desk.clock.instant += MINUTE / 2
    for _ in range(2):
        with desk.database.transaction() as session:
            tell_silence(session, desk.now)
    assert len(desk.mails()) == 2 * len(MANAGERS)
    assert "Bruno Verdi" in desk.mails()[-1].subject
    assert "Ada" not in desk.mails()[-1].body


def test_what_is_wrong_is_logged_without_code_or_number(desk: TextDesk) -> None:
    lines = StringIO()
    listener = logging.StreamHandler(lines)
    listener.setFormatter(logging.getLogger().handlers[0].formatter)
    logging.getLogger().addHandler(listener)
    try:
        use_up(desk, ADA)
        for _ in range(3):
            desk.text(ADA, "ACK 200000")
    finally:
        logging.getLogger().removeHandler(listener)
    log = lines.getvalue()
    assert log.count("a wrong code came by text") == 5
    assert log.count("get no answer any more") == 1
    assert "200000" not in log
    assert ADA not in log
    assert "+39********01" in log


def test_metrics_and_preflight_tell_of_it(desk: TextDesk) -> None:
    with desk.database.transaction() as session:
        assert [each.level for each in check_texts(session, desk.settings, desk.now)] == [Level.OK]
    use_up(desk, ADA)
    desk.text(ADA, "ACK 200000")
    metrics = desk.app.test_client().get("/metrics").get_data(as_text=True)
    assert 'nightline_texts_received{outcome="wrong"} 5.0' in metrics
    assert 'nightline_texts_received{outcome="silent"} 1.0' in metrics
    with desk.database.transaction() as session:
        [found] = check_texts(session, desk.settings, desk.now)
    assert found.level is Level.WARNING
    assert found.words == "no answer after too many texts: Ada Rossi; 5 wrong codes in the last hour"


def test_nobody_can_shut_the_phone_and_the_page(desk: TextDesk) -> None:
    """By text the number is silent; the call and the web page accept all the same."""
    _, code = desk.open()
    use_up(desk, ADA)
    assert desk.text(ADA, f"ACK {code}") == ""
    with desk.database.transaction() as session:
        page = session.scalars(select(Page)).one()
        ada = by_phone(session, ADA)
        assert ada is not None
        assert accept(Work(session, desk.runtime, desk.now), page.id, ada, Via.WEB).holder is ada


def flood(random: Random, number: int) -> str:
    """What an attacker tries, and what is none of it."""
    code = str(random.randrange(100_000, 1_000_000))
    kinds = (
        f"ACK {code}", f"ack{code}", code, f"PASS {code}", f"DONE {code} rebooted", f"OK {code}", f"akc {code}",
        f"> ACK {code}", f"ACK {code[:4]}", f"ACK {code} {code[::-1]}", "WHO", "help", "hello", "👍", "", f"#{number}",
    )  # fmt: skip
    return random.choice(kinds)


def test_a_thousand_texts_with_technicians_numbers(desk: TextDesk) -> None:
    """None is accepted, no more are answered than docs/security.md says, and managers are told once."""
    codes = {desk.open(customer)[1] for customer in ("Acme", "Beta")}
    notice_for(desk, ADA, "345678")
    random = Random(4711)
    texts = [(STAFF[place % len(STAFF)], flood(random, place)) for place in range(1_000)]
    texts = [(number, body) for number, body in texts if not any(code in body for code in {*codes, "345678"})]
    assert len(texts) > 990
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda each: desk.text(*each), texts))
    answered = Counter(number for (number, _), answer in zip(texts, answers, strict=True) if answer)
    settings = desk.settings
    assert max(answered.values()) <= settings.code_limit_number_hour + settings.text_answers_number_hour
    outcomes = Counter(each.outcome for each in desk.kept())
    assert outcomes[IncomingOutcome.WRONG] == len(STAFF) * settings.code_limit_number_hour
    assert outcomes[IncomingOutcome.TOLD] + outcomes[IncomingOutcome.WRONG] == sum(answered.values()) <= 100
    assert outcomes[IncomingOutcome.SILENT] == len(texts) - sum(answered.values())
    assert desk.pages() == ["paging", "paging"]
    assert desk.tickets() == ["open", "open"]
    assert not confirmed(desk)
    assert [each.recipient for each in desk.mails()] == list(MANAGERS)


def test_whoever_had_a_silent_number_before_is_not_named(desk: TextDesk) -> None:
    """A phone is passed on: mails and the preflight speak of who has it now."""
    with desk.database.transaction() as session:
        gone = Person(name="Greta Prima", phone=ADA, role="technician", retired_at=desk.now)
        session.add(gone)
    _, code = desk.open()
    for _ in range(6):
        desk.text(ADA, f"ACK {desk.wrong(code)}")
    [mail, *_] = desk.mails()
    assert "Ada Rossi" in mail.body
    assert "Greta" not in f"{mail.subject} {mail.body}"
    with desk.database.transaction() as session:
        [check] = check_texts(session, desk.settings, desk.now)
    assert "Ada Rossi" in check.words
    assert "Greta" not in check.words
