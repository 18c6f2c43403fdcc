"""Reading what a person means by a time, and moving the clock under work that is going on."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from demo.pretended_time import PretendError, read_time, set_time
from oncall.models.calls import PhoneCall
from oncall.models.pages import Page
from oncall.models.stored_settings import clock_shift
from oncall.models.tickets import Intervention
from schedules.wall_clock import written_time
from tests.web.night import a_night

ROME = "Europe/Rome"
REAL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("Sunday 02:01", "Sun 14 Jun 2026, 02:01 CEST"),
        ("Sunday 02:00", "Sun 21 Jun 2026, 02:00 CEST"),  # strictly later than now
        ("sunday 1:59", "Sun 21 Jun 2026, 01:59 CEST"),
        ("Monday 10:30", "Mon 15 Jun 2026, 10:30 CEST"),
        (" SAT at 12:00 ", "Sat 20 Jun 2026, 12:00 CEST"),
        ("18:00", "Sun 14 Jun 2026, 18:00 CEST"),
        ("01:00", "Mon 15 Jun 2026, 01:00 CEST"),
        ("Christmas Day 03:00", "Fri 25 Dec 2026, 03:00 CET"),
        ("christmas 03:00", "Fri 25 Dec 2026, 03:00 CET"),
        ("St Stephen’s Day 9:00", "Sat 26 Dec 2026, 09:00 CET"),
        ("Easter Monday 08:00", "Mon 29 Mar 2027, 08:00 CEST"),
        ("2027-01-05T18:00", "Tue 5 Jan 2027, 18:00 CET"),
        ("2027-01-05T18:00Z", "Tue 5 Jan 2027, 19:00 CET"),
        ("2027-01-05T18:00:00-05:00", "Wed 6 Jan 2027, 00:00 CET"),
        ("2026-12-25", "Fri 25 Dec 2026, 00:00 CET"),
        ("2027-03-28T02:30", "Sun 28 Mar 2027, 03:30 CEST"),  # a time that the clock change skips
    ],
)
def test_words_mean_the_next_such_instant(words: str, meant: str, now: datetime) -> None:
    assert written_time(read_time(words, now, ROME), ROME) == meant


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("soon", "Sunday 02:00"),
        ("Someday 02:00", "someday"),
        ("Su 02:00", "no weekday"),
        ("24:00", "not a time of day"),
        ("2019-12-31T23:00", "between 2020 and 2036"),
        ("2040-01-01", "between 2020 and 2036"),
    ],
)
def test_what_makes_no_sense_is_said_to_be_so(words: str, part: str, now: datetime) -> None:
    with pytest.raises(PretendError, match=part):
        read_time(words, now, ROME)


def test_the_shift_is_the_distance_to_real_time(session: Session) -> None:
    wanted = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
    assert set_time(session, REAL, timedelta(0), wanted) == wanted - REAL
    assert clock_shift(session) == wanted - REAL


def test_open_pages_keep_their_distance_in_real_time(session: Session, now: datetime) -> None:
    a_night(session, now)
    due = dict(session.execute(select(Page.state, Page.due_at)).all())
    own = now - REAL  # a process that started with CLOCK_START
    set_time(session, REAL, own, now + timedelta(days=6))
    after = dict(session.execute(select(Page.state, Page.due_at)).all())
    assert after == due


def test_nothing_ends_before_it_began(session: Session, now: datetime) -> None:
    a_night(session, now)
    began = session.scalars(select(PhoneCall.created_at).where(PhoneCall.state == "ringing")).one()
    with pytest.raises(PretendError, match="still going on"):
        set_time(session, REAL, now - REAL, began - timedelta(seconds=1))
    assert clock_shift(session) is None
    set_time(session, REAL, now - REAL, began)  # at its beginning is early enough
    session.execute(update(PhoneCall).values(state="ended", ended_at=now, waiting=False))
    set_time(session, REAL, now - REAL, now - timedelta(days=1))
    session.execute(update(Intervention).values(ended_at=None))
    with pytest.raises(PretendError, match="still going on"):
        set_time(session, REAL, now - REAL, now - timedelta(days=2))
