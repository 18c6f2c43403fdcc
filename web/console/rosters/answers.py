"""What the addresses of rosters have in common: refusals as JSON, the roster's clock, who asks."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Final, ParamSpec

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.years import YEARS, Day, is_in_our_times
from oncall.models.access.roles import Role
from oncall.models.rosters import Roster
from oncall.planning.drafts.publishing import ConflictsError
from oncall.planning.editing import Author, warnings_of
from oncall.rosters.bad_rosters import clock_of
from oncall.rosters.errors import AskFirstError, BusyError, ChangedError, ForeignError, RosterError
from schedules.wall_clock import to_utc
from web.console.rosters import questions
from web.console.rosters.bodies import Body, BodyError
from web.platform.access import current_account, runtime

P = ParamSpec("P")
_MOST_DAYS: Final = 93
# Lock not available; deadlock detected.
_WAITED_TOO_LONG: Final = frozenset({"55P03", "40P01"})


def refusals_told(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Refusals as JSON: 409 with the sentence (and the questions that can be answered with yes), 422 with the field.

    `changed` in a 409: what was sent is about another version than the one that is there now.
    """

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        try:
            return view(*args, **kwargs)
        except AskFirstError as error:
            return {"error": str(error), **questions.asked(error, _zone_asked_about(kwargs))}, 409
        except ForeignError as error:
            return {"error": str(error), "field": "layer_id"}, 422
        except RosterError as error:
            return {"error": str(error), **_besides(error)}, 409
        except BodyError as error:
            return {"error": str(error), "field": error.field}, 422
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") not in _WAITED_TOO_LONG:
                raise
            return {"error": str(BusyError())}, 409

    return answer


def _zone_asked_about(address: Mapping[str, object]) -> str:
    """The clock on which what is offered instead is sent back: that of the address's roster."""
    roster_id = address.get("roster_id")
    if not isinstance(roster_id, int):
        return "UTC"
    with runtime().database.transaction() as session:
        return zone_of(session, roster_id)


def _besides(error: RosterError) -> dict[str, object]:
    """What a page does more with a refusal than show its sentence."""
    match error:
        case ChangedError():
            return {"changed": True}
        case ConflictsError():
            return {"conflicts": error.told}
        case _:
            return {}


def author_now(accepts_gaps: bool = False, accepts: Iterable[str] = ()) -> Author:
    """Whoever sent this request, as the author of a change that is made now."""
    account = current_account()
    return Author(
        account.name,
        runtime().clock.now(),
        accepts_gaps,
        account.role.includes(Role.MANAGER),
        account.email,
        account.person_id,
        runtime().settings.public_url,
        frozenset(accepts),
    )


def author_of(body: Body) -> Author:
    """Whoever sent this body, with what it says yes to."""
    return author_now(body.accept_gaps, body.accept)


def saved(session: Session, **facts: object) -> dict[str, object]:
    """What is said of a change that is made, with what of it is worth a word, where something is."""
    warned = warnings_of(session)
    return {**facts, "warnings": warned} if warned else facts


def zone_of(session: Session, roster_id: int) -> str:
    roster = session.get(Roster, roster_id)
    if roster is None:
        abort(404)
    return clock_of(roster.time_zone)


def day_asked(name: str) -> date | None:
    given = request.args.get(name)
    if not given:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise BodyError(name, "This is no date: write it such as 2026-06-01.") from None
    return _planned(name, day)


def days_asked() -> int:
    """How many days of a board are to be shown."""
    days = request.args.get("days", 14, type=int)
    if not 1 <= days <= _MOST_DAYS:
        raise BodyError("days", f"Between 1 and {_MOST_DAYS} days can be shown.")
    return days


def time_asked(name: str, zone: str) -> datetime | None:
    given = request.args.get(name)
    if not given:
        return None
    try:
        at = _planned(name, datetime.fromisoformat(given))
    except ValueError:
        raise BodyError(name, "This is no time: write it such as 2027-03-28T02:30.") from None
    return to_utc(at, zone) if at.tzinfo is None else at


def _planned(name: str, at: Day) -> Day:
    if not is_in_our_times(at):
        raise BodyError(name, f"The year {at.year} is out of reach: choose one from {YEARS}.")
    return at


def midnight(day: date, zone: str) -> datetime:
    return to_utc(datetime.combine(day, datetime.min.time()), zone)
