"""PINs for the customers of a benchmark: told apart by a number, and none that the directory file would refuse."""

from typing import Final

from oncall.customers.pin_rules import weak_pin

# Further than any benchmark counts, so that no two customers meet.
_ELSEWHERE: Final = 50_000_000


def pin_of(number: int) -> str:
    """Eight digits: those of `number` itself (below 50 million), or others where these are weak."""
    while weak_pin(f"{number:08}"):
        number = (number + _ELSEWHERE + 1) % 100_000_000
    return f"{number:08}"
