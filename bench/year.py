"""A year of a support department in a database: customers, tickets, and the pages, calls and texts of each."""

from datetime import datetime
from typing import Final

import yaml
from sqlalchemy import text

from core.db import Database
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse

# Of all tickets the newest are not closed: every second of these is in somebody's hands.
OPEN: Final = 60
_STREETS: Final = (
    "Hospital",
    "Clinic",
    "Hotel",
    "University",
    "Bank",
    "Airport",
    "Harbour",
    "Town hall",
    "Works",
    "Court",
)

_TICKETS: Final = """
INSERT INTO ticket (origin, customer_id, contract_id, priority, channel, state, caller_number, callback_number,
  opened_at, due_at, taken_at, closed_at, assignee_id)
SELECT 'year:' || n, customer.id, contract.id, (ARRAY['P1', 'P2', 'P2', 'P3'])[1 + n % 4], 'hotline',
  CASE WHEN n <= :closed THEN 'closed' WHEN n % 2 = 0 THEN 'taken' ELSE 'open' END,
  '+3906' || lpad(n::text, 8, '0'), '+3906' || lpad(n::text, 8, '0'), at, at + interval '1 hour',
  CASE WHEN n <= :closed OR n % 2 = 0 THEN at + (interval '10 minutes') * (n % 9) END,
  CASE WHEN n <= :closed THEN at + interval '3 hours' END,
  CASE WHEN n <= :closed OR n % 2 = 0 THEN (SELECT min(id) FROM person) + n % 60 END
FROM generate_series(1, :tickets) n
CROSS JOIN LATERAL (SELECT :now - interval '1 year' + (interval '1 year') * n / :tickets AS at) moment
JOIN customer ON customer.id = (SELECT min(id) FROM customer) + n % :customers
JOIN contract ON contract.customer_id = customer.id
ORDER BY n
"""
_REST: Final = (
    """
INSERT INTO page (ticket_id, cause, code, state, round, opened_at, due_at, accepted_at, accepted_by_id, accepted_via)
SELECT id, 'hotline', (100000 + id)::text, CASE WHEN taken_at IS NULL THEN 'stopped' ELSE 'accepted' END, 1, opened_at,
  opened_at, taken_at, assignee_id, CASE WHEN taken_at IS NOT NULL THEN 'phone' END FROM ticket
""",
    """
INSERT INTO phone_call (sid, direction, purpose, number, person_id, customer_id, ticket_id, state, waiting, step, turn,
  memo, created_at, answered_at, ended_at, tries, result)
SELECT 'CA' || md5(ticket.id::text || way), way, CASE way WHEN 'in' THEN 'hotline' ELSE 'page' END, caller_number,
  CASE way WHEN 'out' THEN coalesce(assignee_id, (SELECT min(id) FROM person)) END, customer_id, ticket.id, 'ended',
  false, '', 5, '{}', opened_at, opened_at, opened_at + interval '5 minutes', 1, 'completed'
FROM ticket, unnest(ARRAY['in', 'out']) way
""",
    """
INSERT INTO page_attempt (page_id, person_id, round, call_id, started_at, ended_at, outcome, rank)
SELECT page.id, phone_call.person_id, 1, phone_call.id, page.opened_at, page.opened_at + interval '40 seconds',
  CASE page.state WHEN 'accepted' THEN 'accepted' ELSE 'no answer' END, 1
FROM page JOIN phone_call ON phone_call.ticket_id = page.ticket_id AND phone_call.purpose = 'page'
""",
    """
INSERT INTO message (key, channel, recipient, person_id, ticket_id, subject, body, state, tries, created_at, rank)
SELECT 'year:' || ticket.id || ':' || n, 'text', '+39347' || lpad(n::text, 7, '0'), assignee_id, ticket.id, '',
  'P1, ticket ' || ticket.number, 'delivered', 1, opened_at, 1
FROM ticket, generate_series(1, 3) n
""",
    """
INSERT INTO ticket_event (ticket_id, at, kind, words, person_id, key)
SELECT ticket.id, opened_at + (interval '1 minute') * n,
  (ARRAY['opened', 'page', 'attempt', 'accepted', 'text', 'text', 'joined', 'left'])[n],
  'What the gateway did, step ' || n || ', for ' || customer.name || '.', NULL, 'year:' || n
FROM ticket JOIN customer ON customer.id = ticket.customer_id, generate_series(1, 8) n
""",
    """
INSERT INTO ticket_event (ticket_id, at, kind, words, person_id, key, search)
SELECT id, opened_at + interval '20 minutes', 'note', words, assignee_id, 'year:note', to_tsvector('simple', words)
FROM ticket CROSS JOIN LATERAL (SELECT 'restarted the ' ||
  (ARRAY['voicemail', 'gateway', 'database', 'attendant', 'queue', 'licence', 'replication'])[1 + ticket.id % 7]
  || ' service on node ' || ticket.id % 97 || ' and watched it for half an hour' AS words) note
""",
    """
INSERT INTO intervention (ticket_id, person_id, kind, channel, started_at, ended_at, note, key)
SELECT id, assignee_id, 'call', 'phone', taken_at, taken_at + interval '25 minutes', '', 'year:' || id
FROM ticket WHERE assignee_id IS NOT NULL
""",
    "ANALYZE",
)


def fill_year(database: Database, now: datetime, pin_key: bytes, tickets: int, customers: int) -> None:
    """Written past the product's own functions, which would take hours: for measuring what reads it, alone."""
    with database.transaction() as session:
        apply(session, parse(_directory(customers)), now, PinKeys(pin_key))
    with database.transaction() as session:
        facts = {"now": now, "tickets": tickets, "customers": customers, "closed": tickets - OPEN}
        session.execute(text(_TICKETS), facts)
        for statement in _REST:
            session.execute(text(statement))


def _directory(customers: int) -> str:
    contract = {"plan": "platinum", "region": "europe", "start": "2024-01-01", "end": "2030-12-31", "paid": True}
    rows = [
        {
            "name": f"{_STREETS[n % len(_STREETS)]} of Town {n}",
            "phones": [f"+3902{n:08}"],
            "contract": contract | {"products": [{"name": "UC Suite", "end_of_life": None}]},
        }
        for n in range(customers)
    ]
    return yaml.safe_dump({"customers": rows}, sort_keys=False)
