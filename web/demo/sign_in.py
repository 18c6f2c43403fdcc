"""`/demo/sign-in`: a first visitor looks at the pages as a manager or as a technician, with one press. Demo only."""

from typing import Final

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from core.clock import real_now
from demo.accounts import DEMO_ACCOUNTS
from oncall.accounts.administering import find_account
from oncall.accounts.sessions import open_session
from oncall.models.access.roles import Role
from web.console.sign_in import entered
from web.platform import browser
from web.platform.access import demo_only, runtime

blueprint = Blueprint("demo_sign_in", __name__)

# By the word of the button: the first of the demo's accounts with this role.
_WHO: Final = {
    role.value: next(email for email, _, each in DEMO_ACCOUNTS if each is role)
    for role in (Role.MANAGER, Role.TECHNICIAN)
}


@blueprint.post("/demo/sign-in")
@demo_only
def enter() -> ResponseReturnValue:
    """`role`: manager or technician. 404 where the demo's accounts were never made."""
    email = _WHO.get(request.form.get("role", ""))
    if email is None:
        abort(400)
    with runtime().database.transaction() as session:
        account = find_account(session, email)
        if account is None or account.disabled_at is not None:
            abort(404, "The demo's accounts are not there: `make run` makes them.")
        token = open_session(session, account.id, browser.browser_words(), real_now(), browser.client_address())
    return entered(token, email)
