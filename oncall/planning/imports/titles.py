"""What may be a name in an event's title. Tools write "On call - Name - plan", "[L1] Name", "Name on-call (first)".

Titles come from anywhere: each is cut, and its runs of blanks and the like are made short, before any pattern looks at
it, so that none takes longer than a moment.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

LONGEST_NAME: Final = 120
_RUNS: Final = re.compile(r"[\s._-]{3,}|\s+|([^\w\s])\1+")
# As `feeds.entries` writes: no brackets are in the last ones.
_OUR_OWN: Final = re.compile(r"On call: (.+) \([^()]*\)", re.DOTALL)
_OUR_NOTES: Final = re.compile(
    r"The roster .+ can't be worked out: ask those in charge who is on call"
    r"|This calendar's layer of the roster .* is not there any more: create another calendar link",
    re.DOTALL,
)
_PARTS: Final = re.compile(r"[\[\](){}<>|/;:,+&•·–—]|\s-|-\s")
_ON_CALL: Final = r"on[\s_-]?call|on[\s-]?duty|reperibilit[aà]|(?:ruf)?bereitschaft|pikett|astreinte|guardia"
_LEVEL: Final = (
    r"(?:level|tier|lvl|l|p)\s?\d|[1-9](?:st|nd|rd|th)|first|second|third|primary|secondary|tertiary|backup|back-up"
)
_SHIFT: Final = r"shift|duty|turn|turno|rota|rotation|nights?|weekend|support|standby|line"
_WORDS: Final = rf"(?:{_ON_CALL}|{_LEVEL}|{_SHIFT}|is|the)"
_BEFORE: Final = re.compile(rf"^(?:{_WORDS}\b[\s._-]*)+", re.IGNORECASE)
_BEHIND: Final = re.compile(rf"(?:['’]s)?(?:[\s._-]++{_WORDS}\b)++", re.IGNORECASE)
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


def own_name(title: str) -> str:
    """The name in a title as our own feeds write it, to the letter; "" when it is another's."""
    found = _OUR_OWN.fullmatch(title)
    return found.group(1) if found else ""


def is_own_note(title: str) -> bool:
    """Whether our own feed says so that shifts are missing."""
    return bool(_OUR_NOTES.fullmatch(title))


def says_on_call(title: str) -> bool:
    """Whether it begins with "On call: ...", which whoever keeps the calendar writes for others."""
    return bool(_SAYS_ON_CALL.match(_cut(title)))


def says_away(title: str, is_name: Callable[[str], object]) -> bool:
    """Whether a part of it that is nobody's name ends with words for time off: such an event is no shift."""
    parts = dict.fromkeys(_bare(part) for part in _PARTS.split(_cut(title)))
    return any(_AWAY.fullmatch(part) and not _COVERED.search(part) and not is_name(part) for part in parts)


def names_in(title: str) -> Iterator[str]:
    """Whatever part of it may be a name, all of it first."""
    title = _cut(title)
    yield title
    yield _bare(title)
    for part in dict.fromkeys((title, *_PARTS.split(title))):
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
    bare = _bare(_without_end(_BEFORE.sub("", part)))
    yield bare
    yield _bare(_BEFORE.sub("", _FROM_ON_CALL.sub("", part)))
    if " " not in bare and "@" not in bare:
        yield re.sub(r"[._]+", " ", bare)


def _without_end(part: str) -> str:
    """Run after run from the left: looking for one that ends with the part from each place would take the square."""
    *_, last = (None, *_BEHIND.finditer(part))
    return part[: last.start()] if last and last.end() == len(part) else part


def _bare(part: str) -> str:
    """Without what is no letter or figure on both ends."""
    start, end = 0, len(part)
    while start < end and not _in_word(part[start]):
        start += 1
    while end > start and not _in_word(part[end - 1]):
        end -= 1
    return part[start:end]


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


@lru_cache(maxsize=64)
def _cut(title: str) -> str:
    """Not too long, and without long runs of blanks and signs: some patterns take the square of those."""
    return _RUNS.sub(_short, title[: 4 * LONGEST_NAME])[: 2 * LONGEST_NAME]


def _short(run: re.Match[str]) -> str:
    text = run.group()
    if run.group(1):
        return run.group(1)
    return " - " if "-" in text and len(text) > 1 else " "
