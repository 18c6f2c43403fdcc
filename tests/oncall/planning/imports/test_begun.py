"""A calendar of what is to come leaves alone what has begun; and one whose events all have one UID."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.planning.editing import Author
from oncall.planning.imports.ical.reading import read
from oncall.planning.imports.shifts import import_window
from oncall.planning.imports.stale import Choices
from oncall.planning.imports.words import shift_words
from tests.oncall.planning.conftest import NOW, Desk
from tests.oncall.planning.imports.ical.test_reading import ROME
from tests.oncall.planning.imports.test_again import NAMED, asked, bring_in, duties, file, gone, look, night

# Wednesday 3 June, midnight in Rome: the night of the 3rd runs.
RUNNING = NOW + timedelta(days=2, hours=14)
REQUEST, CANCEL = "METHOD:REQUEST\r\n", "METHOD:CANCEL\r\n"
CANCELLED = "STATUS:CANCELLED\r\n"
FIVE = ["6-1", "6-2", "6-3", "6-4", "6-5"]


def series(day: int, count: int, more: str = "", month: int = 6) -> str:
    return night(day, uid="series", more=f"RRULE:FREQ=DAILY;COUNT={count}\r\n{more}", month=month)


def one_uid(*days: int, month: int = 6, name: str = "Carla Neri") -> tuple[str, ...]:
    return tuple(night(day, name, uid="all", month=month) for day in days)


@pytest.fixture
def later(manager: Author) -> Author:
    """Whoever imports while a night runs."""
    return replace(manager, now=RUNNING)


@pytest.mark.parametrize(
    ("content", "removed", "doubtful"),
    [
        (file(series(5, 2)), ["6-4"], ["6-3"]),
        (file(series(4, 2)), [], ["6-3"]),
        (file(series(20, 2)), ["6-4", "6-5"], ["6-3"]),
        (file(series(20, 2, month=7)), ["6-4", "6-5"], ["6-3"]),
        # Other events of the past don't make the series reach back.
        (file(night(20, "Dino Bianchi", month=5), series(5, 2)), ["6-4"], ["6-3"]),
        # It does so itself here: whoever left the night out did so on purpose.
        (file(series(1, 5, "EXDATE:20260603T160000Z\r\n")), ["6-3"], []),
        (file(series(1, 2)), FIVE[2:], []),
        (file(series(1, 5).replace("T180000", "T190000")), FIVE, []),
        (file(series(1, 5, CANCELLED)), FIVE, []),
        (file(night(3, uid="series", more="RECURRENCE-ID:20260603T160000Z\r\n"), head=CANCEL), ["6-3"], []),
    ],
)
def test_of_a_series_that_begins_later_the_running_night_stays(
    desk: Desk, manager: Author, later: Author, content: bytes, removed: list[str], doubtful: list[str]
) -> None:
    bring_in(desk, manager, file(series(1, 5)))
    preview = look(desk, later, content)
    assert (gone(preview), asked(preview)) == (removed, doubtful)
    bring_in(desk, replace(later, accepts_gaps=True), content)
    left = [each for each in FIVE if f"{each} Carla" in duties(desk)]
    again = {f"6-{event.start.day}" for event in read(content, ROME, import_window(RUNNING)).events}
    assert set(left) == (set(FIVE) - set(removed)) | (set(FIVE) & again)


@pytest.mark.parametrize(
    ("content", "removed", "doubtful"),
    [
        # June is told of from now on; of July's file June is not known.
        (file(*one_uid(13, 14)), ["6-4", "6-5"], ["6-3"]),
        (file(*one_uid(13)), ["6-4", "6-5"], ["6-3"]),
        (file(*one_uid(13, 14, month=7)), [], ["6-3", "6-4", "6-5"]),
        (file(*one_uid(13, month=7)), [], ["6-3", "6-4", "6-5"]),
        (file(*one_uid(3, 5)), ["6-4"], []),
        (file(*one_uid(1, 2, 4, 5)), ["6-3"], []),
        (file(*one_uid(1, 2, 3), *one_uid(4, name="Dino Bianchi")), ["6-4", "6-5"], []),
        # One of them is cancelled, and not all.
        (file(*one_uid(13, month=7), night(14, uid="all", more=CANCELLED, month=7)), [], ["6-3", "6-4", "6-5"]),
        (file(*one_uid(3, 5), night(4, uid="all", more=CANCELLED)), ["6-4"], []),
        (file(*one_uid(4), head=CANCEL), [], ["6-3", "6-4", "6-5"]),
        # A file about single events tells nothing of the others.
        (file(*one_uid(4, name="Dino Bianchi"), head=REQUEST), ["6-4"], []),
        (file(*one_uid(9), head=REQUEST), [], []),
        # Until it is known whose the new ones are, or what the broken one is, all stay.
        (file(*one_uid(13, 14, name="Nora")), [], []),
        (file(*one_uid(3, 5), night(4, uid="all").replace("20260604T180000", "nonsense")), [], []),
    ],
)
def test_under_one_uid_for_all_each_event_is_known_by_its_time(
    desk: Desk, manager: Author, later: Author, content: bytes, removed: list[str], doubtful: list[str]
) -> None:
    bring_in(desk, manager, file(*one_uid(1, 2, 3, 4, 5), head=NAMED))
    content = content.replace(b"BEGIN:VCALENDAR\r\n", b"BEGIN:VCALENDAR\r\n" + NAMED.encode())
    preview = look(desk, later, content)
    assert (gone(preview), asked(preview)) == (removed, doubtful)
    assert not any(each.now_at for each in preview.leaving)


def test_one_uid_for_all_with_other_hours_is_followed(desk: Desk, manager: Author) -> None:
    bring_in(desk, manager, file(*one_uid(2, 3, 4)))
    moved = file(*(each.replace("T180000", "T190000") for each in one_uid(2, 3, 4)))
    preview = look(desk, manager, moved)
    assert (gone(preview), len(preview.comparison.added)) == (["6-2", "6-3", "6-4"], 3)
    words = shift_words(preview, read(moved, ROME, import_window(NOW)), ROME)
    [removed] = [group for group in words.groups if group.name == "Would be removed"]
    assert all("not in the calendar any more" in line.detail for line in removed.lines)
    assert bring_in(desk, manager, moved) == 3
    assert look(desk, manager, moved).leaving == ()


def test_what_is_doubtful_goes_if_somebody_says_so(desk: Desk, manager: Author, later: Author) -> None:
    bring_in(desk, manager, file(*one_uid(1, 2, 3, 4, 5)))
    july = file(*one_uid(13, month=7))
    bring_in(desk, later, july)
    assert duties(desk) == [f"{each} Carla" for each in (*FIVE, "7-13")]
    # Who runs now and those to come; nights that are over are history.
    assert gone(look(desk, later, july, Choices(also=True))) == ["6-3", "6-4", "6-5"]


def test_an_event_of_its_own_that_is_moved_while_it_runs_goes_along(desk: Desk, manager: Author, later: Author) -> None:
    bring_in(desk, manager, file(night(3, uid="a"), night(5, uid="b")))
    preview = look(desk, later, file(night(4, uid="a"), night(5, uid="b")))
    assert [each.now_at is not None for each in preview.leaving] == [True]
    assert gone(preview) == ["6-3"]
