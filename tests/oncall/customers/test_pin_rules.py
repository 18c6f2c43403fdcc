"""Which PINs guessers would try first: refused when chosen, never drawn; and how many that leaves."""

import random
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.customers.pin_rules import weak_pin
from oncall.customers.pins import PinKeys, WeakPinError, issue_pin, new_pin, set_pin
from oncall.directory import DirectoryError, apply, parse
from oncall.models.customers import Contract, Customer
from tests.directory_example import DEMO, EXAMPLE, edited

DOCUMENT = Path(__file__).parents[3] / "docs" / "security.md"
KEYS = PinKeys(b"0123456789abcdef0123456789abcdef")

WEAK = {
    "repeats itself": """00000000 99999999 777777 3333333333333333 00000001 11111112 12121212 21212121 12112212
        123123123 12341234 48154815 12312312 481481481 13131314 93131313 481523481523 11223344 99887766 77441199
        111222333 55556666 10000001 55555515""",
    "has digits that run in order": """12345678 87654321 01234567 23456789 90123456 98765432 3210987654 123456 654321
        02468024 24681357 13579135 13572468 97531864 12344321 12348765 11112345 12345679 12345699 91234567 00000123
        147258369 963852741 159357 10203040 19283746 81726354 11112223 123456789012345""",
    "is a pattern on the keypad": "14789632 12369874 12365478 25896321 36985214 147896 0856325",
    "is the same read backwards": "48155184 70533507 271172 9042409 481515184",
    "is a date": """19800104 01041980 04011980 20260314 14032026 03142026 31121999 29022024 241280 122480 801224 290224
        19841987""",
}
STRONG = """70519283 48151623 31415926 27182818 16180339 14142135 57721566 69314718 90210573 73519264 38205917 94062817
    30021980 29022025 18990101 482719 5071936 4815162342 9170468253 13072001994 4815162342108604"""


@pytest.mark.parametrize(("words", "pin"), [(words, pin) for words, pins in WEAK.items() for pin in pins.split()])
def test_what_is_easily_guessed_is_weak(words: str, pin: str) -> None:
    assert weak_pin(pin) == words


@pytest.mark.parametrize("pin", STRONG.split())
def test_what_only_looks_a_little_orderly_is_not(pin: str) -> None:
    assert weak_pin(pin) is None


@pytest.mark.parametrize(
    ("pin", "weak"),
    [("84052796", True), ("69725048", True), ("584052796", True), ("84052797", False), ("40527963", False)],
)
def test_a_part_of_the_own_number_is_weak(pin: str, weak: bool) -> None:
    numbers = ["+390212345678", "+390584052796"]
    assert (weak_pin(pin, numbers) == "is part of the telephone number") is weak
    assert weak_pin(pin) is None


@given(digits=st.text("0123456789", min_size=2, max_size=8), times=st.integers(2, 8))
def test_no_repeated_block_is_strong(digits: str, times: int) -> None:
    pin = (digits * times)[:16]
    assert len(pin) < 6 or weak_pin(pin) is not None


@given(start=st.integers(0, 9), step=st.integers(0, 9), length=st.integers(6, 16))
def test_no_run_is_strong(start: int, step: int, length: int) -> None:
    assert weak_pin("".join(str((start + step * place) % 10) for place in range(length))) is not None


