"""Series of which parts can't be read or are cancelled, the ends of rules, and time zones by all their names."""

from datetime import UTC, datetime

import pytest

from oncall.planning.imports.comparing import Reading
from oncall.planning.imports.ical.guests import Guests, guests_of
from oncall.planning.imports.ical.reading import read
from oncall.planning.imports.ical.zones import known_zone
from schedules.spans import Span
from tests.oncall.planning.imports.ical.test_reading import ROME, WINDOW, calendar, event

SERIES = (
    "DTSTART;TZID=Europe/Rome:20260601T180000\r\nDTEND;TZID=Europe/Rome:20260602T080000\r\nRRULE:FREQ=DAILY;COUNT=4"
)
SECOND = "RECURRENCE-ID;TZID=Europe/Rome:20260602T180000"
NIGHTS = ["0601T1600", "0602T1600", "0603T1600", "0604T1600"]
WITHOUT_SECOND = ["0601T1600", "0603T1600", "0604T1600"]


def taken(*events: str, zones: str = "", window: Span = WINDOW) -> Reading:
    return read(calendar(*events, zones=zones), ROME, window)


def starts(found: Reading) -> list[str]:
    return sorted(f"{each.start:%m%dT%H%M}" for each in found.events)


@pytest.mark.parametrize(
    ("lines", "nights", "reason"),
    [
        (f"{SECOND}\r\nDTSTART;TZID=Nowhere/X:20260602T180000\r\nDURATION:PT1H", WITHOUT_SECOND, "unknown time zone"),
        (f"{SECOND}\r\nDTSTART:nonsense\r\nDURATION:PT1H", WITHOUT_SECOND, "DTSTART can't be read"),
        (f"{SECOND}\r\nDTSTART;TZID=Europe/Rome:20260602T180000", WITHOUT_SECOND, "It lasts no time"),
        (f"{SECOND}\r\nDTSTART:20260602T200000Z\r\nDURATION:P999D", WITHOUT_SECOND, "longer than 400 days"),
        ("RECURRENCE-ID:20260602T160000Z\r\nDTSTART:22260602T160000Z\r\nDURATION:PT1H", WITHOUT_SECOND, "out of reach"),
        ("RECURRENCE-ID;RANGE=THISANDFUTURE:20260603T160000Z\r\nDTSTART:x", NIGHTS[:2], "DTSTART can't be read"),
        ("RECURRENCE-ID:nonsense\r\nDTSTART:20260602T200000Z\r\nDURATION:PT1H", NIGHTS, "Which night of its series"),
        ("RECURRENCE-ID:nonsense\r\nSTATUS:CANCELLED", NIGHTS, "Which night it cancels"),
    ],
)
def test_an_exception_that_cannot_be_read_costs_its_night_alone(lines: str, nights: list[str], reason: str) -> None:
    found = taken(event(SERIES), event(lines))
    assert starts(found) == nights
    [trouble] = found.troubles
    assert trouble.line == 10
    assert reason in trouble.reason
    assert "series is imported" in trouble.reason or "cancels" in trouble.reason


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("DTSTART:20260601T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=NEVER", "no frequency that is known"),
        ("DTSTART:20260601T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;BYHOUR=25", "(RRULE) can't be understood"),
        ("DTSTART:20260601T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "take too long"),
        ("DTSTART;TZID=Nowhere/X:20260601T180000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY", "unknown time zone"),
        ("DTSTART:16010101T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY", "out of reach"),
    ],
)
def test_of_a_series_that_cannot_be_read_the_changed_nights_are_kept(lines: str, reason: str) -> None:
    changed = event("RECURRENCE-ID:20260602T180000Z\r\nDTSTART:20260602T200000Z\r\nDURATION:PT1H")
    found = taken(event(lines), changed)
    assert starts(found) == ["0602T2000"]
    [trouble] = found.troubles
    assert reason in trouble.reason
    assert "only the nights that were changed one by one are imported" in trouble.reason
    assert found.source.unread == (("one", "*"),)


