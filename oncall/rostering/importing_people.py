"""Whose shift an event is: by the guests' mail addresses, by the name in its title, by the organizer. Never guessed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, NoReturn

_ON_CALL: Final = re.compile(r"\s*on[ -]?call\s*(?::|\s[-–—])\s*(.+)", re.IGNORECASE | re.DOTALL)
_BRACKETS: Final = re.compile(r"(.*\S)\s*\([^()]*\)\s*", re.DOTALL)
_DASH: Final = re.compile(r"\s+[-–—]\s+")
_LONGEST_NAME: Final = 120
_NEAR: Final = 0.6
_TOLD_AT_MOST: Final = 3
# Likeness costs: names that are looked for so.
_SEARCHES: Final = 50


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


class People:
    """Those who can be on call, to be found by what events say of them."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.names: dict[int, str] = {}
        self._by_mail: dict[str, list[Person]] = {}
        self._by_name: dict[str, list[Person]] = {}
        for person in people:
            self.names[person.id] = person.name
            self._by_name.setdefault(folded(person.name), []).append(person)
            if person.email:
                self._by_mail.setdefault(person.email.casefold(), []).append(person)
        self._near: dict[str, list[str]] = {}

    def find(self, summary: str, guests: Iterable[str], organizer: str) -> Person:
        """The one person whose shift it is. Raises PersonUnclearError.

        Guests come first; among several of them the title decides. The organizer counts only when there is no guest
        and the title does not say "On call: ...": whoever keeps the calendar has not got all its shifts.
        """
        guests = list(guests)
        invited, named = self._with_mail(guests), self._called(summary)
        if len(invited) > 1:
            named = [person for person in named if person in invited]
            if len(named) != 1:
                raise PersonUnclearError(
                    f"Several of its guests can be on call: {_list(invited)}.",
                    "Leave one of them, or name one in the title.",
                )
        elif invited and named and invited[0] not in named:
            raise PersonUnclearError(
                f"Its guest is {_list(invited)}, its title says {_list(named)}.", "Make the two say the same."
            )
        elif invited:
            return invited[0]
        found = named
        if not found and not guests and not _ON_CALL.match(summary):
            found = self._with_mail([organizer])
        if len(found) > 1:
            raise PersonUnclearError(
                f"It may be any of {_list(found)}.", "Add the mail address of the right one as a guest."
            )
        return found[0] if found else self._unknown(summary, guests)

    def nearest(self, name: str) -> list[str]:
        """Up to three names that look like this one or share a word with it, the nearest first."""
        wanted = folded(name[:_LONGEST_NAME])
        if wanted not in self._near:
            if len(self._near) >= _SEARCHES:
                return []  # a file of nothing but strangers is the wrong file
            self._near[wanted] = self._like(wanted)
        return self._near[wanted]

    def _like(self, wanted: str) -> list[str]:
        words, found = set(wanted.split()), []
        for known, people in self._by_name.items():
            likeness = SequenceMatcher(None, wanted, known).ratio()
            if likeness >= _NEAR or words & set(known.split()):
                found += [(-likeness, person.name) for person in people]
        return [each for _, each in sorted(found)[:_TOLD_AT_MOST]]

    def _with_mail(self, addresses: Iterable[str]) -> list[Person]:
        wanted = dict.fromkeys(address.casefold() for address in addresses)
        found = (person for address in wanted for person in self._by_mail.get(address, ()))
        return list(dict.fromkeys(found))

    def _called(self, summary: str) -> list[Person]:
        wanted = dict.fromkeys(folded(each) for each in _candidates(summary))
        return [person for name in wanted for person in self._by_name.get(name, ())]

    def _unknown(self, summary: str, guests: Sequence[str]) -> NoReturn:
        *_, name = _candidates(summary)
        shown = name[:_LONGEST_NAME].strip()
        reason = f"Nobody here is called “{shown}”." if shown else "It has no title that could name a person."
        if guests:
            reason += f" Nor has anybody the mail address {guests[0]}."
        near = self.nearest(shown)
        remedy = f"Did you mean {' or '.join(near)}? Write the name as it stands here." if near else ""
        raise PersonUnclearError(reason, remedy or "Write the person's full name as title, or add them as a guest.")


def folded(name: str) -> str:
    """A name without capitals, accents and double spaces, to be compared."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


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


def _list(people: Iterable[Person]) -> str:
    return ", ".join(person.name for person in people)
