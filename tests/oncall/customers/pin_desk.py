"""A desk at which tests try PINs as calls do: two customers with a registered number each, and one technician."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select

from core.db import Database
from oncall.customers.pin_guard import Caller, Limits, Verdict, caller_of, reserve, settle
from oncall.customers.pins import PinKeys, find_contract, set_pin
from oncall.models.access.pin_attempts import PinAttempt
from oncall.models.calls import PhoneCall
from oncall.models.customers import Contract, Customer, CustomerPhone, Region
from oncall.models.people import Person

LIMITS = Limits(number_hour=5, number_day=10, all_hour=20, all_day=100, registered_hour=30)
KEYS = PinKeys(b"0123456789abcdef0123456789abcdef")
HOUR, DAY, MOMENT = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
ACME, GLOBEX = "+390212345678", "+390287654321"
ACME_PIN, GLOBEX_PIN, WRONG_PIN = "48151623", "23161548", "99999999"
ADA = "+390584000001"


class PinDesk:
    """Tries PINs as a call does: reserve, commit, look, settle, commit."""

    def __init__(self, database: Database, limits: Limits = LIMITS) -> None:
        self.database = database
        self.limits = limits

    def calls(self, count: int, now: datetime) -> list[int]:
        """Ids of so many new incoming calls."""
        row = {"direction": "in", "purpose": "hotline", "state": "answered", "created_at": now, "memo": {}}
        with self.database.transaction() as session:
            return list(session.scalars(insert(PhoneCall).returning(PhoneCall.id), [row] * count))

    def ask(self, caller: Caller, now: datetime, *, call: int | None = None, turn: int = 1) -> Verdict:
        """Reserve an attempt and leave it pending."""
        call_id = self.calls(1, now)[0] if call is None else call
        with self.database.transaction() as session:
            return reserve(session, call_id, turn, caller, now, self.limits)

    def ask_often(self, times: int, caller: Caller, now: datetime) -> list[Verdict]:
        return [self.ask(caller, now, call=call) for call in self.calls(times, now)]

    def try_pin(
        self, number: str | None, pin: str, now: datetime, *, call: int | None = None
    ) -> tuple[Verdict, str | None]:
        """The verdict, and the customer found if the PIN was looked at and right."""
        call_id = self.calls(1, now)[0] if call is None else call
        with self.database.transaction() as session:
            caller = caller_of(session, number)
            verdict = reserve(session, call_id, 1, caller, now, self.limits)
        if not verdict.may_try:
            return verdict, None
        with self.database.transaction() as session:
            own = caller.customers if verdict is Verdict.OWN_ONLY else None
            contract = find_contract(session, KEYS, pin, own)
            settle(session, call_id, 1, contract is not None)
            return verdict, contract.customer.name if contract else None

    def settle(self, call: int, turn: int, right: bool) -> None:
        with self.database.transaction() as session:
            settle(session, call, turn, right)

    def outcomes(self) -> Counter[str]:
        with self.database.transaction() as session:
            return Counter(session.scalars(select(PinAttempt.outcome)))


def open_desk(database: Database) -> PinDesk:
    """A desk over an empty database."""
    with database.transaction() as session:
        region = Region(name="europe", time_zone="Europe/Rome")
        for name, number, pin in (("Acme", ACME, ACME_PIN), ("Globex", GLOBEX, GLOBEX_PIN)):
            contract = Contract(
                customer=Customer(name=name, phones=[CustomerPhone(number=number)]),
                plan="platinum",
                region=region,
                start_date=date(2026, 1, 1),
                end_date=date(2026, 12, 31),
            )
            session.add(contract)
            set_pin(session, contract, KEYS, pin, datetime(2026, 1, 1, tzinfo=UTC))
        session.add(Person(name="Ada Rossi", phone=ADA, role="technician"))
    return PinDesk(database)


def stranger(number: int) -> Caller:
    return Caller(f"+4930{number:07}")


def allowed(verdicts: Iterable[Verdict]) -> int:
    return sum(verdict.may_try for verdict in verdicts)


def fill_common(desk: PinDesk, now: datetime) -> None:
    """Exhaust the common pool for this hour from as many numbers as it takes."""
    verdicts = [desk.ask(stranger(n), now, call=call) for n, call in enumerate(desk.calls(20, now))]
    assert set(verdicts) == {Verdict.GO}
