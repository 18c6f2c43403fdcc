"""`/t/TOKEN`: the link in a technician's text. It opens its ticket without a password, once, for one person.

Messengers look at links before people do: to look uses nothing up, changes nothing, and shows nothing of the customer.
Only the button opens the ticket.
"""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from core.clock import real_now
from core.retry import persistently
from oncall.accounts.ticket_links import Link, Use, is_used, pass_for, read_link, use_link, who_may_use
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
    with runtime().work() as work:
        ticket, person = work.session.get(Ticket, link.ticket_id), who_may_use(work.session, link)
        number, used = ticket.number if ticket else None, is_used(work.session, link)
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
    number, kept, used = persistently(lambda: _use(link))
    if kept is None:
        return _over(number, used=used)
    answer = make_response(redirect(url_for("tickets.ticket", number=number), 303))
    browser.add_ticket_pass(answer, runtime().settings, kept)
    return _no_trace(answer)


def _use(link: Link) -> tuple[int, str | None, bool]:
    """The ticket's number; what the browser keeps, None where the link is of no use; whether another one was first."""
    now, secret = real_now(), runtime().settings.session_secret
    with runtime().work() as work:
        ticket, person = work.session.get(Ticket, link.ticket_id), who_may_use(work.session, link)
        if ticket is None:
            abort(404)
        if person is None or link.is_over(now):
            return ticket.number, None, is_used(work.session, link)
        # The form's own secret, which has been checked by now: no other browser has it.
        kept = pass_for(secret, link, str(session["csrf_token"]))
        use = use_link(work.session, link, kept, now)
        if use is Use.USED:
            _tell(
                work, ticket, person, link, "refused", f"The used link of {person.name} was refused to another browser"
            )
            return ticket.number, None, True
        _tell(work, ticket, person, link, "opened", f"{person.name} opened the ticket by the link in a text")
        return ticket.number, kept, False


def _tell(work: Work, ticket: Ticket, person: Person, link: Link, what: str, words: str) -> None:
    key = f"link:{what}:{person.id}:{link.sent_at.isoformat()}"
    words = f"{words} ({browser.browser_words()})."
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
