"""Text as it is searched: accents, capitals and other scripts make no difference."""

import re
from typing import Final

from anyascii import anyascii

_WORD: Final = re.compile(r"[a-z0-9]+")


def folded(text: str) -> str:
    """`text` in small Latin letters and figures, words apart by one space: "Müller, Łódź!" is "muller lodz"."""
    return " ".join(words_of(text))


def words_of(text: str) -> list[str]:
    """The words of `text`, folded."""
    return _WORD.findall(anyascii(text).lower())
