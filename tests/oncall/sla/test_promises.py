from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.sla.promises import (
    ESCALATION_MATRIX,
    ESCALATION_STEPS,
    TAKING_IN_CHARGE,
    Plan,
    Priority,
    Role,
    Span,
    escalations,
    minutes_left,
    notify_within,
    response_due,
    spoken_remaining,
)

BASIC, GOLD, PLATINUM = Plan
P1, P2, P3, P4 = Priority
ROME, NEW_YORK, DUBAI = "Europe/Rome", "America/New_York", "Asia/Dubai"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("plan", "priority", "zone", "opened", "due"),
    [
        # Platinum's P1 and P2 run around the clock. 2026-07-05 is a Sunday, Rome is two hours ahead.
        (PLATINUM, P1, ROME, "2026-07-05 00:00", "2026-07-05 01:00"),
        (PLATINUM, P2, ROME, "2026-07-05 00:00", "2026-07-05 02:00"),
        (PLATINUM, P1, ROME, "2026-03-29 00:30", "2026-03-29 01:30"),  # over the clock change: 60 real minutes
        (PLATINUM, P2, NEW_YORK, "2026-11-01 05:30", "2026-11-01 07:30"),
        (PLATINUM, P3, ROME, "2026-07-05 00:00", "2026-07-06 11:00"),  # Monday 13:00
        (PLATINUM, P4, ROME, "2026-07-05 00:00", "2026-07-06 15:00"),  # Monday 17:00
        (PLATINUM, P4, ROME, "2026-07-04 14:00", "2026-07-06 13:00"),  # Saturday 16:00: two hours, then six
        (PLATINUM, P3, ROME, "2027-08-14 20:00", "2027-08-15 11:00"),  # a listed holiday on a Sunday
        # Gold's run in its staffed hours, Saturdays and listed holidays included.
        (GOLD, P1, ROME, "2026-07-01 10:00", "2026-07-01 11:00"),
        (GOLD, P1, ROME, "2026-07-01 15:30", "2026-07-02 07:30"),  # 17:30, then 09:30 the next day
        (GOLD, P1, ROME, "2026-07-01 15:00", "2026-07-01 16:00"),  # 18:00 sharp
        (GOLD, P1, ROME, "2026-07-05 00:00", "2026-07-06 08:00"),
        (GOLD, P2, ROME, "2026-07-03 15:00", "2026-07-04 08:00"),  # Friday 17:00 to Saturday 10:00
        (GOLD, P3, ROME, "2026-12-25 10:00", "2026-12-25 14:00"),  # Christmas Day is staffed
        (GOLD, P4, ROME, "2026-07-01 12:00", "2026-07-02 11:00"),
        (GOLD, P2, NEW_YORK, "2026-03-07 22:30", "2026-03-09 14:30"),  # Saturday 17:30 to Monday 10:30
        (GOLD, P2, DUBAI, "2026-07-01 13:30", "2026-07-02 06:30"),
        # Basic: the end of the next working day, of the second one.
        (BASIC, P1, ROME, "2026-07-01 05:00", "2026-07-02 16:00"),
        (BASIC, P1, ROME, "2026-07-03 20:00", "2026-07-06 16:00"),
        (BASIC, P2, ROME, "2026-07-03 08:00", "2026-07-07 16:00"),
        (BASIC, P1, ROME, "2026-12-24 09:00", "2026-12-28 17:00"),
        (BASIC, P2, DUBAI, "2026-07-02 08:00", "2026-07-06 14:00"),
    ],
)
def test_taking_in_charge_by_hand(plan: Plan, priority: Priority, zone: str, opened: str, due: str) -> None:
    assert response_due(plan, priority, zone, utc(opened)) == utc(due)


@pytest.mark.parametrize("priority", [P3, P4])
def test_best_effort_is_due_at_no_time(priority: Priority) -> None:
    assert response_due(BASIC, priority, ROME, utc("2026-07-01 10:00")) is None


