"""Texts about pages: whatever a customer is called, the reply code stands in the first segment."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.letters import first_segment, gsm, is_gsm, segments
from oncall import wording
from oncall.customers.call_back import WayBack
from oncall.models.customers import Customer
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from tests.conftest import SUNDAY_NIGHT

HOTLINE, LINK = "+390584943299", "https://hotline.example.org/t/khAB1NelaFa8gV8vGlW1hP1gqxk"
CALLABLE = WayBack("+390212345678")
WAYS = [
    CALLABLE,
    WayBack(None, ("+390212345678",), withheld=True),
    WayBack(None, (), withheld=True),
    WayBack(None, ("+390212345678",), name="the switchboard of the hospital, floor 4"),
    WayBack(None, ("+390212345678",), name="مقسم"),
]
NAMES = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=200)


def ticket(name: str) -> Ticket:
    found = Ticket(number=1042, priority="P1", due_at=SUNDAY_NIGHT + timedelta(minutes=60))
    found.customer = Customer(name=name)
    return found


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (CALLABLE, "If you were cut off, call +390212345678."),
        (WayBack(None, ("+390212345678",), withheld=True), "Number withheld, call registered +390212345678."),
        (WayBack(None, ("+390212345678",)), "Caller's number can't be called, call registered +390212345678."),
        (WayBack(None, (), withheld=True), "Number withheld, no number to call back."),
        (WayBack(None, (), name="alice"), "Caller alice (SIP), no number to call back."),
    ],
)
def test_technicians_are_told_only_numbers_that_may_be_called(way: WayBack, said: str) -> None:
    """The ticket's own number is one that earns by being called."""
    about = ticket("Acme")
    about.caller_number = "+39899123456"
    asked = wording.call_back_text(about, way)
    for words in (wording.gave_up_text(about, way), wording.silent_goodbye_text(about, way)):
        assert words.endswith(said)
        assert "899123456" not in words
    assert "899123456" not in asked
    assert "call back number withheld" not in asked
    if way.number is not None:
        assert f"asks you to call back {way.number}. The menu" in asked
    else:
        assert f"asks to be called back. {said}" in asked
        assert ("The menu of the hotline does it" in asked) is bool(way.registered)


def test_wrong_keys_are_not_told_as_none() -> None:
    words = wording.silent_goodbye_text(ticket("Acme"), CALLABLE, wrong_keys=True)
    assert "only keys that are not in use there were pressed" in words
    assert "no key" not in words


def page_text(
    name: str, code: str = "482913", helping: bool = False, waits: bool = False, way: WayBack = CALLABLE
) -> str:
    return wording.page_text(ticket(name), code, helping, waits, SUNDAY_NIGHT, HOTLINE, LINK, way)


@given(NAMES, st.sampled_from(["4829", "482913"]), st.booleans(), st.booleans(), st.sampled_from(WAYS))
def test_the_code_is_in_the_first_segment(name: str, code: str, helping: bool, waits: bool, way: WayBack) -> None:
    text = page_text(name, code, helping, waits, way)
    assert f"{'PASS' if helping else 'ACK'} {code}" in first_segment(text)
    assert text.count("?") <= gsm(name).count("?")
    assert gsm(text) == text
    assert segments(text) <= (3 if is_gsm(text) else 6)
    assert LINK in text


def test_usual_names_take_two_segments_and_read_as_before() -> None:
    text = page_text("Acme", "1234")
    assert text.startswith("P1 ticket 1042 Acme: call back +390212345678. 60 min left. Reply ACK 1234, PASS 1234 or")
    assert segments(text) == 2


def test_a_name_without_a_latin_form_comes_whole_with_the_code_behind_it() -> None:
    text = page_text("مستشفى")
    assert text.startswith("P1 ticket 1042 مستشفى: ACK 482913. Call back +390212345678. 60 min left.")


@pytest.mark.parametrize("letter", ["Ł", "م", "京", "€", "𠮷"])
def test_long_names_are_shortened_before_the_code(letter: str) -> None:
    text = page_text(letter * 200)
    assert "..." in text
    assert "ACK 482913" in first_segment(text)


@given(NAMES)
def test_many_pages_in_one_text(name: str) -> None:
    lines = [wording.PageLine("P1", 1042 + place, name, f"48291{place}", place == 0, place == 1) for place in range(5)]
    text = wording.pages_text(lines, 12, HOTLINE)
    assert "ACK 482910" in first_segment(text)
    assert segments(text) <= (2 if is_gsm(text) else 4)
    assert ("?" in text) <= ("?" in gsm(name))


@given(NAMES, NAMES)
def test_texts_to_callers(company: str, first_name: str) -> None:
    opened = wording.ticket_text(ticket("Acme"), company)
    talked = wording.afterwards_text(ticket("Acme"), Person(name=first_name.strip() or "Ada"), company)
    for text in (opened, talked):
        assert "1042" in first_segment(text)
        assert text.count("?") <= gsm(company + first_name).count("?")
