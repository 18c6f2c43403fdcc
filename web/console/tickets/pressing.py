"""One press of a button on a ticket's page: read, checked, carried out, or shown again with what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlalchemy.orm import Session

from core.retry import persistently
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from oncall.runtime import Work
from oncall.tickets.actions.acting import ChangedMeanwhileError, DoneAlreadyError, NotPossibleError, begin
from oncall.tickets.actions.offers import Do, Facts, offered, read_facts, refusal
from oncall.tickets.views import TicketView
from web.console.tickets.actions import ACTIONS, Shown, colleagues, press_key
from web.console.tickets.finding import find, read_view
from web.console.tickets.forms import Typed, read, shown_field
from web.platform.access import Actor, runtime

_MEANWHILE = "This happened meanwhile. Look at it, and press again if it is still right: what you typed is kept."


@dataclass(frozen=True)
class Kept:
    """A press that was not carried out: the status of the answer, why, and what was typed, to be shown again.

    `lines`: what others have done since the page was shown.
    """

    status: HTTPStatus
    do: Do
    typed: Typed
    words: str = ""
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Done:
    """A press that was carried out, now or before: the answer to it."""

    words: str


def press(number: int, do: Do, actor: Actor, form: Mapping[str, str]) -> Done | Kept:
    """Carry out one action in one transaction; nothing is changed where it can't be. 404 for no such ticket."""
    typed_seen = form.get("seen", "")
    seen = int(typed_seen) if typed_seen.isascii() and typed_seen.isdigit() else 0
    return persistently(lambda: _press(number, do, actor, form, seen))


def _press(number: int, do: Do, actor: Actor, form: Mapping[str, str], seen: int) -> Done | Kept:
    with runtime().work() as work:
        shown = _shown(work, find(work.session, number), actor)
    typed = read(ACTIONS[do].fields(shown), form, shown.view.zone)
    if typed.wrong:
        return Kept(HTTPStatus.UNPROCESSABLE_ENTITY, do, typed)
    try:
        with runtime().work() as work:
            return Done(_carry_out(work, number, do, actor, typed, seen))
    except DoneAlreadyError:
        return Done("This is done already.")
    except NotPossibleError as error:
        return Kept(HTTPStatus.CONFLICT, do, typed, str(error))
    except ChangedMeanwhileError as error:
        return Kept(HTTPStatus.CONFLICT, do, typed, _MEANWHILE, error.lines)


def _carry_out(work: Work, number: int, do: Do, actor: Actor, typed: Typed, seen: int) -> str:
    ticket = find(work.session, number)
    person = work.session.get_one(Person, actor.person_id) if actor.person_id is not None else None
    who = actor.name if actor.person_id is None else str(actor.person_id)
    key = press_key(number, do, seen, who, typed)
    acting = begin(work, ticket.id, person, person.name if person else actor.name, key, seen)
    why = refusal(_facts(work.session, acting.ticket, actor), do, number)
    if why is not None:
        raise NotPossibleError(why)
    return ACTIONS[do].run(acting, typed)


def forms(session: Session, ticket: Ticket, view: TicketView, actor: Actor, kept: Kept | None) -> list[dict[str, Any]]:
    """The forms that the page shows, in order; that of a press that was not carried out with what was typed."""
    shown = Shown(view, _facts(session, ticket, actor), colleagues(session, ticket.assignee_id))
    found = offered(shown.facts)
    if kept is not None and kept.do not in found:
        found = (kept.do, *found)
    return [_form(do, shown, kept if kept and kept.do is do else None) for do in found]


def _facts(session: Session, ticket: Ticket, actor: Actor) -> Facts:
    return read_facts(session, ticket, actor.person_id, manages=actor.manages)


def _shown(work: Work, ticket: Ticket, actor: Actor) -> Shown:
    view = read_view(work.session, ticket.number, work.now)
    return Shown(view, _facts(work.session, ticket, actor), colleagues(work.session, ticket.assignee_id))


def _form(do: Do, shown: Shown, kept: Kept | None) -> dict[str, Any]:
    action = ACTIONS[do]
    return {
        "do": do,
        "id": do.replace(" ", "-"),
        "label": action.label,
        "button": action.button,
        "hint": action.hint,
        "grave": action.grave,
        "fields": [shown_field(each, kept.typed if kept else None) for each in action.fields(shown)],
        "open": kept is not None,
    }
