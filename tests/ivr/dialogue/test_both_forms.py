"""The same keys lead to the same questions, with the database and without."""

import re
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy.orm import Session

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from ivr.hotline.live import LiveTalk
from ivr.offline.answering import STEPS as AWAY_STEPS
from ivr.offline.away import AwayTalk
from ivr.offline.carried import Carried, opened
from ivr.pin_attempt import is_pin, pin_typed
from ivr.registry import STEPS
from ivr.useless import MOST_SILENCES, MOST_WRONG_KEYS
from oncall.customers.entitlement import facts_of
from oncall.customers.pin_guard import Verdict
from oncall.customers.pins import PinKeys, set_pin
from oncall.models.calls import PhoneCall
from oncall.models.customers import Product
from oncall.models.refusals import Refusal
from oncall.models.tickets import Ticket
from oncall.outage.snapshot import KeptContract, KeptPerson, KeptRegion, Snapshot, Span
from oncall.runtime import Runtime
from oncall.sla.paging_times import PagingTimes
from tests.oncall.calls.test_goodbye import a_call, a_technician, a_ticket

PIN, WRONG_PIN, SID = "48151623", "99999999", "CA" + "1" * 32
# What is called otherwise without the database. Somebody is rung there, while here the problem is described meanwhile.
SAME: Final = {"dropped": "hung_up_key", "later": "message", "dialed": "described"}


class Form(ABC):
    """A caller's call, answered in one form of the conversation."""

    @abstractmethod
    def answer(self, step: str, form: dict[str, str], args: dict[str, str]) -> str:
        """The document that answers."""

    @abstractmethod
    def refused(self) -> list[str]: ...

    def press(self, step: str, keys: str) -> str:
        """The question that follows keys (empty: silence) at this one."""
        form = {"Digits": keys, "FinishedOnKey": "#" if keys.endswith("#") else ""} if keys else {}
        document = self.answer(step, form, {} if keys else {"silent": "1"})
        found = re.search(r'action="[^"]*/(\w+)\?', document)
        return found[1] if found else " ".join(["goodbye", *self.refused()])


class Live(Form):
    def __init__(self, session: Session, runtime: Runtime, call: PhoneCall, now: datetime) -> None:
        self.session, self.runtime, self.call, self.now = session, runtime, call, now

    def answer(self, step: str, form: dict[str, str], args: dict[str, str]) -> str:
        typed = pin_typed(self.runtime.settings, self.call.memo.part, form, args).keys
        verdict = Verdict.GO if is_pin(typed) else None
        document = STEPS[step](LiveTalk(self.session, self.runtime, self.call, form, args, self.now, verdict))
        self.call.turn += 1
        return str(document)

    def refused(self) -> list[str]:
        return [refusal.reason.value for refusal in self.session.query(Refusal)]


class Away(Form):
    def __init__(self, settings: Settings, snapshot: Snapshot, carried: Carried, now: datetime) -> None:
        self.settings, self.snapshot, self.carried, self.now = settings, snapshot, carried, now
        self.step: AwayTalk

    def answer(self, step: str, form: dict[str, str], args: dict[str, str]) -> str:
        step = next((name for name, same in SAME.items() if same == step and name in AWAY_STEPS), step)
        self.step = AwayTalk(self.settings, self.snapshot, self.carried, form, args, "+390212345678", self.now)
        document = str(AWAY_STEPS[step](self.step))
        if found := re.search(r'action="[^"]*[?&]s=([^"&]+)', document):
            self.carried = opened(self.settings, found[1]) or Carried()
        return document

    def refused(self) -> list[str]:
        return [fact.more["reason"] for fact in self.step.facts if fact.kind == "refused"]


@pytest.fixture
def runtime(database: Database, now: datetime, tmp_path: Path) -> Runtime:
    return Runtime(Settings(var_dir=tmp_path, default_region="europe"), database, ShiftedClock.starting_at(now))


@pytest.fixture
def ticket(session: Session, runtime: Runtime, now: datetime) -> Ticket:
    """Of a customer with a PIN."""
    found = a_ticket(session, now)
    found.contract.products.append(Product(name="PBX"))
    set_pin(session, found.contract, PinKeys(runtime.settings.pin_secret), PIN, now)
    session.flush()
    return found