@pytest.mark.parametrize(
    ("line", "nights"),
    [
        ("EXDATE;TZID=Europe/Rome:20260602T180000,nonsense", WITHOUT_SECOND),
        ("EXDATE:nonsense\r\nEXDATE:20260602T160000Z", WITHOUT_SECOND),
        ("RDATE:20260610T160000Z,nonsense", [*NIGHTS, "0610T1600"]),
    ],
)
def test_a_date_that_cannot_be_read_is_told_and_the_others_heeded(line: str, nights: list[str]) -> None:
    found = taken(event(f"{SERIES}\r\n{line}"))
    assert starts(found) == nights
    [trouble] = found.troubles
    assert trouble.reason.startswith("“nonsense” in its ")


@pytest.mark.parametrize(
    "lines",
    [
        'ATTENDEE;CN="x:y\r\nATTENDEE:giulia@example.org',
        "ORGANIZER:::\r\nATTENDEE;EMAIL=giulia@example.org",
        'SEQUENCE:many\r\nSTATUS;X="\r\nATTENDEE:giulia@example.org',
    ],
)
def test_what_is_not_about_times_costs_nothing(lines: str) -> None:
    found = taken(event(f"{SERIES}\r\n{lines}"))
    assert (starts(found), found.troubles) == (NIGHTS, ())
    assert found.events[0].guests == ("giulia@example.org",)


@pytest.mark.parametrize(
    "lines",
    [
        f"{SECOND}\r\nSTATUS:CANCELLED",
        f"{SECOND}\r\nDTSTART;TZID=Europe/Rome:20260602T180000\r\nSTATUS:cancelled",
        "RECURRENCE-ID:20260602T160000Z\r\nSTATUS:CANCELLED",
        "RECURRENCE-ID;VALUE=DATE:20260602\r\nSTATUS:CANCELLED",
        f"{SECOND}\r\nDTSTART:20260602T160000Z\r\nDURATION:PT1H\r\nSUMMARY:Canceled: Ada Rossi",
    ],
)
def test_a_night_is_cancelled_in_many_ways(lines: str) -> None:
    found = taken(event(SERIES), event(lines, summary="Canceled: Ada Rossi"))
    assert (starts(found), found.cancelled, found.troubles) == (WITHOUT_SECOND, 1, ())
    assert found.source.cancelled == (("one", "2026-06-02T16:00:00+00:00"),)


def test_nights_are_left_out_by_their_days_too() -> None:
    for line in ("EXDATE;VALUE=DATE:20260602", "EXDATE:20260602", "EXDATE;TZID=Europe/Rome:20260602"):
        assert starts(taken(event(f"{SERIES}\r\n{line}"))) == WITHOUT_SECOND


MIDNIGHTS = [
    "VALUE=DATE:20260602", "TZID=Europe/Rome:20260602T000000", "TZID=Europe/Rome:20260602T0000",
    "TZID=America/New_York:20260602T000000", "VALUE=DATE-TIME:20260602T000000", "X=1:20260602T000000Z",
    "X=1:20260601T220000Z", "TZID=UTC:20260601T220000", "TZID=W. Europe Standard Time:20260602T000000",
]  # fmt: skip


@pytest.mark.parametrize("midnight", MIDNIGHTS)
def test_midnight_of_a_day_means_the_night_that_begins_on_it(midnight: str) -> None:
    assert starts(taken(event(f"{SERIES}\r\nEXDATE;{midnight}"))) == WITHOUT_SECOND
    gone = taken(event(SERIES), event(f"RECURRENCE-ID;{midnight}\r\nSTATUS:CANCELLED"))
    assert starts(gone) == WITHOUT_SECOND
    assert gone.source.cancelled == (("one", "2026-06-02T16:00:00+00:00"),)
    moved = f"RECURRENCE-ID;{midnight}\r\nDTSTART;TZID=Europe/Rome:20260602T200000\r\nDURATION:PT1H"
    assert starts(taken(event(SERIES), event(moved))) == ["0601T1600", "0602T1800", *NIGHTS[2:]]


