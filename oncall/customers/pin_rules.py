"""Which PINs are too easily guessed. Pure, and one rule for those that are chosen and those that are drawn.

A guesser has a few tries a day (`pin_limits.py`) and makes them where they pay: digits that repeat or run, patterns
on the keypad, dates, and the telephone number that stands on every letter.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import date
from itertools import pairwise
from typing import Final

# Digits that run in one direction (all steps equal, also 0, and past 9 to 0) count as a run from so many on.
_SHORTEST_RUN: Final = 3
# So few digits beside a run, or beside one digit that is everywhere else, hide nothing.
_HIDDEN: Final = 2
_YEARS: Final = range(1900, 2100)
# Straight down and up the middle of a keypad. Its other straight lines are runs (147, 159, 123).
_MIDDLE: Final = ("2580", "0852", "258", "852", "580", "085")
_ROWS: Final = ("123", "456", "789", " 0 ")
_PLACES: Final = {key: (x, y) for y, row in enumerate(_ROWS) for x, key in enumerate(row)}


def weak_pin(pin: str, numbers: Collection[str] = ()) -> str | None:
    """Why a PIN must not be used, as the end of a sentence that begins with "this PIN"; None when it may be.

    `pin`: digits only. `numbers`: telephone numbers of whoever gets it. The digits are never in the words.
    """
    rules = (
        (_repeats(pin), "repeats itself"),
        (_runs(pin), "has digits that run in order"),
        (_walks(pin), "is a pattern on the keypad"),
        (pin == pin[::-1], "is the same read backwards"),
        (_is_date(pin), "is a date"),
        (_within(pin, numbers), "is part of the telephone number"),
    )
    return next((words for weak, words in rules if weak), None)


def _repeats(pin: str) -> bool:
    """One or two digits only, one digit nearly everywhere, a block again and again, or each digit in equal groups."""
    length = len(pin)
    if len(set(pin)) <= 2 or max(map(pin.count, pin)) >= max(length - _HIDDEN, 5):
        return True
    for period in range(1, length // 2 + 1):
        differing = sum(pin[place] != pin[place - period] for place in range(period, length))
        if differing <= (1 if period <= 3 and length >= 8 else 0):  # 13131314 is hardly better than 13131313
            return True
    groups = {len(group.group()) for group in re.finditer(r"(.)\1*", pin)}
    return min(groups) > 1 and len(groups) == 1


def _runs(pin: str) -> bool:
    """Nothing but runs, a run with little beside it, or two runs that take turns (1020304, 19283746)."""
    if _longest_run(pin) >= max(len(pin) - _HIDDEN, 5):
        return True
    return _all_runs(pin) or (_is_run(pin[::2]) and _is_run(pin[1::2]))


def _steps(pin: str) -> list[int]:
    return [(int(after) - int(before)) % 10 for before, after in pairwise(pin)]


def _is_run(pin: str) -> bool:
    return pin in _MIDDLE or (len(pin) >= _SHORTEST_RUN and len(set(_steps(pin))) == 1)


def _longest_run(pin: str) -> int:
    longest = current = 1
    steps = _steps(pin)
    for place, step in enumerate(steps):
        current = current + 1 if place and step == steps[place - 1] else 2
        longest = max(longest, current)
    return longest


def _all_runs(pin: str) -> bool:
    """Whether runs, one after the other, make up all of it, but for one digit of eight or more."""
    strays = [0 if place == 0 else len(pin) for place in range(len(pin) + 1)]  # fewest digits outside runs, up to here
    for end in range(1, len(pin) + 1):
        runs = [strays[begin] for begin in range(end - _SHORTEST_RUN + 1) if _is_run(pin[begin:end])]
        strays[end] = min([strays[end - 1] + 1, *runs])
    return strays[-1] <= (1 if len(pin) >= 8 else 0)


def _walks(pin: str) -> bool:
    """From each key to one beside, above or below it."""

    def beside(key: str, other: str) -> bool:
        (x, y), (other_x, other_y) = _PLACES[key], _PLACES[other]
        return abs(x - other_x) + abs(y - other_y) == 1

    return all(beside(key, other) for key, other in pairwise(pin))


def _is_date(pin: str) -> bool:
    """A day of 1900 to 2099 in any order that people write, with two digits of its year in 6, or two such years."""
    return any(_day_exists(*day) for day in _days(pin)) or (
        len(pin) == 8 and int(pin[:4]) in _YEARS and int(pin[4:]) in _YEARS
    )


def _days(pin: str) -> Iterator[tuple[int, int, int]]:
    """Year, month, day as it could be meant."""
    if len(pin) not in {6, 8}:
        return
    width = len(pin) - 4
    for year, first, second in (
        (pin[:width], pin[width : width + 2], pin[width + 2 :]),
        (pin[4:], pin[2:4], pin[:2]),
        (pin[4:], pin[:2], pin[2:4]),
    ):
        yield int(year) + (2000 if width == 2 else 0), int(first), int(second)


def _day_exists(year: int, month: int, day: int) -> bool:
    with suppress(ValueError):
        return year in _YEARS and date(year, month, day).year == year
    return False


def _within(pin: str, numbers: Collection[str]) -> bool:
    return any(pin in number or pin[::-1] in number for number in numbers)
