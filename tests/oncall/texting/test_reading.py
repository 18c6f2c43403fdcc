"""What texts say, as people type them: sure only where they can be read in one way."""

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.texts.receiving import OPT_IN, OPT_OUT
from oncall.texting.letters import LONGEST_TEXT, kept
from oncall.texting.reading import Reading, read
from oncall.texting.vocabulary import VERBS, Command

ACK, PASS, DONE, OK = Command.ACK, Command.PASS, Command.DONE, Command.OK

PAGE = (
    "P1 ticket 1042 Acme: call back +390212345678. 52 min left. Reply ACK 123456, PASS 123456 or DONE 123456 what you"
    " did. Menu: call +390584943299. http://127.0.0.1:8000/t/khAB1NelaFa8gV8vGlW1hP1gqxk"
)
TWO_PAGES = "2 pages. P1 1042 Acme: ACK 123456. P2 1043 Beta: ACK 654321. PASS and DONE take the code too."


def sure(command: Command, code: str = "123456", note: str = "") -> Reading:
    return Reading(command, code, note, sure=True)


@pytest.mark.parametrize(
    "text",
    [
        "ACK 123456",
        "ack 123456",
        "aCk 123456",
        "ACK 123456!",
        "ACK (123456)",
        '"ACK 123456"',
        "“ACK 123456”",
        "«ACK 123456»",
        "'ACK 123456'",
        "> ACK 123456",
        ">> ACK 123456",
        ">ack 123456\n",
        "| ACK 123456",
        "👍 ACK 123456",
        "ACK 123456 👍🏽",
        "👍👍ACK 123456❤️",
        "ACK １２３４５６",
        "ＡＣＫ　１２３４５６",
        "𝐀𝐂𝐊 𝟏𝟐𝟑𝟒𝟓𝟔",
        "ack ١٢٣٤٥٦",
        "ack ۱۲۳۴۵۶",
        "ack १२३४५६",
        "1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣",
        "123456",
        " 123456. ",
        "(123456)",
        "#123456",
        "code 123456",
        "ack123456",
        "ACK-123456",
        "ACK#123456",
        "123456ack",
        "123456 ack",
        "123456: ACK!",
        "ACK: 123456",
        "Ack #123456",
        "ACK = 123456",
        "ACK code 123456",
        "ACK\n123456",
        "ACK\t123456",
        "A\u200bCK 123456",
        "\u200fACK 123456\u200f",
        "ACK\u00a0123456",
        "ACK 123 456",
        "ACK 123-456",
        "ACK 12 34 56",
        "ack 1 2 3 4 5 6",
        "123 456",
        "ok ack 123456",
        "OK, ACK 123456",
        "Re: ACK 123456",
        "[ACK 123456] :-)",
        "ACK.123456 ✅",
        "> > *ACK 123456*",
        "yes 123456",
        "please ack 123456, thanks",
        "ACK 123456 on my way",
        "ACK 123456. On my way, call me on +39 347 0000001",
        "ACK 123456 ETA 0830",
        "ACK 123456\n--\nAda Rossi\n+39 0584 000001, room 654321",
        "ACK 123456\nSent from my iPhone",
        "ACK 123456\n\nInviato da iPhone 123457",
        "ACK 123456\nOn Sun, 14 Jun 2026, Nightline wrote:\n> " + PAGE,
        "ACK 123456\n> " + PAGE.replace("123456", "654321"),
        "> " + PAGE + "\nACK 123456",
        "ACK\n> " + PAGE,
        "Ack!\n> " + PAGE,
        "👍\n> ACK 123456",
        "ok\n> ack 123456",
        "ACK 123456 123456",
        "ACK 123456\nACK 123456",
    ],
)
def test_accepted(text: str) -> None:
    assert read(text) == sure(ACK)


