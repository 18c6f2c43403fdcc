"""A second look at one address of the time without the database gets the first outcome, whatever is typed then."""

import multiprocessing
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bench.outage import Storm
from core.clock import real_now
from core.db import Database
from ivr.offline.carried import opened, sealed
from ivr.twilio.addresses import away_url
from oncall.models.access.pin_attempts import PinAttempt
from oncall.models.tickets import TicketEvent
from oncall.outage.answers import KEPT_FOR_S, Answer, KeptAnswers
from oncall.outage.journal import Entry, Journal
from oncall.outage.snapshot_file import SnapshotFile
from oncall.outage.snapshot_taking import take
from tests.calls.crude import Leg
from tests.calls.doors import PIN_KEY, Door, known_to_be_away, settings_in, sid_of, step_of
from tests.calls.people import ACME, ACME_PIN, ADA, ADA_PIN, BETA_PIN, DIRECTORY, STRANGER, Cast
from tests.calls.signing import Webhooks
from tests.calls.stack import AUTH_TOKEN
from tests.calls.storm import PATIENCE, report_away
from tests.conftest import SUNDAY_NIGHT
from tests.loading import load_directory

NAMES = "Ada|Bruno|Carla|Dino|Rossi|Verdi|Neri|Gallo|Acme|Beta"


@pytest.fixture(scope="module")
def nowhere() -> Iterator[Database]:
    """A database at an address where nothing listens."""
    database = known_to_be_away(Database("postgresql://nobody@127.0.0.1:9/nothing"))
    yield database
    database.engine.dispose()


@pytest.fixture
def night(nowhere: Database, database: Database, tmp_path: Path) -> Door:
    """The gateway with a snapshot of the directory, and without its database."""
    with database.transaction() as session:
        load_directory(session, DIRECTORY, SUNDAY_NIGHT, PIN_KEY.encode())
    with database.transaction() as session:
        SnapshotFile(settings_in(tmp_path)).write(take(session, SUNDAY_NIGHT))
    return Door.to(nowhere, tmp_path)


def look(door: Door, leg: Leg, url: str, **more: str) -> str:
    return door.document(url, leg.params | more)


def facts(door: Door) -> list[tuple[str, str]]:
    """What the journal says, once each as it would be brought in: kind and, for a PIN, what came of it."""
    journal = Journal(door.settings)
    found: dict[str, Entry] = {}
    for batch in journal.batches():
        for entry in journal.read(batch):
            assert entry is not None
            found.setdefault(entry.key, entry)
    return [(entry.kind, entry.more.get("outcome", "")) for entry in found.values()]


def reported(door: Door, number: str = ACME, call: int = 1) -> Leg:
    """A caller whose problem is P1: the first phone rings."""
    leg = door.dial(number, call)
    leg.press(ACME_PIN)
    leg.press("1")
    leg.press("1")
    assert leg.document.find("Dial/Number") is not None, leg.words
    return leg


def screened(door: Door, caller: Leg) -> tuple[Leg, str]:
    """The technician's side of it, picked up, and where the key goes."""
    number = caller.document.find("Dial/Number")
    assert number is not None
    technician = Leg(door.document, sid_of(77), door.settings.our_number, number.text or "", "outbound-dial")
    technician.ask(number.get("url", ""))
    assert "Press 1 to talk now" in technician.words
    return technician, technician.place("Gather")


@pytest.mark.parametrize("first", ["99999999", "silence", ACME_PIN])
def test_one_question_is_good_for_one_guess(night: Door, first: str) -> None:
    """Whoever sends the address of one PIN question again and again learns nothing and moves nothing."""
    caller = night.dial(STRANGER)
    url = caller.place("Gather")
    answer = look(night, caller, f"{url}&silent=1") if first == "silence" else look(night, caller, url, Digits=first)
    for pin in ("11111111", BETA_PIN, ACME_PIN, "99999998", "0", "*", ""):
        assert look(night, caller, url, Digits=pin) == answer, pin
    outcomes = [outcome for kind, outcome in facts(night) if kind == "pin"]
    assert outcomes == {"silence": [], ACME_PIN: ["right"]}.get(first, ["wrong"])


