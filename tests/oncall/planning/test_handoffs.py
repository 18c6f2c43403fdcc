"""Notices of handoffs: once to everybody, corrected when the roster changes, and silence told to those in charge."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from oncall.models.messages import Message
from oncall.models.people import Person
from oncall.models.planning.changes import HandoffNotice
from oncall.models.rosters import RosterLayer
from oncall.models.stored_settings import PAGING, write
from oncall.planning.editing import Author
from oncall.planning.handoffs import Handoff, confirm, handoffs, watch_handoffs
from oncall.planning.plans.plan import OverrideRequest
from schedules.rosters.layers import DutyHours
from schedules.rosters.roster import Every, Layer, Override, Roster, Rotation, Unit
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, WEEK, Desk, span
from tests.oncall.planning.in_force import add_override, remove_override

MINUTE = timedelta(minutes=1)
# Bruno takes over from Ada.
CHANGE = HANDOFF + WEEK
Look = Callable[[datetime], list[tuple[str, str]]]


@pytest.fixture
def look(desk: Desk) -> Look:
    """The worker looks at an instant; the texts that follow, as first name and words, without mails."""

    def look_at(now: datetime) -> list[tuple[str, str]]:
        with desk.database.transaction() as session:
            before = set(session.scalars(select(Message.id)))
            watch_handoffs(session, now)
        with desk.database.transaction() as session:
            names = {person.phone: person.first_name for person in session.scalars(select(Person))}
            new = session.scalars(select(Message).where(Message.id.not_in(before)).order_by(Message.id))
            words = [(names[text.recipient], text.body) for text in new if text.channel == "text"]
        return [(name, re.sub(r"OK [1-9]\d{5}\.", "OK CODE.", body)) for name, body in words]

    return look_at


@pytest.fixture
def leader(desk: Desk) -> str:
    """Carla leads the team."""
    with desk.database.transaction() as session:
        session.execute(update(Person).where(Person.id == desk.people["Carla"]).values(role="team_leader"))
    return "Carla"


ON = "Nightline: you come on call today at 18:00 (Nights, first). No open ticket. Reply OK CODE."
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
    assert re.search(r"Please reply OK \d{6} to the text on your phone\.\n$", mail.body)


def test_another_hour_is_a_setting(desk: Desk, look: Look) -> None:
    with desk.database.transaction() as session:
        write(session, PAGING, {"handoff_notice": 7200})
    assert len(look(CHANGE - 2 * HOUR)) == 2


def test_a_cover_made_late_is_told_and_corrected(desk: Desk, manager: Author, look: Look) -> None:
    look(CHANGE - HOUR)
    with desk.database.transaction() as session:
        row = add_override(session, manager, desk.layer_id, OverrideRequest(span(WEEK, DAY), desk.people["Dino"]))
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


def test_a_cover_from_now_on_is_told_at_once(desk: Desk, manager: Author, look: Look, leader: str) -> None:
    at = HANDOFF + 2 * DAY
    assert look(at) == []
    with desk.database.transaction() as session:
        row = add_override(
            session, manager, desk.layer_id, OverrideRequest(span(2 * DAY - HOUR, 9 * HOUR), desk.people["Dino"])
        )
    assert look(at + MINUTE) == [
        ("Ada", "Nightline: you are off call from now on (Nights, first). No open ticket."),
        ("Dino", "Nightline: you are on call from now on (Nights, first). No open ticket. Reply OK CODE."),
    ]
    assert look(at + 2 * MINUTE) == []
    assert [name for name, _ in look(at + 16 * MINUTE)] == [leader]  # Dino has said nothing
    with desk.database.transaction() as session:
        remove_override(session, manager, row.id)
    assert [name for name, _ in look(at + 20 * MINUTE)] == ["Ada", "Dino"]
    assert look(at + 21 * MINUTE) == []


def test_a_handoff_that_was_told_is_not_told_again_when_it_comes(look: Look) -> None:
    look(CHANGE - HOUR - MINUTE)
    look(CHANGE - HOUR)
    assert look(CHANGE - MINUTE) == look(CHANGE) == look(CHANGE + MINUTE) == []


def test_a_shorter_notice_corrects_nothing(desk: Desk, look: Look) -> None:
    with desk.database.transaction() as session:
        write(session, PAGING, {"handoff_notice": 7200})
    assert len(look(CHANGE - 2 * HOUR)) == 2
    with desk.database.transaction() as session:
        write(session, PAGING, {"handoff_notice": 3600})
    assert look(CHANGE - 110 * MINUTE) == []


def test_a_layer_under_another_name_is_the_same(desk: Desk, look: Look) -> None:
    assert len(look(CHANGE - HOUR)) == 2
    with desk.database.transaction() as session:
        session.get_one(RosterLayer, desk.layer_id).name = "primary"
    assert look(CHANGE - 50 * MINUTE) == []


@pytest.mark.usefixtures("leader")
def test_ok_ends_it(desk: Desk, look: Look) -> None:
    look(CHANGE - HOUR)
    with desk.database.transaction() as session:
        code = session.scalars(select(HandoffNotice.code).where(HandoffNotice.comes)).one()
        ada, bruno = desk.person(session, "Ada"), desk.person(session, "Bruno")
        assert confirm(session, ada, code, CHANGE - 50 * MINUTE) is None  # she goes
        assert confirm(session, bruno, None, CHANGE - 50 * MINUTE) is None
        assert confirm(session, bruno, "100000" if code != "100000" else "100001", CHANGE - 50 * MINUTE) is None
        notice = confirm(session, bruno, code, CHANGE - 50 * MINUTE)
        assert notice is not None
        assert notice.at == CHANGE
    assert look(CHANGE - 30 * MINUTE) == []
    assert look(CHANGE) == []


@pytest.mark.usefixtures("leader")
def test_who_is_told_late_has_a_quarter_of_an_hour(desk: Desk, manager: Author, look: Look) -> None:
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(2 * DAY, HOUR), desk.people["Dino"]))
    at = HANDOFF + 2 * DAY
    assert [name for name, _ in look(at - 20 * MINUTE)] == ["Dino", "Ada"]
    assert look(at - 6 * MINUTE) == []
    assert [name for name, _ in look(at - 5 * MINUTE)] == ["Carla"]


NIGHTS = DutyHours.parse(["mon", "tue", "wed", "thu", "fri"], "18:00", "09:00")
WEEKLY = Rotation(datetime(2026, 6, 1, 18), Every(1, Unit.WEEK), (("Ada",), ("Bruno",)))  # noqa: DTZ001


def test_who_leaves_before_a_pause_goes_when_it_begins() -> None:
    nights = DutyHours.parse(["fri", "sat", "sun"], "18:00", "09:00")
    roster = Roster("Weekends", "Europe/Rome", ("europe",), (Layer("first", (WEEKLY,), (nights,)),))
    # Ada's last night ends on Monday 8 June at 09:00, Bruno's first begins on Friday at 18:00.
    monday, friday = CHANGE - 9 * HOUR, CHANGE + 4 * DAY
    assert list(handoffs(roster, CHANGE - DAY, CHANGE + 5 * DAY)) == [
        Handoff("first", monday, (), ("Ada",)),
        Handoff("first", friday, ("Bruno",), ()),
    ]


def test_a_layer_that_pauses_has_not_changed_hands() -> None:
    """Every night but the weekend's: from Saturday at 09:00 nobody is on call, and on Monday the next one is."""
    roster = Roster("Nights", "Europe/Rome", ("europe",), (Layer("first", (WEEKLY,), (NIGHTS,)),))
    saturday = CHANGE - 57 * HOUR
    assert list(handoffs(roster, HANDOFF, HANDOFF + 2 * WEEK)) == [
        Handoff("first", saturday, (), ("Ada",)),
        Handoff("first", CHANGE, ("Bruno",), ()),
        Handoff("first", saturday + WEEK, (), ("Bruno",)),
        Handoff("first", CHANGE + WEEK, ("Ada",), ()),
    ]


def test_the_very_first_turn_and_somebody_added() -> None:
    added = Override("first", HANDOFF + DAY, HANDOFF + DAY + HOUR, "Carla", kind="add")  # type: ignore[arg-type]
    roster = Roster("Nights", "Europe/Rome", ("europe",), (Layer("first", (WEEKLY,)),), (added,))
    assert list(handoffs(roster, HANDOFF - HOUR, HANDOFF + 2 * DAY)) == [
        Handoff("first", HANDOFF, ("Ada",), ()),
        Handoff("first", HANDOFF + DAY, ("Carla",), ()),
        Handoff("first", HANDOFF + DAY + HOUR, (), ("Carla",)),
    ]