@pytest.mark.parametrize(
    ("start", "rule", "left_out", "nights"),
    [
        # It begins at midnight: on some clock, or on that of the roster.
        ("TZID=Europe/Rome:20260601T000000", "FREQ=DAILY;COUNT=3", "X=1:20260601T220000Z", ["0531T2200", "0602T2200"]),
        ("X=1:20260601T220000Z", "FREQ=DAILY;COUNT=3", "X=1:20260602T220000Z", ["0601T2200", "0603T2200"]),
        ("X=1:20260601T000000Z", "FREQ=DAILY;COUNT=3", "TZID=Europe/Rome:20260602T020000", ["0601T0000", "0603T0000"]),
        # It begins at midnight, too.
        ("X=1:20260601T180000Z", "FREQ=HOURLY;INTERVAL=6;COUNT=3", "X=1:20260602T000000Z", ["0601T1800", "0602T0600"]),
        ("X=1:20260601T000000Z", "FREQ=DAILY;BYHOUR=0,12;COUNT=3", "X=1:20260602T000000Z", ["0601T0000", "0601T1200"]),
        ("X=1:20260601T180000Z", "FREQ=DAILY;COUNT=1\r\nRDATE:20260602T000000Z", "X=1:20260602T000000Z", ["0601T1800"]),
    ],
)
def test_midnight_is_an_hour_where_something_begins_then(
    start: str, rule: str, left_out: str, nights: list[str]
) -> None:
    found = taken(event(f"DTSTART;{start}\r\nDURATION:PT1H\r\nRRULE:{rule}\r\nEXDATE;{left_out}"))
    assert (starts(found), found.troubles) == (nights, ())


def test_a_cancelled_series_keeps_nothing() -> None:
    moved = event(f"{SECOND}\r\nSEQUENCE:9\r\nDTSTART;TZID=Europe/Rome:20260602T200000\r\nDURATION:PT1H")
    for cancelled in (event(f"{SERIES}\r\nSTATUS:CANCELLED"), event(SERIES, summary="Canceled: Ada Rossi")):
        for order in ((cancelled, moved), (moved, cancelled)):
            found = taken(*order)
            assert (found.events, found.troubles, found.cancelled) == ((), (), 2)
            assert found.source.cancelled == (("one", "*"),)


def files(*calendars: tuple[str, str]) -> Reading:
    """Calendars one after the other in one file, each with its head."""
    return read(b"".join(calendar(events, zones=head) for head, events in calendars), ROME, WINDOW)


def test_each_calendar_of_a_file_is_for_its_own_purpose() -> None:
    a, b = event(SERIES, "a"), event(SERIES, "b")
    for order in (
        (("METHOD:PUBLISH\r\n", a), ("METHOD:CANCEL\r\n", b)),
        (("METHOD:CANCEL\r\n", b), ("X-WR-CALNAME:Nights\r\n", a)),
        (("METHOD:CANCEL\r\n", b), ("", a)),
    ):
        found = files(*order)
        assert ({each.uid for each in found.events}, found.source.partial) == ({"a"}, False)
        assert found.source.cancelled == (("b", "*"),)
        assert found.troubles == ()
    proposed = files(("METHOD:COUNTER\r\n", b), ("METHOD:PUBLISH\r\n", a))
    assert ({each.uid for each in proposed.events}, proposed.source.partial) == ({"a"}, False)
    assert [each.reason for each in proposed.troubles] == ["It is proposed, and not in the calendar."]
    partial = files(("METHOD:REQUEST\r\n", a), ("METHOD:CANCEL\r\n", b))
    assert ({each.uid for each in partial.events}, partial.source.partial) == ({"a"}, True)


def test_what_one_calendar_of_a_file_cancels_another_does_not_bring_back() -> None:
    for number in (0, 1):
        cancel = ("METHOD:CANCEL\r\n", event(f"{SERIES}\r\nSEQUENCE:{number}"))
        for order in ((("METHOD:REQUEST\r\n", event(SERIES)), cancel), (cancel, ("METHOD:REQUEST\r\n", event(SERIES)))):
            assert files(*order).events == ()
    night = ("METHOD:CANCEL\r\n", event(SECOND))
    assert starts(files(("METHOD:PUBLISH\r\n", event(SERIES)), night)) == WITHOUT_SECOND


def test_an_answer_beside_its_event_is_the_guests_last_word() -> None:
    yes = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:giulia@example.org"
    no = "ATTENDEE;PARTSTAT=DECLINED:mailto:giulia@example.org"
    asked, reply = ("METHOD:REQUEST\r\n", event(f"{SERIES}\r\n{yes}")), ("METHOD:REPLY\r\n", event(f"{SERIES}\r\n{no}"))
    for order in ((asked, reply), (reply, asked)):
        found = files(*order)
        assert [each.declined for each in found.events] == [("giulia@example.org",)] * 4
    one_night = f"{SECOND}\r\nDTSTART;TZID=Europe/Rome:20260602T180000\r\nDURATION:PT14H\r\n{no}"
    found = files(asked, ("METHOD:REPLY\r\n", event(one_night)))
    assert {f"{each.start:%m%d}": each.declined for each in found.events if each.declined} == {
        "0602": ("giulia@example.org",)
    }
    alone = files(reply)
    assert (alone.source.partial, {each.declined for each in alone.events}) == (True, {("giulia@example.org",)})


