"""Answers that answer nothing: silence, and keys without a meaning. They are told apart, and counted apart."""

from dataclasses import dataclass, replace
from typing import Final

# A question that meets so many silences is not asked again.
MOST_SILENCES: Final = 3
# More keys without a meaning than these in answer to one question: somebody plays with the phone.
MOST_WRONG_KEYS: Final = 10


@dataclass(frozen=True)
class Useless:
    """What came in answer to one question so far, and answered nothing. Pure."""

    silences: int = 0
    wrong_keys: int = 0

    def counting(self, digits: str) -> "Useless":
        """The same with one more: what was typed, empty for silence."""
        if digits:
            return replace(self, wrong_keys=self.wrong_keys + 1)
        return replace(self, silences=self.silences + 1)

    @property
    def is_play(self) -> bool:
        """Whether keys without a meaning came more often than anybody errs."""
        return self.wrong_keys > MOST_WRONG_KEYS

    @property
    def is_enough(self) -> bool:
        """Whether asking again makes no sense."""
        return self.is_play or self.silences >= MOST_SILENCES

    def __bool__(self) -> bool:
        return self.is_enough
