"""Silences and keys without a meaning are counted apart."""

import pytest

from ivr.collecting import typed
from ivr.useless import MOST_SILENCES, MOST_WRONG_KEYS, Useless


def after(*answers: str) -> Useless:
    """What is counted after these answers, empty ones for silence."""
    found = Useless()
    for digits in answers:
        found = found.counting(digits)
    return found


@pytest.mark.parametrize(
    ("answers", "silences", "wrong_keys", "enough"),
    [
        ([], 0, 0, False),
        (["7", "8"], 0, 2, False),
        (["", "7", ""], 2, 1, False),
        (["7", "", "8", "", "9", ""], 3, 3, True),
        ([""] * MOST_SILENCES, MOST_SILENCES, 0, True),
        (["#"] * MOST_WRONG_KEYS, 0, MOST_WRONG_KEYS, False),
        (["12"] * (MOST_WRONG_KEYS + 1), 0, MOST_WRONG_KEYS + 1, True),
    ],
)
def test_counted_apart(answers: list[str], silences: int, wrong_keys: int, enough: bool) -> None:
    found = after(*answers)
    assert (found.silences, found.wrong_keys, found.is_enough) == (silences, wrong_keys, enough)


def test_play_is_told_from_silence() -> None:
    assert not after(*[""] * 20).is_play
    assert after(*["5"] * 11).is_play


@pytest.mark.parametrize(
    ("form", "args", "keys"),
    [
        ({"Digits": "1"}, {}, "1"),
        ({"Digits": "123#"}, {}, "123"),
        ({"Digits": "#"}, {}, "#"),
        ({"Digits": "*"}, {}, "*"),
        ({"Digits": ""}, {}, ""),
        ({}, {}, ""),
        ({"Digits": "1"}, {"silent": "1"}, ""),
    ],
)
def test_a_hash_alone_is_no_silence(form: dict[str, str], args: dict[str, str], keys: str) -> None:
    assert typed(form, args) == keys
