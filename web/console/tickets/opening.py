"""`/tickets/new`: somebody of ours opens a ticket for a customer; first whose it is, then what it is about."""

import re
import secrets
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core.retry import persistently
from core.text.phones import parse_number
from oncall.customers import entitlement
from oncall.customers.names import customers_called
from oncall.models.access.roles import Role
from oncall.models.customers import Contract, Customer
from oncall.models.people import Person
from oncall.models.tickets import TicketChannel
from oncall.runtime import Work
from oncall.sla.promises import Priority
from oncall.tickets.by_hand import Wish, contract_now, open_by_hand, rung_first
from oncall.tickets.opening import Report
from web.console.tickets.forms import Field, Kind, Typed, read, shown_field
from web.platform.access import current_account, needs, runtime

blueprint = Blueprint("ticket_new", __name__)

_MOST_SHOWN: Final = 40
_LARGEST: Final = 2**31 - 1
_BY_HAND: Final = tuple(each for each in TicketChannel if each is not TicketChannel.HOTLINE)
_FIELDS: Final = (
    Field("channel", "Reported by", Kind.CHOICE, tuple((each.value, each.capitalize()) for each in _BY_HAND)),
    Field("priority", "Priority", Kind.CHOICE, tuple((each.value, f"{each.value}, {each.label}") for each in Priority)),
    Field("words", "The problem", Kind.AREA),
    Field("number", "Number to call back", Kind.PHONE, hint="With its country, such as +390212345678.", optional=True),
    Field("paged", "Call who is on call (P1 and P2 only)", Kind.CHECK, hint="Otherwise the ticket is yours."),
)


@blueprint.get("/tickets/new")
@needs(Role.TECHNICIAN)
def ask() -> ResponseReturnValue:
    """Without `customer` the customers whose name has the words of `q`; with it the form."""
    chosen = request.args.get("customer", "")
    if chosen:
        return _form(_customer(chosen), None, secrets.token_hex(8))
    words = request.args.get("q", "").strip()[:200]
    with runtime().database.transaction() as session:
        found = customers_called(session, words, active=True)
    shown, rest = found[:_MOST_SHOWN], max(0, len(found) - _MOST_SHOWN)
    return render_template("tickets/new_customer.html", words=words, customers=shown, rest=rest)


@blueprint.post("/tickets/new")
@needs(Role.TECHNICIAN)
def put() -> ResponseReturnValue:
    """Open it, and lead to its page; the same form sent twice opens one. 422 with what to correct."""
    person_id, key = current_account().person_id, request.form.get("key", "")
    if person_id is None:
        abort(403, "Your account is not tied to anybody who can be rung: ask an administrator to tie it to you.")
    if re.fullmatch(r"[0-9a-f]{16}", key) is None:
        abort(400)
    customer_id, typed = _customer(request.form.get("customer", "")), _typed()
    if typed.wrong:
        return _form(customer_id, typed, key), 422
    number = persistently(lambda: _open(customer_id, person_id, typed, key))
    flash(f"Ticket {number} is open.", "good")
    return redirect(url_for("tickets.ticket", number=number), 303)


def _typed() -> Typed:
    """What was typed; a page is for P1 and P2 alone."""
    typed = read(_FIELDS, request.form, "UTC")
    paged, priority = typed.values["paged"], typed.values["priority"]
    if paged and not typed.wrong and not Priority(priority).is_paged:
        words = f"Nobody is called for {priority}: choose P1 or P2, or leave the box below empty."
        return Typed(typed.values, {"priority": words}, typed.zone)
    return typed


def _open(customer_id: int, person_id: int, typed: Typed, key: str) -> int:
    with runtime().work() as work:
        report = Report(
            origin=f"hand:{person_id}:{key}",
            priority=Priority(typed["priority"]),
            channel=TicketChannel(typed["channel"]),
            call_back=parse_number(typed["number"]) if typed["number"] else None,
        )
        wish = Wish(report, typed["words"], paged=typed.checked("paged"))
        contract, person = _contract(work, customer_id), work.session.get_one(Person, person_id)
        return open_by_hand(work, contract, wish, person).number


def _contract(work: Work, customer_id: int) -> Contract:
    found = contract_now(work.session, customer_id, work.now)
    if found is None:
        abort(404, "This customer has no contract, so no promise can be kept: add the contract first.")
    return found


def _customer(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed) <= _LARGEST):
        abort(404, "There is no such customer.")
    return int(typed)


def _form(customer_id: int, typed: Typed | None, key: str) -> str:
    with runtime().work() as work:
        customer = work.session.get(Customer, customer_id)
        if customer is None:
            abort(404, "There is no such customer.")
        about = _about(work.session, _contract(work, customer_id), work.now)
    fields = [shown_field(each, typed) for each in _FIELDS]
    return render_template("tickets/new.html", customer_id=customer_id, about=about, fields=fields, key=key)


def _about(session: Session, contract: Contract, now: datetime) -> dict[str, Any]:
    """Who they are, and whether they would get through on the hotline: by the rule that answers the phone."""
    why_not = entitlement.check(entitlement.facts_of(contract), now)
    return {
        "name": contract.customer.name,
        "plan": contract.plan,
        "region": contract.region_name.replace("_", " "),
        "refused": why_not.label if why_not else None,
        "rung": rung_first(session, contract, now),
    }
