"""Clock changes of 2026 and 2027 against tables worked out by hand.

The rule of `schedules.wall_clock`: an ambiguous local time is its first occurrence, and a missing one is read on the
clock as it stood before the change.

- Rome, UTC+1 and +2: 02:00 becomes 03:00 on 29 March 2026 and 28 March 2027; 03:00 becomes 02:00 on 25 October 2026 and
  31 October 2027. All four at 01:00 UTC.
- New York, UTC-5 and -4: 02:00 becomes 03:00 on 8 March 2026 and 14 March 2027, at 07:00 UTC; 02:00 becomes 01:00 on
  1 November 2026 and 7 November 2027, at 06:00 UTC.
- Lord Howe, UTC+10:30 and +11: 02:00 becomes 01:30 on 5 April 2026 and 4 April 2027, at 15:00 UTC of the day before;
  02:00 becomes 02:30 on 4 October 2026 and 3 October 2027, at 15:30 UTC of the day before.
"""

import pytest

from tests.schedules.clocks import LORD_HOWE, NEW_YORK, ROME
from tests.schedules.tables import WEEK, Case, hours, instead, layer, off, roster, turns

# Each begins two days before the change, at A's turn: C comes on in the night of the change.
HANDOFFS_IN_THE_GAP_OR_TWICE = [
    Case("Rome, spring 2026", roster(turns("2026-03-27 02:30", "1 day", "A", "B", "C")), {
        # Missing: read at +1 it is 01:30, which the clock shows as 03:30. A day later it is 02:30 at +2.
        "2026-03-28 01:30": "B", "-2026-03-29 01:30": "B", "2026-03-29 01:30": "C", "-2026-03-30 00:30": "C",
        "2026-03-30 00:30": "A",
    }),
    Case("Rome, autumn 2026", roster(turns("2026-10-23 02:30", "1 day", "A", "B", "C")), {
        # Twice: at +2 it is 00:30, at +1 it would be 01:30.
        "2026-10-24 00:30": "B", "-2026-10-25 00:30": "B", "2026-10-25 00:30": "C", "2026-10-25 01:30": "C",
        "-2026-10-26 01:30": "C", "2026-10-26 01:30": "A",
    }),
    Case("Rome, spring 2027", roster(turns("2027-03-26 02:30", "1 day", "A", "B", "C")), {
        "2027-03-27 01:30": "B", "-2027-03-28 01:30": "B", "2027-03-28 01:30": "C", "-2027-03-29 00:30": "C",
        "2027-03-29 00:30": "A",
    }),
    Case("Rome, autumn 2027", roster(turns("2027-10-29 02:30", "1 day", "A", "B", "C")), {
        "2027-10-30 00:30": "B", "-2027-10-31 00:30": "B", "2027-10-31 00:30": "C", "2027-10-31 01:30": "C",
        "-2027-11-01 01:30": "C", "2027-11-01 01:30": "A",
    }),
    Case("New York, spring 2026", roster(turns("2026-03-06 02:30", "1 day", "A", "B", "C"), zone=NEW_YORK), {
        # Missing: 02:30 at -5 is 07:30, shown as 03:30. A day later it is 02:30 at -4.
        "2026-03-07 07:30": "B", "-2026-03-08 07:30": "B", "2026-03-08 07:30": "C", "-2026-03-09 06:30": "C",
        "2026-03-09 06:30": "A",
    }),
    Case("New York, autumn 2026", roster(turns("2026-10-30 01:30", "1 day", "A", "B", "C"), zone=NEW_YORK), {
        # Twice: 01:30 at -4 is 05:30, at -5 it would be 06:30.
        "2026-10-31 05:30": "B", "-2026-11-01 05:30": "B", "2026-11-01 05:30": "C", "2026-11-01 06:30": "C",
        "-2026-11-02 06:30": "C", "2026-11-02 06:30": "A",
    }),
    Case("New York, spring 2027", roster(turns("2027-03-12 02:30", "1 day", "A", "B", "C"), zone=NEW_YORK), {
        "2027-03-13 07:30": "B", "-2027-03-14 07:30": "B", "2027-03-14 07:30": "C", "-2027-03-15 06:30": "C",
        "2027-03-15 06:30": "A",
    }),
    Case("New York, autumn 2027", roster(turns("2027-11-05 01:30", "1 day", "A", "B", "C"), zone=NEW_YORK), {
        "2027-11-06 05:30": "B", "-2027-11-07 05:30": "B", "2027-11-07 05:30": "C", "2027-11-07 06:30": "C",
        "-2027-11-08 06:30": "C", "2027-11-08 06:30": "A",
    }),
    Case("Lord Howe, autumn 2026", roster(turns("2026-04-03 01:45", "1 day", "A", "B", "C"), zone=LORD_HOWE), {
        # Twice: 01:45 at +11 is 14:45 of the day before, at +10:30 it would be 15:15.
        "2026-04-03 14:45": "B", "-2026-04-04 14:45": "B", "2026-04-04 14:45": "C", "2026-04-04 15:15": "C",
        "-2026-04-05 15:15": "C", "2026-04-05 15:15": "A",
    }),
    Case("Lord Howe, spring 2026", roster(turns("2026-10-02 02:15", "1 day", "A", "B", "C"), zone=LORD_HOWE), {
        # Missing: 02:15 at +10:30 is 15:45 of the day before, shown as 02:45. A day later it is 02:15 at +11.
        "2026-10-02 15:45": "B", "-2026-10-03 15:45": "B", "2026-10-03 15:45": "C", "-2026-10-04 15:15": "C",
        "2026-10-04 15:15": "A",
    }),
    Case("Lord Howe, autumn 2027", roster(turns("2027-04-02 01:45", "1 day", "A", "B", "C"), zone=LORD_HOWE), {
        "2027-04-02 14:45": "B", "-2027-04-03 14:45": "B", "2027-04-03 14:45": "C", "2027-04-03 15:15": "C",
        "-2027-04-04 15:15": "C", "2027-04-04 15:15": "A",
    }),
    Case("Lord Howe, spring 2027", roster(turns("2027-10-01 02:15", "1 day", "A", "B", "C"), zone=LORD_HOWE), {
        "2027-10-01 15:45": "B", "-2027-10-02 15:45": "B", "2027-10-02 15:45": "C", "-2027-10-03 15:15": "C",
        "2027-10-03 15:15": "A",
    }),
]  # fmt: skip

