"""Notices of handoffs: once to everybody, corrected when the roster changes, and silence told to those in charge."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from core.clock import ShiftedClock
from core.settings import Settings
from oncall.messages import Message
from oncall.people import Person
from oncall.rostering.editing import Author
from oncall.rostering.handoffs import Handoff, confirm, handoffs, watch_handoffs
from oncall.rostering.overriding import Wish, add_override, remove_override
from oncall.runtime import Runtime
from oncall.setting import PAGING, write
from schedules.layers import DutyHours
from schedules.roster import Every, Layer, Override, Roster, Rotation, Unit
from tests.oncall.rostering.conftest import DAY, HANDOFF, HOUR, WEEK, Desk, span

MINUTE = timedelta(minutes=1)
# Bruno takes over from Ada.
CHANGE = HANDOFF + WEEK
Look = Callable[[datetime], list[tuple[str, str]]]


@pytest.fixture
def look(desk: Desk) -> Look:
    """The worker looks at an instant; the texts that follow, as first name and words, without mails."""

    def look_at(now: datetime) -> list[tuple[str, str]]:
        runtime = Runtime(Settings(), desk.database, ShiftedClock.starting_at(now))
        with desk.database.transaction() as session:
            before = set(session.scalars(select(Message.id)))
            watch_handoffs(session, runtime, now)
        with desk.database.transaction() as session:
            names = {person.phone: person.first_name for person in session.scalars(select(Person))}
            new = session.scalars(select(Message).where(Message.id.not_in(before)).order_by(Message.id))
            return [(names[text.recipient], text.body) for text in new if text.channel == "text"]

    return look_at


@pytest.fixture
def leader(desk: Desk) -> str:
    """Carla leads the team."""
    with desk.database.transaction() as session:
        session.execute(update(Person).where(Person.id == desk.people["Carla"]).values(role="team_leader"))
    return "Carla"


ON = "Nightline: you come on call today at 18:00 (Nights, first). No open ticket. Reply OK."
OFF = "Nightline: you go off call today at 18:00 (Nights, first). No open ticket."


def test_who_comes_and_who_goes_hears_it_once_an_hour_before(look: Look) -> None:
    assert look(CHANGE - HOUR - MINUTE) == []
    assert look(CHANGE - HOUR) == [("Bruno", ON), ("Ada", OFF)]
    assert look(CHANGE - HOUR + MINUTE) == []


def test_by_mail_as_well(desk: Desk, look: Look) -> None:
    with desk.database.transaction() as session:
        desk.person(session, "Bruno").email = "bruno@example.org"
    look(CHANGE - HOUR)
    with desk.database.transaction() as session:
        [mail] = session.scalars(select(Message).where(Message.channel == "mail"))
    assert mail.recipient == "bruno@example.org"
    assert mail.subject == "Nightline: you come on call today at 18:00 (Nights, first)"
    assert mail.body.endswith("Please reply OK to the text on your phone.\n")


def test_another_hour_is_a_setting(desk: Desk, look: Look) -> None:
    with desk.database.transaction() as session:
        write(session, PAGING, {"handoff_notice": 7200})
    assert len(look(CHANGE - 2 * HOUR)) == 2


def test_a_cover_made_late_is_told_and_corrected(desk: Desk, manager: Author, look: Look) -> None:
    look(CHANGE - HOUR)
    with desk.database.transaction() as session:
        row = add_override(session, manager, desk.layer_id, Wish(span(WEEK, DAY), desk.people["Dino"]))
    assert look(CHANGE - 50 * MINUTE) == [
        ("Dino", ON),
        ("Bruno", "Nightline: the roster has changed, you do not come on call today at 18:00 (Nights, first)."),
    ]
    with desk.database.transaction() as session:
        remove_override(session, manager, row.id)
    assert [name for name, _ in look(CHANGE - 45 * MINUTE)] == ["Bruno", "Dino"]


@pytest.mark.usefixtures("leader")
def test_silence_is_told_to_those_in_charge_once(look: Look) -> None:
    look(CHANGE - HOUR)
    assert look(CHANGE - 31 * MINUTE) == []
    [(name, words)] = look(CHANGE - 30 * MINUTE)
    assert name == "Carla"
    assert words == (
        "Nightline: Bruno Verdi comes on call today at 18:00 (Nights, first) and has not confirmed it. "
        "Call +390584000002, or let somebody else cover."
    )
    assert look(CHANGE - 20 * MINUTE) == []


@pytest.mark.usefixtures("leader")
def test_ok_ends_it(desk: Desk, look: Look) -> None:
    look(CHANGE - HOUR)
    with desk.database.transaction() as session:
        assert confirm(session, desk.person(session, "Ada"), CHANGE - 50 * MINUTE) is None  # she goes
        notice = confirm(session, desk.person(session, "Bruno"), CHANGE - 50 * MINUTE)
        assert notice is not None
        assert notice.at == CHANGE
    assert look(CHANGE - 30 * MINUTE) == []
    assert look(CHANGE) == []


@pytest.mark.usefixtures("leader")
def test_who_is_told_late_has_a_quarter_of_an_hour(desk: Desk, manager: Author, look: Look) -> None:
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, Wish(span(2 * DAY, HOUR), desk.people["Dino"]))
    at = HANDOFF + 2 * DAY
    assert [name for name, _ in look(at - 20 * MINUTE)] == ["Dino", "Ada"]
    assert look(at - 6 * MINUTE) == []
    assert [name for name, _ in look(at - 5 * MINUTE)] == ["Carla"]


NIGHTS = DutyHours.parse(["mon", "tue", "wed", "thu", "fri"], "18:00", "09:00")
WEEKLY = Rotation(datetime(2026, 6, 1, 18), Every(1, Unit.WEEK), (("Ada",), ("Bruno",)))  # noqa: DTZ001


def test_a_layer_that_pauses_has_not_changed_hands() -> None:
    roster = Roster("Nights", "Europe/Rome", ("europe",), (Layer("first", (WEEKLY,), (NIGHTS,)),))
    assert list(handoffs(roster, HANDOFF, HANDOFF + 2 * WEEK)) == [
        Handoff("first", CHANGE, ("Bruno",), ("Ada",)),
        Handoff("first", CHANGE + WEEK, ("Ada",), ("Bruno",)),
    ]


def test_the_very_first_turn_and_somebody_added() -> None:
    added = Override("first", HANDOFF + DAY, HANDOFF + DAY + HOUR, "Carla", kind="add")  # type: ignore[arg-type]
    roster = Roster("Nights", "Europe/Rome", ("europe",), (Layer("first", (WEEKLY,)),), (added,))
    assert list(handoffs(roster, HANDOFF - HOUR, HANDOFF + 2 * DAY)) == [
        Handoff("first", HANDOFF, ("Ada",), ()),
        Handoff("first", HANDOFF + DAY, ("Carla",), ()),
        Handoff("first", HANDOFF + DAY + HOUR, (), ("Carla",)),
    ]
