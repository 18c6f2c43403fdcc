"""What a text says: a command, a code, a note; and whether that is sure, or would be a guess. Pure.

People type on small keys, at night, with whatever their phone adds: `Ack: 123456!`, a thumb, a quoted reply, the code
alone. What can be read in one way only is sure. Whatever refuses, asks, or names two things is not.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from oncall.texting.letters import plain
from oncall.texting.lines import Lines, lines_of
from oncall.texting.vocabulary import (
    DOUBTS,
    EXAMPLES,
    FILLERS,
    HELPS,
    LINKS,
    OKS,
    OTHER_WORDS,
    SYNONYMS,
    TAKES_BACK,
    UNDONE,
    VERBS,
    WHOS,
    Command,
)


@dataclass(frozen=True)
class Reading:
    """What was understood. `sure`: it can be read in no other way.

    `code`: its digits as they were typed, without blanks between; empty when none was found. `several`: more than one
    code is named. `note`: the sender's own words after DONE. `groups`: all groups of digits that may be codes.
    """

    command: Command | None = None
    code: str = ""
    note: str = ""
    sure: bool = False
    several: bool = False
    groups: tuple[str, ...] = field(default=(), compare=False)

    def with_code_of(self, length: int) -> "Reading":
        """The same; where the code has another length than codes have, the one group of that length is meant.

        `ACK 1042 123456` names the ticket first. It is a guess, and two such groups are two codes.
        """
        if len(self.code) == length or not (self.code or self.several):
            return self
        fitting = {group for group in self.groups if len(group) == length and self._may_be_meant(group)}
        if not fitting:
            return self
        code = fitting.pop() if len(fitting) == 1 else ""
        return replace(self, code=code, note="", sure=False, several=not code)

    def _may_be_meant(self, group: str) -> bool:
        """Other numbers in the words after DONE are the sender's own."""
        if self.command is not Command.DONE:
            return True
        return _digits(_LEADING.sub("", self.note)).startswith(group)


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        return self.text[0].isdigit()

    @property
    def is_code(self) -> bool:
        """Whether it could be a code of this release or of one before."""
        return self.is_number and SHORTEST_CODE <= len(self.text) <= LONGEST_CODE


SHORTEST_CODE: Final = 4
LONGEST_CODE: Final = 8

