"""Rotations, hours, overrides, time off and swaps against tables worked out by hand, away from clock changes.

Rome is one hour ahead of UTC in winter and two from 29 March to 25 October 2026. 5 January 2026 is a Monday, and so is
6 July.
"""

import pytest

from schedules.rosters.swaps import Shift, swap_overrides
from tests.schedules.clocks import NEW_YORK, utc
from tests.schedules.tables import WEEK, Case, beside, hours, instead, layer, off, roster, turns

DAILY = turns("2026-07-06 18:00", "1 day", "A", "B", "C")  # handoffs at 16:00 UTC
PAIRS = turns("2026-07-06 18:00", "1 week", "A B", "C")
BACKUP = layer(turns("2026-07-06 18:00", "1 week", "D"), name="backup")
NIGHTS = hours(WEEK, "22:00", "06:00")
OFFICE = hours("mon tue wed thu fri", "09:00", "18:00")

ROTATIONS = [
    Case("every day", roster(turns("2026-01-05 09:00", "1 day", "A", "B", "C")), {
        "-2026-01-05 08:00": "", "2026-01-05 08:00": "A", "-2026-01-06 08:00": "A", "2026-01-06 08:00": "B",
        "2026-01-07 08:00": "C", "2026-01-08 08:00": "A",
    }),
    Case("every 2 days", roster(turns("2026-01-05 18:00", "2 days", "A", "B")), {
        "2026-01-06 17:00": "A", "-2026-01-07 17:00": "A", "2026-01-07 17:00": "B", "2026-01-09 17:00": "A",
    }),
    Case("every 3 days over the turn of the year", roster(turns("2026-12-30 00:00", "3 days", "A", "B")), {
        # Local midnight is 23:00 of the day before.
        "2026-12-29 23:00": "A", "-2027-01-01 23:00": "A", "2027-01-01 23:00": "B", "2027-01-04 23:00": "A",
    }),
    Case("every 10 days", roster(turns("2026-06-01 18:00", "10 days", "A", "B", "C")), {
        # 1, 11, 21 June, 1 July
        "-2026-06-11 16:00": "A", "2026-06-11 16:00": "B", "2026-06-21 16:00": "C", "-2026-07-01 16:00": "C",
        "2026-07-01 16:00": "A",
    }),
    Case("every week, handoff on Mondays", roster(turns("2026-01-05 18:00", "1 week", "A", "B")), {
        "-2026-01-12 17:00": "A", "2026-01-12 17:00": "B", "2026-01-18 23:00": "B", "2026-01-19 17:00": "A",
    }),
    Case("every week, handoff on Fridays at noon", roster(turns("2026-01-02 12:00", "1 week", "A", "B", "C")), {
        "-2026-01-09 11:00": "A", "2026-01-09 11:00": "B", "2026-01-12 17:00": "B", "-2026-01-16 11:00": "B",
        "2026-01-16 11:00": "C",
    }),
    Case("every 2 weeks", roster(turns("2026-01-07 09:00", "2 weeks", "A", "B")), {
        "2026-01-14 08:00": "A", "-2026-01-21 08:00": "A", "2026-01-21 08:00": "B", "2026-02-04 08:00": "A",
    }),
    Case("the 53rd week of three people", roster(turns("2026-01-05 18:00", "1 week", "A", "B", "C")), {
        # Turn 52 (from 0) begins on 4 January 2027; 51 is A's, as 51 = 17 * 3.
        "-2027-01-04 17:00": "A", "2027-01-04 17:00": "B",
    }),
    Case("every 12 hours", roster(turns("2026-01-05 08:00", "12 hours", "A", "B", "C")), {
        "2026-01-05 07:00": "A", "2026-01-05 19:00": "B", "2026-01-06 07:00": "C", "2026-01-06 19:00": "A",
    }),
    Case("every 5 hours: the hour on the clock moves", roster(turns("2026-01-05 00:00", "5 hours", "A", "B")), {
        # 23, 4, 9, 14, 19 and then midnight UTC: turns 0 to 5
        "2026-01-05 18:59:59": "B", "2026-01-05 19:00": "A", "-2026-01-06 00:00": "A", "2026-01-06 00:00": "B",
    }),
    Case("every month from the 31st", roster(turns("2026-01-31 18:00", "1 month", "A", "B", "C")), {
        # 31 January, 28 February, then summer time: 31 March, 30 April
        "-2026-02-28 17:00": "A", "2026-02-28 17:00": "B", "-2026-03-31 16:00": "B", "2026-03-31 16:00": "C",
        "-2026-04-30 16:00": "C", "2026-04-30 16:00": "A",
    }),
    Case("every month from the 30th", roster(turns("2026-01-30 09:00", "1 month", "A", "B", "C")), {
        "-2026-02-28 08:00": "A", "2026-02-28 08:00": "B", "-2026-03-30 07:00": "B", "2026-03-30 07:00": "C",
    }),
    Case("every month from the 31st in a leap year", roster(turns("2028-01-31 09:00", "1 month", "A", "B", "C")), {
        "2028-02-28 08:00": "A", "-2028-02-29 08:00": "A", "2028-02-29 08:00": "B", "2028-03-31 07:00": "C",
    }),
    Case("every year from 29 February", roster(turns("2028-02-29 12:00", "12 months", "A", "B")), {
        # 28 February in 2029, 2030 and 2031, the 29th again in 2032
        "-2029-02-28 11:00": "A", "2029-02-28 11:00": "B", "2032-02-28 11:00": "B", "-2032-02-29 11:00": "B",
        "2032-02-29 11:00": "A",
    }),
    Case("every 3 months", roster(turns("2026-03-15 09:00", "3 months", "A", "B")), {
        # 15 March (winter), 15 June and September (summer), 15 December (winter)
        "-2026-06-15 07:00": "A", "2026-06-15 07:00": "B", "2026-09-15 07:00": "A", "-2026-12-15 08:00": "A",
        "2026-12-15 08:00": "B",
    }),
    Case("until ends a turn early", roster(turns("2026-01-05 18:00", "1 week", "A", "B", until="2026-01-14 12:00")), {
        "2026-01-12 17:00": "B", "-2026-01-14 11:00": "B", "2026-01-14 11:00": "", "2026-01-19 17:00": "",
    }),
    Case("a rotation takes over where another ends", roster(layer(
        turns("2026-01-05 18:00", "1 day", "A", until="2026-01-08 18:00"),
        turns("2026-01-08 18:00", "1 day", "B", "C"),
    )), {"-2026-01-08 17:00": "A", "2026-01-08 17:00": "B", "2026-01-09 17:00": "C"}),
    Case("two rotations together for a while, then none", roster(layer(
        turns("2026-01-05 18:00", "1 day", "A", until="2026-01-08 18:00"),
        turns("2026-01-07 12:00", "1 day", "B", "A", until="2026-01-09 00:00"),
    )), {
        "-2026-01-07 11:00": "A", "2026-01-07 11:00": "A B", "2026-01-08 11:00": "A", "2026-01-08 17:00": "A",
        "-2026-01-08 23:00": "A", "2026-01-08 23:00": "",
    }),
    Case("two people a turn", roster(turns("2026-01-05 18:00", "1 week", "A B", "C", "B A")), {
        "-2026-01-12 17:00": "A B", "2026-01-12 17:00": "C", "2026-01-19 17:00": "B A", "2026-01-26 17:00": "A B",
    }),
    Case("nobody is named twice", roster(layer(
        turns("2026-01-05 18:00", "1 week", "A B", "C"), turns("2026-01-05 18:00", "1 week", "B D", "C"),
    )), {"2026-01-05 17:00": "A B D", "2026-01-12 17:00": "C"}),
]  # fmt: skip

