"""What is told in a technician's call when it is about more than one page, and accepting all of them at once."""

from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from core.jobs import Urgency
from oncall.models import jobs
from oncall.models.calls import PhoneCall, lock_call
from oncall.models.pages import Attempt, Page, PageState, Via
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from oncall.paging.acknowledge import Verdict, accept
from oncall.paging.engine import CALLER_WAITS, go_on, lock_page
from oncall.runtime import Work, in_transaction

# So many are accepted while the telephone waits for its answer; a job goes on with the rest.
AT_ONCE: Final = 50


def count_told(session: Session, call: PhoneCall) -> int:
    """How many pages are still to be told or decided in this call."""
    return session.scalar(_open(call, func.count())) or 0


def told_first(session: Session, call: PhoneCall) -> Attempt | None:
    """The most urgent of them: by priority, then whether the caller is on the line, then by age."""
    query = (
        _open(call, Attempt)
        .join(Ticket, Ticket.id == Page.ticket_id)
        .options(joinedload(Attempt.page).joinedload(Page.ticket))
        .order_by(Ticket.priority, CALLER_WAITS.desc(), Attempt.id)
        .limit(1)
    )
    first: Attempt | None = session.scalar(query.execution_options(populate_existing=True))
    return first


def let_go_on(session: Session, call: PhoneCall) -> None:
    """The call's owner is taken: pages that were still to be told go on to the next person."""
    go_on(session, _open(call, Attempt.page_id))


def _open(call: PhoneCall, what: Any) -> Select[Any]:
    after = call.memo.accepts or 0
    query = select(what).select_from(Attempt).join(Page, Page.id == Attempt.page_id)
    return query.where(Attempt.call_id == call.id, Attempt.outcome.is_(None), (Attempt.id > after) | CALLER_WAITS)


def accept_all(work: Work, call: PhoneCall, person: Person) -> Page | None:
    """Accept every page that is told in a locked call; the most urgent one that was won, None when all came too late.

    Of callers who are on the line, the one with the most urgent page can be joined: the others' pages are left out, as
    they are better served by the next person.
    """
    call.memo.accepts = work.session.scalar(select(func.max(Attempt.id)).where(Attempt.call_id == call.id)) or 0
    mine = (
        select(Page.id, CALLER_WAITS.label("waits"))
        .join(Attempt, Attempt.page_id == Page.id)
        .join(Ticket, Ticket.id == Page.ticket_id)
        .where(Attempt.call_id == call.id, Attempt.outcome.is_(None), Page.state == PageState.PAGING)
        .order_by(CALLER_WAITS.desc(), Ticket.priority, Attempt.id)
        .limit(AT_ONCE)
    )
    found = work.session.execute(mine).all()
    taken = [row.id for place, row in enumerate(found) if place == 0 or not row.waits]
    won = _accept(work, taken, person)
    if len(found) == AT_ONCE:
        jobs.accept_rest.wake(work.session, call_id=call.id)
    first = next((page_id for page_id in taken if page_id in won), None)
    return work.session.get(Page, first) if first is not None else None


@jobs.accept_rest.runner
@in_transaction
def accept_rest(work: Work, *, call_id: int) -> None:
    call = lock_call(work.session, call_id)
    if call is None or call.person_id is None or call.memo.accepts is None:
        return
    rest = (
        select(Page.id)
        .join(Attempt, Attempt.page_id == Page.id)
        .where(
            Attempt.call_id == call.id,
            Attempt.id <= call.memo.accepts,
            Page.state == PageState.PAGING,
            ~CALLER_WAITS,
        )
        .order_by(Page.id)
        .limit(AT_ONCE)
    )
    pages = list(work.session.scalars(rest))
    if pages:
        _accept(work, pages, work.session.get_one(Person, call.person_id))
        jobs.accept_rest.with_urgency(Urgency.NORMAL).wake(work.session, call_id=call.id)


def _accept(work: Work, pages: list[int], person: Person) -> set[int]:
    """Those of the pages that are theirs now. By id, and all pages before any ticket: nobody waits in a circle."""
    for page_id in sorted(pages):
        lock_page(work.session, page_id)
    taken = {Verdict.WON, Verdict.ALREADY_YOURS}
    return {page_id for page_id in sorted(pages) if accept(work, page_id, person, Via.PHONE).verdict in taken}