@pytest.mark.parametrize(
    "text", ["ACK 1234!", "ACK (1234)", '"ACK 1234"', "> ACK 1234", "1234", "ack1234", "ok ack 1234"]
)
def test_codes_of_the_release_before_are_read_too(text: str) -> None:
    assert read(text) == sure(ACK, "1234")


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("PASS 123456", sure(PASS)),
        ("pass 123456 please, I am driving", sure(PASS)),
        ("123456 pass", sure(PASS)),
        ("PASS\n> " + PAGE, sure(PASS)),
        ("OK 123456", sure(OK)),
        ("okay: 123 456", sure(OK)),
        ("123456 ok", sure(OK)),
        (
            "OK\n> Nightline: you come on call today at 18:00 (Nights, first). No open ticket. Reply OK 123456.",
            sure(OK),
        ),
        ("ok", sure(OK, "")),
        ("Ok!", sure(OK, "")),
        ("who", sure(Command.WHO, "")),
        ("WHO?", sure(Command.WHO, "")),
        ("who is on call", sure(Command.WHO, "")),
        ("help", sure(Command.HELP, "")),
        ("HELP me!", sure(Command.HELP, "")),
        ("ACK", sure(ACK, "")),
        ("DONE", sure(DONE, "")),
        ("ACK 12", sure(ACK, "12")),
        ("ACK 123456789", sure(ACK, "123456789")),
    ],
)
def test_other_commands(text: str, reading: Reading) -> None:
    assert read(text) == reading


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("DONE 123456 restarted it", "restarted it"),
        ("DONE 123456! restarted it", "restarted it"),
        ("done 123456: rebooted. Works", "rebooted. Works"),
        ("DONE 123456 - rebooted", "rebooted"),
        ("DONE 123456, rebooted!", "rebooted!"),
        ("DONE (123456) rebooted (twice)", "rebooted (twice)"),
        ("Done123456 rebooted", "rebooted"),
        ("123456 done Rebooted", "Rebooted"),
        ("ok done 123456 rebooted", "rebooted"),
        ("DONE １２３４５６ Neustart um 3 Uhr, läuft", "Neustart um 3 Uhr, läuft"),
        ("DONE 123456 أعدت التشغيل", "أعدت التشغيل"),
        ("DONE 123456 1 server down, 7 up", "1 server down, 7 up"),
        ("DONE 123 456 1 server down", "1 server down"),
        ("DONE 123456 ticket 2000 too", "ticket 2000 too"),
        ("DONE 123456 Restarted the gateway,\nworks again", "Restarted the gateway,\nworks again"),
        ("DONE 123456 reboot\n> " + PAGE, "reboot"),
        ("DONE 123456 reboot\n--\nAda", "reboot"),
        ("DONE 123456 restarted 🎉", "restarted 🎉"),
        ("DONE 123456 “restarted” it", "“restarted” it"),
        ('"DONE 123456 restarted it"', "restarted it"),
        ("(DONE 123456 restarted)", "restarted"),
        ("> DONE 123456 restarted it", "restarted it"),
        ("DONE 123456 it did not work at first, who knows why?", "it did not work at first, who knows why?"),
        ("DONE 123456 acked the alarm, will pass by", "acked the alarm, will pass by"),
        ("DONE 123456 <b>bold</b> & more", "<b>bold</b> & more"),
        ("DONE 123456 no dial tone, restarted PBX", "no dial tone, restarted PBX"),
        ("DONE 123456 could not reproduce, closed", "could not reproduce, closed"),
        ("DONE 123456 not reproducible", "not reproducible"),
        ("DONE 123456 Later found the cable unplugged", "Later found the cable unplugged"),
        ("DONE 123456 can't ping it, swapped the card, works", "can't ping it, swapped the card, works"),
        ("DONE 123456 stillgelegt, Ersatz läuft", "stillgelegt, Ersatz läuft"),
        (
            "DONE 123456 closed: not yet done by us, the carrier does it",
            "closed: not yet done by us, the carrier does it",
        ),
        ("DONE 123456 closed: still working on the rest", "closed: still working on the rest"),
        ("DONE 123456 closed: what was done", ""),
        ("DONE 123456", ""),
        ("DONE 123456!", ""),
        ("DONE 123456 👍", ""),
        ("DONE 123456 what you did.", ""),
    ],
)
def test_the_note_is_kept_as_it_was_typed(text: str, note: str) -> None:
    assert read(text) == sure(DONE, note=note)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("don't ack 123456", ACK),
        ("Don’t ACK 123456", ACK),
        ("do not ack 123456", ACK),
        ("I can't ack 123456", ACK),
        ("i cannot ack 123456 sorry", ACK),
        ("no ack 123456", ACK),
        ("ACK not 123456", ACK),
        ("ack 123456? no", ACK),
        ("ACK 123456 not possible", ACK),
        ("ack 123456\nno", ACK),
        ("ack 123456 nein", ACK),
        ("ACK 123456?", ACK),
        ("should I ack 123456", ACK),
        ("will ack 123456 later", ACK),
        ("ack 123456 if nobody else does", ACK),
        ("who has acked 123456", ACK),
        ("👎 ACK 123456", ACK),
        ("ACK 123456 ❌", ACK),
        ("123456?", ACK),
        ("123456 ❓", ACK),
        ("ack 123456 pass", ACK),
        ("pass or ack 123456", PASS),
        ("ACK/PASS 123456", ACK),
        ("pass? 123456", PASS),
        ("don't pass 123456", PASS),
        ("PASS 123456 oops ack", PASS),
        ("not done 123456", DONE),
        ("I am not done 123456", DONE),
        ("I am done 123456", DONE),
        ("done? 123456", DONE),
        ("DONE 123456?", DONE),
        ("DONE 123456 not yet", DONE),
        ("DONE 123456 almost", DONE),
        ("DONE 123456 Not yet, sorry", DONE),
        ("DONE 123456 not done", DONE),
        ("DONE 123456 not fixed, they go on tomorrow", DONE),
        ("DONE 123456 not quite finished", DONE),
        ("DONE 123456 still working on it", DONE),
        ("DONE 123456 it is still not up", DONE),
        ("DONE 123456 I am still waiting for the carrier", DONE),
        ("DONE 123456 no", DONE),
        ("DONE 123456 wait, sorry", DONE),
        ("DONE 123456 noch nicht", DONE),
        ("almost done 123456", DONE),
        ("akc 123456", ACK),
        ("acl 123456", ACK),
        ("ackk 123456", ACK),
        ("ak 123456", ACK),
        ("pasd 123456", PASS),
        ("doen 123456 restarted", DONE),
        ("accept 123456", ACK),
        ("ack ack 123456", ACK),
        ("Loved “ACK 123456”", ACK),
        ("Removed a like from “ACK 123456”", ACK),
        ("accetto 123456", ACK),
        ("erledigt 123456", DONE),
        ("Acknowledged 123456", ACK),
        ("skip 123456", PASS),
        ("Liked “" + PAGE + "”", ACK),
        ("👍 to “" + PAGE + "”", ACK),
        ("> " + PAGE, ACK),
        ("ok\n> " + PAGE, ACK),
        ("no\n> ACK 123456", None),
        ("what is 123456", None),
        ("A̶C̶K̶ 123456", None),
        ("STOP 123456", None),
        ("I am back 123456", None),
    ],
)
def test_never_taken_for_sure(text: str, command: Command | None) -> None:
    found = read(text)
    assert not found.sure
    assert found.command is command
    assert found.code == ("" if text.startswith("no\n") else "123456")


