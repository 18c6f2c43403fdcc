"""`/t/TOKEN`: the link in a technician's text. It opens its ticket without a password, once, for one person.

Messengers look at links before people do: to look uses nothing up, changes nothing, and shows nothing of the customer.
Only the button opens the ticket.
"""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from core.clock import real_now
from core.retry import persistently
from oncall.accounts.ticket_links import Link, is_used, read_link, use_link, who_may_use
from oncall.models.access.roles import Role
from oncall.models.people import Person
from oncall.models.tickets import EventKind, Ticket, record_event
from oncall.runtime import Work
from web.platform import browser
from web.platform.access import by_secret_address, runtime, ticket_actor

blueprint = Blueprint("ticket_link", __name__)

_GONE = 410


@blueprint.get("/t/<token>")
@by_secret_address
def look(token: str) -> ResponseReturnValue:
    """A page with a button. On to the ticket for who is signed in, or has opened it here before; 404, 410 with why."""
    link = _read(token)
    with runtime().database.transaction() as session:
        ticket, person = session.get(Ticket, link.ticket_id), who_may_use(session, link)
        number, used = ticket.number if ticket else None, is_used(session, link)
        name = person.first_name if person else None
    if number is None:
        abort(404)
    actor = ticket_actor(number)
    if actor is not None and actor.role.includes(Role.TECHNICIAN):
        return redirect(url_for("tickets.ticket", number=number), 303)
    if name is None or used or link.is_over(real_now()):
        return _over(number, used=used)
    return _no_trace(make_response(render_template("tickets/link.html", number=number, name=name, token=token)))


@blueprint.post("/t/<token>")
@by_secret_address
def use(token: str) -> ResponseReturnValue:
    """Use the link up: this browser works on the ticket for a while. 410 when another one was first."""
    link = _read(token)
    number, kept = persistently(lambda: _use(link))
    if kept is None:
        return _over(number, used=True)
    answer = make_response(redirect(url_for("tickets.ticket", number=number), 303))
    browser.add_ticket_pass(answer, runtime().settings, kept)
    return _no_trace(answer)


def _use(link: Link) -> tuple[int, str | None]:
    now = real_now()
    with runtime().work() as work:
        ticket, person = work.session.get(Ticket, link.ticket_id), who_may_use(work.session, link)
        if ticket is None:
            abort(404)
        if person is None or link.is_over(now):
            return ticket.number, None
        kept = use_link(work.session, link, now)
        if kept is not None:
            _tell(work, ticket, person, link)
        return ticket.number, kept


def _tell(work: Work, ticket: Ticket, person: Person, link: Link) -> None:
    words = f"{person.name} opened the ticket by the link in a text ({browser.browser_words()})."
    key = f"link:{person.id}:{link.sent_at.isoformat()}"
    record_event(work.session, ticket.id, work.now, EventKind.TEXT, words, key=key, person_id=person.id)


def _read(token: str) -> Link:
    link = read_link(runtime().settings.session_secret, token)
    if link is None:
        abort(404, "This link is not one of ours, or not all of it: open it from the text, or sign in.")
    return link


def _over(number: int, *, used: bool) -> Response:
    settings = runtime().settings
    shown = render_template("tickets/link_over.html", number=number, used=used, hotline=settings.our_number)
    return _no_trace(make_response(shown, _GONE))


def _no_trace(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
