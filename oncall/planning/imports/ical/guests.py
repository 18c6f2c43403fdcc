"""Who is invited to a calendar's event, and who has declined: read from the lines themselves.

Calendars write guests in many ways (without `mailto:`, the address in a parameter or in place of the name, a
directory's path as value, parameters of their own that break the rules), and a line that can't be read must not cost
the event. Sources: RFC 5545 sections 3.2 and 3.8.4, RFC 6868.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

# What may stand before the next parameter: text in quotes, and anything else but a semicolon.
_PARTS: Final = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])+|[^;]')
_QUOTED: Final = re.compile(r'"[^"]*"')
_WORD: Final = re.compile(r"[\w-]*")
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]:;,@\"']{1,64}@[^\s<>()\[\]:;,@\"'/]{1,255}")
# Their addresses are other people's.
_ABOUT_OTHERS: Final = frozenset({"SENT-BY", "DELEGATED-TO", "DELEGATED-FROM", "MEMBER", "DIR"})
_EMPTY: Final = re.compile(r"[(\[<]\s*[)\]>]|[<>]")
_CARETS: Final = {"^n": " ", "^N": " ", "^'": '"', "^^": "^"}
# Who has handed an invitation on is as little on call as who has declined it.
_NOT_COMING: Final = frozenset({"DECLINED", "DELEGATED"})
_THINGS: Final = frozenset({"ROOM", "RESOURCE"})
_LONGEST_NAME: Final = 120
_LONGEST_LINE: Final = 4000
_MOST: Final = 200


@dataclass(frozen=True)
class Guest:
    """Somebody in an event. `mails` in small letters, `name` as it is shown; either may be missing."""

    mails: tuple[str, ...]
    name: str
    declined: bool = False

    def __str__(self) -> str:
        """As mail writes people: "Giulia Conti <giulia@example.org>"."""
        mails = " ".join(self.mails)
        return f"{self.name} <{mails}>" if self.name and mails else self.name or mails


@dataclass(frozen=True)
class Guests:
    """`mails` and `names` of those who are invited and have not declined; `declined`: the others, as `Guest` writes."""

    mails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    organizer: str = ""


def guests_of(attendees: Iterable[str], organizers: Iterable[str]) -> Guests:
    """Guests as the lines ATTENDEE and ORGANIZER say. Of two lines about one guest the last one counts."""
    found: dict[str, Guest] = {}
    for guest in _people(attendees):
        found[next(iter(guest.mails), guest.name.casefold())] = guest
    there = [guest for guest in found.values() if not guest.declined]
    return Guests(
        tuple(dict.fromkeys(mail for guest in there for mail in guest.mails)),
        tuple(guest.name for guest in there if guest.name),
        tuple(str(guest) for guest in found.values() if guest.declined),
        next((mails[0] for line in organizers if (mails := _read(line)[1])), ""),
    )


def _people(lines: Iterable[str]) -> Iterator[Guest]:
    for line in list(lines)[:_MOST]:
        parameters, mails = _read(line)
        if _word(parameters, "CUTYPE") in _THINGS or _word(parameters, "ROLE") == "NON-PARTICIPANT":
            continue
        name = _without_address(parameters.get("CN", ""))
        if mails or name:
            yield Guest(mails, name, _word(parameters, "PARTSTAT") in _NOT_COMING)


def _read(line: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Parameters by name in capitals, and mail addresses: of the value, of EMAIL, of CN.

    A parameter with a colon that should stand in quotes does not hide those behind it: the value is what follows a
    colon in the last part.
    """
    line = line[:_LONGEST_LINE]
    if line.count('"') % 2:
        line = line.replace('"', "")
    *parts, last = _PARTS.findall(line) or [""]
    head, value = _at_colon(last)
    parameters: dict[str, str] = {}
    inside: list[str] = []
    for part in (*parts, head):
        name, is_parameter, told = part.partition("=")
        name = name.strip().upper()
        if is_parameter:
            parameters.setdefault(name, _unescaped(told))
        if name not in _ABOUT_OTHERS:
            inside.append(_at_colon(part)[1])
    found = addresses_in(value) or addresses_in(" ".join(inside))
    found += [mail for name in ("EMAIL", "CN") for mail in addresses_in(parameters.get(name, ""))]
    return parameters, tuple(dict.fromkeys(found))


def _at_colon(part: str) -> tuple[str, str]:
    """What stands before and after the first colon that is not in quotes."""
    hidden = _QUOTED.sub(lambda found: "_" * len(found.group()), part)
    at = hidden.find(":")
    return (part, "") if at < 0 else (part[:at], part[at + 1 :])


def _word(parameters: dict[str, str], name: str) -> str:
    found = _WORD.match(parameters.get(name, "").upper())
    return found.group() if found else ""


def _unescaped(told: str) -> str:
    told = re.sub(r"\^[nN'^]", lambda found: _CARETS[found.group()], told.replace('"', ""))
    return re.sub(r"\\(.)", r"\1", told).strip()


def _without_address(name: str) -> str:
    """Many calendars write the address again, behind the name or in its place."""
    return " ".join(_EMPTY.sub(" ", _ADDRESS.sub("", name)).split())[:_LONGEST_NAME]


def addresses_in(words: str) -> list[str]:
    """The mail addresses in it, in small letters."""
    return [found.casefold().strip(".") for found in _ADDRESS.findall(unquote(words))] if words else []


def address_in(words: str) -> str:
    """The first mail address in it, in small letters; "" when there is none."""
    return next(iter(addresses_in(words)), "")
