"""iCal files: every way to say when, clock changes, repetitions, and files that nobody should send."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic, process_time

import pytest

from oncall.planning.imports.comparing import ImportRefusedError, Reading
from oncall.planning.imports.ical.child import read_ical
from oncall.planning.imports.ical.reading import MOST_SHIFTS, read
from schedules.spans import Span

ROME = "Europe/Rome"
WINDOW = Span(datetime(2026, 5, 2, tzinfo=UTC), datetime(2027, 7, 6, tzinfo=UTC))
ONE_HOUR = "DTSTART:20260601T180000Z\r\nDURATION:PT1H"


def calendar(*events: str, zones: str = "") -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{zones}{''.join(events)}END:VCALENDAR\r\n".encode()


def event(lines: str, uid: str = "one", summary: str = "Ada Rossi") -> str:
    return f"BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{summary}\r\n{lines}\r\nEND:VEVENT\r\n"


def local(start: str, end: str, more: str = "") -> str:
    lines = f"DTSTART;TZID=Europe/Rome:{start}\r\nDTEND;TZID=Europe/Rome:{end}"
    return event(f"{lines}\r\n{more}" if more else lines)


def utc(found: Reading) -> list[str]:
    """Each occurrence as 0601T1600-0602T0600."""
    assert not found.troubles
    return [f"{each.start:%m%dT%H%M}-{each.end:%m%dT%H%M}" for each in found.events]


def told(content: bytes) -> tuple[int, str, str]:
    """Line, reason and remedy of the one thing that is wrong."""
    found = read(content, ROME, WINDOW)
    assert found.events == ()
    [trouble] = found.troubles
    return trouble.line, trouble.reason, trouble.remedy


@pytest.mark.parametrize(
    ("lines", "spans"),
    [
        ("DTSTART:20260601T160000Z\r\nDTEND:20260602T060000Z", ["0601T1600-0602T0600"]),
        ("DTSTART;TZID=Europe/Rome:20260601T180000\r\nDTEND;TZID=Europe/Rome:20260602T080000", ["0601T1600-0602T0600"]),
        ("DTSTART;TZID=Asia/Dubai:20260601T180000\r\nDURATION:PT14H", ["0601T1400-0602T0400"]),
        ("DTSTART:20260601T180000\r\nDTEND:20260602T080000", ["0601T1600-0602T0600"]),
        ("DTSTART;VALUE=DATE:20260601\r\nDTEND;VALUE=DATE:20260603", ["0531T2200-0602T2200"]),
        ("DTSTART;VALUE=DATE:20260601", ["0531T2200-0601T2200"]),
        ("DTSTART;TZID=W. Europe Standard Time:20260601T180000\r\nDURATION:P1D", ["0601T1600-0602T1600"]),
        # The day of 25 hours, and that of 23.
        ("DTSTART;VALUE=DATE:20261025", ["1024T2200-1025T2300"]),
        ("DTSTART;VALUE=DATE:20270328", ["0327T2300-0328T2200"]),
        ("DTSTART;TZID=Europe/Rome:20261024T180000\r\nDURATION:P1D", ["1024T1600-1025T1700"]),
        ("DTSTART;TZID=Europe/Rome:20261024T180000\r\nDURATION:PT24H", ["1024T1600-1025T1600"]),
        ("DTSTART:20261024T180000\r\nDURATION:P1DT2H", ["1024T1600-1025T1900"]),
        # An hour that is there twice is its first, one that is missing is read on the clock before the change.
        ("DTSTART:20261025T023000\r\nDTEND:20261025T040000", ["1025T0030-1025T0300"]),
        ("DTSTART;TZID=Europe/Rome:20261025T023000\r\nDTEND;TZID=Europe/Rome:20261025T040000", ["1025T0030-1025T0300"]),
        ("DTSTART:20270328T023000\r\nDTEND:20270328T060000", ["0328T0130-0328T0400"]),
        ("DTSTART;TZID=Europe/Rome:20270328T023000\r\nDTEND;TZID=Europe/Rome:20270328T060000", ["0328T0130-0328T0400"]),
    ],
)
def test_times(lines: str, spans: list[str]) -> None:
    assert utc(read(calendar(event(lines)), ROME, WINDOW)) == spans


def test_who_and_where() -> None:
    lines = (
        "DTSTART:20260601T160000Z\r\nDTEND:20260602T060000Z\r\n"
        "ATTENDEE;CN=Ada;ROLE=REQ-PARTICIPANT:MAILTO:Ada@Exam\r\n ple.org\r\nATTENDEE:mailto:bo@example.org\r\n"
        "ORGANIZER:mailto:mara@example.org\r\nBEGIN:VALARM\r\nSUMMARY:Alarm\r\nEND:VALARM"
    )
    [found] = read(calendar(event(lines, summary="Turno\\, notte")), ROME, WINDOW).events
    assert (found.line, found.uid, found.summary) == (3, "one", "Turno, notte")
    assert (found.guests, found.organizer) == (("ada@example.org", "bo@example.org"), "mara@example.org")


def test_a_letter_cut_in_two_by_a_fold_is_whole_again() -> None:
    whole = calendar(event("DTSTART:20260601T160000Z\r\nDURATION:PT1H", summary="José"))
    [found] = read(whole.replace("é".encode(), "é".encode()[:1] + b"\r\n " + "é".encode()[1:]), ROME, WINDOW).events
    assert found.summary == "José"


def test_a_series_keeps_its_hours_over_both_clock_changes() -> None:
    found = utc(read(calendar(local("20261023T180000", "20261024T080000", "RRULE:FREQ=DAILY;COUNT=3")), ROME, WINDOW))
    assert found == ["1023T1600-1024T0600", "1024T1600-1025T0700", "1025T1700-1026T0700"]
    floating = event("DTSTART:20270326T180000\r\nDTEND:20270327T080000\r\nRRULE:FREQ=DAILY;UNTIL=20270328T180000")
    assert utc(read(calendar(floating), ROME, WINDOW)) == [
        "0326T1700-0327T0700", "0327T1700-0328T0600", "0328T1600-0329T0600",
    ]  # fmt: skip


def test_exceptions_from_a_series() -> None:
    rules = (
        "RRULE:FREQ=WEEKLY;COUNT=5\r\nEXDATE;TZID=Europe/Rome:20260608T180000\r\nRDATE;TZID=Europe/Rome:20260603T180000"
    )
    moved = event(
        "RECURRENCE-ID;TZID=Europe/Rome:20260615T180000\r\nDTSTART;TZID=Europe/Rome:20260615T200000\r\n"
        "DTEND;TZID=Europe/Rome:20260616T080000",
        summary="Bruno Verdi",
    )
    gone = event(
        "RECURRENCE-ID;TZID=Europe/Rome:20260622T180000\r\nDTSTART;TZID=Europe/Rome:20260622T180000\r\n"
        "DTEND;TZID=Europe/Rome:20260623T080000\r\nSTATUS:CANCELLED"
    )
    found = read(calendar(local("20260601T180000", "20260602T080000", rules), moved, gone), ROME, WINDOW)
    assert sorted((f"{each.start:%m%dT%H%M}", each.summary, each.line) for each in found.events) == [
        ("0601T1600", "Ada Rossi", 3), ("0603T1600", "Ada Rossi", 3),
        ("0615T1800", "Bruno Verdi", 12), ("0629T1600", "Ada Rossi", 3),
    ]  # fmt: skip
    assert (found.cancelled, found.troubles) == (1, ())


def test_only_what_touches_the_window_and_is_not_cancelled() -> None:
    found = read(
        calendar(
            event("DTSTART:20200601T160000Z\r\nDTEND:20200602T060000Z", "old"),
            event("DTSTART:20290601T160000Z\r\nDURATION:PT1H", "far"),
            event("DTSTART:20260501T120000Z\r\nDTEND:20260502T120000Z", "edge"),
            event("DTSTART:20260501T120000Z\r\nDTEND:20260502T000000Z", "over"),
            event(f"{ONE_HOUR}\r\nSTATUS:CANCELLED", "cancelled"),
            event("DTSTART:20000101T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=YEARLY", "yearly"),
        ),
        ROME,
        WINDOW,
    )
    assert [each.uid for each in found.events] == ["edge", "yearly"]
    assert (found.outside, found.cancelled, found.troubles) == (3, 1, ())


def test_a_revision_replaces_what_was_sent_before_and_two_of_one_name_are_two() -> None:
    old, new = event(f"{ONE_HOUR}\r\nSEQUENCE:1"), event("DTSTART:20260602T180000Z\r\nDURATION:PT1H\r\nSEQUENCE:2")
    for order, line in (((old, new), 3), ((new, old), 10)):
        found = read(calendar(*order), ROME, WINDOW)
        assert [f"{each.start:%m%dT%H%M}" for each in found.events] == ["0602T1800"]
        [trouble] = found.troubles
        assert trouble.line == line
        assert trouble.reason.startswith("It is an older version (SEQUENCE 1) of the event in line ")
    again = event("DTSTART:20260602T180000Z\r\nDURATION:PT1H")
    assert utc(read(calendar(event(ONE_HOUR), again), ROME, WINDOW)) == ["0601T1800-0601T1900", "0602T1800-0602T1900"]
    nameless = event(ONE_HOUR).replace("UID:one\r\n", "")
    assert len(read(calendar(nameless, nameless), ROME, WINDOW).events) == 2


def test_a_zone_that_the_file_describes() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Ship\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\n"
        "TZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    lines = "DTSTART;TZID=Ship:20260601T180000\r\nDTEND;TZID=Ship:20260601T190000"
    assert utc(read(calendar(event(lines), zones=zone), ROME, WINDOW)) == ["0601T1500-0601T1600"]


@pytest.mark.parametrize(
    ("lines", "reason", "remedy"),
    [
        ("DTSTART:20260601T180000\r\nDTEND:20260601T170000", "ends before it begins", "Correct its end"),
        ("DTSTART:20260601T180000Z\r\nDURATION:-PT1H", "ends before it begins", "Correct its end"),
        ("DTSTART:20260601T180000", "lasts no time", "Give it an end"),
        ("DTSTART:20260601T180000\r\nDTEND:20260601T180000", "lasts no time", "Give it an end"),
        ("DTEND:20260601T180000", "no beginning", "a day or a time"),
        ("DTSTART:20260601T180000\r\nDTEND:20260602", "not of one kind", "Correct them"),
        ("DTSTART:20260601T180000\r\nDTEND:20260602T180000Z", "not of one kind", "Correct them"),
        ("DTSTART:20261332T180000\r\nDTEND:20260602T180000", "DTSTART can't be read", "Correct it"),
        ("DTSTART:20260601T180000\r\nDURATION:P99999999999D", "DURATION can't be read", "Correct it"),
        ("DTSTART:20260601T180000Z\r\nDURATION:P999D", "longer than 400 days", "rotation"),
        (f"{ONE_HOUR}\r\nDTSTART:20260601T190000Z", "DTSTART more than once", "two events"),
        ("DTSTART;TZID=Europe/Rom:20260601T180000\r\nDURATION:PT1H", "unknown time zone 'Europe/Rom'", "Europe/Rome"),
        ("DTSTART;TZID=?:20260601T180000\r\nDURATION:PT1H", "unknown time zone '?'", "Choose a known zone"),
        (f"{ONE_HOUR}\r\nRRULE:FREQ=SECONDLY", "every second", "hours, days, weeks"),
        (f"{ONE_HOUR}\r\nRRULE:FREQ=minutely", "every minute", "hours, days, weeks"),
        (f"{ONE_HOUR}\r\nRRULE:FREQ=FOO", "no frequency that is known: “FOO”", "hours, days, weeks"),
        (f"{ONE_HOUR}\r\nRRULE:COUNT=2", "no frequency that is known", "hours, days, weeks"),
        (f"{ONE_HOUR}\r\nRRULE:FREQ=DAILY\r\nRRULE:FREQ=WEEKLY", "RRULE more than once", "two events"),
        (f"{ONE_HOUR}\r\nRRULE:FREQ=DAILY;BYHOUR=25", "(RRULE) can't be understood", "Make it anew"),
        (f"{ONE_HOUR}\r\nEXRULE:FREQ=DAILY", "EXRULE", "EXDATE"),
        (f"{ONE_HOUR}\r\nRRULE:FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))};BYMINUTE=0,30", "too often", "hours"),
        # Rules without end, and a million repetitions.
        (f"{ONE_HOUR}\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "too long to work out", "simpler rule"),
        (f"{ONE_HOUR}\r\nRRULE:FREQ=YEARLY;INTERVAL=0", "too long to work out", "simpler rule"),
        ("DTSTART:20000101T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=HOURLY", "too long to work out", "simpler rule"),
        (f"{ONE_HOUR}\r\nRDATE:{','.join(f'20260601T{n // 60 % 24:02}{n % 60:02}00Z' for n in range(40000))}",
         "more than 2,000 single dates (RDATE)", "several events"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_event_is_told_with_its_line_and_what_to_do(lines: str, reason: str, remedy: str) -> None:
    begun = monotonic()
    line, why, what = told(calendar(event(lines)))
    assert line == 3
    assert reason in why
    assert remedy in what
    assert why.endswith(".")
    assert what.endswith((".", "?"))
    assert monotonic() - begun < 12  # 0.4 s on a machine that does nothing else


def test_a_broken_event_does_not_take_the_others_with_it() -> None:
    found = read(calendar(event("DTSTART:nonsense", "bad", "Bruno"), event(ONE_HOUR)), ROME, WINDOW)
    assert [each.summary for each in found.events] == ["Ada Rossi"]
    assert [(each.line, each.uid, each.summary) for each in found.troubles] == [(3, "bad", "Bruno")]


ENDLESS = [event(f"{ONE_HOUR}\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", str(n)) for n in range(2000)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no iCal file"),
        (b"<html>Sign in</html>", "no iCal file"),
        (calendar(), "no event in this file"),
        (b"x" * 900_001, "larger than 900 KB"),
        ("BEGIN:VCALENDAR".encode("utf-16"), "UTF-16"),
        ("BEGIN:VCALENDAR\r\nSUMMARY:José".encode("latin-1"), "Line 2 is no UTF-8 text"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:1", "begins in line 2 has no end"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VEVENT\n", "line 2 has no end before line 3"),
        (calendar(*ENDLESS), "takes too long"),
        (calendar(*(event(ONE_HOUR, str(n)) for n in range(MOST_SHIFTS + 1))), "more than 2,000 shifts"),
    ],
)
def test_a_file_that_is_nothing_is_refused_in_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(ImportRefusedError, match=words):
        read(content, ROME, WINDOW)


@pytest.mark.parametrize(
    "content",
    [
        calendar(event(f"{ONE_HOUR}\r\n" + "BEGIN:X\r\n" * 40_000 + "END:X\r\n" * 40_000)),
        calendar(event(ONE_HOUR + "\r\nDESCRIPTION:" + "x" * 800_000)),
        calendar(event(ONE_HOUR + "\r\nDESCRIPTION:" + "\r\n x" * 200_000)),
        calendar(event(ONE_HOUR)).replace(b"\r\n", b"\r"),
        b"\xef\xbb\xbf" + calendar(event(ONE_HOUR)).replace(b"\r\n", b"\n"),
        calendar(event(ONE_HOUR), *(event("DTSTART:20160601T180000Z\r\nDTEND:20160601T190000Z") for _ in range(5000))),
    ],
    ids=["nested", "long line", "folded", "Mac", "Unix with a mark", "years of history"],
)
def test_strange_but_readable_files_are_read_at_once(content: bytes) -> None:
    begun = process_time()
    assert utc(read(content, ROME, WINDOW)) == ["0601T1800-0601T1900"]
    assert process_time() - begun < 3  # 0.3 s on a machine that does nothing else


@pytest.mark.slow
def test_the_child_says_the_same() -> None:
    content = calendar(local("20261023T180000", "20261024T080000", "RRULE:FREQ=DAILY;COUNT=3"), event("DTSTART:x", "2"))
    assert read_ical(content, ROME, WINDOW) == read(content, ROME, WINDOW)
    with pytest.raises(ImportRefusedError, match="no iCal file"):
        read_ical(b"hello", ROME, WINDOW)


def test_what_a_child_has_no_answer_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall.planning.imports.ical.child._SECONDS", 0.001)
    with pytest.raises(ImportRefusedError, match="takes too long"):
        read_ical(calendar(event(ONE_HOUR)), ROME, WINDOW)


def test_a_child_that_breaks_or_is_stopped_is_told_from_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    for end, words in (("sys.exit(3)", "can't be read"), ("os.kill(os.getpid(), 9)", "takes too long")):
        command = [sys.executable, "-c", f"import os, sys; {end}"]
        broken = partial(subprocess.run, command)
        monkeypatch.setattr(subprocess, "run", lambda _, run=broken, **how: run(**how))
        with pytest.raises(ImportRefusedError, match=words):
            read_ical(b"", ROME, WINDOW)
        monkeypatch.undo()


def test_the_timer_is_off_afterwards() -> None:
    told(calendar(event(f"{ONE_HOUR}\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")))
    until = monotonic() + 0.5
    while monotonic() < until:  # a timer that is still on would end the test here
        timedelta(1)
