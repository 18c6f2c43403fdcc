"""The table of docs/calls.md: each row is what a test has really heard and seen on the simulated phones.

`CALLS_TABLE=write` in the environment writes the document's rows anew; without it they are compared.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from ivr.prompts import conversation, keypad, line_ended, waiting
from ivr.technician import prompts as technicians
from simulator.driven_phone import DrivenPhone
from tests.calls.people import Cast
from tests.calls.stack import Gateway

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "calls.md"
WRITING: Final = os.environ.get("CALLS_TABLE") == "write"
HEAD: Final = "| What happens | Then | The caller hears | The technician hears | Rung, in order | Told by text |"
RULE: Final = "|---|---|---|---|---|---|"
# Names for what is said again and again in the table; the document explains them.
SENTENCES: Final = (
    ("asked", line_ended.HUNG_UP),
    ("wrong key, asked", f"{keypad.NOT_UNDERSTOOD} {line_ended.HUNG_UP_KEYS}"),
    ("being rung", line_ended.ringing_again("Ada")),
    ("not reached", f"{line_ended.unreached('Ada', busy=False)} {line_ended.TRY_ONCE_MORE}"),
    ("busy", f"{line_ended.unreached('Ada', busy=True)} {line_ended.TRY_ONCE_MORE}"),
    ("not reached, what next", f"{line_ended.unreached('Ada', busy=False)} {line_ended.WHAT_NEXT}"),
    ("busy, what next", f"{line_ended.unreached('Ada', busy=True)} {line_ended.WHAT_NEXT}"),
    ("hung up, what next", f"{line_ended.HUNG_UP_AGAIN} {line_ended.WHAT_NEXT}"),
    ("wrong key, what next", f"{keypad.NOT_UNDERSTOOD} {line_ended.WHAT_NEXT}"),
    ("end of an open line", line_ended.silent_goodbye("Ada")),
    ("joined", conversation.JOINING),
    ("still there", technicians.rejoin("Acme", 0).replace("ticket 0", "ticket N")),
    (
        "wrong key, still there",
        f"{technicians.NOT_UNDERSTOOD} {technicians.rejoin('Acme', 0).replace('ticket 0', 'ticket N')}",
    ),
    ("connecting", technicians.CONNECTING_AGAIN),
    ("no key", f"{technicians.NOTHING_CHOSEN} {technicians.GOODBYE}"),
    ("caller gone", technicians.ALONE),
)
# Said again and again while a phone rings, so its number depends on how long that takes.
_REPEATED: Final = re.compile(r"^I am still calling ")
_BY_CHANCE: Final = (
    (re.compile(r"ticket (number )?\d(, \d)+"), "ticket N"),
    (re.compile(r"\d+ minutes"), "N minutes"),
    (re.compile(f" {re.escape(waiting.WAIT_KEYS)}"), ""),  # said every third time
)


@dataclass(frozen=True)
class Row:
    """One line of the table. `rung`: first names, in order of the calls; `texts`: who was sent one."""

    what: str
    then: str
    caller: str
    technician: str
    rung: str
    texts: str

    @property
    def line(self) -> str:
        return f"| {self.what} | {self.then} | {self.caller} | {self.technician} | {self.rung} | {self.texts} |"


class Watch:
    """Everything that happens from one moment on: what phones say, whom the gateway rings and texts."""

    def __init__(self, gateway: Gateway, cast: Cast) -> None:
        self._gateway, self._cast = gateway, cast
        self._people = (cast.ada, cast.bruno, cast.carla, cast.dino, cast.acme)
        self._heard = {phone.number: len(phone.transcript) for phone in self._people}
        self._texts = {phone.number: self._texts_of(phone) for phone in self._people}
        self._calls = len(self._placed())

    def row(self, what: str, then: str, technician: DrivenPhone | None = None) -> Row:
        """What has come of it, in the table's words. `technician`: whose phone is listened to; Ada's if not said."""
        return Row(
            what,
            then,
            _told(self._said(self._cast.acme)),
            _told(self._said(technician or self._cast.ada)),
            ", ".join(self._rung()) or "nobody",
            ", ".join(self._told_by_text()) or "nobody",
        )

    def _said(self, phone: DrivenPhone) -> list[str]:
        entries = phone.transcript[self._heard[phone.number] :]
        words = [_named(entry.text) for entry in entries if entry.kind == "said" and not _REPEATED.match(entry.text)]
        return [each for each, _ in groupby(words)]

    def _placed(self) -> list[str]:
        requests = self._gateway.network.journal.requests("/Calls.json", "POST")
        return [str(request.param("To")) for request in requests]

    def _rung(self) -> list[str]:
        names = {phone.number: phone.phone.name.split()[0] for phone in self._people}
        return [names[number] for number in self._placed()[self._calls :]]

    def _texts_of(self, phone: DrivenPhone) -> int:
        return len([text for text in list(phone.phone.texts) if text.direction == "in"])

    def _told_by_text(self) -> list[str]:
        staff = self._people[:-1]
        return [each.phone.name.split()[0] for each in staff if self._texts_of(each) > self._texts[each.number]]


def _told(words: Sequence[str]) -> str:
    return "; ".join(words) or "nothing"


def _named(words: str) -> str:
    """By its name where it has one, else as it was said, but for what differs from run to run."""
    for pattern, instead in _BY_CHANCE:
        words = pattern.sub(instead, words)
    return next((f"*{name}*" for name, sentence in SENTENCES if sentence == words), words)


def sentences_of_document() -> list[tuple[str, str]]:
    """The names of sentences, and what they say, as the document has them."""
    section = DOCUMENT.read_text().split("\n## What is said\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| *")]
    return [(name.strip().strip("*"), words.strip()) for name, words in rows]


def rows_of_document() -> dict[tuple[str, str], str]:
    """The table's lines, by their first two cells."""
    _, lines, _ = _parts()
    return {_name(line): line for line in lines}


def _name(line: str) -> tuple[str, str]:
    what, then, *_ = (cell.strip() for cell in line.strip("|").split("|"))
    return what, then


def _parts() -> tuple[str, list[str], str]:
    """The document up to the table's first line, the lines, and the rest."""
    before, head, after = DOCUMENT.read_text().partition(f"{HEAD}\n{RULE}\n")
    lines = after.split("\n")
    count = next(place for place, line in enumerate(lines) if not line.startswith("|"))
    return before + head, lines[:count], "\n".join(lines[count:])


def check(row: Row) -> None:
    """That the document has this very row; or, when it is written anew, write it."""
    if WRITING:
        before, lines, rest = _parts()
        found = {_name(line): line for line in lines} | {(row.what, row.then): row.line}
        DOCUMENT.write_text(before + "".join(f"{line}\n" for line in found.values()) + rest)
    assert rows_of_document().get((row.what, row.then)) == row.line, row.line


def check_order(names: list[tuple[str, str]]) -> None:
    """That the document has rows of these names, in this order; or, when it is written anew, put them so."""
    if WRITING:
        before, lines, rest = _parts()
        found = {_name(line): line for line in lines}
        DOCUMENT.write_text(before + "".join(f"{found[name]}\n" for name in names if name in found) + rest)
    assert list(rows_of_document()) == names