HOURS = [
    Case("office hours", roster(layer(DAILY, on=(OFFICE,))), {
        # Tuesday 7 July from 09:00: still the turn of Monday evening
        "-2026-07-07 07:00": "", "2026-07-07 07:00": "A", "-2026-07-07 16:00": "A", "2026-07-07 16:00": "",
        "2026-07-08 07:00": "B", "2026-07-11 07:00": "", "2026-07-12 07:00": "",  # Saturday, Sunday
        "2026-07-13 07:00": "A",  # Sunday's turn, the seventh
    }),
    Case("nights over midnight", roster(layer(DAILY, on=(NIGHTS,))), {
        "-2026-07-06 20:00": "", "2026-07-06 20:00": "A", "-2026-07-07 04:00": "A", "2026-07-07 04:00": "",
        "2026-07-07 20:00": "B",
    }),
    Case("a handoff at midnight in the middle of the night", roster(
        layer(turns("2026-07-06 00:00", "1 day", "A", "B", "C"), on=(NIGHTS,)),
    ), {"2026-07-06 20:00": "A", "-2026-07-06 22:00": "A", "2026-07-06 22:00": "B", "2026-07-07 20:00": "B"}),
    Case("Monday's night ends on Tuesday, other nights are not its own", roster(
        layer(DAILY, on=(hours("mon", "18:00", "09:00"),)),
    ), {
        "2026-07-06 16:00": "A", "-2026-07-07 07:00": "A", "2026-07-07 07:00": "", "2026-07-07 16:00": "",
        "2026-07-13 15:59:59": "", "2026-07-13 16:00": "B",  # turn 7
    }),
    Case("Sunday's night ends on Monday", roster(layer(DAILY, on=(hours("sun", "18:00", "09:00"),))), {
        "2026-07-12 16:00": "A", "-2026-07-13 07:00": "A", "2026-07-13 07:00": "",
    }),
    Case("a whole day", roster(layer(DAILY, on=(hours("tue", "00:00", "00:00"),))), {
        "-2026-07-06 22:00": "", "2026-07-06 22:00": "A", "2026-07-07 16:00": "B", "-2026-07-07 22:00": "B",
        "2026-07-07 22:00": "",
    }),
    Case("nights and the weekend", roster(layer(
        turns("2026-07-06 09:00", "1 week", "A", "B"),
        on=(hours("mon tue wed thu fri", "18:00", "09:00"), hours("sat sun", "00:00", "00:00")),
    )), {
        # Friday's night runs into Saturday, and the weekend ends at midnight.
        "-2026-07-10 16:00": "", "2026-07-10 16:00": "A", "2026-07-11 12:00": "A", "-2026-07-12 22:00": "A",
        "2026-07-12 22:00": "", "2026-07-13 16:00": "B",
    }),
    Case("hours within hours", roster(
        layer(DAILY, on=(hours("tue", "10:00", "12:00"), hours("tue", "09:00", "15:00"))),
    ), {
        "-2026-07-07 07:00": "", "2026-07-07 07:00": "A", "2026-07-07 10:00": "A", "-2026-07-07 13:00": "A",
        "2026-07-07 13:00": "",
    }),
    Case("a person for each weekday", roster(
        layer(turns("2026-07-06 00:00", "1 day", "A"), name="one", on=(hours("mon thu", "00:00", "00:00"),)),
        layer(turns("2026-07-06 00:00", "1 day", "B"), name="two", on=(hours("tue fri", "00:00", "00:00"),)),
        layer(turns("2026-07-06 00:00", "1 day", "C"), name="three", on=(hours("thu", "12:00", "20:00"),)),
    ), {
        "2026-07-06 12:00": "A", "2026-07-06 22:00": "B", "2026-07-08 12:00": "",
        "-2026-07-09 10:00": "A", "2026-07-09 10:00": "A C", "2026-07-09 18:00": "A", "2026-07-09 22:00": "B",
    }),
    Case("two layers of twelve hours", roster(
        layer(turns("2026-07-06 09:00", "1 day", "A", "B"), name="day", on=(hours(WEEK, "09:00", "21:00"),)),
        layer(turns("2026-07-06 21:00", "1 day", "C", "D"), name="night", on=(hours(WEEK, "21:00", "09:00"),)),
    ), {
        "2026-07-06 07:00": "A", "-2026-07-06 19:00": "A", "2026-07-06 19:00": "C", "-2026-07-07 07:00": "C",
        "2026-07-07 07:00": "B", "2026-07-07 19:00": "D",
    }),
    Case("two layers in ringing order, the same person once", roster(
        turns("2026-07-06 18:00", "1 week", "A", "B"), layer(turns("2026-07-06 18:00", "1 week", "B", "C"), name="2nd"),
    ), {"-2026-07-13 16:00": "A B", "2026-07-13 16:00": "B C", "2026-07-20 16:00": "A B"}),
    Case("New York", roster(
        layer(turns("2026-07-06 18:00", "1 day", "A", "B"), on=(hours("mon", "18:00", "09:00"),)), zone=NEW_YORK,
    ), {"-2026-07-06 22:00": "", "2026-07-06 22:00": "A", "-2026-07-07 13:00": "A", "2026-07-07 13:00": ""}),
]  # fmt: skip

