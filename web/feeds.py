"""Calendar feeds: the addresses that calendars read, and the page on which people get and revoke theirs."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from oncall.accounts.roles import Role
from oncall.rostering.errors import RosterError
from oncall.rostering.feeds import Subject, feeds, find_feed, make_feed, revoke_feed
from oncall.rosters import Roster
from web.access import current_account, needs, open_to_all, runtime

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/calendar/<token>.ics")
@open_to_all
def read(token: str) -> ResponseReturnValue:
    """The feed; its token is the key, as calendars can't sign in. 404 when it is unknown or revoked."""
    from oncall.rostering.ical import calendar  # a library that only calendars need, and memory is counted

    with runtime().database.transaction() as session:
        feed = find_feed(session, token)
        if feed is None:
            abort(404)
        response = make_response(calendar(session, feed, runtime().clock.now()))
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'inline; filename="on-call.ics"'
    return response


@blueprint.get("/calendars")
@needs(Role.VIEWER)
def page() -> ResponseReturnValue:
    """One's feeds (for managers, everybody's) and how to get more."""
    return _page()


@blueprint.post("/calendars")
@needs(Role.VIEWER)
def make() -> ResponseReturnValue:
    """A new feed of one's own shifts (`about`: me) or of a roster (its id); its address is shown this once."""
    about, account = request.form.get("about", ""), current_account()
    if about == "me" and account.person_id is not None:
        subject = Subject(person_id=account.person_id)
    elif about.isdecimal() and len(about) < 10:
        subject = Subject(roster_id=int(about))
    else:
        abort(422, "Choose whose calendar it should be.")
    try:
        with runtime().database.transaction() as session:
            _, token = make_feed(session, subject, account.email, runtime().clock.now())
    except RosterError as error:
        abort(409, str(error))
    return _page(f"{runtime().settings.public_url}{url_for('feeds.read', token=token)}"), 201


@blueprint.post("/calendars/<id:feed_id>/revoke")
@needs(Role.VIEWER)
def revoke(feed_id: int) -> ResponseReturnValue:
    try:
        with runtime().database.transaction() as session:
            revoke_feed(session, feed_id, runtime().clock.now(), _whose())
    except RosterError as error:
        abort(409, str(error))
    return redirect(url_for("feeds.page"))


def _page(address: str | None = None) -> str:
    account = current_account()
    with runtime().database.transaction() as session:
        found = [
            {
                "id": feed.id,
                "about": feed.person.name if feed.person else feed.roster.name if feed.roster else "",
                "made_by": feed.made_by,
                "made_at": feed.made_at,
            }
            for feed in feeds(session, _whose())
        ]
        rosters = [{"id": id_, "name": name} for id_, name in session.execute(select(Roster.id, Roster.name))]
    return render_template(
        "calendars.html", feeds=found, rosters=rosters, address=address, has_shifts=account.person_id is not None
    )


def _whose() -> str | None:
    """Managers see everybody's."""
    account = current_account()
    return None if account.role.includes(Role.MANAGER) else account.email