@pytest.mark.parametrize(
    "text",
    [
        "ACK 123456 654321",
        "ACK 123456, 654321",
        "ack 123456\nack 654321",
        "DONE 123456 654321 both rebooted",
        "DONE 123456 rebooted\nDONE 654321 rebooted",
        "123456 654321",
        "ACK\n> " + TWO_PAGES,
        "👍 to “" + TWO_PAGES + "”",
    ],
)
def test_two_codes_are_not_sure(text: str) -> None:
    found = read(text)
    assert found.several
    assert not found.sure


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("ACK 1042 123456", ACK),
        ("ACK 1042, code 123456", ACK),
        ("ACK 1042 123 456", ACK),
        ("1042 123456", None),
        ("ACK 10423 123456", ACK),
        ("ticket 1042 ack 123456", ACK),
        ("PASS 1042 123456", PASS),
        ("DONE 1042 123456 restarted", DONE),
        ("done 1042: code 123456 restarted", DONE),
        ("10423 123456", None),
    ],
)
def test_the_group_as_long_as_codes_are_is_the_code(text: str, command: Command | None) -> None:
    """But it is a guess."""
    found = read(text).with_code_of(6)
    assert (found.command, found.code, found.sure, found.several) == (command, "123456", False, False)


@pytest.mark.parametrize(
    "text", ["ACK 123456", "ACK 1234", "DONE 1234 order 987654", "ACK 123456 ETA 0830", "ACK", "WHO"]
)
def test_one_code_stays_what_it_is(text: str) -> None:
    assert read(text).with_code_of(6) == read(text)


