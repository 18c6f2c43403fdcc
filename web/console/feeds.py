"""Calendar feeds: the addresses that calendars read, and the page on which people get and revoke theirs."""

from typing import Any, Final

from flask import Blueprint, abort, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core import log
from oncall.models.access.roles import Role
from oncall.models.planning.changes import CalendarFeed
from oncall.models.rosters import Roster, RosterLayer
from oncall.planning.feeds.addresses import (
    LONGEST_NAME,
    Subject,
    WrongNameError,
    about,
    feeds,
    find_feed,
    make_feed,
    revoke_feed,
)
from oncall.rosters.errors import RosterError
from schedules.wall_clock import written_time
from web.platform.access import current_account, needs, open_to_all, runtime

blueprint = Blueprint("feeds", __name__)

logger = log.get_logger(__name__)

# Where a browser keeps the token of the feed that it has just made, until the next page has shown it.
_NEW: Final = "new_calendar"
_REVOKED: Final = "revoked"


@blueprint.get("/calendar/<token>.ics")
@open_to_all
def read(token: str) -> ResponseReturnValue:
    """The feed; its token is the key, as calendars can't sign in. 404 when it is unknown or revoked.

    304 when it is as the calendar has it already, by its tag, or by the time of its last change.
    """
    from oncall.planning.feeds.fetching import (  # a library that only calendars need, and memory is counted
        Fetched,
        fetch,
    )

    fetched: Fetched | None = None
    try:
        with runtime().database.transaction() as database:
            feed = find_feed(database, token)
            if feed is None:
                abort(404)
            fetched = fetch(database, feed, runtime().clock.now())
    except SQLAlchemyError as error:
        if fetched is None:
            raise
        logger.warning("what a calendar has read could not be noted", reason=type(error).__name__)
        fetched = Fetched(fetched.document, fetched.tag, None)
    response = make_response(fetched.document)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'inline; filename="on-call.ics"'
    response.set_etag(fetched.tag)
    if fetched.changed_at is not None:
        response.last_modified = fetched.changed_at
    return response.make_conditional(request)


@blueprint.get("/calendars")
@needs(Role.VIEWER)
def page() -> ResponseReturnValue:
    """One's feeds (for managers, everybody's) and how to get more; the address of one just made, this once."""
    return _page(token=session.pop(_NEW) if _NEW in session else None)


@blueprint.post("/calendars")
@needs(Role.VIEWER)
def make() -> ResponseReturnValue:
    """A new feed, and on to the page that shows its address.

    `about`: me, a roster's id, or `layer-` and a layer's id. `name`: what calendars shall call it; may be empty.
    """
    subject = _subject(request.form.get("about", ""))
    if subject is None:
        return _page(wrong="Choose whose calendar it should be."), 422
    name, email = request.form.get("name", ""), current_account().email
    try:
        with runtime().database.transaction() as database:
            _, token = make_feed(database, subject, email, runtime().clock.now(), name)
    except WrongNameError as error:
        return _page(wrong_name=str(error)), 422
    except RosterError as error:
        return _page(wrong=str(error)), 409
    session[_NEW] = token
    return redirect(url_for("feeds.page"), 303)


@blueprint.post("/calendars/<id:feed_id>/revoke")
@needs(Role.VIEWER)
def revoke(feed_id: int) -> ResponseReturnValue:
    try:
        with runtime().database.transaction() as database:
            revoke_feed(database, feed_id, runtime().clock.now(), _whose())
    except RosterError as error:
        abort(409, str(error))
    return redirect(url_for("feeds.page", done=_REVOKED))


def _subject(wish: str) -> Subject | None:
    kind, _, number = wish.rpartition("-")
    if wish == "me":
        person = current_account().person_id
        return None if person is None else Subject(person_id=person)
    if kind not in {"", "layer"} or not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    return Subject(layer_id=int(number)) if kind else Subject(roster_id=int(number))


def _page(token: str | None = None, wrong: str = "", wrong_name: str = "") -> str:
    account = current_account()
    with runtime().database.transaction() as database:
        zone = database.scalar(select(Roster.time_zone).order_by(Roster.id).limit(1)) or "UTC"
        found = [_told(database, feed, zone) for feed in feeds(database, _whose())]
        rosters = _rosters(database)
        new = find_feed(database, token) if token else None
        # Whoever signs in to this browser next is not told what was made before.
        address = _address(token) if token and new and new.made_by == account.email else None
        new_name = _name(database, new) if new and address else ""
    return render_template(
        "calendars.html",
        feeds=found,
        rosters=rosters,
        address=address,
        webcal=address and f"webcal://{address.partition('://')[2]}",
        new_name=new_name,
        has_shifts=account.person_id is not None,
        revoked=request.args.get("done") == _REVOKED and not (wrong or wrong_name),
        typed=request.form,
        wrong=wrong,
        wrong_name=wrong_name,
        longest=LONGEST_NAME,
    )


def _address(token: str) -> str:
    return f"{runtime().settings.public_url}{url_for('feeds.read', token=token)}"


def _name(database: Session, feed: CalendarFeed) -> str:
    return feed.name or about(database, feed)


def _told(database: Session, feed: CalendarFeed, zone: str) -> dict[str, Any]:
    zone = feed.roster.time_zone if feed.roster else zone
    whose = about(database, feed)
    return {
        "id": feed.id,
        "name": feed.name or whose,
        "about": whose if feed.name else "",
        "made_by": feed.made_by,
        "made_at": written_time(feed.made_at, zone),
        "fetched_at": None if feed.last_fetched_at is None else written_time(feed.last_fetched_at, zone),
    }


def _rosters(database: Session) -> list[dict[str, Any]]:
    layers: dict[int, list[dict[str, Any]]] = {}
    query = select(RosterLayer.id, RosterLayer.name, RosterLayer.roster_id)
    for id_, name, roster_id in database.execute(query.order_by(RosterLayer.position, RosterLayer.id)):
        layers.setdefault(roster_id, []).append({"id": id_, "name": name})
    rosters = database.execute(select(Roster.id, Roster.name).order_by(Roster.id))
    return [{"id": id_, "name": name, "layers": layers.get(id_, [])} for id_, name in rosters]


def _whose() -> str | None:
    """Managers see everybody's."""
    account = current_account()
    return None if account.role.includes(Role.MANAGER) else account.email