def test_a_technicians_own_pin_is_not_guessed_from_one_question(night: Door) -> None:
    caller = night.dial(ADA)
    assert not re.search(NAMES, caller.words)
    url = caller.place("Gather")
    answer = look(night, caller, url, Digits="00000001")
    assert "This PIN is not right" in answer
    assert not re.search(NAMES, answer)
    assert look(night, caller, url, Digits=ADA_PIN) == answer


@pytest.mark.parametrize(("first", "second"), [("1", "2"), ("2", "1"), ("7", "1"), ("9", "2")])
def test_the_technicians_first_key_counts(night: Door, first: str, second: str) -> None:
    technician, url = screened(night, reported(night))
    answer = look(night, technician, url, Digits=first)
    for key in (second, "", "9", first):
        assert look(night, technician, url, Digits=key) == answer
    assert look(night, technician, f"{url}&silent=1") == answer
    kinds = {"1": "accepted", "2": "passed"}
    assert [kind for kind, _ in facts(night) if kind in kinds.values()] == [kinds[key] for key in kinds if key == first]


def test_what_came_of_a_ringing_phone_is_told_once(night: Door) -> None:
    caller = reported(night)
    url = caller.place("Dial")
    answer = look(night, caller, url, DialCallStatus="no-answer")
    for status, bridged in (("completed", "true"), ("busy", "false"), ("failed", "")):
        assert look(night, caller, url, DialCallStatus=status, DialBridged=bridged) == answer
    assert [outcome for kind, outcome in facts(night) if kind == "dialed"] == ["no answer"]


@pytest.mark.parametrize(("question", "first", "second"), [("level", "1", "2"), ("priority", "1", "2")])
def test_a_callers_first_key_counts(night: Door, question: str, first: str, second: str) -> None:
    caller = night.dial(ACME)
    caller.press(ACME_PIN)
    if question == "priority":
        caller.press("1")
    url = caller.place("Gather")
    assert step_of(url) == question
    answer = look(night, caller, url, Digits=first)
    assert look(night, caller, url, Digits=second) == answer
    assert look(night, caller, url, Digits="4") == answer


def test_the_greeting_comes_twice(night: Door) -> None:
    caller = night.dial(ACME)
    url = caller.place("Gather")
    caller.ask("http://gateway.test/ivr/voice")
    assert caller.place("Gather") == url, "the same call was given a second question"


def test_eight_looks_at_once_are_one_guess(night: Door) -> None:
    caller = night.dial(STRANGER)
    url = caller.place("Gather")
    pins = [ACME_PIN, BETA_PIN, *(f"9999999{number}" for number in range(6))]
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda pin: look(night, caller, url, Digits=pin), pins))
    assert len(answers) == 1
    assert len([kind for kind, _ in facts(night) if kind == "pin"]) == 1


def test_an_address_that_is_a_day_old_leads_nowhere(night: Door) -> None:
    """Its first answer may be forgotten by then."""
    caller = night.dial(ACME)
    url = caller.place("Gather")
    carried = opened(night.settings, re.findall(r"[?&]s=([^&]+)", url)[0])
    assert carried is not None
    assert abs(carried.begun - real_now().timestamp()) < 600
    for age, words in ((KEPT_FOR_S + 60, "Please call again in a moment"), (KEPT_FOR_S - 600, "system administrator")):
        old = replace(carried, begun=int(real_now().timestamp()) - age)
        answer = look(night, caller, away_url(night.settings, "pin", sealed(night.settings, old)), Digits=ACME_PIN)
        assert words in answer


def test_a_message_to_nobody_in_particular_is_kept_once(night: Door) -> None:
    """Without a snapshot either."""
    (night.settings.var_dir / "snapshot").unlink()
    caller = night.dial(ACME)
    assert "I can't look up your contract now" in caller.words
    url = caller.place("Record")
    said = [
        {"RecordingSid": sid_of(number, "RE"), "RecordingUrl": "https://x", "RecordingDuration": "9"}
        for number in (1, 2)
    ]
    answer = look(night, caller, url, **said[0])
    assert "Somebody calls you back" in answer
    assert look(night, caller, url, **said[1]) == answer
    assert look(night, caller, f"{url}&silent=1") == answer
    assert [kind for kind, _ in facts(night)] == ["came", "blind"]


