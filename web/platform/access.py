"""Who may reach what. An address that does not say so is closed: forgetting is refused, not served.

Every view is marked with exactly one of the decorators below. A check before each request reads the mark, and a test
walks over all routes to see that none lacks one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.clock import real_now
from core.retry import persistently
from oncall.accounts import sessions
from oncall.accounts.sessions import SignedIn
from oncall.accounts.ticket_links import Pass, find_pass
from oncall.models.access.roles import Role
from oncall.rosters.on_call_cache import KnownPrograms
from oncall.runtime import Runtime
from web.platform import browser
from web.platform.errors import wants_json

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "nightline_access"
# Blueprints whose every view stands behind its own check: Twilio's signature, on all of the telephone's webhooks.
_CHECKED_BY_THEMSELVES = frozenset({"ivr"})


class Access(StrEnum):
    """The kinds of visitors who needn't sign in with an account."""

    ALL = "everybody"
    DEMO = "everybody, while the simulator is the telephone network"
    TWILIO = "Twilio, by its signature"
    PROGRAM = "a program, by its token"
    TICKET = "a technician, on the ticket of the address"
    ADDRESS = "whoever has the secret address"


@dataclass(frozen=True)
class Actor:
    """Who works on a ticket. `person_id`: None for an account that is tied to nobody who can be rung.

    `until`: set for whoever has come by the link in a text, and may do what a technician does with this ticket alone.
    """

    person_id: int | None
    role: Role
    name: str
    until: datetime | None = None

    @property
    def manages(self) -> bool:
        """Whether they may do what only managers may."""
        return self.role.includes(Role.MANAGER)


def open_to_all(view: View) -> View:
    """Anybody may open it: nothing personal for whoever has not signed in, nothing that changes anything."""
    return _mark(view, Access.ALL)


def demo_only(view: View) -> View:
    """Anybody, but only while the simulator is the telephone network; otherwise the address does not exist."""
    return _mark(view, Access.DEMO)


def programs_only(view: View) -> View:
    """A program that sends a token of `flask token` as `Authorization: Bearer ...`."""
    return _mark(view, Access.PROGRAM)


def works_on_ticket(view: View) -> View:
    """Whoever may work on the ticket that the address names as `number`; `current_actor()` says who."""
    return _mark(view, Access.TICKET)


def by_secret_address(view: View) -> View:
    """Whoever has the address, which nobody can guess; the view checks it, and answers 404 for one that is none."""
    return _mark(view, Access.ADDRESS)


def needs(role: Role) -> Callable[[View], View]:
    """Whoever has signed in to an account of this role or a greater one; `current_account()` says who."""
    return lambda view: _mark(view, role)


def declared_access(app: Flask, endpoint: str) -> Access | Role | None:
    """What an endpoint declares, or None when it forgot."""
    if endpoint.partition(".")[0] in _CHECKED_BY_THEMSELVES:
        return Access.TWILIO
    return getattr(app.view_functions.get(endpoint), _MARK, None)


def guard(app: Flask) -> None:
    """Check the declaration before every request.

    Without one: 403. The demo's parts outside the demo: 404. Where somebody must have signed in: on to the page for it,
    or 401 for a program; 403 when the role is too small. All before the view, whatever the method.
    """
    app.before_request(_check)
    app.context_processor(_for_templates)


def runtime() -> Runtime:
    """The running process's settings, database and clock."""
    found: Runtime = current_app.extensions["runtime"]
    return found


def current_account() -> SignedIn:
    """Who sent this request. Only in views marked with `needs`: raises RuntimeError elsewhere."""
    found: SignedIn | None = g.get("account")
    if found is None:
        raise RuntimeError(f"{request.endpoint} is not marked with `needs`, so nobody need have signed in")
    return found


def current_actor() -> Actor:
    """Who works on the ticket of this request. Only in views marked with `works_on_ticket`: RuntimeError elsewhere."""
    found: Actor | None = g.get("actor")
    if found is None:
        raise RuntimeError(f"{request.endpoint} is not marked with `works_on_ticket`")
    return found


def visitor() -> SignedIn | None:
    """Who sent this request, for views that are open to all: asks the database, but only when there is a cookie."""
    token = browser.session_token(runtime().settings)
    if token is None:
        return None
    found = persistently(lambda: _find_account(token))
    g.account = found
    return found


def _find_account(token: str) -> SignedIn | None:
    with runtime().database.transaction() as session:
        return sessions.find(session, token, real_now())


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # no such address or method: the router has its own answer
    declared = declared_access(current_app, request.endpoint)
    if declared is None:
        abort(403, "Nobody has said yet who may open this address.")
    if declared is Access.DEMO and not runtime().settings.simulated:
        abort(404)
    if declared is Access.PROGRAM:
        return _check_program()
    if declared is Access.TICKET:
        return _check_ticket()
    return _check_role(declared) if isinstance(declared, Role) else None


def ticket_actor(number: int) -> Actor | None:
    """Who looks at this ticket: by their account, or by a link that was opened in this browser; None for strangers."""
    account = visitor()
    if account is not None and account.role.includes(Role.TECHNICIAN):
        return Actor(account.person_id, account.role, account.name)
    kept = browser.ticket_passes(runtime().settings)
    found = persistently(lambda: _find_pass(kept, number)) if kept else None
    if found is not None:
        return Actor(found.person_id, Role.TECHNICIAN, found.name, found.expires_at)
    return Actor(account.person_id, account.role, account.name) if account is not None else None


def _find_pass(kept: list[str], number: int) -> Pass | None:
    with runtime().database.transaction() as session:
        return find_pass(session, kept, number, real_now())


def _check_ticket() -> ResponseReturnValue | None:
    actor = ticket_actor((request.view_args or {})["number"])
    if actor is None or not actor.role.includes(Role.TECHNICIAN):
        return _check_role(Role.TECHNICIAN)
    g.actor = actor
    return None


def _check_program() -> ResponseReturnValue | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known: KnownPrograms = current_app.extensions["programs"]
    if scheme.lower() == "bearer" and token and known.find(token.strip()) is not None:
        return None
    words = "This token is not valid, or was revoked." if token else "A token is needed: Authorization: Bearer TOKEN."
    error = {"error": f"{words} Whoever runs this hotline makes one with `flask token NAME`."}
    return error, 401, {"WWW-Authenticate": "Bearer"}


def _check_role(needed: Role) -> ResponseReturnValue | None:
    account = visitor()
    if account is None:
        return _ask_to_sign_in()
    if not account.role.includes(needed):
        words = f"It takes the role of {needed.value}, and yours is {account.role.value}."
        abort(403, f"{words} If you should be able to see it, ask an administrator of this hotline.")
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    if wants_json() or request.is_json:
        return {"error": "Sign in first, or again: there is no session, or it is over."}, 401
    # What was sent with a form is lost with the session: only pages can be come back to, also that of the form itself.
    back = quote(request.path) + (f"?{request.query_string.decode('latin-1')}" if request.query_string else "")
    is_page = current_app.create_url_adapter(request).test(request.path, "GET")  # type: ignore[union-attr]  # as it runs
    return redirect(url_for("sign_in.page", next=back if is_page else None), 303)


def _for_templates() -> dict[str, Any]:
    """`account`: who has signed in, where the page has asked; it may show up when the database is away."""
    return {"account": g.get("account"), "signed_in": browser.session_token(runtime().settings) is not None}


def _mark(view: View, access: Access | Role) -> View:
    setattr(view, _MARK, access)
    return view
