"""An event tells how often and when it has changed; as long as nothing has, a feed's bytes are the same."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.people import Person
from oncall.models.planning.changes import CalendarEvent, RosterChange
from oncall.models.rosters import RosterLayer
from oncall.planning.editing import Author
from oncall.planning.feeds.addresses import Subject, find_feed, make_feed
from oncall.planning.feeds.ical import calendar
from oncall.planning.leave import add_time_off
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from oncall.planning.undoing import last_change, undo
from tests.oncall.planning.conftest import DAY, DIRECTORY, HANDOFF, HOUR, NOW, WEEK, Desk, span
from tests.oncall.planning.feed_parsers import Seen, lines, parsed
from tests.oncall.planning.in_force import add_layer, add_override, remove_layer, remove_override, wish_of

SECOND = timedelta(seconds=1)


def token(desk: Desk, subject: Subject | None = None) -> str:
    with desk.database.transaction() as session:
        return make_feed(session, subject or Subject(roster_id=desk.roster_id), "mara@example.org", NOW)[1]


def shown(desk: Desk, key: str, at: datetime = NOW) -> bytes:
    with desk.database.transaction() as session:
        feed = find_feed(session, key)
        assert feed is not None
        return calendar(session, feed, at)


def by_uid(document: bytes) -> dict[str, Seen]:
    return {each.uid: each for each in parsed(document)}


def change(desk: Desk, at: datetime, what: Callable[[Session, Author], object]) -> None:
    with desk.database.transaction() as session:
        what(session, Author("Mara Manager", at, accepts_gaps=True))


def cover(
    desk: Desk, start: timedelta, length: timedelta, person: str = "Carla"
) -> Callable[[Session, Author], object]:
    wish = OverrideRequest(span(start, length), desk.people[person])
    return lambda session, author: add_override(session, author, desk.layer_id, wish)


def test_what_is_said_about_looking_again(desk: Desk) -> None:
    """By name and type as RFC 7986 has it, and as text for Outlook."""
    found = lines(shown(desk, token(desk)))
    assert found.count("REFRESH-INTERVAL;VALUE=DURATION:PT30M") == 1
    assert found.count("X-PUBLISHED-TTL:PT30M") == 1


@pytest.mark.parametrize("later", [HOUR, DAY, 29 * DAY])
def test_the_same_bytes_while_nothing_changes(desk: Desk, later: timedelta) -> None:
    for subject in (
        Subject(roster_id=desk.roster_id),
        Subject(layer_id=desk.layer_id),
        Subject(person_id=desk.people["Ada"]),
    ):
        key = token(desk, subject)
        assert shown(desk, key) == shown(desk, key, NOW + later)
        assert all(each.stamp == each.modified == NOW for each in parsed(shown(desk, key)))


@pytest.mark.parametrize("again", [1, 3])
def test_an_event_that_changes_counts_up_and_only_that(desk: Desk, again: int) -> None:
    """Ada's week ends sooner each time: her shift stays, and has another end."""
    key = token(desk)
    before = by_uid(shown(desk, key))
    for number in range(1, again + 1):
        changed = NOW + number * HOUR
        change(desk, changed, cover(desk, (6 - number) * DAY, DAY))
        after = by_uid(shown(desk, key, NOW + 5 * DAY))
        [ada] = [each for each in after.values() if each.start == HANDOFF]
        assert (ada.sequence, ada.stamp, ada.modified) == (number, changed, changed)
        assert {uid: each for uid, each in after.items() if each.start >= HANDOFF + WEEK} == {
            uid: each for uid, each in before.items() if each.start >= HANDOFF + WEEK
        }


def test_undone_is_a_change_too_and_the_count_never_falls(desk: Desk) -> None:
    key = token(desk)
    first = by_uid(shown(desk, key))
    change(desk, NOW + HOUR, cover(desk, 2 * DAY, DAY))
    shown(desk, key, NOW + HOUR)

    def take_back(session: Session, author: Author) -> None:
        last = last_change(session, desk.roster_id)
        assert last is not None
        undo(session, author, desk.roster_id, last.id)

    change(desk, NOW + 2 * HOUR, take_back)
    back = by_uid(shown(desk, key, NOW + 3 * HOUR))
    assert {(each.start, each.end, each.summary) for each in back.values()} == {
        (each.start, each.end, each.summary) for each in first.values()
    }
    [ada] = [each for each in back.values() if each.start == HANDOFF]
    assert (ada.sequence, ada.modified) == (2, NOW + 2 * HOUR)


