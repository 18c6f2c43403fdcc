"""Keys typed with pauses: what is judged when, whatever the network tells of the hash."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.security.sealing import seal_for
from core.settings import Settings
from ivr.collecting import HASH_PAUSE_S, Collected, Part, collect, ended_by_hash, opened_part, sealed_part
from ivr.dialogue.callback import collect_number
from ivr.pin_attempt import PIN_PAUSE, pin_typed

PIN = "48151623"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var_dir=tmp_path)


def play(settings: Settings, *answers: dict[str, str]) -> tuple[list[str], int]:
    """What was judged, and how often it was asked on, when these requests come one after the other."""
    kept: str | None = None
    judged, asked = [], 0
    for answer in answers:
        args = {"silent": "1"} if not answer else {}
        found = pin_typed(settings, kept, answer, args)
        if found.wait is None:
            judged.append(found.keys)
            kept = None
        else:
            asked += 1
            kept = sealed_part(settings, found)
    return judged, asked


def by_hash(keys: str) -> dict[str, str]:
    return {"Digits": keys, "FinishedOnKey": "#"}


def timed_out(keys: str) -> dict[str, str]:
    return {"Digits": keys, "FinishedOnKey": ""}


def untold(keys: str) -> dict[str, str]:
    return {"Digits": keys}


SILENCE: dict[str, str] = {}


@pytest.mark.parametrize(
    "answers",
    [
        [timed_out("4815"), by_hash("1623")],
        [timed_out("48"), timed_out("15"), by_hash("1623")],
        [untold("4815"), untold("1623")],
        [untold("4815"), untold("1623#")],
        [timed_out("4"), SILENCE, by_hash("8151623")],
        [timed_out(PIN), by_hash("")],
        [timed_out(PIN), SILENCE],
        [untold(PIN)],
        [by_hash(PIN)],
        [untold(f"{PIN}#")],
        [timed_out("4815"), timed_out("1623"), SILENCE],
        [timed_out("4815162"), {"Digits": "3", "FinishedOnKey": "#", "msg": "Gather End"}],
    ],
)
def test_one_pin_however_it_is_typed(settings: Settings, answers: list[dict[str, str]]) -> None:
    assert play(settings, *answers)[0] == [PIN]


@pytest.mark.parametrize("short", ["4", "4816", "4815162"])
def test_a_right_pin_after_a_short_wrong_one(settings: Settings, short: str) -> None:
    """Nobody tells whether a hash ended the short one, so it may have been a try of its own."""
    assert play(settings, untold(short), untold(PIN))[0] == [PIN]
    assert play(settings, timed_out(short), untold(PIN))[0] == [PIN]
    assert play(settings, timed_out("4815"), by_hash("1623"))[0] == [PIN], "where it is told, parts are one PIN"


HOMES = ["+390212345678"]


@pytest.mark.parametrize(
    ("part", "keys", "found"),
    [
        ("0212", "3339998877", "3339998877"),  # begun anew
        ("333999", "0212345679", "0212345679"),
        ("333999887", "1", "3339998871"),  # the last digit, though 1 alone is an offer
        ("0049", "3012345678", "00493012345678"),  # whole together, though also alone
    ],
)
def test_a_number_typed_anew(part: str, keys: str, found: str) -> None:
    collected = collect_number(Part(part, 1), keys, None, ["+390212345678"], HOMES)
    assert (collected.keys, collected.wait) == (found, None)


@pytest.mark.parametrize("length", range(6, 17))
@pytest.mark.parametrize("pause_after", [1, 3, 6, 8])
def test_pins_of_every_length_in_force(settings: Settings, length: int, pause_after: int) -> None:
    """Also a longer one than are issued, with the pause just where a shorter one would be whole."""
    pin = "4815162342108999"[:length]
    if pause_after < length:
        assert play(settings, timed_out(pin[:pause_after]), by_hash(pin[pause_after:]))[0] == [pin]


@pytest.mark.parametrize(
    ("answers", "judged"),
    [
        ([by_hash("4815")], ["4815"]),
        ([timed_out("4815"), by_hash("")], ["4815"]),
        ([timed_out("4815"), SILENCE, SILENCE], ["4815"]),
        ([untold("4815"), SILENCE, SILENCE], ["4815"]),
        ([timed_out("1"), timed_out("2"), timed_out("3")], ["123"]),
    ],
)
def test_what_is_too_short_is_judged_once_and_soon(
    settings: Settings, answers: list[dict[str, str]], judged: list[str]
) -> None:
    assert play(settings, *answers) == (judged, len(answers) - 1)


def test_star_and_zero_are_no_parts(settings: Settings) -> None:
    for keys in ("*", "48*15", "0", ""):
        found = pin_typed(settings, None, timed_out(keys), {})
        assert (found.keys, found.wait) == (keys, None)
    kept = sealed_part(settings, Collected("4815", 1, PIN_PAUSE))
    assert pin_typed(settings, kept, by_hash("0"), {}).keys == "48150"
    assert "*" in pin_typed(settings, kept, by_hash("*"), {}).keys


@given(
    st.lists(
        st.tuples(st.text("0123456789", max_size=20), st.sampled_from([True, False, None])), min_size=4, max_size=4
    )
)
def test_it_ends_after_two_pauses(answers: list[tuple[str, bool | None]]) -> None:
    part, asked = Part(), 0
    for keys, hashed in answers:
        found = collect(part, keys, hashed, lambda whole: len(whole) >= 8, PIN_PAUSE)
        if found.wait is None:
            break
        assert found.wait in {PIN_PAUSE, HASH_PAUSE_S}
        part, asked = Part(found.keys, found.pauses), asked + 1
    assert asked <= 2


def test_what_is_kept_tells_nothing(settings: Settings) -> None:
    """Sealed, and as long for one key as for many."""
    one, many = (sealed_part(settings, Collected(keys, 1, PIN_PAUSE)) for keys in ("4", "4815162"))
    assert len(one) == len(many)
    assert "4815162" not in many
    assert opened_part(settings, many) == Part("4815162", 1)
    assert opened_part(settings, "no seal of ours") == opened_part(settings, None) == Part()
    foreign = seal_for(b"another key", "typed so far").close_text(b"14815")
    assert opened_part(settings, foreign) == Part()


@pytest.mark.parametrize(
    ("form", "args", "told"),
    [
        ({"Digits": "12#"}, {}, True),
        ({"Digits": "12", "FinishedOnKey": "#"}, {}, True),
        ({"Digits": "", "FinishedOnKey": "#"}, {}, True),
        ({"Digits": "12", "FinishedOnKey": ""}, {}, False),
        ({"Digits": "12"}, {}, None),
        ({}, {"silent": "1"}, False),
    ],
)
def test_what_networks_tell_of_the_hash(form: dict[str, str], args: dict[str, str], told: bool | None) -> None:
    assert ended_by_hash(form, args) is told