@pytest.mark.parametrize("number", [ADA, ACME, STRANGER, "anonymous"])
@pytest.mark.parametrize("away", [True, False], ids=["away", "there"])
def test_nobody_is_named_before_a_pin(night: Door, database: Database, tmp_path: Path, number: str, away: bool) -> None:
    """Whatever is typed instead, with the database and without."""
    door = night if away else Door.to(database, tmp_path)
    caller = door.dial(number)
    assert not re.search(NAMES, caller.words)
    for keys in ("99999999", "*", "0", "12*4", ""):
        caller.press(keys)
        assert not re.search(NAMES, caller.words), keys


# The call that an address was given to


def changed(door: Door) -> list[bytes]:
    """What this machine has put down so far."""
    return [path.read_bytes() for path in sorted(door.settings.var_dir.glob("journal/*"))]


@pytest.mark.parametrize("keys", [(), (ACME_PIN,), (ACME_PIN, "1"), (ACME_PIN, "1", "1")])
def test_another_call_is_refused(night: Door, keys: tuple[str, ...]) -> None:
    caller = night.dial(ACME)
    for each in keys:
        caller.press(each)
    url = caller.place("Dial" if len(keys) == 3 else "Gather")
    before = changed(night)
    for sid in (sid_of(2), sid_of(0xABCDEF)):
        answer = night.post(url, caller.params | {"CallSid": sid, "Digits": ACME_PIN, "DialCallStatus": "busy"})
        assert answer.status_code == 403
    assert changed(night) == before


def test_another_call_on_the_technicians_side_is_refused(night: Door) -> None:
    technician, url = screened(night, reported(night))
    before = changed(night)
    for wrong in ({"CallSid": sid_of(78)}, {"ParentCallSid": sid_of(79)}):
        assert night.post(url, technician.params | wrong | {"Digits": "1"}).status_code == 403
    assert changed(night) == before
    assert "Connecting" in look(night, technician, url, Digits="1", ParentCallSid=sid_of(1))


def test_another_call_at_an_ordinary_address_is_refused(database: Database, night: Door, tmp_path: Path) -> None:
    """The call began with the database, and its question is answered without."""
    ordinary = Door.to(database, tmp_path).dial(ACME)
    url = ordinary.place("Gather")
    before = changed(night)
    for wrong in (url, url.replace("/call/1/", "/call/2/")):
        sid = sid_of(9) if wrong == url else ordinary.sid
        assert night.post(wrong, ordinary.params | {"CallSid": sid, "Digits": ACME_PIN}).status_code == 403
    assert changed(night) == before
    answer = look(night, ordinary, url, Digits="99999999")
    assert "2 more tries" in answer
    assert look(night, ordinary, url, Digits=ACME_PIN) == answer


# Processes


def _answer(folder: Path, name: str, gate: "multiprocessing.Queue[int]", out: "multiprocessing.Queue[str]") -> None:
    kept = KeptAnswers(settings_in(folder))
    gate.get()
    answers = [kept.first("CA1", f"question {number}", lambda: Answer(name)).document for number in range(30)]
    out.put(" ".join(answers))