THE_HOUR_ON_THE_CLOCK_STAYS = [
    Case("Rome, weeks, 18:00", roster(turns("2026-03-23 18:00", "1 week", "A", "B", "C")), {
        "2026-03-23 17:00": "A", "-2026-03-30 16:00": "A", "2026-03-30 16:00": "B",
        # 26 October is 31 weeks after 23 March: turn 31 is B's, and it begins in winter time.
        "2026-10-19 16:00": "A", "-2026-10-26 17:00": "A", "2026-10-26 17:00": "B",
    }),
    Case("Rome, 4 weeks, 08:00", roster(turns("2026-03-02 08:00", "4 weeks", "A", "B")), {
        "2026-03-02 07:00": "A", "-2026-03-30 06:00": "A", "2026-03-30 06:00": "B",
    }),
    Case("Rome, 10 days, 18:00", roster(turns("2026-03-01 18:00", "10 days", "A", "B", "C")), {
        "2026-03-21 17:00": "C", "-2026-03-31 16:00": "C", "2026-03-31 16:00": "A",
    }),
    Case("New York, days, 18:00, spring 2027", roster(turns("2027-03-13 18:00", "1 day", "A", "B"), zone=NEW_YORK), {
        "2027-03-13 23:00": "A", "-2027-03-14 22:00": "A", "2027-03-14 22:00": "B",
    }),
    Case("New York, days, 18:00, autumn 2027", roster(turns("2027-11-06 18:00", "1 day", "A", "B"), zone=NEW_YORK), {
        "2027-11-06 22:00": "A", "2027-11-07 22:00": "A", "-2027-11-07 23:00": "A", "2027-11-07 23:00": "B",
    }),
    Case("Lord Howe, days, 09:00, autumn 2026", roster(turns("2026-04-04 09:00", "1 day", "A", "B"), zone=LORD_HOWE), {
        "2026-04-03 22:00": "A", "-2026-04-04 22:30": "A", "2026-04-04 22:30": "B",
    }),
    Case("Lord Howe, months, 09:00", roster(turns("2027-09-15 09:00", "1 month", "A", "B"), zone=LORD_HOWE), {
        "2027-09-14 22:30": "A", "-2027-10-14 22:00": "A", "2027-10-14 22:00": "B",
    }),
]  # fmt: skip

