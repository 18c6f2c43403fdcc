"""Whose shift an event is: by the guests' mail addresses, by the name in its title, by the organizer. Never guessed."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from difflib import SequenceMatcher
from typing import Final, NoReturn

from oncall.planning.imports.ical.guests import address_in, addresses_in
from oncall.planning.imports.titles import (
    LONGEST_NAME,
    is_own_note,
    names_in,
    own_name,
    says_away,
    says_on_call,
    shown_name,
)

_NEAR: Final = 0.6
_TOLD_AT_MOST: Final = 3
# Likeness costs: names that are looked for so.
_SEARCHES: Final = 50
# So do names of guests in parts.
_GUESTS: Final = 1000
_CHOOSE: Final = "Choose who takes it, or change it in the calendar."


@dataclass(frozen=True)
class Who:
    """All that an event says of its person. Addresses in small letters; `names` of guests; `declined` as `Guests`."""

    summary: str
    guests: tuple[str, ...] = ()
    organizer: str = ""
    names: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A short name for it, the same in every file."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Person:
    """Somebody who can be on call. `more`: further mail addresses, such as their account's."""

    id: int
    name: str
    email: str | None = None
    more: tuple[str, ...] = ()


class PersonUnclearError(Exception):
    """The event fits nobody, or several people; `declined`: those whom it fits have declined."""

    def __init__(self, reason: str, remedy: str, declined: bool = False) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason = reason
        self.remedy = remedy
        self.declined = declined