def test_two_groups_of_that_length_are_two_codes() -> None:
    found = read("ACK 1042 123456 654321").with_code_of(6)
    assert (found.code, found.sure, found.several) == ("", False, True)


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "👍", "???", "I am on my way", "20 minutes", "be there in 5", "thanks!", ">"]
)
def test_no_command_at_all(text: str) -> None:
    assert read(text) == Reading()


@pytest.mark.parametrize("word", sorted(OPT_OUT | OPT_IN))
def test_what_twilio_acts_on_is_no_command(word: str) -> None:
    """Twilio's documentation, "Support for opt-out keywords"."""
    assert not read(word).sure
    assert word not in set(Command)
    found = read(f"{word} 123456")
    assert not found.sure or word == "YES"


def test_what_is_kept_is_short_and_harmless() -> None:
    assert kept("a\r\nb\x00c\x07\td") == "a\nbc\td"
    assert len(kept("x" * 100_000)) == LONGEST_TEXT


_AROUND = st.text(alphabet=" !.,:;()\"'“”👍❤️*-#\t", max_size=6)
_CODE = st.integers(100_000, 99_999_999).map(str)


@given(st.sampled_from(["ack", "ACK", "Ack", "aCK"]), _CODE, _AROUND, _AROUND, _AROUND)
def test_marks_around_a_command_change_nothing(verb: str, code: str, before: str, between: str, after: str) -> None:
    assert read(f"{before}{verb}{between}{code}{after}") == sure(ACK, code)


@given(_CODE, st.text(alphabet=string.ascii_letters + " .,äöüé!", min_size=1, max_size=200))
def test_a_note_comes_back_as_it_was(code: str, words: str) -> None:
    note = f"x {words.strip()} x"  # what begins and ends with a word has nothing to trim
    assert read(f"DONE {code} {note}") == sure(DONE, code, note)


@given(st.sampled_from(["not", "don't", "can't", "never", "no", "non", "nicht"]), st.sampled_from(sorted(VERBS)), _CODE)
def test_no_refusal_is_ever_sure(refusal: str, verb: str, code: str) -> None:
    for text in (f"{refusal} {verb} {code}", f"{verb} {refusal} {code}", f"{code} {refusal} {verb}"):
        assert not read(text).sure
    if verb != "done":
        assert not read(f"{verb} {code} {refusal}").sure


@settings(max_examples=150)
@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    found = read(text)
    assert found.code == "" or re.fullmatch(r"[0-9]+", found.code)
    assert kept(kept(text)) == kept(text)


@given(st.text(alphabet="ackpsdone 0123456789\n>?.-'👍👎not", max_size=60))
def test_what_is_sure_names_its_command_and_code(text: str) -> None:
    """Nothing is carried out whose digits the sender has not typed."""
    found = read(text)
    if found.sure and found.code:
        assert found.code in re.sub(r"[ .\-]", "", text.replace("\n", ""))
        assert found.command is not None
        assert not found.several