HOURS_ARE_REAL_HOURS = [
    Case("Rome, 12 hours, spring 2026", roster(turns("2026-03-28 18:00", "12 hours", "A", "B")), {
        "2026-03-28 17:00": "A", "-2026-03-29 05:00": "A", "2026-03-29 05:00": "B", "2026-03-29 17:00": "A",
    }),
    Case("Rome, 24 hours, autumn 2026", roster(turns("2026-10-24 18:00", "24 hours", "A", "B")), {
        "2026-10-24 16:00": "A", "-2026-10-25 16:00": "A", "2026-10-25 16:00": "B", "2026-10-26 16:00": "A",
    }),
    Case("New York, 8 hours, spring 2027", roster(turns("2027-03-13 20:00", "8 hours", "A", "B"), zone=NEW_YORK), {
        "2027-03-14 01:00": "A", "-2027-03-14 09:00": "A", "2027-03-14 09:00": "B", "2027-03-14 17:00": "A",
    }),
    Case("Lord Howe, 1 hour, autumn 2026", roster(turns("2026-04-05 01:00", "1 hour", "A", "B"), zone=LORD_HOWE), {
        "2026-04-04 14:00": "A", "-2026-04-04 15:00": "A", "2026-04-04 15:00": "B", "2026-04-04 16:00": "A",
    }),
    Case("a start that comes twice is the first one", roster(turns("2026-10-25 02:30", "1 hour", "A", "B")), {
        "-2026-10-25 00:30": "", "2026-10-25 00:30": "A", "2026-10-25 01:30": "B",
    }),
]  # fmt: skip

NIGHTLY = layer(turns("2026-01-01 12:00", "1 week", "A"), on=(hours(WEEK, "22:00", "06:00"),))
NOON = turns("2010-10-01 12:00", "1 week", "A")
DUTY_HOURS = [
    Case("Rome, the night of seven hours", roster(NIGHTLY, zone=ROME), {
        "-2026-03-28 21:00": "", "2026-03-28 21:00": "A", "-2026-03-29 04:00": "A", "2026-03-29 04:00": "",
        "2026-03-29 20:00": "A",
    }),
    Case("Rome, the night of nine hours", roster(NIGHTLY, zone=ROME), {
        "-2026-10-24 20:00": "", "2026-10-24 20:00": "A", "-2026-10-25 05:00": "A", "2026-10-25 05:00": "",
        "-2026-10-25 21:00": "", "2026-10-25 21:00": "A",
    }),
    Case("New York, the night of nine hours", roster(NIGHTLY, zone=NEW_YORK), {
        "2027-11-07 02:00": "A", "-2027-11-07 11:00": "A", "2027-11-07 11:00": "", "2027-11-08 03:00": "A",
    }),
    Case("Lord Howe, the night of seven and a half hours", roster(NIGHTLY, zone=LORD_HOWE), {
        "2026-10-03 11:30": "A", "-2026-10-03 19:00": "A", "2026-10-03 19:00": "", "2026-10-04 11:00": "A",
    }),
    Case("hours a clock change swallows", roster(layer(*NIGHTLY.rotations, on=(hours("sun", "02:30", "03:00"),))), {
        # 29 March: 02:30 is 01:30 UTC, and 03:00 is 01:00 UTC. A week later there is half an hour again.
        "2026-03-29 00:45": "", "2026-03-29 01:30": "", "2026-03-29 12:00": "",
        "-2026-04-05 00:30": "", "2026-04-05 00:30": "A", "2026-04-05 01:00": "",
    }),
    Case("an override does not mind the clock", roster(
        NIGHTLY, overrides=(instead("2026-10-25 00:30", "2026-10-25 01:30", "X"),),
    ), {"-2026-10-25 00:30": "A", "2026-10-25 00:30": "X", "-2026-10-25 01:30": "X", "2026-10-25 01:30": "A"}),
    Case("time off does not mind the clock", roster(
        NIGHTLY, off=(off("A", "2026-10-25 00:30", "2026-10-25 01:30"),),
    ), {"-2026-10-25 00:30": "A", "2026-10-25 00:30": "", "-2026-10-25 01:30": "", "2026-10-25 01:30": "A"}),
    Case("Newfoundland went back over midnight", roster(
        layer(NOON, on=(hours("sun", "00:00", "12:00"),)), zone="America/St_Johns",
    ), {
        # Sunday began at -2:30, and after a minute of it Saturday's last hour came again, at -3:30.
        "-2010-11-07 02:30": "", "2010-11-07 02:30": "A", "2010-11-07 03:00": "A", "-2010-11-07 15:30": "A",
        "2010-11-07 15:30": "",
    }),
    Case("Samoa skipped 30 December 2011", roster(
        layer(NOON, on=(hours("thu", "18:00", "09:00"),)), zone="Pacific/Apia",
    ), {
        # Thursday 29 December at -10, and "Friday 09:00" on the same clock, which was Saturday 09:00 on the new one.
        "-2011-12-30 04:00": "", "2011-12-30 04:00": "A", "2011-12-30 12:00": "A", "-2011-12-30 19:00": "A",
        "2011-12-30 19:00": "",
    }),
]  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [*HANDOFFS_IN_THE_GAP_OR_TWICE, *THE_HOUR_ON_THE_CLOCK_STAYS, *HOURS_ARE_REAL_HOURS, *DUTY_HOURS],
    ids=lambda case: case.name,
)
def test_by_hand(case: Case) -> None:
    case.check()