def test_somebodys_time_off_and_a_name_that_changes(desk: Desk) -> None:
    key = token(desk)
    shown(desk, key)
    change(
        desk,
        NOW + HOUR,
        lambda session, author: add_time_off(session, author, desk.people["Ada"], span(DAY, DAY), "Europe/Rome"),
    )
    [ada] = [each for each in parsed(shown(desk, key, NOW + DAY)) if each.start == HANDOFF]
    assert (ada.end, ada.sequence, ada.modified) == (HANDOFF + DAY, 1, NOW + HOUR)
    with desk.database.transaction() as session:
        session.get_one(Person, desk.people["Ada"]).name = "Ada Bianchi"
    [renamed] = [each for each in parsed(shown(desk, key, NOW + 2 * DAY)) if each.start == HANDOFF]
    # History does not tell when: later than before, and not by the clock of whoever looks.
    assert (renamed.sequence, renamed.modified) == (2, NOW + HOUR + SECOND)


def test_a_directory_file_dates_what_it_changes(desk: Desk) -> None:
    key, loaded = token(desk), NOW + 2 * DAY
    before = by_uid(shown(desk, key))
    with desk.database.transaction() as session:
        keys = PinKeys(b"a key for the tests of rosters")
        apply(session, parse(DIRECTORY), NOW + DAY, keys)  # nothing new in it
        apply(session, parse(DIRECTORY.replace("1 week", "3 days")), loaded, keys)
    after = by_uid(shown(desk, key, NOW + 3 * DAY))
    [ada] = [each for each in after.values() if each.start == HANDOFF]
    assert (ada.end, ada.sequence, ada.modified) == (HANDOFF + 3 * DAY, 1, loaded)
    assert before.keys() - after.keys()


def test_two_changes_in_a_second_are_told_apart(desk: Desk) -> None:
    key = token(desk)
    shown(desk, key)
    stamps = []
    for number in range(3):
        change(desk, NOW + HOUR + timedelta(milliseconds=number), cover(desk, (5 - number) * DAY, DAY))
        [ada] = [each for each in parsed(shown(desk, key, NOW + HOUR)) if each.start == HANDOFF]
        stamps.append((ada.sequence, ada.modified))
    assert stamps == [(number + 1, NOW + HOUR + number * SECOND) for number in range(3)]


def test_the_window_moves_by_months(desk: Desk) -> None:
    """What was shown stays as it was, but for what leaves the window and the shift that was cut at its end."""
    key, july = token(desk), datetime(2026, 7, 1, tzinfo=UTC)
    june = by_uid(shown(desk, key))
    moved = by_uid(shown(desk, key, july))
    assert shown(desk, key, july + 29 * DAY) == shown(desk, key, july) != shown(desk, key, july - HOUR)
    different = [uid for uid in june.keys() & moved.keys() if june[uid] != moved[uid]]
    end = datetime(2027, 1, 1, tzinfo=UTC)
    assert [(june[uid].end, moved[uid].sequence, moved[uid].modified) for uid in different] == [(end, 1, july)]


def test_a_layer_that_is_gone_says_so_and_comes_back_by_undo(desk: Desk) -> None:
    change(desk, NOW, lambda session, author: add_layer(session, author, desk.roster_id, _second(session, desk)))
    with desk.database.transaction() as session:
        second = session.scalars(select(RosterLayer.id).where(RosterLayer.name == "second")).one()
    key = token(desk, Subject(roster_id=desk.roster_id, layer_id=second))
    first = by_uid(shown(desk, key))
    assert first
    change(desk, NOW + HOUR, lambda session, author: remove_layer(session, author, second))
    [gone] = parsed(shown(desk, key, NOW + HOUR))
    assert "is not there any more: create another calendar link" in gone.summary
    assert (gone.start, gone.end) == (NOW.date(), (NOW + DAY).date())

    def take_back(session: Session, author: Author) -> None:
        last = last_change(session, desk.roster_id)
        assert last is not None
        undo(session, author, desk.roster_id, last.id)

    change(desk, NOW + 2 * HOUR, take_back)
    assert by_uid(shown(desk, key, NOW + 2 * HOUR)).keys() == first.keys()