def test_guests_of_a_series_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(attendees: list[str], organizers: list[str]) -> Guests:
        asked.extend(attendees)
        return guests_of(attendees, organizers)

    monkeypatch.setattr("oncall.planning.imports.ical.series.guests_of", counted)
    found = taken(event(f"{SERIES.replace('COUNT=4', 'COUNT=100')}\r\nATTENDEE:giulia@example.org"))
    assert {each.guests for each in found.events} == {("giulia@example.org",)}
    assert (len(found.events), len(asked)) == (100, 1)


def test_all_later_nights_are_cancelled_at_once() -> None:
    later = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Rome:20260603T180000\r\nSTATUS:CANCELLED"
    found = taken(event(SERIES), event(later))
    assert starts(found) == NIGHTS[:2]
    assert found.source.cancelled == (("one", "2026-06-03T16:00:00+00:00/"),)


def test_the_newest_exception_of_a_night_counts() -> None:
    back = event(f"{SECOND}\r\nSEQUENCE:2\r\nDTSTART;TZID=Europe/Rome:20260602T200000\r\nDURATION:PT1H")
    gone = event(f"{SECOND}\r\nSEQUENCE:1\r\nSTATUS:CANCELLED")
    for order in ((back, gone), (gone, back)):
        assert starts(taken(event(SERIES), *order)) == ["0601T1600", "0602T1800", *NIGHTS[2:]]


def test_an_exception_says_who_for_its_night_alone() -> None:
    yes = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:giulia@example.org"
    no = "ATTENDEE;PARTSTAT=DECLINED:mailto:giulia@example.org"
    night = f"{SECOND}\r\nDTSTART;TZID=Europe/Rome:20260602T180000\r\nDURATION:PT1H"
    found = taken(event(f"{SERIES}\r\n{yes}"), event(f"{night}\r\n{no}"))
    assert [each.declined for each in sorted(found.events, key=lambda each: each.start)] == [
        (), ("giulia@example.org",), (), (),
    ]  # fmt: skip
    bare = event(night).replace("SUMMARY:Ada Rossi\r\n", "")
    inherited = taken(event(f"{SERIES}\r\n{yes}"), bare)
    assert {(each.summary, each.guests) for each in inherited.events} == {("Ada Rossi", ("giulia@example.org",))}


@pytest.mark.parametrize(
    ("start", "until", "last"),
    [
        ("DTSTART;TZID=Europe/Rome:20270701T180000", "20270703", "0703T1600"),
        ("DTSTART;TZID=Europe/Rome:20270701T000000", "20270703", "0702T2200"),
        ("DTSTART;TZID=America/New_York:20270701T220000", "20270703", "0704T0200"),
        ("DTSTART:20270701T160000Z", "20270703", "0703T1600"),
        ("DTSTART:20270701T180000", "20270703", "0703T1600"),
        ("DTSTART;TZID=W. Europe Standard Time:20270701T180000", "20270703", "0703T1600"),
        ("DTSTART;TZID=tzone://Microsoft/Utc:20270701T160000", "20270703", "0703T1600"),
        # The hour of the last shift, on the clock of the event or without a zone where it needs one.
        ("DTSTART;TZID=America/New_York:20270701T220000", "20270703T220000", "0704T0200"),
        ("DTSTART:20270701T180000", "20270703T160000Z", "0703T1600"),
        ("DTSTART;TZID=Europe/Rome:20270701T180000", "20270703T155959Z", "0702T1600"),
        ("DTSTART;VALUE=DATE:20270701", "20270703T000000Z", "0702T2200"),
    ],
)
def test_the_last_day_of_a_rule_is_part_of_it(start: str, until: str, last: str) -> None:
    length = "DURATION:P1D" if "VALUE=DATE" in start else "DURATION:PT10H"
    found = taken(event(f"{start}\r\n{length}\r\nRRULE:FREQ=DAILY;UNTIL={until}"))
    assert found.troubles == ()
    assert starts(found)[-1] == last