@pytest.fixture
def forms(session: Session, runtime: Runtime, ticket: Ticket, now: datetime) -> list[Form]:
    """The same call in both forms: before the PIN."""
    call = a_call(session, ticket, now)
    call.ticket_id = call.contract_id = call.customer_id = None
    ticket.opened_at = now - timedelta(days=2)  # no longer one that they are asked about
    session.flush()
    ada, digest = a_technician(session), PinKeys(runtime.settings.pin_secret).derive(PIN)
    snapshot = Snapshot(
        taken_at=now,
        versions="",
        people=(KeptPerson(ada.id, ada.name, ada.phone, "technician", True),),
        contracts=(
            KeptContract(
                ticket.contract_id,
                ticket.customer_id,
                "Acme",
                facts_of(ticket.contract),
                ((digest.blind_index.hex(), digest.keyed_hash.hex()),),
            ),
        ),
        phones=(),
        blocked=(),
        regions=(KeptRegion("europe", "Europe/Rome", None),),
        spans={"europe": (Span(datetime(2026, 1, 1, tzinfo=UTC), ((ada.id, "first"),)),)},
        times=PagingTimes(),
    )
    return [Live(session, runtime, call, now), Away(runtime.settings, snapshot, Carried(sid=SID), now)]


def way(form: Form, first: str, answers: list[str]) -> list[str]:
    """The questions that these answers lead to, one after the other."""
    asked, step = [], first
    for keys in answers:
        step = SAME.get(found := form.press(step, keys), found)
        asked.append(step)
    return asked


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        (["", ""], ["pin", "goodbye silent"]),
        (["", "*#", ""], ["pin", "pin", "pin"]),
        (["*#"] * 6, ["pin"] * 5 + ["goodbye silent"]),
        (["4815*#", "#", "0#"], ["pin", "pin", "pin"]),
        (["#"] * (MOST_WRONG_KEYS + 1), ["pin"] * MOST_WRONG_KEYS + ["goodbye invalid_key"]),
        (["1#", f"{WRONG_PIN}#", "1#"], ["pin", "pin", "goodbye wrong_pin"]),
        (["4815", "1623#"], ["pin", "level"]),
        ([f"{WRONG_PIN}#", f"{PIN}#"], ["pin", "level"]),
        ([f"{PIN}#", "2"], ["level", "goodbye end_user"]),
        ([f"{PIN}#", *[""] * MOST_SILENCES], ["level", "level", "level", "goodbye silent"]),
        ([f"{PIN}#", "7", "", "", ""], ["level"] * 4 + ["goodbye invalid_key"]),
        ([f"{PIN}#", "1", "9", "3"], ["level", "priority", "priority", "goodbye no_maintenance_window"]),
        ([f"{PIN}#", "1", "4"], ["level", "priority", "message"]),
        ([f"{PIN}#", "1", "2"], ["level", "priority", "described"]),
    ],
)
def test_from_the_pin_to_the_problem(forms: list[Form], answers: list[str], asked: list[str]) -> None:
    for form in forms:
        assert way(form, "pin", answers) == asked, form


@pytest.mark.parametrize(
    ("first", "answers", "asked"),
    [
        ("hung_up_key", ["7", "*"], ["hung_up_key"] * 2),
        ("next_key", ["7", "#"], ["next_key"] * 2),
        ("next_key", ["7", ""], ["next_key", "goodbye"]),
        ("next_key", ["7"] * (MOST_WRONG_KEYS + 1), ["next_key"] * MOST_WRONG_KEYS + ["goodbye"]),
        ("callback", ["*#"], ["next_key"]),
        ("callback", ["02", "1"], ["callback", "callback"]),
    ],
)
def test_after_the_technician_has_hung_up(
    forms: list[Form], ticket: Ticket, first: str, answers: list[str], asked: list[str]
) -> None:
    live, away = forms
    assert isinstance(live, Live)
    assert isinstance(away, Away)
    person = away.snapshot.people[0].id
    live.call.ticket_id, live.call.memo.left_by = ticket.id, person
    away.carried = replace(away.carried, ticket=ticket.id, left_by=person)
    for form in forms:
        assert way(form, first, answers) == asked, form
