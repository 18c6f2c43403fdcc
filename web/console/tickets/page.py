"""`/tickets/N`: the page of a ticket, where the links in pages lead. Technicians take the ticket here, or pass it on.

Without signing in it leads to that, and tells what can be done by phone and text, and nothing of the ticket; while the
simulator is the telephone network it leads to the timeline too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core.clock import real_now
from core.retry import persistently
from oncall.customers.call_back import way_back
from oncall.delivery.provider_health import open_outage
from oncall.models.access.roles import Role
from oncall.models.pages import PageCause, PageState, Via, page_of
from oncall.models.people import Person
from oncall.models.tickets import Ticket, TicketState
from oncall.paging import acknowledge_elsewhere
from oncall.paging.acknowledge_elsewhere import Answer
from oncall.paging.history import MoveView, read_moves
from oncall.runtime import Work
from oncall.sla.promises import spoken_remaining
from oncall.tickets.actions.offers import Do
from oncall.tickets.views import TicketView
from web.console.tickets.finding import find, read_view
from web.console.tickets.pressing import Kept, forms, press
from web.console.tickets.sounds import sound_address
from web.console.tickets.words import HOW, cause_words, day, minute, second, ticket_words
from web.platform.access import Actor, current_actor, open_to_all, runtime, ticket_actor, works_on_ticket

blueprint = Blueprint("tickets", __name__)

# As far as numbers of tickets go in the database.
_ADDRESS: Final = f"/tickets/<int(max={2**31 - 1}):number>"
_NO_PERSON: Final = (
    "Your account is not tied to anybody who can be rung, so you can only read here. Ask an administrator of this"
    " hotline to tie it to you."
)
# What the database notes when nobody has accepted in a round.
_ANOTHER_ROUND: Final = "nobody accepted"
_VIEWER: Final = "Your account's role is viewer, so you can only read here: accepting takes the role of technician."
_BY_PHONE: Final = (
    "A colleague in the conversation asks for help: answer your phone and press 1. Only a call brings you in."
)


@dataclass(frozen=True)
class Said:
    """The answer to a press of a button; `good`: it did what was wanted."""

    words: str
    good: bool = True


# The word of the button that takes a page.
ACCEPT: Final = "accept"
Action = Callable[[Session, Ticket, Person, datetime], Said]


@blueprint.get(_ADDRESS)
@open_to_all
def ticket(number: int) -> ResponseReturnValue:
    """Signed out, the same answer whether or not there is such a ticket; signed in, 404 with a sentence if not."""
    actor = ticket_actor(number)
    if actor is not None:
        return _page(number, actor)
    settings = runtime().settings
    return render_template(
        "tickets/sign_in.html", number=number, hotline=settings.our_number, simulated=settings.simulated
    )


@blueprint.post(_ADDRESS)
@works_on_ticket
def act(number: int) -> ResponseReturnValue:
    """`do`: accept, pass, or what else is offered. What came of it is told on the page, to which this leads back.

    422 with what to correct, 409 with what a colleague has done meanwhile or why it is not possible: what was typed is
    kept. 403 for an account that is nobody who can be rung, 404 when there is no such ticket.
    """
    actor, do = current_actor(), request.form.get("do", "")
    if do in _ON_PAGES:
        said = answer_page(number, actor, do)
    elif do in set(Do):
        outcome = press(number, Do(do), actor, request.form)
        if isinstance(outcome, Kept):
            return make_response(_page(number, actor, outcome), outcome.status)
        said = Said(outcome.words)
    else:
        abort(400)
    flash(said.words, "good" if said.good else "bad")
    return redirect(url_for("tickets.ticket", number=number), 303)


def answer_page(number: int, actor: Actor, do: str) -> Said:
    """Accept the ticket's page, or pass it on. 403 for an account that is nobody who can be rung."""
    person_id, carry_out = actor.person_id, _ON_PAGES[do]
    if person_id is None:
        abort(403, _NO_PERSON)
    return persistently(lambda: _carry_out(carry_out, number, person_id))


def _carry_out(action: Action, number: int, person_id: int) -> Said:
    with runtime().database.transaction() as session:
        return action(session, find(session, number), session.get_one(Person, person_id), runtime().clock.now())


def _accept(session: Session, ticket: Ticket, person: Person, now: datetime) -> Said:
    page = page_of(session, ticket.id)
    if ticket.state == TicketState.CLOSED:
        return Said(f"Ticket {ticket.number} is closed.", good=False)
    if page is None:
        return Said(f"Nobody is called for ticket {ticket.number}: there is nothing to accept.", good=False)
    return _answer(acknowledge_elsewhere.take(Work(session, runtime(), now), page, person, Via.WEB), ticket.number)


