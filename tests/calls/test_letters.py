"""Names of every script on the phone, in texts and in mails: never a question mark."""

from email import message_from_bytes, policy

import pytest
from sqlalchemy import update

from core.text.letters import first_segment, is_gsm, segments
from oncall.models.customers import Customer
from oncall.models.messages import Message
from oncall.models.people import Person
from tests.calls.people import Cast, report_problem
from tests.calls.stack import Gateway


@pytest.mark.parametrize(
    ("customer", "written"),
    [
        ("مستشفى الملكة رانيا", "مستشفى الملكة رانيا"),
        ("Szpital św. Łukasza", "Szpital sw. Lukasza"),
        ("Αθήνα “Νότος” – 東京病院", 'Athina "Notos" - 東京病院'),
        ("Больница №1", "Bolnica|Bol'nitsa No1"),
        ("Krankenhaus " + "Łódź " * 40, "Krankenhaus Lodz Lodz"),
    ],
)
def test_a_page(gateway: Gateway, cast: Cast, customer: str, written: str) -> None:
    gateway.set_paging(no_answer=500, drop_grace=1)
    with gateway.database.transaction() as session:
        session.execute(update(Customer).where(Customer.name == "Acme").values(name=customer))
    report_problem(cast.acme)
    text = cast.ada.expect_text("P1 ticket").body
    assert any(name in text for name in written.split("|"))
    assert "?" not in text
    assert "ACK " in first_segment(text)
    assert segments(text) <= (3 if is_gsm(text) else 6)
    cast.ada.answer()
    spoken = cast.ada.expect("P1, ticket .*The caller is on the line").group()
    assert "?" not in spoken
    gateway.settle()
    assert all("?" not in message.body for message in gateway.rows(Message, Message.channel == "text"))
    mails = [
        message_from_bytes(file.read_bytes(), policy=policy.default) for file in (gateway.folder / "mail").glob("*")
    ]
    assert any("".join(customer.split()) in "".join(str(mail["Subject"]).split()) for mail in mails)


def test_a_technician(gateway: Gateway, cast: Cast) -> None:
    """The caller hears who has the ticket, and is told afterwards with whom they spoke."""
    gateway.set_paging(no_answer=500, drop_grace=1)
    with gateway.database.transaction() as session:
        session.execute(update(Person).where(Person.name == "Ada Rossi").values(name="Łukasz Żak"))
    report_problem(cast.acme)
    cast.ada.answer()
    cast.ada.expect("P1, ticket")
    cast.ada.press("1")
    cast.acme.expect("technician is here")
    gateway.joined(2)
    cast.acme.hang_up()
    assert "you spoke with Lukasz about ticket" in cast.acme.expect_text("you spoke with").body
    cast.bruno.send_text("WHO")
    assert "first: Lukasz Zak; backup: Bruno Verdi" in cast.bruno.expect_text("On call now").body
