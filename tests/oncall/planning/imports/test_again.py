"""What an earlier import of a calendar made and the calendar has no more: shown, removed, and nothing else touched."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm.attributes import flag_modified

from oncall.models.people import Person
from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import RosterOverride, span_of
from oncall.planning.editing import Author
from oncall.planning.imports.comparing import ImportRefusedError
from oncall.planning.imports.ical.reading import read
from oncall.planning.imports.shifts import NO_CHOICES, Preview, import_shifts, import_window, preview_shifts
from oncall.planning.imports.stale import Choices
from oncall.planning.imports.words import shift_words
from oncall.planning.plans.plan import OverrideRequest
from oncall.planning.undoing import last_change, undo
from oncall.rosters.errors import AskFirstError
from schedules.spans import Span
from schedules.wall_clock import wall_time
from tests.oncall.planning.conftest import NOW, Desk
from tests.oncall.planning.imports.ical.test_reading import ROME
from tests.oncall.planning.in_force import add_override, change_override

NAMED = "X-WR-CALNAME:Nights of the field team\r\n"


def night(day: int, name: str = "Carla Neri", uid: str = "", more: str = "", month: int = 6) -> str:
    """From 18:00 to 8:00 of the next day."""
    start, end = f"2026{month:02}{day:02}T180000", f"2026{month:02}{day + 1:02}T080000"
    times = f"DTSTART;TZID=Europe/Rome:{start}\r\nDTEND;TZID=Europe/Rome:{end}\r\n"
    return f"BEGIN:VEVENT\r\nUID:{uid or f'{month}-{day}'}\r\nSUMMARY:{name}\r\n{times}{more}END:VEVENT\r\n"


def file(*events: str, head: str = "") -> bytes:
    return f"BEGIN:VCALENDAR\r\n{head}{''.join(events)}END:VCALENDAR\r\n".encode()


def look(desk: Desk, author: Author, content: bytes, choices: Choices = NO_CHOICES) -> Preview:
    with desk.database.transaction() as session:
        reading = read(content, ROME, import_window(author.now))
        return preview_shifts(session, author, desk.roster_id, desk.layer_id, reading, choices)


def bring_in(desk: Desk, author: Author, content: bytes, choices: Choices = NO_CHOICES) -> int:
    seen = look(desk, author, content, choices).digest
    with desk.database.transaction() as session:
        reading = read(content, ROME, import_window(author.now))
        return import_shifts(session, author, desk.roster_id, desk.layer_id, reading, "duty.ics", seen, choices)


def duties(desk: Desk) -> list[str]:
    names = {key: name for name, key in desk.people.items()}
    with desk.database.transaction() as session:
        rows = session.scalars(select(RosterOverride).order_by(RosterOverride.span)).all()
        return [f"{wall_time(span_of(row.span).start, ROME):%-m-%-d} {names[row.person_id or 0]}" for row in rows]


def gone(preview: Preview) -> list[str]:
    return [f"{wall_time(each.standing.span.start, ROME):%-m-%-d}" for each in preview.leaving]


def asked(preview: Preview) -> list[str]:
    return [f"{wall_time(each.standing.span.start, ROME):%-m-%-d}" for each in preview.outcome.doubtful]


THREE = (night(3), night(5), night(8))
SERIES = night(3, more="RRULE:FREQ=DAILY;COUNT=4\r\n", uid="series")
MOVED = SERIES + night(7, uid="series", more="RECURRENCE-ID;TZID=Europe/Rome:20260604T180000\r\n")


@pytest.mark.parametrize(
    ("first", "later", "left"),
    [
        (THREE, THREE[1:], ["6-5", "6-8"]),
        (THREE, THREE[:2], ["6-3", "6-5"]),
        (THREE, (THREE[0], THREE[2]), ["6-3", "6-8"]),
        (THREE, (THREE[0], night(5, more="STATUS:CANCELLED\r\n"), THREE[2]), ["6-3", "6-8"]),
        (THREE, (THREE[0], night(5, "Canceled: Carla Neri"), THREE[2]), ["6-3", "6-8"]),
        ((SERIES,), (SERIES.replace("COUNT=4", "COUNT=2"),), ["6-3", "6-4"]),
        ((SERIES,), (SERIES.replace("COUNT=4\r\n", "COUNT=4\r\nEXDATE:20260604T160000Z\r\n"),), ["6-3", "6-5", "6-6"]),
        ((SERIES,), (SERIES.replace("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT"),), []),
        ((SERIES,), (SERIES, "BEGIN:VEVENT\r\nUID:series\r\nRECURRENCE-ID:20260604T160000Z\r\nSTATUS:CANCELLED\r\n"
                     "END:VEVENT\r\n"), ["6-3", "6-5", "6-6"]),
        ((SERIES, night(10)), (night(10),), ["6-10"]),
        ((SERIES,), (MOVED,), ["6-3", "6-5", "6-6", "6-7"]),
        ((MOVED,), (SERIES,), ["6-3", "6-4", "6-5", "6-6"]),
        ((SERIES,), (SERIES.replace("T180000", "T190000"),), ["6-3", "6-4", "6-5", "6-6"]),
        ((MOVED,), (MOVED.replace("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT", 1),), []),
        ((SERIES,), (SERIES.replace("COUNT=4\r\n", "COUNT=4\r\nEXDATE:20260604T000000\r\n"),), ["6-3", "6-5", "6-6"]),
    ],
)  # fmt: skip
def test_what_the_calendar_has_no_more_is_removed(
    desk: Desk, manager: Author, first: tuple[str, ...], later: tuple[str, ...], left: list[str]
) -> None:
    bring_in(desk, manager, file(*first))
    before = duties(desk)
    preview = look(desk, manager, file(*later))
    kept = {f"{each} Carla" for each in gone(preview)}
    assert duties(desk) == before
    assert kept <= set(before)
    bring_in(desk, manager, file(*later))
    assert duties(desk) == [f"{day} Carla" for day in left]
    again = look(desk, manager, file(*later))
    assert (again.leaving, again.comparison.added, again.comparison.collisions) == ((), (), ())


@pytest.mark.parametrize(
    "event",
    [
        "BEGIN:VEVENT\r\nUID:series\r\nRECURRENCE-ID:20260604T160000Z\r\nEND:VEVENT\r\n",
        night(4, uid="series", more="RECURRENCE-ID;TZID=Europe/Rome:20260604T180000\r\n"),
        night(4, uid="series", more="RECURRENCE-ID;VALUE=DATE:20260604\r\n"),
        # A day alone is all of it, whatever hour the night has here.
        "BEGIN:VEVENT\r\nUID:series\r\nRECURRENCE-ID;VALUE=DATE:20260604\r\nEND:VEVENT\r\n",
        "BEGIN:VEVENT\r\nUID:series\r\nRECURRENCE-ID;TZID=Europe/Rome:20260604T000000\r\nEND:VEVENT\r\n",
        "BEGIN:VEVENT\r\nUID:series\r\nRECURRENCE-ID:20260603T220000Z\r\nEND:VEVENT\r\n",
    ],
)
def test_a_file_that_cancels_one_night_removes_that_one(desk: Desk, manager: Author, event: str) -> None:
    content = file(event, head="METHOD:CANCEL\r\n")
    bring_in(desk, manager, file(SERIES, night(10)))
    assert gone(look(desk, manager, content)) == ["6-4"]
    bring_in(desk, manager, content)
    assert duties(desk) == ["6-3 Carla", "6-5 Carla", "6-6 Carla", "6-10 Carla"]


def test_files_about_one_event_leave_the_others_alone(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(SERIES, night(10), head=NAMED))
    assert gone(look(desk, manager, file(night(10, "Dino Bianchi"), head="METHOD:REQUEST\r\n"))) == ["6-10"]
    later = "BEGIN:VEVENT\r\nUID:series\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260605T160000Z\r\nEND:VEVENT\r\n"
    assert gone(look(desk, manager, file(later, head="METHOD:CANCEL\r\n"))) == ["6-5", "6-6"]
    assert gone(look(desk, manager, file(SERIES, head="METHOD:CANCEL\r\n"))) == ["6-3", "6-4", "6-5", "6-6"]


def test_overrides_of_people_are_never_removed(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(*THREE))
    with desk.database.transaction() as session:
        rows = session.scalars(select(RosterOverride).order_by(RosterOverride.span)).all()
        change_override(session, manager, rows[0].id, OverrideRequest(span_of(rows[0].span), desk.people["Dino"]))
        shorter = Span(span_of(rows[1].span).start, span_of(rows[1].span).end - timedelta(hours=2))
        change_override(session, manager, rows[1].id, OverrideRequest(shorter, desk.people["Carla"]))
        between = Span(shorter.end, shorter.end + timedelta(hours=4))
        add_override(session, manager, desk.layer_id, OverrideRequest(between, desk.people["Bruno"], note="import"))
    assert gone(look(desk, manager, file(night(8, "Dino Bianchi")))) == ["6-8"]
    bring_in(desk, manager, file(night(20), night(1, month=7)))
    assert "6-3 Dino" in duties(desk)
    assert "6-5 Carla" in duties(desk)
    assert "6-6 Bruno" in duties(desk)


def test_a_note_does_not_take_an_override_from_its_calendar(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(*THREE))
    with desk.database.transaction() as session:
        row = session.scalars(select(RosterOverride).order_by(RosterOverride.span)).first()
        assert row is not None
        change_override(session, manager, row.id, OverrideRequest(span_of(row.span), row.person_id, note="paid twice"))
    assert gone(look(desk, manager, file(*THREE[1:]))) == ["6-3"]


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ((NAMED, night(3)), ("X-WR-CALNAME:Other nights\r\n", night(20))),
        (("", night(3)), ("", night(20))),
        ((NAMED + "X-WR-RELCALID:A\r\n", night(3)), (NAMED + "X-WR-RELCALID:B\r\n", night(20))),
        ((NAMED, night(3, uid="shared")), ("", night(20))),
    ],
)
def test_another_calendars_shifts_stay(
    desk: Desk, manager: Author, first: tuple[str, str], other: tuple[str, str]
) -> None:
    bring_in(desk, manager, file(first[1], head=first[0]))
    preview = look(desk, manager, file(other[1], head=other[0]))
    assert (preview.leaving, preview.outcome.doubtful) == ((), ())
    bring_in(desk, manager, file(other[1], head=other[0]))
    # Either is followed by itself from here on.
    assert gone(look(desk, manager, file(night(21), head=NAMED))) == (["6-3"] if first[0] == NAMED else [])


def test_of_calendars_that_programs_call_alike_it_is_asked(desk: Desk, manager: Author) -> None:
    head = "X-WR-CALNAME:Calendar\r\n"
    bring_in(desk, manager, file(night(3), head=head))
    other = file(night(20), head=head)
    preview = look(desk, manager, other)
    assert (gone(preview), asked(preview)) == ([], ["6-3"])
    bring_in(desk, manager, other)
    assert duties(desk) == ["6-3 Carla", "6-20 Carla"]
    assert gone(look(desk, manager, file(night(21), night(20), head=head))) == []
    bring_in(desk, manager, other, Choices(also=True))
    assert duties(desk) == ["6-20 Carla"]


def test_a_file_of_other_months_removes_nothing_unless_somebody_says_so(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(night(3), night(20), night(2, month=8), head=NAMED))
    july = file(night(5, month=7), head=NAMED)
    preview = look(desk, manager, july)
    assert (gone(preview), asked(preview)) == ([], ["6-3", "6-20", "8-2"])
    assert gone(look(desk, manager, july, Choices(also=True))) == ["6-3", "6-20", "8-2"]
    bring_in(desk, manager, july)
    assert duties(desk) == ["6-3 Carla", "6-20 Carla", "7-5 Carla", "8-2 Carla"]
    # In a file that begins before and ends after them, they are missing.
    assert gone(look(desk, manager, file(night(3), night(2, month=8), head=NAMED))) == ["6-20", "7-5"]


def test_what_is_over_is_left_to_files_that_reach_back(desk: Desk, manager: Author) -> None:
    reaching_back = file(night(20, month=5), night(25, month=5), night(3), head=NAMED)
    with pytest.raises(AskFirstError, match="hours that are over"):
        bring_in(desk, manager, reaching_back)
    bring_in(desk, replace(manager, accepts_gaps=True), reaching_back)
    rolling = look(desk, manager, file(night(3), night(9), head=NAMED))
    assert (gone(rolling), asked(rolling)) == ([], [])
    assert gone(look(desk, manager, file(night(20, month=5), night(3), head=NAMED))) == ["5-25"]


def test_whoever_knows_that_the_file_is_a_part_keeps_the_rest(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(*THREE, night(10)))
    part = file(THREE[0], night(10, more="STATUS:CANCELLED\r\n"))
    assert gone(look(desk, manager, part)) == ["6-5", "6-8", "6-10"]
    bring_in(desk, manager, part, Choices(keep=True))
    assert duties(desk) == ["6-3 Carla", "6-5 Carla", "6-8 Carla"]


@pytest.mark.parametrize(
    "broken",
    [
        night(5).replace("DTSTART;TZID=Europe/Rome:20260605T180000", "DTSTART:nonsense"),
        night(5, "Carla Nero"),
        night(5, more="RRULE:FREQ=NEVER\r\n"),
    ],
)
def test_what_cannot_be_read_now_stays_as_it_was_imported(desk: Desk, manager: Author, broken: str) -> None:
    bring_in(desk, manager, file(*THREE))
    preview = look(desk, manager, file(THREE[0], broken, THREE[2]))
    assert preview.leaving == ()
    assert len(preview.comparison.troubles) == 1


def test_of_a_broken_series_the_broken_night_stays_and_the_missing_one_goes(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(SERIES))
    broken = night(4, uid="series", more="RECURRENCE-ID;TZID=Europe/Rome:20260604T180000\r\n").replace(
        "Europe/Rome:20260604T18", "X:20260604T18", 1
    )
    later = SERIES.replace("COUNT=4\r\n", "COUNT=4\r\nEXDATE:20260605T160000Z\r\n")
    assert gone(look(desk, manager, file(later, broken))) == ["6-5"]


def test_names_of_events_may_change_with_each_export(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(*(night(day, uid=f"a{day}") for day in (3, 5, 8))))
    later = file(*(night(day, uid=f"b{day}") for day in (3, 8)))
    assert gone(look(desk, manager, later)) == ["6-5"]
    bring_in(desk, manager, later)
    assert duties(desk) == ["6-3 Carla", "6-8 Carla"]
    assert gone(look(desk, manager, file(night(8, uid="b8")))) == ["6-3"]


def test_a_calendar_keeps_its_shifts_under_a_new_name(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(*THREE, head=NAMED))
    assert gone(look(desk, manager, file(*THREE[:2], head="X-WR-CALNAME:Field team\r\n"))) == ["6-8"]


def test_an_empty_calendar_asks_before_it_removes_what_it_had(desk: Desk, manager: Author) -> None:
    with pytest.raises(ImportRefusedError, match="no event in this file"):
        look(desk, manager, file(head=NAMED))
    bring_in(desk, manager, file(*THREE, head=NAMED))
    assert asked(look(desk, manager, file(head=NAMED))) == ["6-3", "6-5", "6-8"]
    bring_in(desk, manager, file(head=NAMED), Choices(also=True))
    assert duties(desk) == []


def test_a_person_that_was_chosen_is_remembered(desk: Desk, manager: Author) -> None:
    unknown = file(night(3, "Nora"), night(5, "Nora"), night(8, "Zoe"), head=NAMED)
    preview = look(desk, manager, unknown)
    assert [(each.summary, len(each.spans), each.person_id) for each in preview.comparison.unclear] == [
        ("Nora", 2, None), ("Zoe", 1, None),
    ]  # fmt: skip
    nora = preview.comparison.unclear[0].who
    assert bring_in(desk, manager, unknown, Choices({nora: desk.people["Dino"]})) == 2
    assert duties(desk) == ["6-3 Dino", "6-5 Dino"]
    more = look(desk, manager, file(night(3, "Nora"), night(9, "Nora"), night(8, "Zoe"), head=NAMED))
    assert (gone(more), [each.person_id for each in more.comparison.added]) == (["6-5"], [desk.people["Dino"]])
    assert [each.person_id for each in more.comparison.unclear] == [desk.people["Dino"], None]
    other = Choices({nora: desk.people["Carla"]})
    assert [each.person_id for each in look(desk, manager, unknown, other).comparison.added] == [
        desk.people["Carla"]
    ] * 2
    for nobody in (0, 999):
        assert look(desk, manager, unknown, Choices({nora: nobody})).comparison.added == ()


def test_shifts_of_imports_before_are_known_once_they_were_seen(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(*THREE))
    with desk.database.transaction() as session:
        session.execute(update(RosterOverride).values(origin=None))
    assert gone(look(desk, manager, file(*THREE[:2]))) == []
    assert len(look(desk, manager, file(*THREE)).outcome.nameless) == 3
    bring_in(desk, manager, file(*THREE))
    assert gone(look(desk, manager, file(*THREE[:2]))) == ["6-8"]


def test_changes_written_down_before_origins_were_can_be_undone(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_override(
            session, manager, desk.layer_id, OverrideRequest(Span(NOW, NOW + timedelta(hours=2)), desk.people["Dino"])
        )
    with desk.database.transaction() as session:
        row = session.scalars(select(RosterOverride)).one()
        change_override(session, manager, row.id, OverrideRequest(span_of(row.span), desk.people["Carla"]))
    with desk.database.transaction() as session:
        for change in session.scalars(select(RosterChange)):
            for step in change.steps:
                for state in ("before", "after"):
                    (step[state] or {}).pop("origin", None)
            flag_modified(change, "steps")
    for left in (["6-1 Dino"], []):
        with desk.database.transaction() as session:
            latest = last_change(session, desk.roster_id)
            assert latest is not None
            undo(session, manager, desk.roster_id, latest.id)
        assert duties(desk) == left


def test_what_stands_there_of_somebody_who_has_left_is_named(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(*THREE))
    with desk.database.transaction() as session:
        session.execute(update(Person).where(Person.id == desk.people["Carla"]).values(retired_at=NOW))
    content = file(night(3, "Dino Bianchi", uid="other", more="RRULE:FREQ=DAILY;COUNT=2\r\n"), night(5, "Carla Neri"))
    preview = look(desk, manager, content)
    words = shift_words(preview, read(content, ROME, import_window(NOW)), ROME)
    told = {group.name: [line.title for line in group.lines] for group in words.groups}
    assert told["Whose are these?"] == ["Carla Neri"]
    assert told["Would be removed"] == ["Carla Neri", "Carla Neri"]
    assert desk.people["Carla"] not in dict(words.people)
    with desk.database.transaction() as session:
        session.execute(update(RosterOverride).values(origin=None))
    blocked = look(desk, manager, content)
    [line] = [
        line
        for group in shift_words(blocked, read(content, ROME, import_window(NOW)), ROME).groups
        for line in group.lines
        if group.name == "In the way"
    ]
    assert "Carla Neri covers already" in line.detail


def test_who_is_on_call_now_stays_when_the_file_tells_of_what_is_to_come(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(night(1), night(2), night(4), night(6)))
    in_the_night = replace(manager, now=NOW.replace(hour=22))
    preview = look(desk, in_the_night, file(night(2), night(6)))
    assert (gone(preview), asked(preview)) == (["6-4"], ["6-1"])


def test_one_shift_in_common_makes_no_calendar_the_same(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(night(9, uid="a9"), night(11, uid="a11"), head="X-WR-CALNAME:Team A\r\n"))
    other = [night(day, uid=f"b{day}") for day in (7, 9, 12)]
    for head in ("X-WR-CALNAME:Team B\r\n", "X-WR-CALNAME:Calendar\r\n", ""):
        assert gone(look(desk, manager, file(*other, head=head))) == []


@pytest.mark.parametrize("title", ["Nora", "Somebody", ""])
def test_a_night_moved_to_somebody_unclear_stays_where_it_was(desk: Desk, manager: Author, title: str) -> None:
    bring_in(desk, manager, file(night(3, uid="a"), night(8, uid="b")))
    assert gone(look(desk, manager, file(night(4, title, uid="a"), night(8, uid="b")))) == []


def test_a_night_moved_onto_another_stays_where_it_was(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(night(3, uid="a"), night(8, uid="b")))
    assert gone(look(desk, manager, file(night(8, "Bruno Verdi", uid="a"), night(8, uid="b")))) == []
