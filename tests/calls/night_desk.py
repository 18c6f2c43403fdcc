"""What tests of the technicians' side look at and do again and again."""

import re

from oncall.models.calls import PhoneCall
from oncall.models.conferences import Participant
from oncall.models.messages import Message
from oncall.models.pages import Attempt, Page
from oncall.models.people import Person
from oncall.models.tickets import Intervention, TicketEvent
from simulator.driven_phone import DrivenPhone
from tests.calls.stack import Gateway

PATIENCE = 90.0


def told(gateway: Gateway) -> list[str]:
    """All timelines, oldest line first."""
    return [event.words for event in gateway.rows(TicketEvent)]


def await_told(gateway: Gateway, pattern: str, times: int = 1) -> None:
    """Wait until so many lines of the timelines match."""
    gateway.network.wait(
        lambda: sum(bool(re.search(pattern, words)) for words in told(gateway)) >= times,
        PATIENCE,
        f"{times} timeline lines {pattern!r}",
    )


def tries(gateway: Gateway) -> list[tuple[int, str, str | None]]:
    """Attempts so far: round, first name, outcome."""
    names = {person.id: person.first_name for person in gateway.rows(Person)}
    return [(each.round, names[each.person_id], each.outcome) for each in gateway.rows(Attempt)]


def page_states(gateway: Gateway) -> list[str]:
    """All pages, oldest first."""
    return [page.state for page in gateway.rows(Page)]


def holders(gateway: Gateway) -> list[str | None]:
    """Who has accepted each page, oldest first."""
    names = {person.id: person.name for person in gateway.rows(Person)}
    return [names.get(page.accepted_by_id or 0) for page in gateway.rows(Page)]


def work(gateway: Gateway) -> list[tuple[str, str]]:
    """Finished interventions: first name and kind. Fails when one has not ended."""
    rows = gateway.rows(Intervention)
    if any(row.ended_at is None for row in rows):
        raise AssertionError(f"an intervention has not ended:\n{stays(gateway)}\n{gateway.logs()}")
    return [(row.person.first_name, row.kind) for row in rows]


def stays(gateway: Gateway) -> str:
    """Who was in which room from when to when, as we know it, and how their calls stand."""
    columns = "stay {0.id} ({0.role}, call {0.call_id} {1.state}): room {0.room_id}, {0.joined_at} to {0.left_at}"
    calls = {call.id: call for call in gateway.rows(PhoneCall)}
    return "\n".join(columns.format(stay, calls[stay.call_id]) for stay in gateway.rows(Participant))


def code_of(phone: DrivenPhone) -> str:
    """The reply code in the next page text."""
    found = re.search(r"ACK (\d{6})", phone.expect_text(r"ACK \d{6}", PATIENCE).body)
    assert found is not None
    return found.group(1)


def ok_of(phone: DrivenPhone) -> str:
    """What the next text that asks for an OK wants to have texted."""
    found = re.search(r"Reply (OK \d{6})\.", phone.expect_text(r"Reply OK \d{6}\.", PATIENCE).body)
    assert found is not None
    return found.group(1)


def accept(phone: DrivenPhone) -> None:
    """Pick up and press 1."""
    phone.answer(PATIENCE)
    phone.expect(r"P\d, ticket", PATIENCE)
    phone.press("1")
    phone.expect("It is yours", PATIENCE)


def join(gateway: Gateway, caller: DrivenPhone, technician: DrivenPhone) -> None:
    """The technician accepts, and the two of them are in a room."""
    accept(technician)
    caller.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)


def texts_afterwards(gateway: Gateway) -> int:
    """How often a caller was told with whom they spoke."""
    return sum("you spoke with" in message.body for message in gateway.rows(Message))


def together(gateway: Gateway, people: int) -> None:
    """Wait until so many are in rooms, as the network sees it, whatever it reports."""

    def there() -> bool:
        rooms = list(gateway.network.exchange.conferences.all)
        return sum(len(room.participants) for room in rooms) >= people

    gateway.network.wait(there, PATIENCE, f"{people} in the network's rooms")


def text_and_hear(phone: DrivenPhone, body: str, answer: str) -> None:
    """Send a text to the hotline and get the answer."""
    phone.send_text(body)
    phone.expect_text(answer, PATIENCE)
