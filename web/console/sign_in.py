"""`/sign-in` and `/sign-out`."""

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from core.clock import real_now
from core.log import get_logger
from oncall.accounts import sessions, signing_in
from oncall.accounts.limits import Claim, TooManyTriesError
from oncall.accounts.passwords import Passwords
from oncall.accounts.signing_in import WrongPasswordError, normal_email
from oncall.models.access.roles import Role
from web.platform import browser
from web.platform.access import needs, open_to_all, runtime, visitor

blueprint = Blueprint("sign_in", __name__)
_log = get_logger(__name__)

# Where one goes from here without having come from anywhere.
_LANDING: Final = "home.index"
# A path of this host: browsers take a second slash, or a backslash for one, as the start of another host's name, and
# drop tabs and line ends before they look.
_LOCAL: Final = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@dataclass(frozen=True)
class Complaint:
    """What is wrong with what was typed, and beside which field it is told ("" for the form as a whole)."""

    words: str
    field: str = ""
    status: int = 422


def local_path(text: str | None) -> str | None:
    """The address within this site that `text` is, or None: nobody is led to another site from here."""
    return text if text and _LOCAL.fullmatch(text) else None


@blueprint.record_once
def _choose_hash(state: BlueprintSetupState) -> None:
    state.app.extensions.setdefault("passwords", Passwords())


def passwords() -> Passwords:
    """How this process hashes."""
    found: Passwords = current_app.extensions["passwords"]
    return found


@blueprint.get("/sign-in")
@open_to_all
def page() -> ResponseReturnValue:
    """The form; whoever has signed in already goes straight on."""
    if visitor() is not None:
        return redirect(_destination(request.args.get("next")), 303)
    return _form(None)


@blueprint.post("/sign-in")
@open_to_all
def enter() -> ResponseReturnValue:
    """422 with a sentence when the password is wrong, 429 with Retry-After after too many of those."""
    email, password = normal_email(request.form.get("email", "")), request.form.get("password", "")
    if not email or not password:
        field = "password" if email else "email"
        return _form(Complaint(f"Type your {'password' if email else 'e-mail address'}.", field))
    settings = runtime().settings
    claim = Claim(email, browser.client_address(), browser.known_browser(settings, email))
    try:
        token = signing_in.sign_in(
            runtime().database, passwords(), claim, password, browser.browser_words(), real_now()
        )
    except TooManyTriesError as error:
        _log.warning("sign-in slowed down", limit=error.limit)
        return too_many(_form(Complaint(wait_words(error), status=429)), error)
    except WrongPasswordError:
        return _form(Complaint("That e-mail address and password don't go together.", "password"))
    return entered(token, email)


@blueprint.post("/sign-out")
@needs(Role.VIEWER)
def leave() -> ResponseReturnValue:
    """The session is over for whoever else may have its cookie, too."""
    response = redirect(url_for("sign_in.page", signed="out"), 303)
    _forget_session()
    browser.clear_session(response, runtime().settings)
    return response


def wait_words(error: TooManyTriesError) -> str:
    """When to try again."""
    seconds = _seconds_left(error)
    if seconds < 90:
        wait = f"{seconds} seconds" if seconds > 1 else "a second"
    elif seconds < 90 * 60:
        wait = f"{math.ceil(seconds / 60)} minutes"
    else:
        wait = f"{math.ceil(seconds / 3600)} hours"
    return f"There were too many wrong passwords. Try again in {wait}; until then not even the right one is looked at."


def too_many(response: Response, error: TooManyTriesError) -> Response:
    """The response with the header that tells programs when to come back."""
    response.headers["Retry-After"] = str(_seconds_left(error))
    return response


def _seconds_left(error: TooManyTriesError) -> int:
    return max(1, math.ceil((error.until - real_now()) / timedelta(seconds=1)))


def entered(token: str, email: str) -> ResponseReturnValue:
    """On to where the visitor was going. A session begins: the one before and its forms' token go no further."""
    response = redirect(_destination(request.form.get("next")), 303)
    _forget_session()
    browser.set_session(response, runtime().settings, token)
    browser.remember_browser(response, runtime().settings, email)
    return response


def _forget_session() -> None:
    session.clear()
    token = browser.session_token(runtime().settings)
    if token is not None:
        with runtime().database.transaction() as database_session:
            sessions.end_token(database_session, token)


def _destination(wanted: str | None) -> str:
    return local_path(wanted) or url_for(_LANDING)


def _form(complaint: Complaint | None) -> Response:
    shown = render_template(
        "sign_in.html",
        complaint=complaint,
        email=request.form.get("email", ""),
        next=local_path(request.values.get("next")),
        signed_out=request.args.get("signed") == "out",
    )
    return make_response(shown, complaint.status if complaint else 200)