def _answer(result: acknowledge_elsewhere.Taking, number: int) -> Said:
    words = {
        Answer.TAKEN: f"You have accepted ticket {number}.",
        Answer.ALREADY_YOURS: f"Ticket {number} is yours already.",
        Answer.LOST: f"{result.holder} has accepted ticket {number} already.",
        Answer.OVER: f"The page for ticket {number} is over: nobody needs to take it any more.",
        Answer.HELPING: _BY_PHONE,
        Answer.TALKING: f"You are in a conversation, and ticket {number}'s caller waits: the next person is called.",
    }
    return Said(words[result.answer], good=result.answer in {Answer.TAKEN, Answer.ALREADY_YOURS})


def _pass(session: Session, ticket: Ticket, person: Person, now: datetime) -> Said:
    page = page_of(session, ticket.id)
    if page is None or not acknowledge_elsewhere.pass_on(session, page, person, now):
        return Said(f"Ticket {ticket.number} is not with you at this moment: nothing to pass on.", good=False)
    return Said(f"Passed on: ticket {ticket.number} goes to the next person.")


_ON_PAGES: Final[Mapping[str, Action]] = {ACCEPT: _accept, "pass": _pass}


def _page(number: int, actor: Actor, kept: Kept | None = None) -> str:
    now, clock, settings = runtime().clock.now(), runtime().clock, runtime().settings
    with runtime().database.transaction() as session:
        found = find(session, number)
        view = read_view(session, number, now)
        way = way_back(session, settings, found)
        standing = acknowledge_elsewhere.standing(session, found, actor.person_id) if actor.person_id else None
        outage = open_outage(session) is not None
        works = actor.role.includes(Role.TECHNICIAN)
        offers = forms(session, found, view, actor, kept) if works else []
        moves = read_moves(session, number, clock.shift()) if actor.role.includes(Role.MANAGER) else None
    return render_template(
        "tickets/ticket.html",
        ticket=ticket_words(view),
        left=_left(view, now),
        way=way,
        call_back=next(iter(way.numbers), None),
        hotline=settings.our_number,
        looked_again="again" in request.args,
        standing=standing if works else None,
        outage=outage,
        offers=offers,
        pass_until=minute(actor.until, real_now(), view.zone) if actor.until else None,
        kept=kept,
        seen=max((line.id for line in view.lines), default=0),
        sounds=_sounds(view, actor) if works else {},
        reading_only=_reading_only(actor),
        moves=None if moves is None else [_move(move, view.zone) for move in moves],
    )


def _sounds(view: TicketView, actor: Actor) -> dict[int, str]:
    """Where each recording that is here plays for who looks."""
    return {each.id: sound_address(view.number, each.id, actor) for each in view.recordings if each.here}


def _reading_only(actor: Actor) -> str | None:
    """Why this account has no buttons, or None when it may have them."""
    if not actor.role.includes(Role.TECHNICIAN):
        return _VIEWER
    return _NO_PERSON if actor.person_id is None else None


def _left(view: TicketView, now: datetime) -> dict[str, Any] | None:
    """What is left of the promised time, while it runs: the amount, what it is, and how urgent."""
    if view.taken_at is not None or view.due_at is None or view.state == TicketState.CLOSED:
        return None
    until, spoken = minute(view.due_at, now, view.zone), spoken_remaining(view.due_at, now)
    if now > view.due_at:
        return {"amount": spoken.removesuffix(" overdue"), "words": f"overdue since {until}", "urgency": "late"}
    soon = (view.due_at - now) * 4 < view.due_at - view.opened_at
    amount = spoken.removesuffix(" left to take charge")
    return {"amount": amount, "words": f"left to take charge, until {until}", "urgency": "soon" if soon else "calm"}


def _move(move: MoveView, zone: str) -> dict[str, str]:
    if move.to_state == PageState.ACCEPTED:
        words = f"accepted by {move.person or 'somebody'} {HOW.get(move.why, move.why)}"
    elif move.to_state == PageState.STOPPED:
        words = f"stopped: {move.why}" if move.why else "stopped"
    elif move.from_state is None:
        words = f"begun: {_cause(move.why)}"
    elif move.why == _ANOTHER_ROUND:
        words = f"round {move.round}: {move.why}"
    else:
        words = f"goes on: {_cause(move.why)}"
    return {"at": f"{day(move.at, zone)}, {second(move.at, zone)}", "words": f"Page {move.page} {words}"}


def _cause(cause: str) -> str:
    words = cause_words(cause)
    return "a call to the hotline" if cause == PageCause.HOTLINE else words[:1].lower() + words[1:]
