"""A new row of a ticket, however it came about: its promise, and the first line of its timeline."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from oncall.models.customers import Contract
from oncall.models.tickets import EventKind, Ticket, TicketChannel, TicketState, record_event
from oncall.sla.promises import Priority, response_due
from schedules.staffed_hours import Plan


@dataclass(frozen=True)
class Report:
    """What is known of a problem when its ticket is opened.

    `origin`: what opens it, which no other ticket has. `number` (E.164) and `name`: of who reported it. `taken_by`: id
    of who has it from the first moment; None while nobody has.
    """

    origin: str
    priority: Priority
    channel: TicketChannel
    number: str | None = None
    name: str | None = None
    call_back: str | None = None
    taken_by: int | None = None
    split_from: int | None = None


def put_ticket(
    session: Session, contract: Contract, report: Report, words: str, now: datetime, by: int | None = None
) -> Ticket:
    """The ticket, its clock running since `now`. `words`: of its first line; `by`: id of who of ours opens it."""
    ticket = Ticket(
        origin=report.origin,
        customer_id=contract.customer_id,
        contract_id=contract.id,
        priority=report.priority,
        channel=report.channel,
        state=TicketState.OPEN if report.taken_by is None else TicketState.TAKEN,
        caller_number=report.number,
        caller_name=report.name,
        callback_number=report.call_back,
        opened_at=now,
        due_at=response_due(Plan(contract.plan), report.priority, contract.region.time_zone, now),
        taken_at=None if report.taken_by is None else now,
        assignee_id=report.taken_by,
        split_from_id=report.split_from,
    )
    ticket.customer, ticket.contract = contract.customer, contract
    session.add(ticket)
    session.flush()
    record_event(session, ticket.id, now, EventKind.OPENED, words, key="opened", person_id=by)
    return ticket
