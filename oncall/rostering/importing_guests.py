"""Who is invited to a calendar's event, and who has declined: read from the lines themselves.

Calendars write guests in many ways (without `mailto:`, the address in a parameter, a directory's path as value), and
a line that can't be read must not cost the event. Sources: RFC 5545 sections 3.2 and 3.8.4.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

_PARAMETER: Final = re.compile(r';\s*([\w-]+)\s*=\s*("[^"]*"|[^;:"]*)')
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]:;,\"']+@[^\s<>()\[\]:;,\"'/]+")
# Who has handed an invitation on is as little on call as who has declined it.
_NOT_COMING: Final = frozenset({"DECLINED", "DELEGATED"})
_THINGS: Final = frozenset({"ROOM", "RESOURCE"})
_LONGEST_NAME: Final = 120
_MOST: Final = 200


@dataclass(frozen=True)
class Guest:
    """Somebody in an event. `mail` in small letters, `name` as it is shown; either may be missing."""

    mail: str
    name: str
    declined: bool = False


@dataclass(frozen=True)
class Guests:
    """`mails` and `names` of those who are invited and have not declined; `declined`: addresses or names."""

    mails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    organizer: str = ""


def guests_of(attendees: Iterable[str], organizers: Iterable[str]) -> Guests:
    """Guests as the lines ATTENDEE and ORGANIZER say. Of two lines about one guest the last one counts."""
    found: dict[str, Guest] = {}
    for guest in _people(attendees):
        found[guest.mail or guest.name.casefold()] = guest
    there = [guest for guest in found.values() if not guest.declined]
    gone = [guest for guest in found.values() if guest.declined]
    return Guests(
        tuple(guest.mail for guest in there if guest.mail),
        tuple(guest.name for guest in there if guest.name),
        tuple(word for guest in gone for word in (guest.mail, guest.name) if word),
        next((mail for line in organizers if (mail := _read(line)[1])), ""),
    )


def _people(lines: Iterable[str]) -> Iterator[Guest]:
    for line in list(lines)[:_MOST]:
        parameters, mail = _read(line)
        if parameters.get("CUTYPE", "").upper() in _THINGS or parameters.get("ROLE", "").upper() == "NON-PARTICIPANT":
            continue
        name = parameters.get("CN", "").strip()[:_LONGEST_NAME]
        if "@" in name:
            name = ""  # many calendars write the address again
        if mail or name:
            yield Guest(mail, name, parameters.get("PARTSTAT", "").upper() in _NOT_COMING)


def _read(line: str) -> tuple[dict[str, str], str]:
    """Parameters by name in capitals, and the mail address: of the value, else of EMAIL, else of CN."""
    parameters: dict[str, str] = {}
    at = re.match(r"[\w-]*", line)
    end = at.end() if at else 0
    while part := _PARAMETER.match(line, end):
        parameters.setdefault(part.group(1).upper(), part.group(2).strip('"').strip())
        end = part.end()
    value = line[end:].partition(":")[2]
    words = (value, parameters.get("EMAIL", ""), parameters.get("CN", ""))
    return parameters, next((mail for word in words if (mail := address_in(word))), "")


def address_in(words: str) -> str:
    """The first mail address in it, in small letters; "" when there is none."""
    found = _ADDRESS.search(unquote(words))
    return found.group().casefold().strip(".") if found else ""
