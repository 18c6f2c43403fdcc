"""Letters as texts and voices can carry them: GSM-7 where there is an accepted Latin form, else as they are.

A text of GSM-7 characters has 160 of them (153 a segment when several are joined, as a header takes room), any other
one 70 units of UTF-16 (67). Sources: 3GPP TS 23.038 for the alphabet, TS 23.040 for the lengths.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from anyascii import anyascii

# Two septets each.
_EXTENDED: Final = frozenset("^{}\\[~]|€")
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\n"
)
_GSM: Final = _BASIC | _EXTENDED
# Of a text alone, and of each segment of several.
_GSM_ALONE: Final = 160
_GSM_JOINED: Final = 153
_UCS2_ALONE: Final = 70
_UCS2_JOINED: Final = 67

ELLIPSIS: Final = "..."

# Signs that have a usual stand-in, where the library has a lesser one or none.
_SIGNS: Final = str.maketrans(
    {"`": "'", "´": "'", "•": "-", "·": "-", "→": "->", "←": "<-", "×": "x", "÷": "/", "№": "No", "′": "'", "″": '"'}
)
# Scripts whose Latin form is accepted: a reader knows the word in it. Others would become riddles ("mstshfy").
_HAVE_LATIN_FORM: Final = ("LATIN ", "GREEK ", "CYRILLIC ", "FULLWIDTH ", "MATHEMATICAL ", "MODIFIER LETTER ")
_GREEK_WORD: Final = re.compile("[\u0370-\u03ff\u1f00-\u1fff]+")
# Unseen, or of no known shape: format characters, halves of pairs, private use, not assigned.
_NOTHING: Final = frozenset({"Cf", "Cs", "Co", "Cn"})
_SPACES: Final = frozenset({"Cc", "Zs", "Zl", "Zp"})


def clean(text: str) -> str:
    """`text` without what can't be seen or heard: no control or zero-width characters, one kind of space; NFC."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", "".join(_seen(character) for character in text))


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if character == "\n":
        return character
    if category in _SPACES:
        return " "
    unseen = category in _NOTHING or unicodedata.name(character, "").startswith("VARIATION SELECTOR")
    return "" if unseen else character


def gsm(text: str) -> str:
    """`text` in letters of GSM-7 where they have an accepted Latin form; other letters stay as they are.

    Nothing ever becomes a question mark. Pictures are left out beside words, and named where they stand alone. Doing it
    twice changes nothing.
    """
    cleaned = clean(text)
    if is_gsm(cleaned):
        return cleaned
    words = _GREEK_WORD.sub(lambda found: _greek(found.group()), cleaned.translate(_SIGNS))
    result = unicodedata.normalize("NFC", "".join(_latin(character) for character in words))
    return result if result.strip() else _in_words(cleaned)


def _in_words(pictures: str) -> str:
    """What pictures are called (Unicode), for a name that has nothing else: "hospital"."""
    seen = [letter for letter in pictures if _is_picture(letter, unicodedata.category(letter))]
    return ", ".join(dict.fromkeys(unicodedata.name(picture, "picture").lower() for picture in seen))


def _greek(word: str) -> str:
    """Some capitals are letters of GSM-7: alone they stay, within a word they would stand among Latin ones."""
    return word if is_gsm(word) else "".join(_by_library(letter) or letter for letter in word)


@lru_cache(maxsize=4096)
def _latin(character: str) -> str:
    if character in _GSM:
        return character
    name, category = unicodedata.name(character, ""), unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if name.startswith("COMBINING "):  # the letter below it has no form with this accent
        return ""
    sign = category[0] in "PSN" and (category != "So" or ord(character) < 0x2200)
    # Of signs that stand for letters, such as the micro sign, the letters count.
    letters = unicodedata.normalize("NFKC", character)
    known = (unicodedata.name(letter, "").startswith(_HAVE_LATIN_FORM) for letter in letters)
    if sign or name.startswith(_HAVE_LATIN_FORM) or letters.isascii() or all(known):
        found = _by_library(character)
        if found:
            return found
    return "" if _is_picture(character, category) else character


def _by_library(character: str) -> str:
    """Its Latin form, empty when there is none that GSM-7 has. ":name:" is the library's word for a picture."""
    found = anyascii(character).replace("`", "'")
    foreign = not found or ("?" in found) or found.startswith(":") or not is_gsm(found)
    return "" if foreign else found


def _is_picture(character: str, category: str) -> bool:
    point = ord(character)
    symbol = category in {"So", "Sk"} and (0x2300 <= point <= 0x27BF or 0x2B00 <= point <= 0x2BFF)
    return symbol or 0x1F000 <= point <= 0x1FAFF


def is_gsm(text: str) -> bool:
    """Whether a text of these letters can go out as GSM-7."""
    return all(character in _GSM for character in text)


def speakable(text: str) -> str:
    """`text` for an English voice and for XML: Greek and Cyrillic in Latin letters, other letters as they are."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spoken(character) for character in clean(text) if character not in "\ufffe\uffff")


@lru_cache(maxsize=4096)
def _spoken(character: str) -> str:
    foreign = unicodedata.name(character, "").startswith(("GREEK ", "CYRILLIC "))
    return (_by_library(character) if foreign else "") or character


def first_segment(text: str) -> str:
    """What of it stands in the first segment."""
    return next(_segments(text))


def segments(text: str) -> int:
    """How many segments a text takes."""
    return sum(1 for _ in _segments(text))


def room_in_first(text: str) -> int:
    """Units of the first segment of a text that is longer than one, by the alphabet that `text` needs."""
    return _GSM_JOINED if is_gsm(text) else _UCS2_JOINED


def units(text: str, *, as_gsm: bool) -> int:
    """The length of `text` in a GSM-7 text (septets), or in any other one (units of UTF-16)."""
    return sum(_cost(character, as_gsm) for character in text)


def _cost(character: str, as_gsm: bool) -> int:
    if as_gsm:
        return 2 if character in _EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def _segments(text: str) -> Iterator[str]:
    """Neither a pair of septets nor one of UTF-16 is ever torn apart."""
    as_gsm = is_gsm(text)
    alone, joined = (_GSM_ALONE, _GSM_JOINED) if as_gsm else (_UCS2_ALONE, _UCS2_JOINED)
    if units(text, as_gsm=as_gsm) <= alone:
        yield text
        return
    begin, used = 0, 0
    for place, character in enumerate(text):
        cost = _cost(character, as_gsm)
        if used + cost > joined:
            yield text[begin:place]
            begin, used = place, 0
        used += cost
    yield text[begin:]


def shortened(text: str, most: int, *, as_gsm: bool) -> str:
    """`text` in `most` units at most, with three dots where something was left out; no accent loses its letter."""
    if units(text, as_gsm=as_gsm) <= most:
        return text
    kept, used = 0, len(ELLIPSIS)
    for place, character in enumerate(text):
        used += _cost(character, as_gsm)
        if used > most:
            break
        kept = place + 1
    while kept and unicodedata.category(text[kept])[0] == "M":
        kept -= 1
    return (text[:kept].rstrip() + ELLIPSIS)[: max(most, 0)]
