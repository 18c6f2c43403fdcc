"""The vendor's promises in time (support guide, taking in charge and escalation matrix).

Everything is a pure function of the plan, the priority, the region's zone and the instant of opening. The clocks stand
still while a ticket waits for the customer or for a third party: those spans are given as `waiting`, the last of
them up to now if the ticket still waits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from schedules.spans import Span, as_utc, merged
from schedules.staffed_hours import Plan, spans_from
from schedules.wall_clock import wall_time
from schedules.working_time import add_working, end_of_working_day, working_between

__all__ = [
    "ESCALATION_MATRIX",
    "ESCALATION_STEPS",
    "TAKING_IN_CHARGE",
    "Clock",
    "Escalation",
    "Plan",
    "Priority",
    "Promise",
    "Role",
    "Span",
    "escalations",
    "minutes_left",
    "notify_within",
    "response_due",
    "spoken_remaining",
]

_MINUTE = timedelta(minutes=1)
# Up to here what remains is said in minutes: the longest promise that runs around the clock is 120 minutes.
_SAID_IN_MINUTES: Final = 120


class Priority(StrEnum):
    """How badly a problem hurts; P1 is the worst."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"

    @property
    def label(self) -> str:
        """For example "critical, severe impact"."""
        return _PRIORITIES[self][0]

    @property
    def meaning(self) -> str:
        """One sentence, fit to be read aloud."""
        return _PRIORITIES[self][1]

    @property
    def is_paged(self) -> bool:
        """Whether the after-hours service takes it: P1 and P2 only."""
        return self in (Priority.P1, Priority.P2)


_PRIORITIES: Final = {
    Priority.P1: (
        "critical, severe impact",
        "The application or the system is down, with a substantial loss of service.",
    ),
    Priority.P2: (
        "high, significant impact",
        "The application or the system works intermittently, with a significantly reduced service.",
    ),
    Priority.P3: (
        "medium, minor impact",
        "There is a moderate loss of service, and work can go on with precautions.",
    ),
    Priority.P4: ("low, minimal or no impact", "There is little or no impairment."),
}


class Clock(StrEnum):
    """What a promise is counted in."""

    ELAPSED = "around the clock"
    WORKING_HOURS = "working hours"
    WORKING_DAYS = "working days"


@dataclass(frozen=True)
class Promise:
    """At most `amount` on the clock: minutes around the clock, working hours, or working days."""

    amount: int
    clock: Clock


def _minutes(amount: int) -> Promise:
    return Promise(amount, Clock.ELAPSED)


def _hours(amount: int) -> Promise:
    return Promise(amount, Clock.WORKING_HOURS)


def _days(amount: int) -> Promise:
    return Promise(amount, Clock.WORKING_DAYS)


_BEST_EFFORT: Final = None

# Gold's 60 minutes for P1 run in its staffed hours, so they are one working hour. Platinum's P1 and P2 run
# around the clock, because the plan's hours are 24x7x365.
TAKING_IN_CHARGE: Final[Mapping[Priority, Mapping[Plan, Promise | None]]] = {
    Priority.P1: {Plan.BASIC: _days(1), Plan.GOLD: _hours(1), Plan.PLATINUM: _minutes(60)},
    Priority.P2: {Plan.BASIC: _days(2), Plan.GOLD: _hours(2), Plan.PLATINUM: _minutes(120)},
    Priority.P3: {Plan.BASIC: _BEST_EFFORT, Plan.GOLD: _hours(4), Plan.PLATINUM: _hours(4)},
    Priority.P4: {Plan.BASIC: _BEST_EFFORT, Plan.GOLD: _hours(8), Plan.PLATINUM: _hours(8)},
}


class Role(StrEnum):
    """Who is involved as time goes by."""

    SUPPORT_TEAM = "support_team"
    TEAM_LEADER = "team_leader"
    SUPPORT_MANAGER = "support_manager"
    EXECUTIVE = "executive"

    @property
    def label(self) -> str:
        """For example "Team Leader"."""
        return _ROLES[self]


_ROLES: Final = {
    Role.SUPPORT_TEAM: "Support Team",
    Role.TEAM_LEADER: "Team Leader",
    Role.SUPPORT_MANAGER: "Support Manager",
    Role.EXECUTIVE: "Co-CEO and CTO",
}
_TEAM, _LEADER, _MANAGER, _EXECUTIVE = Role

ESCALATION_STEPS: Final[Mapping[Plan, tuple[Promise, ...]]] = {
    Plan.BASIC: tuple(map(_days, (2, 3, 5, 10, 20))),
    Plan.GOLD: tuple(map(_hours, (2, 4, 8, 16, 40))),
    Plan.PLATINUM: tuple(map(_hours, (2, 4, 8, 16, 40))),
}
# One column a step. Not to be confused with paging: who is rung next when nobody picks up.
ESCALATION_MATRIX: Final[Mapping[Priority, tuple[Role, ...]]] = {
    Priority.P1: (_LEADER, _LEADER, _MANAGER, _EXECUTIVE, _EXECUTIVE),
    Priority.P2: (_TEAM, _LEADER, _LEADER, _MANAGER, _EXECUTIVE),
    Priority.P3: (_TEAM, _TEAM, _TEAM, _LEADER, _MANAGER),
    Priority.P4: (_TEAM, _TEAM, _TEAM, _TEAM, _LEADER),
}