class People:
    """Those who can be on call, to be found by what events say of them."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.names: dict[int, str] = {}
        self._by_mail: dict[str, list[Person]] = {}
        self._by_name: dict[str, list[Person]] = {}
        self._by_words: dict[frozenset[str], list[Person]] = {}
        self._known_words: set[str] = set()
        self._meant: dict[str, list[Person]] = {}
        for person in people:
            self.names[person.id] = person.name
            self._by_name.setdefault(folded(person.name), []).append(person)
            words = frozenset(_words(person.name))
            self._by_words.setdefault(words, []).append(person)
            self._known_words |= words
            for mail in dict.fromkeys(each.casefold() for each in (person.email, *person.more) if each):
                self._by_mail.setdefault(mail, []).append(person)
        self._near: dict[str, list[str]] = {}
        self._known: dict[Who, Person | PersonUnclearError] = {}

    def find(self, summary: str, guests: Iterable[str], organizer: str) -> Person:
        """As `whose`, of an event that says no more than this."""
        return self.whose(Who(summary, tuple(guests), organizer))

    def whose(self, who: Who) -> Person:
        """The one person whose shift it is. Raises PersonUnclearError.

        Guests come first; among several of them the title decides. The organizer counts only when there is no guest
        and the title does not say "On call: ...": whoever keeps the calendar has not got all its shifts, also as one
        guest of several, or of those who have declined. Who has declined is never meant, nor who may be somebody
        unknown who has.
        """
        if who not in self._known:
            try:
                self._known[who] = self._whose(who)
            except PersonUnclearError as error:
                self._known[who] = error
        found = self._known[who]
        if isinstance(found, PersonUnclearError):
            raise found.with_traceback(None)
        return found

    def _whose(self, who: Who) -> Person:
        whole = self._by_whole_title(who.summary)
        if not whole:
            self._refuse_no_shift(who.summary)
        gone = self._gone(who)
        invited = [person for person in self._with_mail(who.guests) if person not in gone]
        titled = whole or self._called(own_name(who.summary) or who.summary)
        named = [person for person in titled if person not in gone]
        keeper = self._with_mail([who.organizer])
        if any(person not in keeper for person in (*invited, *gone)):
            invited = [person for person in invited if person not in keeper or person in named]
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
        others = (*gone, *keeper)
        found = named or [person for name in who.names for person in self._of_name(name) if person not in others]
        found = list(dict.fromkeys(found))
        if not found and not who.guests and not who.declined and not says_on_call(who.summary):
            found = keeper
        if len(found) > 1:
            raise PersonUnclearError(
                f"It may be any of {_list(found)}.", "Add the mail address of the right one as a guest."
            )
        if not found:
            self._nobody(who, gone)
        if found[0] not in invited:
            self._refuse_maybe_gone(who, found[0])
        return found[0]

    def nearest(self, name: str) -> list[str]:
        """Up to three names that look like this one or share a word with it, the nearest first."""
        wanted = folded(name[:LONGEST_NAME])
        if wanted not in self._near:
            if len(self._near) >= _SEARCHES:
                return []  # a file of nothing but strangers is the wrong file
            self._near[wanted] = self._like(wanted)
        return self._near[wanted]

    def _like(self, wanted: str) -> list[str]:
        words, found = set(wanted.split()), []
        matcher = SequenceMatcher(None, b=wanted)
        for known, people in self._by_name.items():
            matcher.set_seq1(known)
            near = matcher.real_quick_ratio() >= _NEAR and matcher.quick_ratio() >= _NEAR
            likeness = matcher.ratio() if near or words & set(known.split()) else 0.0
            if likeness >= _NEAR or words & set(known.split()):
                found += [(-likeness, person.name) for person in people]
        return [each for _, each in sorted(found)[:_TOLD_AT_MOST]]

    def _with_mail(self, addresses: Iterable[str]) -> list[Person]:
        wanted = dict.fromkeys(address.casefold() for address in addresses)
        found = (person for address in wanted for person in self._by_mail.get(address, ()))
        return list(dict.fromkeys(found))

    def _by_whole_title(self, summary: str) -> list[Person]:
        """Those of whom all of the title is the name, or all that our own feeds write as one.

        Names may hold any word and sign, and so may those of rosters and layers behind them.
        """
        name = own_name(summary)
        people = self._exactly(summary) or self._exactly(name)
        return [person for person in people if person.name == name] or people

    def _called(self, summary: str) -> list[Person]:
        """Those whom the parts of a title name."""
        parts = dict.fromkeys(folded(each) for each in names_in(summary))
        found = (person for name in parts for person in self._by_name.get(name, ()))
        return list(dict.fromkeys((*found, *self._with_mail([address_in(summary)]))))

    def _refuse_no_shift(self, summary: str) -> None:
        if is_own_note(summary):
            raise PersonUnclearError("It says that shifts are missing there, and is none.", "Ask those who keep it.")
        if says_away(own_name(summary) or summary, self._exactly):
            raise PersonUnclearError("Its title speaks of time off, not of a shift.", _CHOOSE)

    def _exactly(self, name: str) -> list[Person]:
        return self._by_name.get(folded(name), [])

    def _of_name(self, name: str) -> list[Person]:
        """Those whom a guest's name means: "Conti, Giulia", "CONTI Giulia", "Giulia Conti (Nights)"."""
        exactly = self._exactly(name)
        if exactly or self._known_words.isdisjoint(_words(name)):
            return exactly
        if name not in self._meant:
            # A file of thousands of guests is a hostile one: from some number on whole names alone are looked at.
            listed = names_in(name) if len(self._meant) < _GUESTS else (name,)
            self._meant[name] = self._in_parts(list(listed))
        return self._meant[name]

    def _in_parts(self, parts: Sequence[str]) -> list[Person]:
        exactly = (person for part in parts for person in self._exactly(part))
        words = dict.fromkeys(frozenset(_words(part)) for part in parts)
        turned = (person for each in words if len(each) > 1 for person in self._by_words.get(each, ()))
        return list(dict.fromkeys((*exactly, *turned)))

    def _gone(self, who: Who) -> list[Person]:
        """Those who have declined: known by their addresses, else by their name or what their address says."""
        coming = self._with_mail(who.guests)
        found: list[Person] = []
        for guest in who.declined:
            known, by_name = self._decliner(guest)
            found += known or [person for person in by_name if person not in coming]
        return list(dict.fromkeys(found))

    def _decliner(self, guest: str) -> tuple[list[Person], list[Person]]:
        """Those who have their addresses, and those who have their name."""
        mails, name = addresses_in(guest), _name_of(guest)
        known = self._with_mail(mails)
        named = known or self._of_name(name)
        return known, named or [person for mail in mails for person in self._of_name(_local_part(mail))]

    def _refuse_maybe_gone(self, who: Who, person: Person) -> None:
        """Somebody unknown who has declined may be the one whom the title names, under an address of their own."""
        coming = [*self._with_mail(who.guests), *(each for name in who.names for each in self._of_name(name))]
        if person in coming:
            return
        for guest in who.declined:
            words = {word for word in _words(_name_of(guest)) if len(word) > 1}
            same = words & set(_words(person.name)) if len(words) > 1 else True
            if same and not any(self._decliner(guest)):
                raise PersonUnclearError(f"{guest} has declined, and may be {person.name}.", _CHOOSE, True)

    def _nobody(self, who: Who, gone: Sequence[Person]) -> NoReturn:
        if gone or (who.declined and not who.guests):
            names = _list(gone) or who.declined[0]
            verb = "have all" if len(gone) > 1 else "has"
            others = "nobody else who is invited is known here" if who.guests else "nobody else is invited"
            raise PersonUnclearError(f"{names} {verb} declined, and {others}.", _CHOOSE, True)
        shown = shown_name(who.summary)
        reason = f"Nobody here is called “{shown}”." if shown else "It has no title that could name a person."
        if who.guests:
            reason += f" Nor has anybody the mail address {who.guests[0]}."
        near = self.nearest(shown)
        remedy = f"Did you mean {' or '.join(near)}? Write the name as it stands here." if near else ""
        raise PersonUnclearError(reason, remedy or "Write the person's full name as title, or add them as a guest.")


def _name_of(guest: str) -> str:
    """What stands before the addresses of a guest, as `ical.guests` writes them."""
    return "" if "@" in guest and "<" not in guest else guest.partition("<")[0].strip()


def _local_part(mail: str) -> str:
    """What an address says of a name: "giulia conti"."""
    return re.sub(r"[._-]+", " ", mail.partition("@")[0])


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", folded(name))


def folded(name: str) -> str:
    """A name without capitals, accents and double spaces, to be compared."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def _list(people: Iterable[Person]) -> str:
    return ", ".join(person.name for person in people)
