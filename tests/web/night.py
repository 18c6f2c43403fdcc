"""A believable night in the database: one ticket that is finished, one whose page rings, one caller turned away."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.models.calls import PhoneCall
from oncall.models.customers import Contract, Customer, Region
from oncall.models.pages import Attempt, AttemptOutcome, Page
from oncall.models.people import Person, Role
from oncall.models.refusals import Reason, Refusal
from oncall.models.tickets import EventKind, Intervention, Ticket, TicketState, record_event
from oncall.models.work.recordings import Recording


def a_night(session: Session, now: datetime) -> None:
    """Tickets 1042 (Acme, done an hour ago) and 1043 (Harbour Clinic, being paged at `now`)."""
    a_region(session)
    ada, bruno = people(session)
    _finished(session, customer(session, "Acme"), ada, bruno, now - timedelta(hours=1))
    being_paged(session, customer(session, "Harbour Clinic"), ada, now)
    turned_away(session, customer(session, "Northwind"), now - timedelta(minutes=30))


def a_region(session: Session) -> None:
    session.add(Region(name="europe", time_zone="Europe/Rome", office_number="+390584943232"))
    session.flush()


def people(session: Session) -> tuple[Person, Person]:
    ada = Person(name="Ada Rossi", phone="+390584000001", role=Role.TECHNICIAN)
    bruno = Person(name="Bruno Verdi", phone="+390584000002", role=Role.TECHNICIAN)
    session.add_all([ada, bruno])
    session.flush()
    return ada, bruno


def customer(session: Session, name: str) -> Contract:
    contract = Contract(
        plan="platinum",
        region_name="europe",
        start_date=date(2026, 1, 1),
        end_date=date(2027, 12, 31),
        customer=Customer(name=name),
    )
    session.add(contract)
    session.flush()
    return contract


def ticket(session: Session, contract: Contract, opened_at: datetime, priority: str = "P1") -> Ticket:
    row = Ticket(
        origin=f"call:{contract.customer.name}:{opened_at.isoformat()}",
        customer=contract.customer,
        contract=contract,
        priority=priority,
        channel="hotline",
        caller_number="+390212345678",
        opened_at=opened_at,
        due_at=opened_at + timedelta(minutes=60),
    )
    session.add(row)
    session.flush()
    record_event(
        session,
        row.id,
        opened_at,
        EventKind.OPENED,
        f"Ticket opened by phone from +39********78, {priority}.",
        key=EventKind.OPENED,
    )
    return row


def caller(session: Session, row: Ticket, at: datetime) -> PhoneCall:
    call = PhoneCall(
        sid=f"CA{row.number:032}",
        direction="in",
        purpose="hotline",
        number="+390212345678",
        state="answered",
        customer_id=row.customer_id,
        ticket_id=row.id,
        waiting=True,
        created_at=at,
        answered_at=at,
    )
    session.add(call)
    return call


def ringing(session: Session, page: Page, person: Person, at: datetime, state: str = "ringing") -> Attempt:
    call = PhoneCall(
        sid=f"CA{page.id:016}{person.id:016}",
        direction="out",
        purpose="page",
        number=person.phone,
        state=state,
        person_id=person.id,
        ticket_id=page.ticket_id,
        created_at=at,
        ended_at=at if state == "ended" else None,
    )
    session.add(call)
    session.flush()
    attempt = Attempt(page_id=page.id, person_id=person.id, round=page.round, call_id=call.id, started_at=at)
    session.add(attempt)
    session.flush()
    return attempt


def being_paged(session: Session, contract: Contract, ada: Person, now: datetime) -> Ticket:
    row = ticket(session, contract, now - timedelta(seconds=31))
    caller(session, row, now - timedelta(seconds=90))
    page = Page(
        ticket_id=row.id,
        cause="hotline",
        code="4711",
        opened_at=row.opened_at,
        due_at=real_now() + timedelta(seconds=14),
    )
    session.add(page)
    session.flush()
    words = "Calling and texting Ada Rossi (first)."
    record_event(session, row.id, row.opened_at, EventKind.ATTEMPT, words, key="a1", person_id=ada.id)
    ringing(session, page, ada, row.opened_at)
    return row


def _finished(session: Session, contract: Contract, ada: Person, bruno: Person, at: datetime) -> None:
    row = ticket(session, contract, at)
    page = Page(
        ticket_id=row.id,
        cause="hotline",
        code="1234",
        state="accepted",
        opened_at=at,
        due_at=at,
        accepted_at=at + timedelta(seconds=71),
        accepted_by_id=bruno.id,
        accepted_via="phone",
    )
    session.add(page)
    session.flush()
    first = ringing(session, page, ada, at, "ended")
    first.outcome, first.ended_at = AttemptOutcome.NO_ANSWER, at + timedelta(seconds=45)
    second = ringing(session, page, bruno, at + timedelta(seconds=46), "ended")
    second.outcome, second.ended_at = AttemptOutcome.ACCEPTED, at + timedelta(seconds=71)
    row.state, row.taken_at, row.assignee_id = TicketState.CLOSED, at + timedelta(seconds=71), bruno.id
    row.closed_at = at + timedelta(minutes=14)
    for seconds, kind, words in (
        (0, EventKind.ATTEMPT, "Calling and texting Ada Rossi (first)."),
        (38, EventKind.RECORDING, "The caller described the problem (recorded)."),
        (45, EventKind.NO_ANSWER, "No answer from Ada Rossi."),
        (46, EventKind.ATTEMPT, "Calling and texting Bruno Verdi (backup)."),
        (71, EventKind.ACCEPTED, "Bruno Verdi accepted by phone."),
        (73, EventKind.JOINED, "Bruno Verdi and the caller are talking."),
        (760, EventKind.INTERVENTION, "Intervention of Bruno Verdi by phone ended after 11 min 27 s."),
        (840, EventKind.CLOSED, "Closed by Bruno Verdi."),
    ):
        record_event(session, row.id, at + timedelta(seconds=seconds), kind, words, key=f"{kind}{seconds}")
    session.add(
        Recording(
            ticket_id=row.id,
            kind="description",
            provider_sid=f"RE{1:032}",
            url="http://x/RE1",
            seconds=34,
            at=at + timedelta(seconds=38),
        )
    )
    session.add(
        Intervention(
            ticket_id=row.id,
            person_id=bruno.id,
            kind="call",
            channel="phone",
            key="stay:1",
            started_at=at + timedelta(seconds=73),
            ended_at=at + timedelta(seconds=760),
            note="Restarted the VoIP stack after a full disk; caller confirms.",
        )
    )


def turned_away(session: Session, contract: Contract, at: datetime) -> None:
    call = PhoneCall(
        sid=f"CA{contract.id:0<32}",
        direction="in",
        purpose="hotline",
        number="+390255555555",
        state="ended",
        customer_id=contract.customer_id,
        contract_id=contract.id,
        created_at=at,
        ended_at=at,
    )
    session.add(call)
    session.flush()
    session.add(Refusal(call_id=call.id, at=at, reason=Reason.LAPSED.value, customer_id=contract.customer_id))