@given(day=st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_no_day_is_strong(day: date) -> None:
    for form in ("%Y%m%d", "%d%m%Y", "%m%d%Y", "%y%m%d", "%d%m%y", "%m%d%y"):
        assert weak_pin(day.strftime(form)) is not None


@pytest.mark.parametrize("length", [6, 8, 16])
def test_no_weak_pin_is_drawn(length: int) -> None:
    for _ in range(500):
        pin = new_pin(length)
        assert (len(pin), weak_pin(pin)) == (length, None)


def test_issued_pins_are_drawn_again_when_weak(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter("12345678" + "19800104" + "70519283")
    monkeypatch.setattr("oncall.customers.pins.secrets.choice", lambda _digits: next(drawn))
    contract = _contract(session)
    assert issue_pin(session, contract, KEYS, 8, real_now()) == "70519283"


def test_a_weak_pin_cannot_be_set_by_any_way(session: Session) -> None:
    contract = _contract(session)
    for pin in ("00000000", "12345678", "48154815", "12345678"[::-1]):
        with pytest.raises(WeakPinError, match="easily guessed") as refused:
            set_pin(session, contract, KEYS, pin, real_now())
        assert pin not in str(refused.value)


def _contract(session: Session) -> Contract:
    apply(session, parse(EXAMPLE), real_now(), KEYS)
    return session.scalars(select(Contract)).one()


@pytest.mark.parametrize("length", [6, 8, 10])
def test_the_document_states_how_many_are_left_out(length: int) -> None:
    stated = re.search(rf"([0-9.]+) % of those with {length} digits", DOCUMENT.read_text().replace("\n", " "))
    assert stated is not None
    dice, draws = random.Random(length), 12_000
    weak = sum(weak_pin("".join(dice.choices("0123456789", k=length))) is not None for _ in range(draws))
    assert 100 * weak / draws == pytest.approx(float(stated[1]), rel=0.25, abs=0.05)


# --- In the directory file


@pytest.mark.parametrize(
    ("old", "line", "who"), [('"48151623"', 13, "customers → Acme"), ('"70519283"', 6, "people → Ada Rossi")]
)
@pytest.mark.parametrize(
    ("pin", "words"),
    [
        ("00000000", "this PIN repeats itself, so it is easily guessed"),
        ("12345678", "this PIN has digits that run in order, so it is easily guessed"),
        ("24681357", "this PIN has digits that run in order, so it is easily guessed"),
        ("19800104", "this PIN is a date, so it is easily guessed"),
    ],
)
def test_the_file_is_refused_with_line_and_remedy(old: str, line: int, who: str, pin: str, words: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        parse(edited((old, f'"{pin}"')))
    (problem,) = refused.value.problems
    assert problem.line == line
    assert f"{who} → pin: {words}; choose another one, best drawn at random" in str(problem)
    assert pin not in str(refused.value)


@pytest.mark.parametrize(
    ("old", "pin"), [('"48151623"', "39021234"), ('"48151623"', "90212345"), ('"70519283"', "0584000001")]
)
def test_the_own_number_is_no_pin(old: str, pin: str) -> None:
    with pytest.raises(DirectoryError, match="part of the telephone number"):
        parse(edited((old, f'"{pin}"')))


@pytest.mark.parametrize(
    ("length", "pin", "fine"), [(8, "4815162", False), (10, "48151623", False), (8, "481516234", True)]
)
def test_a_pin_shorter_than_pin_length_is_refused(length: int, pin: str, fine: bool) -> None:
    text = edited(('"48151623"', f'"{pin}"'), ('"70519283"', '"7051928346"'))
    if fine:
        assert parse(text, length).customers[0].pin == pin
        return
    with pytest.raises(DirectoryError) as refused:
        parse(text, length)
    (problem,) = refused.value.problems
    assert problem.line == 13
    assert f"a PIN has {length} to 16 digits, not {len(pin)}; PIN_LENGTH asks for that" in str(problem)


def test_all_weak_pins_of_a_file_are_told_and_none_is_written(session: Session) -> None:
    text = edited(('"48151623"', '"00000000"'), ('"70519283"', '"12345678"'))
    with pytest.raises(DirectoryError) as refused:
        apply(session, parse(text), real_now(), KEYS)
    assert [problem.line for problem in refused.value.problems] == [6]  # customers are read once people are right
    assert session.scalar(select(func.count()).select_from(Customer)) == 0


def test_the_demo_is_fine() -> None:
    assert len(parse(DEMO.read_text(encoding="utf-8"), 8).customers) == 7