# Codes are also typed in groups: 123 456, 12-34-56, 1 2 3 4 5 6.
_GROUPED: Final = r"\d{3}[ .\-]\d{3,4}|\d{2}([ .\-])\d{2}\1\d{2}(?:\1\d{2})?|\d{4}[ .\-]\d{4}|\d(?: \d){5,7}"
_TOKEN: Final = re.compile(rf"(?:{_GROUPED})(?!\d)(?![.\-]\d)|\d+|[^\W\d_]+(?:'[^\W\d_]+)*")
# What may stand between two groups of digits, and in one.
_LEADING: Final = re.compile(rf"^\W*(?:(?:{'|'.join(sorted(LINKS))})\b\W*)*", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[ .\-]")
# A telephone number in a signature is no code.
_PHONE: Final = re.compile(r"\+\d[\d .()/\-]{6,}\d")


def read(text: str) -> Reading:
    """What the text says."""
    lines = lines_of(text)
    tokens = _tokens(lines.own) or _tokens(lines.quoted)
    return replace(_read(lines), groups=tuple(token.text for token in tokens if token.is_code))


def _read(lines: Lines) -> Reading:
    own = _tokens(lines.own)
    if _is_only_filler(own) and "?" not in plain(lines.own).words:
        return _quoted(lines, own)
    found = _understood(lines.own)
    if found.command in {Command.ACK, Command.PASS} and found.sure and not found.code:
        return _with_quoted_code(found, lines)
    return found


def _quoted(lines: Lines, own: list[_Token]) -> Reading:
    """Own words that say nothing by themselves, such as a thumb or OK, above or below what was quoted."""
    if not lines.quoted:
        return _understood(lines.own)
    if any(token.text in OKS for token in own):
        codes = set(re.findall(rf"\bok (\d{{{SHORTEST_CODE},{LONGEST_CODE}}})\b", plain(lines.quoted).words))
        if len(codes) == 1 and not _named_codes(lines.quoted) - codes:
            return Reading(Command.OK, codes.pop(), sure=True)
    found = _understood(lines.quoted)
    rest = [token for token in _tokens(lines.quoted) if token.text not in FILLERS | LINKS]
    echoed = found.command is not Command.DONE and len(rest) > 2  # more than a command and its code
    return Reading(found.command, found.code, found.note, found.sure and not echoed, found.several)


def _with_quoted_code(found: Reading, lines: Lines) -> Reading:
    """ACK above the page's text: it can only mean the one code that is quoted."""
    codes = _named_codes(lines.quoted)
    if len(codes) > 1:
        return Reading(found.command, several=True)
    return Reading(found.command, codes.pop() if codes else "", sure=True)


def _named_codes(text: str) -> set[str]:
    """Codes that stand behind a command in a text of ours."""
    found = re.findall(rf"\b(?:ack|pass|done|ok) (\d{{{SHORTEST_CODE},{LONGEST_CODE}}})\b", plain(text).words)
    return set(found)


def _understood(text: str) -> Reading:
    """The reading of words without quotes and signatures."""
    tokens = _tokens(text)
    said = [token for token in tokens if token.text not in FILLERS]
    if not said:
        is_ok = any(token.text in OKS for token in tokens)
        return Reading(Command.OK, sure="?" not in plain(text).words) if is_ok else Reading()
    first = next(index for index, token in enumerate(tokens) if token.text not in FILLERS)
    is_ok = any(token.text in OKS for token in tokens[:first])
    rest = tokens[first:]
    head = rest[0].text
    if head in VERBS:
        return _verb_first(VERBS[head], rest, text)
    if rest[0].is_number or head in LINKS:
        return _code_first(Command.OK if is_ok else Command.ACK, rest, text)
    if not any(token.is_code for token in rest):
        if head in WHOS:
            return Reading(Command.WHO, sure=True)
        if head in HELPS:
            return Reading(Command.HELP, sure=True)
    return _guess(rest)


def _verb_first(command: Command, tokens: list[_Token], text: str) -> Reading:
    """ACK 123456, and what follows."""
    index = 1
    while index < len(tokens) and tokens[index].text in LINKS:
        index += 1
    if index == len(tokens) or not tokens[index].is_number:
        if any(token.is_code for token in tokens):
            return _guess(tokens)
        return Reading(command, sure=not _is_doubtful(tokens[1:], text))
    return _coded(command, tokens[index], tokens[index + 1 :], text, tokens[index].end)


def _code_first(command: Command, tokens: list[_Token], text: str) -> Reading:
    """123456, or 123456 ack."""
    index = next((index for index, token in enumerate(tokens) if token.text not in LINKS), len(tokens))
    if index == len(tokens) or not tokens[index].is_number:
        return _guess(tokens)
    code, rest = tokens[index], tokens[index + 1 :]
    if rest and rest[0].text in VERBS:
        return _coded(VERBS[rest[0].text], code, rest[1:], text, rest[0].end)
    if rest and rest[0].text in OKS:
        command = Command.OK
    if not code.is_code and any(token.text not in FILLERS for token in rest):
        return Reading()  # "20 minutes": no code is meant
    found = _coded(command, code, rest, text, code.end)
    alone = all(token.text in FILLERS or token.text == code.text for token in rest)
    return found if alone else _guess(tokens)


def _coded(command: Command, code: _Token, rest: list[_Token], text: str, end: int) -> Reading:
    """A command with its code. `end`: where the note of DONE begins, in the plain letters."""
    if command is Command.DONE:
        return _done(code, rest, text, end)
    others = [token for token in rest if token.is_number and token.text != code.text]
    others = [token for token in others if len(token.text) == len(code.text)]  # others are times, or tickets
    adjacent = bool(rest) and rest[0].is_number and rest[0].text != code.text
    contradicts = any(VERBS.get(token.text, command) is not command for token in rest)
    sure = not (others or adjacent or contradicts or _is_doubtful(rest, text))
    return Reading(command, code.text, sure=sure, several=bool(others))


def _done(code: _Token, rest: list[_Token], text: str, end: int) -> Reading:
    """The note is the sender's own: what it says is not read, but for words that take the command back."""
    read_as = plain(text)
    note = text[read_as.at[end - 1] + 1 :]
    between = read_as.words[:end] + re.split(r"[\w\"]", read_as.words[end:], maxsplit=1)[0]
    own = _trimmed(note, opened=text.strip()[:1])
    twice = bool(rest) and rest[0].is_number and len(rest[0].text) == len(code.text)
    second = re.search(r"\b(ack|pass|done)\W*\d{4,8}\b", plain(own).words) is not None
    undone = UNDONE.match(plain(own).words) is not None or _is_taken_back(rest)
    says_nothing = own.strip(" .").casefold() in EXAMPLES or not any(each.isalnum() for each in own)
    sure = not ("?" in between or twice or second or undone)
    return Reading(Command.DONE, code.text, "" if says_nothing else own, sure, several=twice or second)


def _is_taken_back(note: list[_Token]) -> bool:
    """Whether there is no account of anything in the note, but a refusal: `no`, `wait, sorry`."""
    words = {token.text for token in note}
    return bool(words & TAKES_BACK) and words <= TAKES_BACK | FILLERS


_OPENING: Final = {'"': '"', "“": "”", "„": "“", "«": "»", "'": "'", "‘": "’", "(": ")", "[": "]", "*": "*"}


def _trimmed(note: str, opened: str) -> str:
    """The note without what separates it from the code, and without the mark that closes what `opened` began."""
    while note and unicodedata.category(note[0])[0] == "M":  # what is left of digits in little boxes
        note = note[1:]
    begun = re.sub(r"^[!.,:;)\]}\"'”’»*…]*\s*(?:[-–—:=>|,;]+\s+)?", "", note).strip()
    closing = _OPENING.get(opened)
    return begun.removesuffix(closing).rstrip() if closing else begun


def _is_doubtful(rest: list[_Token], text: str) -> bool:
    words = plain(text).words
    return "?" in words or any(token.text in DOUBTS for token in rest)


def _guess(tokens: list[_Token]) -> Reading:
    """Not sure: the command that comes nearest, and the code, where just one is named."""
    codes = _probable_codes(tokens)
    meant = (_meant(token.text) for token in tokens if not token.is_number)
    command = next((found for found in meant if found is not None), None)
    return Reading(command, codes.pop() if len(codes) == 1 else "", several=len(codes) > 1)


def _probable_codes(tokens: list[_Token]) -> set[str]:
    """Those behind a command, else the long ones, else all: a text of ours names its ticket, too."""
    codes = {token.text for token in tokens if token.is_code}
    behind = {token.text for before, token in pairwise(tokens) if token.is_code and before.text in VERBS}
    return behind or {code for code in codes if len(code) > SHORTEST_CODE} or codes


def _meant(word: str) -> Command | None:
    if word in VERBS or word in SYNONYMS:
        return VERBS.get(word) or SYNONYMS[word]
    if word in OTHER_WORDS or word in DOUBTS:
        return None
    return next((command for verb, command in VERBS.items() if _is_slip(word, verb)), None)


def _is_slip(typed: str, meant: str) -> bool:
    """Whether one letter was left out, doubled, exchanged with its neighbour, or hit beside the key."""
    if abs(len(typed) - len(meant)) > 1 or typed[:1] != meant[:1]:
        return False
    if len(typed) == len(meant):
        differ = [index for index in range(len(meant)) if typed[index] != meant[index]]
        swapped = len(differ) == 2 and sorted(typed) == sorted(meant) and differ[1] == differ[0] + 1
        return len(differ) <= 1 or swapped
    longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
    return any(longer[:index] + longer[index + 1 :] == shorter for index in range(len(longer)))


def _is_only_filler(tokens: list[_Token]) -> bool:
    return all(token.text in FILLERS for token in tokens)


def _digits(group: str) -> str:
    return _BETWEEN.sub("", group)


def _tokens(text: str) -> list[_Token]:
    words = _PHONE.sub(lambda found: " " * len(found.group()), plain(text).words)
    return [
        _Token(_digits(found.group()) if found.group()[0].isdigit() else found.group(), *found.span())
        for found in _TOKEN.finditer(words)
    ]