def test_processes_of_a_machine_give_one_answer(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    gate: multiprocessing.Queue[int] = context.Queue()
    out: multiprocessing.Queue[str] = context.Queue()
    children = [context.Process(target=_answer, args=(tmp_path, f"process-{name}", gate, out)) for name in range(3)]
    for child in children:
        child.start()
    for _ in children:
        gate.put(1)
    found = {out.get(timeout=300) for _ in children}
    for child in children:
        child.join()
    assert len(found) == 1


def _die(folder: Path, after: bool) -> None:
    """Answer, and be gone before (or after) the answer is on disk."""
    kept = KeptAnswers(settings_in(folder))

    def make() -> Answer:
        if not after:
            os._exit(9)
        entry = Entry("CA1:1:accepted:1", SUNDAY_NIGHT, "accepted", "CA1", {"person": 1})
        return Answer("the first", (entry,))

    kept.first("CA1", "question", make)
    os._exit(9)


@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_dies_in_between(tmp_path: Path, after: bool) -> None:
    """Before the answer was kept there was none. After that it stands, and its facts are told again."""
    child = multiprocessing.get_context("spawn").Process(target=_die, args=(tmp_path, after))
    child.start()
    child.join()
    assert child.exitcode == 9
    answer = KeptAnswers(settings_in(tmp_path)).first("CA1", "question", lambda: Answer("another"))
    assert answer.document == ("the first" if after else "another")
    assert [fact.kind for fact in answer.facts] == ["accepted"] * after


def test_a_torn_line_is_no_answer_and_spoils_none(tmp_path: Path) -> None:
    kept = KeptAnswers(settings_in(tmp_path))
    kept.first("CA1", "one", lambda: Answer("first"))
    kept.first("CA1", "two", lambda: Answer("second"))
    [path] = kept.folder.iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    assert kept.first("CA1", "two", lambda: Answer("anew")).document == "anew"
    assert kept.first("CA1", "two", lambda: Answer("once more")).document == "anew"
    assert kept.first("CA1", "one", lambda: Answer("anew")).document == "first"


def test_nothing_kept_can_be_read_and_old_ones_go(tmp_path: Path) -> None:
    kept = KeptAnswers(settings_in(tmp_path))
    kept.first("CA1", "one", lambda: Answer("Acme, P1"))
    [path] = kept.folder.iterdir()
    assert b"Acme" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    os.utime(path, (1, 1))
    KeptAnswers(settings_in(tmp_path)).first("CA2", "one", lambda: Answer("x"))
    assert path not in list(kept.folder.iterdir())


def test_a_disk_that_refuses_does_not_keep_a_caller_from_an_answer(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("in the way")
    assert KeptAnswers(settings_in(tmp_path)).first("CA1", "one", lambda: Answer("said")).document == "said"


def test_handed_back_to_the_ordinary_way_its_questions_are_new(tmp_path: Path) -> None:
    kept = KeptAnswers(settings_in(tmp_path))
    handed_back = Entry("CA1:7:handed_back:0", SUNDAY_NIGHT, "handed_back", "CA1")

    def ordinary(words: str) -> str:
        return kept.first("CA1", "call 7 wait", lambda: Answer(words), ordinary=True).document

    assert [ordinary("first"), ordinary("second")] == ["first", "first"]
    assert kept.first("CA1", "held s", lambda: Answer("back", (handed_back,))).document == "back"
    assert [ordinary("third"), ordinary("fourth")] == ["third", "third"]
    assert kept.first("CA1", "held s", lambda: Answer("not back")).document == "back"


# The real thing: two web processes, and a database that is really stopped


def test_two_web_processes_give_the_first_outcome(storm: Storm, storm_cast: Cast) -> None:
    """The PIN, the ordinary PIN question that the outage came upon, and the technician's key."""
    cast, gateway = storm_cast, storm.gateway
    posts = Webhooks(gateway.url, AUTH_TOKEN)
    cast.stranger.dial()
    cast.stranger.expect("type your PIN", PATIENCE)
    with storm.away():
        cast.stranger.press("99999999#")
        cast.stranger.expect("2 more tries", PATIENCE)
        report_away(cast.acme)
        cast.ada.answer(PATIENCE)
        cast.ada.expect("Press 1 to talk", PATIENCE)
        cast.ada.press("2")
        cast.ada.expect("Passed on", PATIENCE)
        gateway.network.settle()
        asked = [hook for hook in gateway.network.journal.webhooks(method="POST") if hook.param("Digits")]
        assert {step_of(hook.url) for hook in asked} == {"pin", "level", "priority", "key"}
        for hook in asked:
            params = {name: values[0] for name, values in hook.params.items()}
            for digits in ("1", ACME_PIN, BETA_PIN, "2", "9"):
                assert posts.post(hook.url, params | {"Digits": digits}) == (200, hook.body), (hook.url, digits)
        cast.stranger.hang_up()
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    assert sorted(each.outcome for each in gateway.rows(PinAttempt)) == ["right", "wrong"]
    assert not [line for line in gateway.rows(TicketEvent) if line.kind == "accepted"]