def _second(session: Session, desk: Desk) -> LayerWish:
    return LayerWish("second", wish_of(session.get_one(RosterLayer, desk.layer_id)).rotations)


def test_slashes_in_names_never_make_two_events_one(desk: Desk) -> None:
    text_of = DIRECTORY.partition("rosters:")
    roster = text_of[2].replace("Nights", "A/B").replace("name: first", "name: C")
    other = text_of[2].replace("Nights", "A").replace("name: first", "name: B/C")
    with desk.database.transaction() as session:
        apply(session, parse(f"{text_of[0]}rosters:{roster}{other}"), NOW, PinKeys(b"a key for the tests of rosters"))
    key = token(desk, Subject(person_id=desk.people["Ada"]))
    found = parsed(shown(desk, key))  # which sees to it that no UID comes twice
    assert {each.summary for each in found if each.start == HANDOFF} == {
        f"On call: Ada Rossi ({about})" for about in ("Nights, first", "A/B, C", "A, B/C")
    }


def test_what_is_over_is_forgotten(desk: Desk) -> None:
    key = token(desk)
    shown(desk, key)
    shown(desk, key, NOW + 200 * DAY)
    with desk.database.transaction() as session:
        first = session.scalar(select(func.min(CalendarEvent.ends_at)))
    assert first is not None
    assert first >= datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize("how", ["read only", "locked"])
def test_what_can_not_be_written_is_told_all_the_same_each_time(desk: Desk, how: str) -> None:
    """The bytes are those that it has once they could be written."""
    key = token(desk)
    shown(desk, key)
    change(desk, NOW + HOUR, cover(desk, 2 * DAY, DAY))
    with desk.database.transaction() as other:
        if how == "locked":
            other.execute(text("LOCK TABLE calendar_event IN SHARE MODE"))
        told = [_hindered(desk, key, NOW + number * HOUR, how) for number in (2, 3)]
    assert told == [shown(desk, key, NOW + 4 * HOUR)] * 2
    [ada] = [each for each in parsed(told[0]) if each.start == HANDOFF]
    assert (ada.sequence, ada.modified) == (1, NOW + HOUR)


def _hindered(desk: Desk, key: str, at: datetime, how: str) -> bytes:
    with desk.database.transaction() as session:
        if how == "read only":
            session.execute(text("SET TRANSACTION READ ONLY"))
        before = session.scalar(text("SELECT current_setting('lock_timeout')"))
        feed = find_feed(session, key)
        assert feed is not None
        document = calendar(session, feed, at)
        assert session.scalar(text("SELECT current_setting('lock_timeout')")) == before
        return document


def test_a_database_from_before_has_no_history_to_tell(desk: Desk) -> None:
    with desk.database.transaction() as session:
        session.execute(delete(RosterChange))
        session.execute(text("DELETE FROM setting WHERE name = 'directory_changed_at'"))
    key = token(desk)
    found = parsed(shown(desk, key, NOW + 3 * DAY))
    assert {each.modified for each in found} == {datetime(2026, 6, 1, tzinfo=UTC)}


def test_a_cover_that_is_removed_leaves_no_event_behind(desk: Desk) -> None:
    key = token(desk)
    change(desk, NOW, cover(desk, DAY, DAY))
    assert any("Carla Neri" in each.summary for each in parsed(shown(desk, key)))

    def remove(session: Session, author: Author) -> None:
        row = session.get_one(RosterLayer, desk.layer_id).overrides[0]
        remove_override(session, author, row.id)

    change(desk, NOW + HOUR, remove)
    assert not any("Carla Neri" in each.summary for each in parsed(shown(desk, key)))
