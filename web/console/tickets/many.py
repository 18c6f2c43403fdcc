"""`/tickets/many`: one action on many tickets, after a page that says what becomes of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oncall.models.access.roles import Role
from oncall.models.tickets import Ticket, TicketEvent
from oncall.paging import acknowledge_elsewhere
from oncall.tickets.actions.offers import Do, read_facts, refusal
from web.console.tickets.actions import words_field
from web.console.tickets.forms import Field, Typed, read, shown_field
from web.console.tickets.page import ACCEPT, answer_page
from web.console.tickets.pressing import Kept, press
from web.platform.access import Actor, current_account, needs, runtime

blueprint = Blueprint("ticket_many", __name__)

MOST: Final = 100
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True)
class Many:
    """What can be done to many: what the button says, what becomes of each ticket, and what is asked for first."""

    button: str
    becomes: str
    fields: tuple[Field, ...] = ()


MANY: Final[Mapping[str, Many]] = {
    ACCEPT: Many("Accept", "is accepted: nobody else is called for it"),
    Do.NOTE: Many("Write a note", "gets the note", (words_field("Note"),)),
    Do.CLOSE: Many("Close", "is closed", (words_field("What was done"),)),
}


@dataclass(frozen=True)
class Line:
    """One ticket, and what becomes or became of it. `good`: as it is wanted. `seen`: the newest line that counts."""

    number: int
    words: str
    good: bool
    customer: str = ""
    seen: int = 0


@blueprint.post("/tickets/many")
@needs(Role.TECHNICIAN)
def many() -> ResponseReturnValue:
    """What would become of each; with `sure` it is done, each ticket on its own, and told. 422 with what to correct."""
    account, do = current_account(), request.form.get("do", "")
    if do not in MANY:
        abort(400)
    actor, numbers, sure = Actor(account.person_id, account.role, account.name), _numbers(), "sure" in request.form
    typed = read(MANY[do].fields, request.form, "UTC")
    if not sure or typed.wrong or not numbers:
        return _preview(do, numbers, actor, typed if sure else None)
    lines = [_carry_out(do, number, actor, typed) for number in numbers]
    return render_template("tickets/many_done.html", lines=lines, title=MANY[do].button)


def _numbers() -> list[int]:
    found = {int(each) for each in request.form.getlist("number") if each.isascii() and each.isdigit()}
    return sorted(each for each in found if each <= _LARGEST)[:MOST]


def _preview(do: str, numbers: list[int], actor: Actor, typed: Typed | None) -> ResponseReturnValue:
    newest = select(func.max(TicketEvent.id)).where(TicketEvent.ticket_id == Ticket.id).scalar_subquery()
    with runtime().work() as work:
        rows = work.session.execute(select(Ticket, newest).where(Ticket.number.in_(numbers)).order_by(Ticket.number))
        lines = [_what_becomes(work.session, do, ticket, actor, seen or 0) for ticket, seen in rows.unique().all()]
    fields = [shown_field(each, typed) for each in MANY[do].fields]
    shown = render_template("tickets/many.html", do=do, title=MANY[do].button, lines=lines, fields=fields)
    return shown, 422 if typed is not None else 200


def _what_becomes(session: Session, do: str, ticket: Ticket, actor: Actor, seen: int) -> Line:
    why_not = _why_not(session, do, ticket, actor)
    return Line(ticket.number, why_not or MANY[do].becomes, why_not is None, ticket.customer.name, seen)


def _why_not(session: Session, do: str, ticket: Ticket, actor: Actor) -> str | None:
    if do != ACCEPT:
        return refusal(read_facts(session, ticket, actor.person_id, manages=actor.manages), Do(do), ticket.number)
    if actor.person_id is None:
        return "Your account is not tied to anybody who can be rung."
    if acknowledge_elsewhere.standing(session, ticket, actor.person_id).may_accept:
        return None
    return "Nobody is called for it now: nothing to accept."


def _carry_out(do: str, number: int, actor: Actor, typed: Typed) -> Line:
    if do == ACCEPT:
        said = answer_page(number, actor, ACCEPT)
        return Line(number, said.words, said.good)
    outcome = press(number, Do(do), actor, {**typed.values, "seen": request.form.get(f"seen-{number}", "")})
    if isinstance(outcome, Kept):
        return Line(number, " ".join([outcome.words, *outcome.lines]), good=False)
    return Line(number, outcome.words, good=True)