START, END = "2026-07-08 10:00", "2026-07-08 20:00"  # with the handoff from B to C at 16:00 in between
OVERRIDES = [
    Case("in place of the others", roster(DAILY, BACKUP, overrides=(instead(START, END, "X"),)), {
        f"-{START}": "B D", START: "X D", "2026-07-08 16:00": "X D", f"-{END}": "X D", END: "C D",
    }),
    Case("nobody on purpose", roster(DAILY, BACKUP, overrides=(instead(START, END, None),)), {
        f"-{START}": "B D", START: "D", f"-{END}": "D", END: "C D",
    }),
    Case("beside the others", roster(DAILY, BACKUP, overrides=(beside(START, END, "X"),)), {
        f"-{START}": "B D", START: "B X D", "-2026-07-08 16:00": "B X D", "2026-07-08 16:00": "C X D",
        f"-{END}": "C X D", END: "C D",
    }),
    Case("beside oneself", roster(DAILY, overrides=(beside(START, END, "B"),)), {
        START: "B", "-2026-07-08 16:00": "B", "2026-07-08 16:00": "C B", END: "C",
    }),
    Case("outside the hours, in place of nobody", roster(layer(DAILY, on=(NIGHTS,)), overrides=(
        instead(START, "2026-07-08 21:00", "X"),
    )), {f"-{START}": "", START: "X", "2026-07-08 20:00": "X", "2026-07-08 21:00": "C", "2026-07-09 04:00": ""}),
    Case("outside the hours, beside nobody", roster(layer(DAILY, on=(NIGHTS,)), overrides=(
        beside(START, "2026-07-08 21:00", "X"),
    )), {f"-{START}": "", START: "X", "-2026-07-08 20:00": "X", "2026-07-08 20:00": "C X", "2026-07-08 21:00": "C"}),
    Case("before the rotation starts", roster(DAILY, overrides=(
        instead("2026-07-01 00:00", "2026-07-02 00:00", "X"), beside("2026-07-06 15:00", "2026-07-06 17:00", "Y"),
    )), {
        "2026-07-01 00:00": "X", "2026-07-02 00:00": "", "2026-07-06 15:00": "Y", "2026-07-06 16:00": "A Y",
        "2026-07-06 17:00": "A",
    }),
    Case("in the second layer only", roster(DAILY, BACKUP, overrides=(instead(START, END, "X", "backup"),)), {
        START: "B X", f"-{END}": "C X", END: "C D",
    }),
    Case("one after the other without a gap", roster(DAILY, overrides=(
        instead("2026-07-08 15:00", END, "Y"), instead(START, "2026-07-08 15:00", "X"),
    )), {"-2026-07-08 15:00": "X", "2026-07-08 15:00": "Y"}),
    Case("the one listed later holds", roster(DAILY, overrides=(
        instead(START, END, "X"), beside("2026-07-08 12:00", "2026-07-08 14:00", "Y"),
    )), {"-2026-07-08 12:00": "X", "2026-07-08 12:00": "B Y", "2026-07-08 14:00": "X"}),
]  # fmt: skip

