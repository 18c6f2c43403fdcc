"""`/account`: one's own password, and the browsers in which one is signed in."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.clock import real_now
from oncall.accounts import sessions, signing_in
from oncall.accounts.limits import TooManyTriesError
from oncall.accounts.passwords import SHORTEST, PasswordRefusedError
from oncall.accounts.signing_in import WrongPasswordError
from oncall.models.access.roles import Role
from oncall.models.customers import default_zone
from schedules.wall_clock import written_time
from web.console.sign_in import Complaint, passwords, too_many, wait_words
from web.console.time_zone import zone_words
from web.platform.access import current_account, needs, runtime

blueprint = Blueprint("account", __name__)


@dataclass(frozen=True)
class Browser:
    """A session as the page shows it. `key` names it in the address that ends it; it is not the cookie's token.

    `since` and `seen` are times as they are written, `ago` says how long since it was seen.
    """

    key: str
    words: str
    address: str
    since: str
    seen: str
    ago: str
    this_one: bool


@blueprint.get("/account")
@needs(Role.VIEWER)
def page() -> ResponseReturnValue:
    """Who one is, the form for another password, and the list of sessions."""
    return _page(None)


@blueprint.post("/account/password")
@needs(Role.VIEWER)
def change_password() -> ResponseReturnValue:
    """422 with a sentence when it can't be changed, 429 after too many wrong ones."""
    current, new, again = (request.form.get(name, "") for name in ("current", "new", "again"))
    if new != again:
        return _page(Complaint("This is not the same as above.", "again"))
    try:
        company = runtime().settings.company_name
        signing_in.change_password(
            runtime().database, passwords(), current_account(), current, new, real_now(), company
        )
    except PasswordRefusedError as error:
        return _page(Complaint(str(error), "new"))
    except WrongPasswordError:
        return _page(Complaint("This is not your current password.", "current"))
    except TooManyTriesError as error:
        return too_many(_page(Complaint(wait_words(error), "current", 429)), error)
    return redirect(url_for("account.page", done="password"), 303)


@blueprint.post("/account/sessions/<key>/end")
@needs(Role.VIEWER)
def end_session(key: str) -> ResponseReturnValue:
    """That browser's next request finds itself signed out. 404 for a session that isn't one's own, or is over."""
    try:
        session_id = bytes.fromhex(key)
    except ValueError:
        abort(404)
    with runtime().database.transaction() as session:
        found = sessions.end(session, current_account().account_id, session_id)
    if not found:
        abort(404, "That session is over already.")
    return redirect(url_for("account.page", done="session"), 303)


@blueprint.post("/account/sessions/end-others")
@needs(Role.VIEWER)
def end_others() -> ResponseReturnValue:
    """Every other browser's next request finds itself signed out."""
    me = current_account()
    with runtime().database.transaction() as session:
        ended = sessions.end_all(session, me.account_id, but=me.session_id)
    return redirect(url_for("account.page", done="others" if ended else "none"), 303)


def ago(past: timedelta) -> str:
    """How long since, in the largest unit that fits."""
    for unit, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        amount = past // unit
        if amount >= 1:
            return f"{amount} {name}{'s' if amount > 1 else ''} ago"
    return "just now"


def _page(complaint: Complaint | None) -> Response:
    shown = render_template(
        "sign_in_account.html",
        browsers=_browsers(),
        complaint=complaint,
        done=request.args.get("done"),
        shortest=SHORTEST,
        **zone_words(),
    )
    return make_response(shown, complaint.status if complaint else 200)


def _browsers() -> list[Browser]:
    """Times are real ones, on the clock of the default region; this browser comes first."""
    now, me = real_now(), current_account()
    with runtime().database.transaction() as session:
        zone = default_zone(session, runtime().settings.default_region)
        rows = sessions.sessions_of(session, me.account_id, now)
    found = [
        Browser(
            key=row.id.hex(),
            words=row.browser,
            address=row.address,
            since=written_time(row.created_at, zone),
            seen=written_time(row.last_seen_at, zone),
            ago=ago(now - row.last_seen_at),
            this_one=row.id == me.session_id,
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: not each.this_one)
