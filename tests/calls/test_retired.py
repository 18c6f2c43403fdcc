"""People and customers who have left, on the phone: nobody rings them, and nothing of theirs opens anything."""

import pytest
from sqlalchemy import text

from bench.stack import PIN_KEY
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.access.pin_attempts import PinAttempt
from oncall.models.calls import PhoneCall
from oncall.models.messages import IncomingText, Message
from oncall.models.operations.troubles import Trouble
from oncall.models.pages import Page
from oncall.models.refusals import Refusal
from oncall.models.tickets import Ticket
from tests.calls.night_desk import PATIENCE, accept, await_told, code_of, holders, page_states, told, tries
from tests.calls.people import ACME_PIN, ADA, ADA_PIN, BETA_PIN, DIRECTORY, Cast, report_problem
from tests.calls.stack import Gateway
from tests.conftest import SUNDAY_NIGHT


def gone(gateway: Gateway, *names: str) -> list[str]:
    """The directory file is loaded with these people and customers inactive; the roster is not in it."""
    file = DIRECTORY[: DIRECTORY.index("rosters:")]
    for name in names:
        person, customer = f"- {{name: {name}", f"- name: {name}\n"
        if person in file:
            file = file.replace(person, f"- {{active: false, name: {name}")
        else:
            assert customer in file
            file = file.replace(customer, f"{customer}    active: false\n")
    with gateway.database.transaction() as session:
        return apply(session, parse(file), SUNDAY_NIGHT, PinKeys(PIN_KEY.encode()))


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)


def test_a_technician_who_has_left_is_not_rung(gateway: Gateway, cast: Cast) -> None:
    gone(gateway, "Ada Rossi")
    report_problem(cast.acme)
    cast.bruno.rings(PATIENCE)
    gateway.settle()
    assert tries(gateway) == [(1, "Bruno", None)]
    assert cast.ada.state == "idle"
    assert [row for row in gateway.rows(Message) if row.recipient == ADA] == []


def test_a_page_goes_on_at_once_when_its_technician_leaves(gateway: Gateway, cast: Cast) -> None:
    """The phone stops ringing, the next one rings, and the code of the text is worth nothing."""
    report_problem(cast.acme)
    cast.ada.rings(PATIENCE)
    code = code_of(cast.ada)
    gone(gateway, "Ada Rossi")
    cast.bruno.rings(PATIENCE)
    cast.ada.hung_up()
    gateway.settle()
    assert tries(gateway) == [(1, "Ada", "cut off"), (1, "Bruno", None)]
    cast.ada.send_text(f"ACK {code}")
    gateway.settle()
    assert page_states(gateway) == ["paging"]
    assert [row.answer for row in gateway.rows(IncomingText) if "is yours" in row.answer] == []


def test_who_listens_to_the_page_is_let_into_nothing(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)
    gone(gateway, "Ada Rossi")
    cast.ada.expect("no longer on our list of technicians", PATIENCE)
    cast.ada.hung_up()
    cast.bruno.rings(PATIENCE)
    assert page_states(gateway) == ["paging"]


def test_leaders_and_managers_who_have_left_are_not_rung_either(gateway: Gateway, cast: Cast) -> None:
    gone(gateway, "Ada Rossi", "Bruno Verdi", "Carla Neri")
    report_problem(cast.acme)
    cast.dino.rings(PATIENCE)
    gateway.settle()
    assert tries(gateway) == [(1, "Dino", None)]


def test_their_own_pin_opens_no_menu(gateway: Gateway, cast: Cast) -> None:
    """From their number, which is a stranger's now."""
    gone(gateway, "Ada Rossi")
    cast.ada.dial()
    cast.ada.expect("type your PIN")
    cast.ada.press(f"{ADA_PIN}#")
    cast.ada.expect("This PIN is not right", PATIENCE)
    cast.ada.hang_up()
    gateway.settle()
    assert [each.outcome for each in gateway.rows(PinAttempt)] == ["wrong"]


def test_a_menu_that_is_open_is_closed(gateway: Gateway, cast: Cast) -> None:
    cast.ada.dial()
    cast.ada.expect("type your own PIN")
    cast.ada.press(f"{ADA_PIN}#")
    cast.ada.expect("Technician menu", PATIENCE)
    gone(gateway, "Ada Rossi")
    cast.ada.press("2")
    cast.ada.expect("no longer on our list of technicians", PATIENCE)
    cast.ada.hung_up()


@pytest.mark.parametrize("words", ["WHO", "HELP", "OK", "ACK 1234"])
def test_their_texts_are_a_strangers(gateway: Gateway, cast: Cast, words: str) -> None:
    gone(gateway, "Ada Rossi")
    cast.ada.send_text(words)
    gateway.settle()
    assert [row for row in gateway.rows(Message) if row.recipient == ADA] == []


def test_what_they_had_accepted_is_paged_again(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.ada.hang_up()
    gateway.settle()
    assert holders(gateway) == ["Ada Rossi"]
    said = gone(gateway, "Ada Rossi")
    [number] = [ticket.number for ticket in gateway.rows(Ticket)]
    assert any(f"open tickets of theirs, paged again where no work was logged: {number}" in line for line in said)
    cast.bruno.rings(PATIENCE)
    await_told(gateway, "Ada Rossi, who had accepted, has left, and no work was logged: paging again.")
    assert any("Ada Rossi accepted on the phone." in words for words in told(gateway))


def test_the_pin_of_a_customer_who_has_left_is_refused(gateway: Gateway, cast: Cast) -> None:
    gone(gateway, "Acme")
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("no support contract with us any more. Please ask your sales contact", PATIENCE)
    cast.acme.hung_up()
    gateway.settle()
    [refusal] = gateway.rows(Refusal)
    assert refusal.reason == "retired"
    assert gateway.rows(Ticket) == []
    assert gateway.rows(Page) == []
    assert {phone.state for phone in (cast.ada, cast.bruno, cast.carla, cast.dino)} == {"idle"}
    report_problem(cast.beta, BETA_PIN)
    cast.ada.rings(PATIENCE)


def test_one_bad_roster_among_two_loses_no_page(gateway: Gateway, cast: Cast) -> None:
    """Its people are not rung, those of the other are; without another one the leaders; and managers are mailed."""
    for old in (gateway.folder / "mail").glob("*.eml"):
        old.unlink()
    with gateway.database.transaction() as session:
        session.execute(text("UPDATE roster_rotation SET until = '9999-12-31 23:59'"))
    report_problem(cast.acme)
    cast.carla.rings(PATIENCE)
    gateway.settle()
    assert tries(gateway) == [(1, "Carla", None)]
    assert [call.number for call in gateway.rows(PhoneCall, PhoneCall.direction == "out")] == [cast.carla.number]
    assert any("nobody is rung by it" in log.read_text() for log in gateway.folder.glob("*.log"))
    gateway.network.wait(
        lambda: any(trouble.times == 1 for trouble in gateway.rows(Trouble, Trouble.kind == "rosters")),
        50, "the mail about the roster",
    )  # fmt: skip
    mails = [each.read_text() for each in (gateway.folder / "mail").glob("*.eml")]
    assert sum("can't be worked out" in mail for mail in mails) == 2