SWAPPED = Shift("first", utc("2026-07-07 16:00"), utc("2026-07-08 16:00"), "B")
RETURNED = Shift("first", utc("2026-07-08 16:00"), utc("2026-07-09 16:00"), "C")
MADE_AT = utc("2026-07-01 12:00")
LEAVE_AND_SWAPS = [
    Case("leave of the person whose turn it is", roster(DAILY, BACKUP, off=(off("B", START, "2026-07-08 15:00"),)), {
        f"-{START}": "B D", START: "D", "-2026-07-08 15:00": "D", "2026-07-08 15:00": "B D",
    }),
    Case("leave of one of two people", roster(PAIRS, BACKUP, off=(off("A", START, END),)), {
        f"-{START}": "A B D", START: "B D", f"-{END}": "B D", END: "A B D",
    }),
    Case("leave over a handoff to the one who is away", roster(DAILY, BACKUP, off=(off("C", START, END),)), {
        START: "B D", "-2026-07-08 16:00": "B D", "2026-07-08 16:00": "D", f"-{END}": "D", END: "C D",
    }),
    Case("leave of everybody", roster(DAILY, BACKUP, off=(off("B", START, END), off("D", START, END))), {
        f"-{START}": "B D", START: "", "2026-07-08 16:00": "C", END: "C D",
    }),
    Case("leave of the person who stands in", roster(
        DAILY, BACKUP, overrides=(instead(START, END, "X"),), off=(off("X", "2026-07-08 12:00", "2026-07-08 14:00"),),
    ), {"-2026-07-08 12:00": "X D", "2026-07-08 12:00": "D", "-2026-07-08 14:00": "D", "2026-07-08 14:00": "X D"}),
    Case("leave of the person added, and of the one beside them", roster(
        DAILY, overrides=(beside(START, END, "X"),),
        off=(off("X", "2026-07-08 12:00", "2026-07-08 14:00"), off("B", "2026-07-08 13:00", "2026-07-08 15:00")),
    ), {
        START: "B X", "2026-07-08 12:00": "B", "2026-07-08 13:00": "", "2026-07-08 14:00": "X",
        "2026-07-08 15:00": "B X",
    }),
    Case("leave in several parts that overlap", roster(DAILY, off=(
        off("B", "2026-07-08 08:00", "2026-07-08 11:00"), off("B", START, "2026-07-08 12:00"),
    )), {"-2026-07-08 08:00": "B", "2026-07-08 08:00": "", "2026-07-08 11:00": "", "2026-07-08 12:00": "B"}),
    Case("a shift given away", roster(DAILY, overrides=swap_overrides(SWAPPED, None, "A", "B", MADE_AT)), {
        "-2026-07-07 16:00": "A", "2026-07-07 16:00": "A", "-2026-07-08 16:00": "A", "2026-07-08 16:00": "C",
        "2026-07-10 16:00": "B",  # the next turn of the giver is still theirs
    }),
    Case("shifts swapped", roster(DAILY, overrides=swap_overrides(SWAPPED, RETURNED, "C", "B", MADE_AT)), {
        "-2026-07-07 16:00": "A", "2026-07-07 16:00": "C", "-2026-07-08 16:00": "C", "2026-07-08 16:00": "B",
        "-2026-07-09 16:00": "B", "2026-07-09 16:00": "A",
    }),
    Case("a shift given to somebody who is away", roster(
        DAILY, BACKUP, overrides=swap_overrides(SWAPPED, None, "A", "B", MADE_AT), off=(off("A", START, END),),
    ), {f"-{START}": "A D", START: "D", "-2026-07-08 16:00": "D", "2026-07-08 16:00": "C D"}),
]  # fmt: skip


@pytest.mark.parametrize("case", [*ROTATIONS, *HOURS, *OVERRIDES, *LEAVE_AND_SWAPS], ids=lambda case: case.name)
def test_by_hand(case: Case) -> None:
    case.check()
