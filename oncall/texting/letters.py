"""A text in plain letters and digits: how it is read, whatever keyboard, phone or language it was typed with. Pure."""

import unicodedata
from dataclasses import dataclass
from typing import Final

# What a phone can send in one text (Twilio: Body has 1600 characters at most).
LONGEST_TEXT: Final = 1600

_INSTEAD: Final = str.maketrans("’‘ʼ`“”„«»", "''''" + '"' * 5)
# Signs that say no, or that ask: they must not get lost among hearts and thumbs.
_REFUSING: Final = frozenset("👎❌✖✗✘❎🚫⛔🛑🙅🤷✋🖐☒")
_ASKING: Final = frozenset("❓❔⁉؟¿⸮")
# Combining strokes through letters: what is struck out is not meant.
_STRUCK_OUT: Final = frozenset("\u0334\u0335\u0336\u0337\u0338")
_NO: Final = " not "


@dataclass(frozen=True)
class Plain:
    """`words`: lower-case letters, ASCII digits, no signs. `at[i]`: where in the text `words[i]` comes from."""

    words: str
    at: tuple[int, ...]


def plain(text: str) -> Plain:
    """The text as it is read. Emoji become blanks, but for those that refuse or ask."""
    words: list[str] = []
    at: list[int] = []
    for place, character in enumerate(text):
        letters = _letters(character)
        words.append(letters)
        at.extend([place] * len(letters))
    return Plain("".join(words), tuple(at))


def _letters(character: str) -> str:
    if character in _REFUSING:
        return _NO
    if character in _ASKING or character in _STRUCK_OUT:
        return "?"
    if character == "\n":
        return character
    normal = unicodedata.normalize("NFKC", character).translate(_INSTEAD).casefold()
    return "".join(_letter(each) for each in normal)


def _letter(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind in {"Cf", "Mn", "Me"}:  # marks that join, turn or colour their neighbours
        return ""
    if kind == "Pd":
        return "-"
    if character.isspace() or kind[0] in "CZ" or kind in {"So", "Sk"}:
        return " "
    return character


def kept(text: str) -> str:
    """The text as it is kept: no longer than a phone can send, without what a database or a page can't hold."""
    whole = text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in whole if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs"})
