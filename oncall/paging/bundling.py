"""One text for more pages: what is queued for a person, or follows within a moment, is told together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.clock import real_now
from core.locks import Lock
from oncall import wording
from oncall.accounts.ticket_links import link_token
from oncall.customers.call_back import way_back
from oncall.models.calls import PhoneCall, caller_is_waiting
from oncall.models.customers import Customer
from oncall.models.messages import Message, MessageState
from oncall.models.pages import Page, PageCause, PageState
from oncall.models.tickets import Ticket
from oncall.runtime import Work

# A text about a page waits so long for further pages when one to the same person has only just left. The phone rings
# meanwhile. The first text never waits.
GATHER: Final = timedelta(seconds=3)
# The same after a text that has itself waited: pages come thick and fast.
GATHER_IN_STORM: Final = timedelta(seconds=10)
# More than fit into two segments.
_MOST_LINES: Final = 12


def page_link(work: Work, page: Page, person_id: int) -> str:
    """The address that opens the page's ticket for this person, once."""
    settings = work.runtime.settings
    token = link_token(settings.session_secret, page.ticket_id, person_id, real_now())
    return f"{settings.public_url}/t/{token}"


def page_words(work: Work, page: Page, person_id: int, waits: bool) -> str:
    """The text about one page to this person. `waits`: its caller is on the line."""
    settings, link = work.runtime.settings, page_link(work, page, person_id)
    helping = page.cause == PageCause.COLLEAGUE
    way = way_back(work.session, settings, page.ticket)
    return wording.page_text(page.ticket, page.code, helping, waits, work.now, settings.our_number, link, way)


@dataclass(frozen=True)
class Held:
    """`until` (real UTC) a new text about a page waits. `led`: another one leaves then, and takes it along."""

    until: datetime
    led: bool


def held(work: Work, person_id: int) -> Held | None:
    """How a new text about a page waits, None when it leaves at once."""
    query = select(Message.state, Message.tries, Message.not_before, Message.created_at, Message.error)
    mine = query.where(Message.person_id == person_id, Message.page_id.is_not(None))
    newest = work.session.execute(mine.order_by(Message.id.desc()).limit(1)).first()
    if newest is None:
        return None
    put_down, real_now = newest.created_at - work.runtime.clock.shift(), work.now - work.runtime.clock.shift()
    led = newest.state == MessageState.QUEUED
    if led:
        until = newest.not_before if newest.tries == 0 else None
    else:
        # After a failure `not_before` is a back-off, maybe of minutes, and no wait for other pages.
        waited = newest.not_before if newest.tries <= 1 and newest.error is None else None
        wait = GATHER if waited is None else GATHER_IN_STORM
        # No longer than from now on, should a pretended time have been set back.
        until = min(max(put_down, waited or put_down), real_now) + wait
    return Held(until, led) if until is not None and until > real_now else None


def take_turns(session: Session, person_id: int) -> None:
    """Texts about pages to one person are claimed one after the other, until the transaction's end.

    Before any of them is locked: two that are claimed in the same moment would pass each other over.
    """
    session.execute(select(func.pg_advisory_xact_lock(Lock.BUNDLING, person_id)))


def gather(work: Work, message: Message) -> None:
    """Let a text that is about to leave for the first time tell what other texts to the same person would.

    Those are merged into it. Pages that are over by now are left out.
    """
    if message.page_id is None or message.person_id is None or message.state != MessageState.QUEUED or message.tries:
        return
    others = select(Message.id).where(
        Message.person_id == message.person_id,
        Message.state == MessageState.QUEUED,
        Message.page_id.is_not(None),
        Message.recipient == message.recipient,
        Message.tries == 0,
        Message.id != message.id,
    )
    locked = others.with_for_update(key_share=True, skip_locked=True).cte("others")
    merged = (
        update(Message)
        .where(Message.id.in_(select(locked.c.id)))
        .values(state=MessageState.MERGED, carrier_id=message.id)
    )
    told = work.session.execute(merged.returning(Message.page_id).execution_options(synchronize_session=False))
    pages = {page_id for (page_id,) in told}
    if pages:
        _retell(work, message, message.person_id, pages | {message.page_id})


def _retell(work: Work, message: Message, person_id: int, page_ids: set[int | None]) -> None:
    """Write anew what a text tells, when it is about more than its own page."""
    lines = work.session.execute(_most_urgent(page_ids)).all()
    if not lines:
        return
    total = lines[0].total
    if total == 1:
        page = work.session.get_one(Page, lines[0].id)
        waits = caller_is_waiting(work.session, page.ticket_id)
        message.body = page_words(work, page, person_id, waits)
        return
    told = [
        wording.PageLine(
            line.priority, line.number, line.name, line.code, line.waits, line.cause == PageCause.COLLEAGUE
        )
        for line in lines
    ]
    message.body = wording.pages_text(told, total, work.runtime.settings.our_number)


def _most_urgent(page_ids: set[int | None]) -> Any:
    """The open ones among these pages, most urgent first, with the number of all."""
    waits = select(PhoneCall.id).where(PhoneCall.ticket_id == Page.ticket_id, PhoneCall.waiting).exists()
    return (
        select(
            Page.id,
            Page.code,
            Page.cause,
            Ticket.number,
            Ticket.priority,
            Customer.name,
            waits.label("waits"),
            func.count().over().label("total"),
        )
        .join(Ticket, Ticket.id == Page.ticket_id)
        .join(Customer, Customer.id == Ticket.customer_id)
        .where(Page.id.in_(page_ids), Page.state == PageState.PAGING)
        .order_by(Ticket.priority, waits.desc(), Page.id)
        .limit(_MOST_LINES)
    )
