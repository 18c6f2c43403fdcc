"""What the network saw of each call and text, beside what the database says: the accountant. Mostly pure functions."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.db import Database
from oncall.models.calls import PhoneCall
from oncall.models.messages import Message
from oncall.models.pages import Attempt, Page
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from simulator.journal import Record

_TEXTS = select(Message.key, Message.carrier_id, Message.id).where(Message.channel == "text")
_CALL, _TEXT = re.compile(r"/ivr/call/(\d+)/"), re.compile(r"/ivr/messages/(\d+)/")


@dataclass(frozen=True)
class Sent:
    """A request to call or text somebody. `at`: monotonic seconds; `sid`: of what was made of it, empty for nothing."""

    kind: str  # call | text
    row: int  # the id that the gateway gave in its addresses
    to: str
    body: str
    at: float
    sid: str


@dataclass(frozen=True)
class Try:
    """An attempt as the database has it. `call`: its row, None when the person was in a conversation.

    `text`: the row of the text that told of it, its own or the one that did so in its place; None when there is none.
    """

    page: int
    ticket: int  # its number
    phone: str
    round: int
    outcome: str
    call: int | None
    call_result: str
    text: int | None


@dataclass(frozen=True)
class Books:
    """What the database says at the end. `rows`: state of every call out and text, by kind and id."""

    pages: Mapping[int, str]
    tries: tuple[Try, ...]
    rows: Mapping[tuple[str, int], str]


@dataclass
class Account:
    """The comparison. Lists are in words."""

    lost: list[str] = field(default_factory=list)
    repeats: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)


def sent(records: Iterable[Record]) -> list[Sent]:
    """Calls and texts that the network was asked for, oldest first."""
    found = []
    for record in records:
        if record.kind != "request" or record.method != "POST":
            continue
        path = urlsplit(record.url).path
        kind, pattern, name = (
            ("call", _CALL, "Url") if path.endswith("/Calls.json") else ("text", _TEXT, "StatusCallback")
        )
        match = pattern.search(record.param(name) or "") if path.endswith(("/Calls.json", "/Messages.json")) else None
        if match is None:
            continue
        sid = str(json.loads(record.body).get("sid", "")) if record.status == 201 and record.body else ""
        found.append(Sent(kind, int(match[1]), record.param("To") or "", record.param("Body") or "", record.at, sid))
    return sorted(found, key=lambda one: one.at)


def books(database: Database) -> Books:
    """The database's side."""
    with database.transaction() as session:
        pages = {page.id: page.state for page in session.scalars(select(Page))}
        query = (
            select(Attempt, Person.phone, Ticket.number)
            .join(Person, Person.id == Attempt.person_id)
            .join(Page, Page.id == Attempt.page_id)
            .join(Ticket, Ticket.id == Page.ticket_id)
            .options(joinedload(Attempt.call))
        )
        texts = {key: carrier or own for key, carrier, own in session.execute(_TEXTS)}
        tries = tuple(
            Try(
                each.page_id,
                number,
                phone,
                each.round,
                each.outcome or "",
                each.call_id,
                _result(each.call),
                texts.get(f"page:{each.page_id}:{each.round}:{each.person_id}"),
            )
            for each, phone, number in session.execute(query).unique()
        )
        calls = select(PhoneCall).where(PhoneCall.direction == "out")
        rows: dict[tuple[str, int], str] = {("call", row.id): row.state for row in session.scalars(calls)}
        rows |= {
            ("text", row.id): row.state for row in session.scalars(select(Message).where(Message.channel == "text"))
        }
    return Books(pages, tries, rows)


def _result(call: PhoneCall | None) -> str:
    return "" if call is None else call.result or ""


def balance(opened: Sequence[int], asked: Sequence[Sent], held: Books) -> Account:
    """Compare both sides. Pure.

    Lost: a page that is in no book, that no person was tried for, or an attempt whose call or text never reached the
    network, unless the call was not wanted any more. A text may tell of several tickets, the last of them only by their
    number ("and 12 more"), and a call ring for several pages.
    """
    account = Account()
    made = Counter((one.kind, one.row) for one in asked if one.sid)
    account.repeats = [f"{kind} {row}: {count} times" for (kind, row), count in made.items() if count > 1]
    account.unknown = [f"{kind} {row}" for kind, row in made if (kind, row) not in held.rows]
    account.unsent = [f"{kind} {row}" for (kind, row), state in held.rows.items() if state in {"queued", "sending"}]
    tried = {each.page for each in held.tries}
    account.lost += [f"page {page}: not in the database" for page in opened if page not in held.pages]
    account.lost += [f"page {page}: nobody was tried" for page in opened if page in held.pages and page not in tried]
    for each in held.tries:
        account.lost += _lost(each, made)
    return account


def repeats(account_of: Sequence[Sent]) -> int:
    """How often the network made a call or text for a row that had one already."""
    made = Counter((one.kind, one.row) for one in account_of if one.sid)
    return sum(count - 1 for count in made.values())


def _lost(each: Try, made: Counter[tuple[str, int]]) -> list[str]:
    where = f"page {each.page}, round {each.round}, {each.phone}"
    lost = []
    unwanted = each.call_result == "canceled"
    if each.call is not None and not unwanted and not made["call", each.call]:
        lost.append(f"{where}: call {each.call} never reached the network")
    if each.text is None or not made["text", each.text]:
        lost.append(f"{where}: no text told of ticket {each.ticket}")
    return lost
