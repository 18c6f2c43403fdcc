"""Addresses of other channels: read, sealed, kept out of sight, and sent to within limits."""

import ast
import re
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.customers.pins import PinKeys
from oncall.delivery.apprise_sender import AppriseSender, ChannelError, service_of
from oncall.delivery.contact_faults import account_faults, faults, known_faults, note_fault
from oncall.directory import DirectoryError, apply, parse
from oncall.models.contacts.channels import PersonChannel, channel_seal, channels_of
from oncall.models.contacts.contact_faults import ContactFault, ContactWay
from oncall.models.contacts.faults import Fault, FaultKind
from oncall.models.messages import Message
from oncall.models.people import Person
from oncall.monitoring.contact_check import check_contacts
from tests.calls.other_channels import services
from tests.directory_example import EXAMPLE, edited

ROOT = Path(__file__).resolve().parents[4]
SECRET = b"a key for the tests of channels"
NTFY, TELEGRAM = "ntfys://ntfy.example.org/oncall-ada", "tgram://123456789:ABCdefGHIjkl_mnop-1234567890123456789/12345/"
STOPPED = Fault(FaultKind.PERSON, "21610", "STOP was texted from that phone, so it gets no texts any more")
FORBIDDEN = Fault(FaultKind.ACCOUNT, "21215", "calls to its country are not switched on")
PHONE = '    phone: "+390584000001"\n'
BRUNO = "{name: Bruno Verdi, "


def with_channels(*addresses: str) -> str:
    lines = "".join(f'\n      - "{address}"' for address in addresses)
    return edited((PHONE, f"{PHONE}    channels:{lines}\n"))


def load(session: Session, text: str) -> list[str]:
    return apply(session, parse(text), real_now(), PinKeys(SECRET))


def ada(session: Session) -> Person:
    return session.scalars(select(Person).where(Person.name == "Ada Rossi")).one()


def test_channels_of_a_file_are_sealed_and_named(session: Session) -> None:
    lines = load(session, with_channels(NTFY, TELEGRAM))
    assert "person Ada Rossi: other channels: ntfy, Telegram" in lines
    rows = channels_of(session, ada(session).id)
    assert [(row.position, row.shown) for row in rows] == [(1, "ntfy"), (2, "Telegram")]
    assert [channel_seal(SECRET).open(row.sealed).decode() for row in rows] == [NTFY, TELEGRAM]
    assert not any(b"ABCdef" in row.sealed or b"oncall" in row.sealed for row in rows)
    assert load(session, with_channels(NTFY, TELEGRAM)) == []
    assert load(session, EXAMPLE) == ["person Ada Rossi: other channels: none"]
    assert session.scalars(select(PersonChannel)).all() == []


def test_another_key_seals_them_anew(session: Session) -> None:
    load(session, with_channels(NTFY))
    changed = apply(session, parse(with_channels(NTFY)), real_now(), PinKeys(b"another key"))
    assert "person Ada Rossi: other channels: ntfy" in changed
    [row] = channels_of(session, ada(session).id)
    assert channel_seal(b"another key").open(row.sealed).decode() == NTFY


