"""What a test compares: everything in the database, or the rows that matter to people, without what chance made."""

import re
from typing import Any

from sqlalchemy import text

from core.db import Database
from oncall.models.calls import PhoneCall
from oncall.models.customers import Customer
from oncall.models.messages import IncomingText, Message
from oncall.models.pages import Attempt, Page
from oncall.models.people import Person
from oncall.models.refusals import Refusal
from oncall.models.tickets import Intervention, Ticket, TicketEvent
from oncall.models.work.recordings import Recording

# Columns that say what happened. Ids, times and codes differ from run to run.
_TOLD: dict[type[Any], tuple[str, ...]] = {
    Ticket: ("number", "priority", "channel", "state", "caller_number", "callback_number", "assignee_id"),
    Page: ("cause", "state", "round", "first_person_id", "accepted_by_id", "accepted_via"),
    Attempt: ("person_id", "round", "outcome"),
    Message: ("channel", "recipient", "subject", "body", "state", "error", "person_id"),
    IncomingText: ("number", "body", "answer"),
    Intervention: ("person_id", "kind", "channel", "note"),
    TicketEvent: ("kind", "words", "person_id"),
    Recording: ("kind", "seconds", "person_id"),
    Refusal: ("reason", "customer_id"),
    PhoneCall: ("direction", "purpose", "number", "person_id", "state", "result", "waiting"),
}
# Reply codes, lengths of time and what is left of a promise.
_BY_CHANCE = (
    (r"\b(ACK|PASS|DONE|code|OK) \d{6}", r"\1 CODE"),
    (r"/t/[\w-]+", "/t/TOKEN"),
    (r"\b\d+ (h|min|s|minutes)\b( \d+ (min|s)\b)*", "N min"),
)

Rows = dict[str, list[tuple[Any, ...]]]


def rows_of(database: Database) -> Rows:
    """Normalised rows of every table that people see, each in a fixed order."""
    with database.transaction() as session:
        people = {person.id: person.name for person in session.query(Person)}
        customers = {customer.id: customer.name for customer in session.query(Customer)}
        found: Rows = {}
        for model, columns in _TOLD.items():
            rows = [
                tuple(_plain(column, getattr(row, column), people, customers) for column in columns)
                for row in session.query(model)
            ]
            found[model.__name__] = sorted(rows, key=repr)
    return found


def _plain(column: str, value: Any, people: dict[int, str], customers: dict[int, str]) -> Any:
    if column == "customer_id":
        return customers.get(value)
    if column.endswith(("person_id", "_by_id", "assignee_id")):
        return people.get(value)
    if isinstance(value, str):
        for pattern, instead in _BY_CHANCE:
            value = re.sub(pattern, instead, value)
    return value


def fingerprint(database: Database) -> dict[str, str]:
    """A digest of each table's whole content, but for the jobs: some that were put down before fall due meanwhile."""
    names = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'procrastinate%'")
    digest = "SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {} t"
    with database.engine.connect() as connection:
        tables = connection.scalars(names).all()
        return {name: str(connection.scalar(text(digest.format(f'"{name}"')))) for name in tables}
