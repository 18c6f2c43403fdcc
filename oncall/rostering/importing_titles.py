"""What may be a name in an event's title. Tools write "On call - Name - plan", "[L1] Name", "Name on-call (first)"."""

import re
from collections.abc import Iterator
from typing import Final

LONGEST_NAME: Final = 120
_PARTS: Final = re.compile(r"[\[\](){}<>|/;:,+&•·–—]|\s-|-\s")
_EDGES: Final = re.compile(r"^\W+|\W+$")
_ON_CALL: Final = r"on[\s_-]?call|on[\s-]?duty|reperibilit[aà]|(?:ruf)?bereitschaft|pikett|astreinte|guardia"
_LEVEL: Final = (
    r"(?:level|tier|lvl|l|p)\s?\d|[1-9](?:st|nd|rd|th)|first|second|third|primary|secondary|tertiary|backup|back-up"
)
_SHIFT: Final = r"shift|duty|turn|turno|rota|rotation|nights?|weekend|support|standby|line"
_WORDS: Final = rf"(?:{_ON_CALL}|{_LEVEL}|{_SHIFT}|is|the)"
_BEFORE: Final = re.compile(rf"^(?:{_WORDS}\b[\s._-]*)+", re.IGNORECASE)
_BEHIND: Final = re.compile(rf"(?:['’]s)?(?:[\s._-]+{_WORDS})+$", re.IGNORECASE)
_FROM_ON_CALL: Final = re.compile(rf"(?<=\S)[\s._-]+(?:is\s+)?(?:{_ON_CALL})\b.*$", re.IGNORECASE)
_SAYS_ON_CALL: Final = re.compile(r"\s*on[ -]?call\s*(?::|\s[-–—])\s*(.+)", re.IGNORECASE | re.DOTALL)
_BRACKETS: Final = re.compile(r"(.*\S)\s*\([^()]*\)\s*", re.DOTALL)
_TAG: Final = re.compile(r"\s*\[[^\[\]]*\]\s*(\S.*)", re.DOTALL)
_DASH: Final = re.compile(r"\s+[-–—]\s+")
_COMMA: Final = re.compile(r"\s*([^,]+?)\s*,\s*([^,]+?)\s*")
_AWAY: Final = re.compile(
    r"(?:.*\W)?(?:vacation|pto|ooo|out of (?:the )?office|(?:sick |parental )?leave|sick|day off|time off|off duty|"
    r"away|not on[\s-]?call|unavailable|ferie|permesso|malattia|urlaub|krank|congés?)",
    re.IGNORECASE | re.DOTALL,
)
_COVERED: Final = re.compile(r"\b(?:cover\w*|for|instead|sub(?:stitute)?)\b", re.IGNORECASE)


def says_on_call(title: str) -> bool:
    """Whether it begins with "On call: ...", which whoever keeps the calendar writes for others."""
    return bool(_SAYS_ON_CALL.match(title))


def says_away(title: str) -> bool:
    """Whether a part of it ends with words for time off: such an event is no shift."""
    parts = (_bare(part) for part in _PARTS.split(_cut(title)))
    return any(_AWAY.fullmatch(part) and not _COVERED.search(part) for part in parts)


def names_in(title: str) -> Iterator[str]:
    """Whatever part of it may be a name, all of it first."""
    title = _cut(title)
    yield title
    yield _bare(title)
    for part in (title, *_PARTS.split(title)):
        yield from _plain(_bare(part))
    for part in re.split(r"[\[\](){}:|/]|\s-|-\s", title):
        swapped = _COMMA.fullmatch(_bare(part))
        if swapped:
            yield f"{swapped.group(2)} {swapped.group(1)}"


def shown_name(title: str) -> str:
    """The part that looks most like a name, for words about a title that names nobody here."""
    title = _cut(title)
    for form in (_TAG, _SAYS_ON_CALL, _BRACKETS):
        found = form.fullmatch(title)
        title = found.group(1) if found else title
    name = _DASH.split(title, maxsplit=1)[0]
    return (_FROM_ON_CALL.sub("", name) or name)[:LONGEST_NAME].strip()


def _plain(part: str) -> Iterator[str]:
    """A part without the words that tools write around a name."""
    yield part
    bare = _bare(_BEHIND.sub("", _BEFORE.sub("", part)))
    yield bare
    yield _bare(_BEFORE.sub("", _FROM_ON_CALL.sub("", part)))
    if " " not in bare and "@" not in bare:
        yield re.sub(r"[._]+", " ", bare)


def _bare(part: str) -> str:
    return _EDGES.sub("", part)


def _cut(title: str) -> str:
    return title[: 2 * LONGEST_NAME]