_NOTIFY_WITHIN: Final = {
    Plan.BASIC: timedelta(hours=4),
    Plan.GOLD: timedelta(minutes=30),
    Plan.PLATINUM: timedelta(minutes=30),
}


@dataclass(frozen=True)
class Escalation:
    """From `due` (UTC) on, `role` is involved in the ticket. Steps count from 1."""

    step: int
    due: datetime
    role: Role


def response_due(
    plan: Plan, priority: Priority, zone: str, opened_at: datetime, waiting: Sequence[Span] = ()
) -> datetime | None:
    """The last instant (UTC) at which the ticket is taken in charge in time; None for best effort.

    Raises UnknownZoneError, and ValueError for a naive `opened_at`.
    """
    promise = TAKING_IN_CHARGE[priority][plan]
    return None if promise is None else _due(promise, plan, zone, as_utc(opened_at), waiting)


def escalations(
    plan: Plan, priority: Priority, zone: str, opened_at: datetime, waiting: Sequence[Span] = ()
) -> tuple[Escalation, ...]:
    """The five steps of the escalation matrix for one ticket, in order of time."""
    steps = zip(ESCALATION_STEPS[plan], ESCALATION_MATRIX[priority], strict=True)
    return tuple(
        Escalation(number, _due(promise, plan, zone, as_utc(opened_at), waiting), role)
        for number, (promise, role) in enumerate(steps, start=1)
    )


def notify_within(plan: Plan) -> timedelta:
    """How soon after opening the customer is told by e-mail when a P1 request will be handled (elapsed time)."""
    return _NOTIFY_WITHIN[plan]


def minutes_left(due: datetime, now: datetime) -> int:
    """Whole minutes until `due`, rounded down: 0 in the last minute, negative as soon as it has passed."""
    return (as_utc(due) - as_utc(now)) // _MINUTE


def spoken_remaining(due: datetime, now: datetime) -> str:
    """For example "52 minutes left to take charge", "3 hours 5 minutes left to take charge", "12 minutes overdue".

    Rounded towards now, so that it never promises a minute that is gone nor tells of one that has not passed.
    """
    overdue = as_utc(now) > as_utc(due)
    minutes = abs(as_utc(due) - as_utc(now)) // _MINUTE
    return f"{_spoken_minutes(minutes)} {'overdue' if overdue else 'left to take charge'}"


def _spoken_minutes(minutes: int) -> str:
    if minutes < 1:
        return "less than a minute"
    if minutes <= _SAID_IN_MINUTES:
        return _counted(minutes, "minute")
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    # Beside days, minutes are noise.
    parts = [(days, "day"), (hours, "hour")] if days else [(hours, "hour"), (minutes, "minute")]
    return " ".join(_counted(number, unit) for number, unit in parts if number)


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _due(promise: Promise, plan: Plan, zone: str, opened: datetime, waiting: Sequence[Span]) -> datetime:
    """When the promise has run out on its clock, pushed on by what the ticket has waited until then."""
    match promise.clock:
        case Clock.ELAPSED:
            return _pushed(
                lambda waited: opened + promise.amount * _MINUTE + waited,
                lambda spans: sum((span.length for span in spans), timedelta()),
                opened,
                waiting,
            )
        case Clock.WORKING_HOURS:
            amount = timedelta(hours=promise.amount)
            return _pushed(
                lambda waited: add_working(plan, zone, opened, amount + waited),
                lambda spans: sum((working_between(plan, zone, s.start, s.end) for s in spans), timedelta()),
                opened,
                waiting,
            )
        case Clock.WORKING_DAYS:
            return _pushed(
                lambda waited: end_of_working_day(plan, zone, opened, promise.amount + waited.days),
                lambda spans: timedelta(days=_whole_days(plan, zone, opened, spans)),
                opened,
                waiting,
            )


def _pushed(
    reach: Callable[[timedelta], datetime],
    measure: Callable[[Sequence[Span]], timedelta],
    opened: datetime,
    waiting: Sequence[Span],
) -> datetime:
    """The fixed point: the clock's end, moved by the waiting before it, may have more waiting before it."""
    spans = list(merged(waiting))
    due = reach(timedelta())
    while True:
        before = [part for span in spans if (part := span.clip(opened, due))]
        later = reach(measure(before))
        if later == due:
            return due
        due = later


def _whole_days(plan: Plan, zone: str, opened: datetime, waited: Sequence[Span]) -> int:
    """Reading: a working day after the day of opening stands still when the ticket waited all through it."""
    if not waited:
        return 0
    today = wall_time(opened, zone).date()
    count = 0
    for day in spans_from(plan, zone, today + timedelta(days=1)):
        if day.start >= waited[-1].end:
            return count
        count += any(wait.start <= day.start and day.end <= wait.end for wait in waited)
    raise AssertionError("staffed days never end")  # pragma: no cover
