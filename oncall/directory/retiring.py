"""People and customers who leave: what ends with them at once, and what of theirs is still open.

Their names stay on what they did. What they stood for on rosters is nobody's from now on
(`schedules.rosters.time_off`), and shows as gaps do. Nothing here is undone when somebody comes back: sessions,
calendars and PINs are made anew.
"""

from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from core.clock import real_now
from core.jobs import Urgency
from oncall.accounts import sessions
from oncall.models import jobs
from oncall.models.access.accounts import Account
from oncall.models.calls import CallState, Direction, PhoneCall
from oncall.models.customers import AlarmToken, Contract, Customer, CustomerPhone, Pin
from oncall.models.drills import Drill, DrillCallResult
from oncall.models.messages import LEFT, Message, MessageState
from oncall.models.pages import Attempt, AttemptOutcome, Page, PageState, page_of
from oncall.models.people import Person
from oncall.models.planning.changes import CalendarFeed, RosterSwap, SwapState
from oncall.models.tickets import Ticket, TicketState
from oncall.paging.acknowledge import give_up


def retire_person(session: Session, person: Person, now: datetime) -> list[str]:
    """From this transaction's end on they are never rung, told or let in; what that ended, in words.

    A page that rings them goes on to the next person; one that they have accepted, and on which no work was logged, is
    paged again. Nothing happens to somebody who has left already.
    """
    if person.retired:
        return []
    person.retired_at = now
    done = ["retired: not rung, texted or mailed any more"]
    if person.pin_digest is not None:
        person.pin_digest = None
        done.append("PIN for the technician menu ended")
    session.flush()
    done += _shut_out(session, person)
    done += _leave_rosters(session, person, now)
    _stop_telling(session, person, now)
    return done + _hand_back(session, person)


def retire_customer(session: Session, customer: Customer, now: datetime) -> list[str]:
    """From this transaction's end on they have no right to call; what that ended, in words.

    A PIN of theirs is still known, so that whoever uses it hears why they are refused. Open tickets are worked on.
    """
    if customer.retired_at is not None:
        return []
    customer.retired_at = now
    session.flush()
    numbers = session.scalars(select(CustomerPhone.number).where(CustomerPhone.customer_id == customer.id)).all()
    pins = select(func.count()).select_from(Pin).join(Pin.contract)
    pins = pins.where(Contract.customer_id == customer.id, Pin.revoked_at.is_(None))
    ended = delete(AlarmToken).where(AlarmToken.customer_id == customer.id)
    tokens = session.execute(ended.returning(AlarmToken.digest)).all()
    done = ["retired: no right to call any more"]
    if count := session.scalar(pins):
        done.append(f"{_counted(count, 'PIN')} refused from now on")
    if numbers:
        done.append(f"no longer registered: {', '.join(sorted(numbers))}")
    if tokens:
        done.append(f"{_counted(len(tokens), 'alarm token')} ended")
    open_ = (
        select(Ticket)
        .where(Ticket.customer_id == customer.id, Ticket.state != TicketState.CLOSED)
        .order_by(Ticket.number)
    )
    if tickets := session.scalars(open_).unique().all():
        done.append(f"open tickets, which are still worked on: {_listed(list(tickets))}")
    return done


def _shut_out(session: Session, person: Person) -> list[str]:
    """Accounts, sessions and calendars. Their times are real ones, whatever the gateway pretends."""
    account = session.scalar(select(Account).where(Account.person_id == person.id))
    theirs = CalendarFeed.person_id == person.id
    done = []
    if account is not None:
        if account.disabled_at is None:
            account.disabled_at = real_now()
            count = sessions.end_all(session, account.id)
            done.append(f"account {account.email} shut, {_counted(count, 'session')} ended")
        theirs = or_(theirs, CalendarFeed.made_by == account.email)
    ended = update(CalendarFeed).where(theirs, CalendarFeed.revoked_at.is_(None)).values(revoked_at=real_now())
    feeds = session.scalars(ended.returning(CalendarFeed.id)).all()
    return done + ([f"{_counted(len(feeds), 'calendar feed')} ended"] if feeds else [])


def _leave_rosters(session: Session, person: Person, now: datetime) -> list[str]:
    """Swaps that nobody has agreed to yet are off; drills of theirs are not needed any more."""
    asked = or_(RosterSwap.asker_id == person.id, RosterSwap.other_id == person.id)
    off = (
        update(RosterSwap)
        .where(asked, RosterSwap.state == SwapState.PROPOSED)
        .values(state=SwapState.CANCELLED, answered_at=now)
    )
    swaps = session.scalars(off.returning(RosterSwap.id)).all()
    drills = update(Drill).where(Drill.person_id == person.id, Drill.call_result.is_(None))
    session.execute(drills.values(call_result=DrillCallResult.NOT_NEEDED, ended_at=now))
    return [f"{_counted(len(swaps), 'proposed swap')} cancelled"] if swaps else []


def _stop_telling(session: Session, person: Person, now: datetime) -> None:
    """What waits to be sent to them is not, and no call to them goes on ringing: pages go on to the next person."""
    waiting = update(Message).where(Message.person_id == person.id, Message.state == MessageState.QUEUED)
    session.execute(waiting.values(state=MessageState.FAILED, error=LEFT).execution_options(synchronize_session=False))
    trying = select(Attempt.id).join(Page, Page.id == Attempt.page_id)
    trying = trying.where(Attempt.person_id == person.id, Attempt.outcome.is_(None), Page.state == PageState.PAGING)
    # In one order: whoever else holds several pages takes them so, too.
    for attempt_id in session.scalars(trying.order_by(Attempt.page_id)).all():
        give_up(session, attempt_id, AttemptOutcome.CUT_OFF, now)
    live = select(PhoneCall.id).where(
        PhoneCall.person_id == person.id, PhoneCall.direction == Direction.OUT, PhoneCall.state != CallState.ENDED
    )
    for call_id in session.scalars(live.order_by(PhoneCall.id)):
        jobs.cut_off.wake(session, call_id=call_id)


def _hand_back(session: Session, person: Person) -> list[str]:
    """Open tickets keep their name. Where they have promised and not begun, nobody waits for them: paged again."""
    mine = (
        select(Ticket)
        .where(Ticket.assignee_id == person.id, Ticket.state != TicketState.CLOSED)
        .order_by(Ticket.number)
    )
    tickets = list(session.scalars(mine).unique())
    for ticket in tickets:
        page = page_of(session, ticket.id)
        if page is not None and page.state == PageState.ACCEPTED and page.accepted_by_id == person.id:
            jobs.check_promise.with_urgency(Urgency.URGENT).wake(session, page_id=page.id)
    if not tickets:
        return []
    return [f"open tickets of theirs, paged again where no work was logged: {_listed(tickets)}"]


def _listed(tickets: list[Ticket]) -> str:
    return ", ".join(f"{each.number} ({each.priority}, {each.customer.name})" for each in tickets)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