def test_the_table_is_complete() -> None:
    assert {(priority, plan) for priority, row in TAKING_IN_CHARGE.items() for plan in row} == {
        (priority, plan) for priority in Priority for plan in Plan
    }


@pytest.mark.parametrize(
    ("plan", "priority", "opened", "waits", "due"),
    [
        # Around the clock.
        (PLATINUM, P1, "2026-07-05 00:00", [("00:10", "00:30")], "2026-07-05 01:20"),
        (PLATINUM, P1, "2026-07-05 00:00", [("00:10", "00:30"), ("01:10", "01:15")], "2026-07-05 01:25"),
        (PLATINUM, P1, "2026-07-05 00:00", [("00:10", "00:30"), ("00:20", "00:40")], "2026-07-05 01:30"),
        (PLATINUM, P1, "2026-07-05 00:00", [("01:00", "02:00")], "2026-07-05 01:00"),  # had run out already
        # Working hours: only staffed time waited counts. Rome opens at 07:00 UTC.
        (GOLD, P2, "2026-07-01 05:00", [("06:00", "07:30")], "2026-07-01 09:30"),
        (GOLD, P2, "2026-07-01 05:00", [("05:00", "07:00")], "2026-07-01 09:00"),
        # Working days: only days waited all through.
        (BASIC, P1, "2026-07-01 10:00", [("2026-07-01 12:00", "2026-07-02 17:00")], "2026-07-03 16:00"),
        (BASIC, P1, "2026-07-01 10:00", [("2026-07-02 07:00", "2026-07-02 15:00")], "2026-07-02 16:00"),
        (BASIC, P2, "2026-07-01 10:00", [("2026-07-02 07:00", "2026-07-06 16:00")], "2026-07-08 16:00"),
        (BASIC, P1, "2026-07-01 05:00", [("2026-07-01 06:00", "2026-07-01 17:00")], "2026-07-02 16:00"),
    ],
)
def test_the_clock_stands_still_while_the_ticket_waits(
    plan: Plan, priority: Priority, opened: str, waits: list[tuple[str, str]], due: str
) -> None:
    day = opened[:10]
    waiting = [Span(*(utc(text if len(text) > 5 else f"{day} {text}") for text in wait)) for wait in waits]
    assert response_due(plan, priority, ROME, utc(opened), waiting) == utc(due)


@given(
    st.sampled_from(Plan),
    st.sampled_from(Priority),
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 3000)), max_size=4),
)
def test_waiting_never_brings_a_due_time_forward(
    plan: Plan, priority: Priority, opened: datetime, minutes: list[tuple[int, int]]
) -> None:
    waiting = [
        Span(opened + timedelta(minutes=start), opened + timedelta(minutes=start + length)) for start, length in minutes
    ]
    due, later = response_due(plan, priority, ROME, opened), response_due(plan, priority, ROME, opened, waiting)
    if due is None or later is None:
        assert due is later is None
        return
    assert opened < due <= later
    if not any(wait.start < due for wait in waiting):
        assert later == due


@pytest.mark.parametrize(
    ("priority", "roles"),
    [
        (P1, ["Team Leader", "Team Leader", "Support Manager", "Co-CEO and CTO", "Co-CEO and CTO"]),
        (P2, ["Support Team", "Team Leader", "Team Leader", "Support Manager", "Co-CEO and CTO"]),
        (P3, ["Support Team", "Support Team", "Support Team", "Team Leader", "Support Manager"]),
        (P4, ["Support Team", "Support Team", "Support Team", "Support Team", "Team Leader"]),
    ],
)
def test_who_is_involved(priority: Priority, roles: list[str]) -> None:
    assert [role.label for role in ESCALATION_MATRIX[priority]] == roles