@pytest.mark.parametrize(
    ("addresses", "said"),
    [
        (
            ["nosuch://s3cret@example.org"],
            "line 5: people → Ada Rossi → channels → 1: not an address that apprise can send to; write it as apprise's"
            " documentation says, such as ntfys://ntfy.example.org/oncall-ada",
        ),
        (["mailto://s3cret"], "line 5: people → Ada Rossi → channels → 1: not an address that apprise can send to"),
        (["syslog://"], "line 5: people → Ada Rossi → channels → 1: reaches this machine alone"),
        ([NTFY, NTFY], "line 6: people → Ada Rossi → channels → 2: this channel is in line 5 already"),
    ],
)
def test_wrong_addresses_are_refused_without_being_repeated(
    addresses: list[str], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(DirectoryError) as caught:
        parse(with_channels(*addresses))
    assert said in str(caught.value)
    assert "s3cret" not in f"{caught.value} {caplog.text}"


def test_sending_says_what_came_of_it() -> None:
    with services() as found:
        sender = AppriseSender(limit=1)
        sender.send(found.address("ada"), "P1 ticket 1042", "Text ACK 1234")
        assert [(each.title, each.message) for each in found.notices] == [("P1 ticket 1042", "Text ACK 1234")]
        found.status["ada"] = 500
        with pytest.raises(ChannelError, match=r"^the service did not take it$"):
            sender.send(found.address("ada"), "P1 ticket 1042", "Text ACK 1234")
    with pytest.raises(ChannelError, match=r"^the service did not take it$"):
        sender.send(found.address("ada"), "nobody listens any more", "")


@pytest.mark.real_seconds
def test_a_service_that_hangs_is_left_in_time() -> None:
    """And only so many of them are waited for."""
    with services() as found:
        found.status["ada"] = None
        sender = AppriseSender(limit=0.2)
        began = time.monotonic()
        with pytest.raises(ChannelError, match=r"no answer from the service in 0\.2 seconds"):
            sender.send(found.address("ada"), "P1", "x")
        assert time.monotonic() - began < 2
        while sender._places.acquire(blocking=False):
            pass
        with pytest.raises(ChannelError, match="too many notices wait"):
            sender.send(found.address("bruno"), "P1", "x")


def test_apprise_is_imported_at_first_use_alone() -> None:
    """It would cost the web process 40 MB."""
    found = []
    for folder in ("core", "schedules", "oncall", "ivr", "web"):
        for path in [each for each in (ROOT / folder).rglob("*.py") if "apprise" in each.read_text()]:
            for node in ast.parse(path.read_text()).body:
                at_the_top = isinstance(node, ast.Import | ast.ImportFrom)
                if re.search(r"\b(import|from) apprise\b", ast.unparse(node)):
                    found.append((path.name, at_the_top))
    assert found == [("apprise_sender.py", False)]


def test_services_by_their_names() -> None:
    known = {NTFY: "ntfy", TELEGRAM: "Telegram", "mailto://user:word@example.org": "E-Mail"}
    assert {address: service_of(address) for address in known} == known


def test_faults_are_told_once_and_go_with_the_number(session: Session) -> None:
    load(
        session, edited(("email: carla@example.org, role: team_leader", "email: carla@example.org, role: team_leader"))
    )
    person = ada(session)
    for _ in range(2):
        note_fault(session, person, ContactWay.TEXT, STOPPED, real_now())
    [mail] = session.scalars(select(Message)).all()
    stopped = "STOP was texted from that phone, so it gets no texts any more (21610)"
    assert (mail.recipient, mail.channel) == ("carla@example.org", "mail")
    assert mail.subject == f"Can't be reached: Ada Rossi: texts to +390584000001 fail: {stopped}"
    assert "Let them text START from that phone" in mail.body
    assert [each.person.name for each in faults(session)] == ["Ada Rossi"]
    load(session, edited(("+390584000001", "+390584000009")))
    assert session.scalars(select(ContactFault)).all() == []


def test_what_the_account_forbids_is_not_red_but_told(session: Session) -> None:
    """Nobody's number is bad then: the provider's health says so, and a number that proves bad later is red."""
    load(session, EXAMPLE)
    person = ada(session)
    for _ in range(2):
        note_fault(session, person, ContactWay.CALL, FORBIDDEN, real_now())
    assert (faults(session), known_faults(session, person)) == ([], {ContactWay.CALL})
    [check] = [each for each in check_contacts(session) if each.level == "problem"]
    assert check.subject == "telephone network"
    assert check.words == "Ada Rossi: calls to +390584000001 fail: calls to its country are not switched on (21215)"
    assert check.remedy.startswith("The number is all right: the administrator of the account")
    note_fault(
        session, person, ContactWay.CALL, Fault(FaultKind.NUMBER, "21211", "the number does not exist"), real_now()
    )
    note_fault(session, person, ContactWay.CALL, FORBIDDEN, real_now())
    [red] = faults(session)
    assert (red.words, account_faults(session)) == ("the number does not exist (21211)", [])
    mails = session.scalars(select(Message).order_by(Message.id)).all()
    assert [mail.subject.rpartition("(")[2] for mail in mails] == ["21215)", "21211)"]
    assert "administrator of the account" in mails[0].body


def test_a_fault_of_an_earlier_release_is_understood_when_it_comes_again(session: Session) -> None:
    """While two releases run side by side, the earlier one writes rows that don't say whose fault it is."""
    load(session, EXAMPLE)
    person = ada(session)
    where = {"person_id": person.id, "kind": ContactWay.CALL, "address": person.phone, "shown": person.phone}
    session.add(ContactFault(**where, since=real_now(), code="21215", words="not permitted (21215)"))
    session.flush()
    assert [each.fault_kind for each in faults(session)] == [None]
    note_fault(session, person, ContactWay.CALL, FORBIDDEN, real_now())
    session.expire_all()
    assert (faults(session), [each.words for each in account_faults(session)]) == ([], [FORBIDDEN.shown])


def test_faults_of_channels_go_with_them(session: Session) -> None:
    load(session, with_channels(NTFY))
    [channel] = channels_of(session, ada(session).id)
    fault = Fault(FaultKind.PASSING, "", "the service did not take it")
    note_fault(session, ada(session), ContactWay.OTHER, fault, real_now(), channel=(str(channel.id), "ntfy"))
    [check] = [each for each in check_contacts(session) if each.level == "problem"]
    assert check.words == "Ada Rossi: notices by ntfy fail: the service did not take it"
    load(session, with_channels(TELEGRAM))
    assert faults(session) == []


def test_the_preflight_names_who_has_a_phone_alone(session: Session) -> None:
    load(session, edited((", email: bruno@example.org", "")))
    [check] = check_contacts(session)
    assert (check.level, check.words) == (
        "warning",
        "only a phone, so out of reach while the telephone network is sick: Bruno Verdi",
    )
    load(session, EXAMPLE)
    [check] = check_contacts(session)
    assert check.level == "ok"
