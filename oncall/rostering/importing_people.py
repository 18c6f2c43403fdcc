"""Whose shift an event is: by the guests' mail addresses, by the name in its title, by the organizer. Never guessed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_ON_CALL: Final = re.compile(r"\s*on[ -]?call\s*(?::|\s[-–—])\s*(.+)", re.IGNORECASE | re.DOTALL)
_BRACKETS: Final = re.compile(r"(.*\S)\s*\([^()]*\)\s*", re.DOTALL)
_DASH: Final = re.compile(r"\s+[-–—]\s+")
_LONGEST_NAME: Final = 120
_NEAR: Final = 0.6
_TOLD_AT_MOST: Final = 3


@dataclass(frozen=True)
class Person:
    """Somebody who can be on call."""

    id: int
    name: str
    email: str | None = None


class PersonUnclearError(Exception):
    """The event fits nobody, or several people."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason = reason
        self.remedy = remedy


def find_person(summary: str, guests: Iterable[str], organizer: str, people: Sequence[Person]) -> Person:
    """The one person whose shift it is. Raises PersonUnclearError.

    Guests come first; among several of them the title decides. The organizer counts only when there is no guest and
    the title does not say "On call: ...": whoever keeps the calendar has not got all its shifts.
    """
    guests = list(guests)
    invited = _by_mail(guests, people)
    named = _by_name(summary, people)
    if len(invited) == 1 and len(named) == 1 and invited != named:
        raise PersonUnclearError(
            f"Its guest is {invited[0].name}, its title says {named[0].name}.", "Make the two say the same."
        )
    if len(invited) > 1:
        named = [person for person in named if person in invited]
        if len(named) != 1:
            raise PersonUnclearError(
                f"Several of its guests can be on call: {_list(invited)}.",
                "Leave one of them, or name one in the title.",
            )
    if invited and not named:
        return invited[0]
    if len(named) > 1:
        raise PersonUnclearError(
            f"Several people are called that: {_list(named)}.", "Add the mail address of the right one as a guest."
        )
    if named:
        return named[0]
    if not guests and not _ON_CALL.match(summary):
        organizers = _by_mail([organizer], people)
        if len(organizers) == 1:
            return organizers[0]
    raise _unknown(summary, guests, people)


def folded(name: str) -> str:
    """A name without capitals, accents and double spaces, to be compared."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def nearest(name: str, people: Iterable[Person]) -> list[str]:
    """Up to three names that look like this one or share a word with it, the nearest first."""
    wanted = folded(name[:_LONGEST_NAME])
    words = set(wanted.split())
    found = []
    for person in people:
        known = folded(person.name)
        likeness = SequenceMatcher(None, wanted, known).ratio()
        if likeness >= _NEAR or words & set(known.split()):
            found.append((-likeness, person.name))
    return [each for _, each in sorted(found)[:_TOLD_AT_MOST]]


def _by_mail(addresses: Iterable[str], people: Iterable[Person]) -> list[Person]:
    wanted = {address.casefold() for address in addresses if address}
    return [person for person in people if person.email and person.email.casefold() in wanted]


def _by_name(summary: str, people: Iterable[Person]) -> list[Person]:
    wanted = {folded(each) for each in _candidates(summary)}
    return [person for person in people if folded(person.name) in wanted]


def _candidates(summary: str) -> Iterator[str]:
    """What may be the name in a title: all of it, or its part in "On call: Name (...)" or "Name - ..."."""
    title = summary[: 2 * _LONGEST_NAME]
    yield title
    after = _ON_CALL.match(title)
    if after:
        title = after.group(1)
        yield title
    without = _BRACKETS.fullmatch(title)
    if without:
        title = without.group(1)
        yield title
    yield _DASH.split(title, maxsplit=1)[0]


def _unknown(summary: str, guests: Sequence[str], people: Iterable[Person]) -> PersonUnclearError:
    *_, name = _candidates(summary)
    near = nearest(name, people)
    if not name.strip():
        reason = "It has no title that could name a person."
    else:
        reason = f"Nobody here is called “{name[:_LONGEST_NAME].strip()}”."
    if guests:
        reason += f" Nor has anybody the mail address {guests[0]}."
    remedy = f"Did you mean {' or '.join(near)}? Write the name as it stands here." if near else ""
    return PersonUnclearError(reason, remedy or "Write the person's full name as title, or add them as a guest.")


def _list(people: Iterable[Person]) -> str:
    return ", ".join(person.name for person in people)