@pytest.mark.parametrize(
    "zone",
    [
        "Etc/UTC", "GMT", "Z", "UTC", "Etc/GMT", "Zulu", "Etc/Universal", "GMT+0", "UTC+00:00",
        "Coordinated Universal Time",
        "UTC±00:00", "UTC−00:00", "GMT-0", "gmt+0000", "+00:00", "Etc/GMT-0", "(UTC±00:00) Coordinated Universal Time",
        "(UTC+00:00) Coordinated Universal Time", "Coordinated Universal Time (UTC)", "Greenwich Mean Time", "UTC Time",
        "/freeassociation.sourceforge.net/Etc/UTC", "/citadel.org/20210210_1/UTC", "(UTC) Koordinierte Weltzeit",
        "(UTC) Tempo coordinato universale",
        "(UTC) Coordinated Universal Time", "tzone://Microsoft/Utc", '"tzone://Microsoft/Utc"', '"UTC"', "utc",
    ],
)  # fmt: skip
def test_utc_goes_by_many_names(zone: str) -> None:
    lines = f"DTSTART;TZID={zone}:20260601T160000\r\nDTEND;TZID={zone}:20260602T060000"
    exdate = f"EXDATE;TZID={zone}:20260602T160000"
    found = taken(event(f"{lines}\r\nRRULE:FREQ=DAILY;COUNT=3\r\n{exdate}"))
    assert (starts(found), found.troubles) == (["0601T1600", "0603T1600"], ())


def test_a_zone_that_the_file_calls_gmt_but_moves_by_the_season_is_no_utc() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:GMT\r\nBEGIN:STANDARD\r\nDTSTART:19701025T020000\r\nTZOFFSETFROM:+0100\r\n"
        "TZOFFSETTO:+0000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n"
        "DTSTART:19700329T010000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\n"
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
    )
    lines = "DTSTART;TZID=GMT:20260601T160000\r\nDTEND;TZID=GMT:20260602T060000"
    assert starts(taken(event(lines), zones=zone)) == ["0601T1500"]


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("/mozilla.org/20050126_1/Europe/Rome", "Europe/Rome"),
        ("/freeassociation.sourceforge.net/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("romance standard time", "Europe/Paris"),
        ("GMT Standard Time", "Europe/London"),
        ("Etc/GMT-2", "Etc/GMT-2"),
        ("europe/rome", "Europe/Rome"),
        ("tzone://Microsoft/Custom", ""),
        ("Europe/Rom", ""),
        ("UTC+2", ""),
        ("UTC+00:30", ""),
        ("UTC-02", "Etc/GMT+2"),
        ("(UTC+00:00) Dublin, Edinburgh, Lisbon, London", ""),
        ("Greenwich Standard Time", "Atlantic/Reykjavik"),
    ],
)
def test_other_zones_by_the_names_of_programs(name: str, zone: str) -> None:
    assert known_zone(name) == zone


def test_files_about_single_events_say_so() -> None:
    night = event(f"{SECOND}\r\nDTSTART;TZID=Europe/Rome:20260602T180000")
    found = read(calendar(night, zones="METHOD:CANCEL\r\n"), ROME, WINDOW)
    assert (found.events, found.cancelled, found.troubles) == ((), 1, ())
    assert found.source.partial
    assert found.source.cancelled == (("one", "2026-06-02T16:00:00+00:00"),)
    whole = read(calendar(event(SERIES), zones="METHOD:CANCEL\r\n"), ROME, WINDOW)
    assert (whole.events, whole.source.cancelled) == ((), (("one", "*"),))


def test_a_calendar_says_what_it_is_and_from_when_to_when() -> None:
    head = "X-WR-CALNAME:Nights\r\nX-WR-RELCALID:7C0E\r\n"
    old = event("DTSTART:20200601T160000Z\r\nDTEND:20200602T060000Z", "old")
    source = read(calendar(old, event(SERIES), zones=head), ROME, WINDOW).source
    assert (source.name, source.mark, source.whole) == ("Nights", "7C0E", ("old", "one"))
    assert (source.first, source.last) == (datetime(2020, 6, 1, tzinfo=UTC), datetime(2026, 6, 5, 6, tzinfo=UTC))
    endless = taken(event(SERIES.replace(";COUNT=4", ""))).source
    assert endless.last is not None
    assert endless.last >= WINDOW.end