def test_when_they_are_involved() -> None:
    amounts = {plan: [step.amount for step in steps] for plan, steps in ESCALATION_STEPS.items()}
    assert amounts == {BASIC: [2, 3, 5, 10, 20], GOLD: [2, 4, 8, 16, 40], PLATINUM: [2, 4, 8, 16, 40]}


def test_escalations_of_a_platinum_ticket_run_in_working_hours() -> None:
    steps = escalations(PLATINUM, P1, ROME, utc("2026-07-05 00:00"))  # a Sunday
    assert [(step.step, step.due, step.role) for step in steps] == [
        (1, utc("2026-07-06 09:00"), Role.TEAM_LEADER),
        (2, utc("2026-07-06 11:00"), Role.TEAM_LEADER),
        (3, utc("2026-07-06 15:00"), Role.SUPPORT_MANAGER),
        (4, utc("2026-07-07 14:00"), Role.EXECUTIVE),
        (5, utc("2026-07-10 11:00"), Role.EXECUTIVE),
    ]


def test_escalations_of_a_basic_ticket_run_in_working_days() -> None:
    dues = [step.due for step in escalations(BASIC, P4, ROME, utc("2026-07-01 10:00"))]
    assert dues == [utc(f"2026-07-{day} 16:00") for day in ("03", "06", "08", "15", "29")]


def test_escalation_waits_too() -> None:
    waited = [Span(utc("2026-07-06 07:00"), utc("2026-07-06 08:00"))]
    assert escalations(PLATINUM, P1, ROME, utc("2026-07-05 00:00"), waited)[0].due == utc("2026-07-06 10:00")


def test_customers_are_told_within() -> None:
    assert [notify_within(plan) for plan in Plan] == [
        timedelta(hours=4),
        timedelta(minutes=30),
        timedelta(minutes=30),
    ]


@pytest.mark.parametrize(
    ("seconds", "minutes", "spoken"),
    [
        (0, 0, "less than a minute left to take charge"),
        (59, 0, "less than a minute left to take charge"),
        (60, 1, "1 minute left to take charge"),
        (119, 1, "1 minute left to take charge"),
        (52 * 60 + 30, 52, "52 minutes left to take charge"),
        (3600, 60, "60 minutes left to take charge"),
        (7200, 120, "120 minutes left to take charge"),
        (7260, 121, "2 hours 1 minute left to take charge"),
        (4 * 3600, 240, "4 hours left to take charge"),
        (26 * 3600 + 60, 1561, "1 day 2 hours left to take charge"),
        (48 * 3600, 2880, "2 days left to take charge"),
        (-1, -1, "less than a minute overdue"),
        (-60, -1, "1 minute overdue"),
        (-12 * 60 - 30, -13, "12 minutes overdue"),
        (-3 * 3600, -180, "3 hours overdue"),
    ],
)
def test_what_is_left(seconds: int, minutes: int, spoken: str) -> None:
    now = utc("2026-07-05 00:00")
    due = now + timedelta(seconds=seconds)
    assert minutes_left(due, now) == minutes
    assert spoken_remaining(due, now) == spoken


@pytest.mark.parametrize(
    ("priority", "label", "words"),
    [
        (P1, "critical, severe impact", "down"),
        (P2, "high, significant impact", "intermittently"),
        (P3, "medium, minor impact", "with precautions"),
        (P4, "low, minimal or no impact", "little or no impairment"),
    ],
)
def test_priorities_are_said_in_one_sentence(priority: Priority, label: str, words: str) -> None:
    assert priority.label == label
    assert words in priority.meaning
    assert priority.meaning.count(".") == 1
    assert priority.meaning.endswith(".")


def test_only_the_two_worst_priorities_are_paged() -> None:
    assert [priority.is_paged for priority in Priority] == [True, True, False, False]


def test_a_naive_opening_is_refused() -> None:
    with pytest.raises(ValueError, match="must be aware"):
        response_due(GOLD, P1, ROME, datetime(2026, 7, 1))  # noqa: DTZ001
