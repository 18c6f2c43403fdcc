"""PINs: how they are made, stored, found, compared and revoked."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from core.db import Database
from oncall.customers import pins
from oncall.customers.pins import (
    NoFreePinError,
    PinKeys,
    PinLengthError,
    PinNotDigitsError,
    PinTakenError,
    find_contract,
    issue_pin,
    matches,
    new_pin,
    revoke_pins,
    set_pin,
)
from oncall.models.customers import Contract, Customer, Pin, Product, Region

KEYS = PinKeys(b"0123456789abcdef0123456789abcdef")


def add_contract(session: Session, name: str = "Acme") -> Contract:
    region = session.get(Region, "europe") or Region(name="europe", time_zone="Europe/Rome")
    contract = Contract(
        customer=Customer(name=name),
        plan="platinum",
        region=region,
        start_date=date(2026, 1, 1),
        end_date=date(2026, 12, 31),
        products=[Product(name="UC Suite"), Product(name="Recorder")],
    )
    session.add(contract)
    session.flush()
    return contract


@contextmanager
def counted_queries(session: Session) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_new_pins_are_digits_of_the_length_wanted() -> None:
    for length in (6, 8, 16):
        assert re.fullmatch(rf"[0-9]{{{length}}}", new_pin(length))


@pytest.mark.slow
def test_every_digit_is_equally_likely_in_every_place() -> None:
    drawn = [new_pin(8) for _ in range(8000)]
    for place in range(8):
        counts = Counter(pin[place] for pin in drawn)
        # 800 expected each; six standard deviations (27) are passed once in ten million runs.
        assert set(counts) == set("0123456789")
        assert all(640 < count < 960 for count in counts.values())


@pytest.mark.parametrize("length", [-1, 0, 5, 17])
def test_unsafe_lengths_are_refused(length: int) -> None:
    with pytest.raises(PinLengthError):
        new_pin(length)


def test_a_digest_depends_on_pin_and_key_and_on_nothing_else() -> None:
    assert KEYS.derive("48151623") == PinKeys(b"0123456789abcdef0123456789abcdef").derive("48151623")
    assert KEYS.derive("48151623") != KEYS.derive("48151624")
    other = PinKeys(b"another key of thirty-two bytes!").derive("48151623")
    assert other.blind_index != KEYS.derive("48151623").blind_index
    assert other.keyed_hash != KEYS.derive("48151623").keyed_hash


def test_a_digest_has_two_parts_that_tell_nothing_of_each_other() -> None:
    digest = KEYS.derive("00000000")
    assert (len(digest.blind_index), len(digest.keyed_hash)) == (16, 32)
    assert digest.blind_index not in digest.keyed_hash
    assert b"00000000" not in digest.blind_index + digest.keyed_hash


def test_leading_zeros_and_length_matter() -> None:
    digests = {KEYS.derive(pin) for pin in ("000123", "0000123", "123000")}
    assert len(digests) == 3


def test_a_personal_pin_is_bound_to_its_phone() -> None:
    stored = KEYS.personal("+390584000001", "70519283")
    assert matches(stored, KEYS.personal("+390584000001", "70519283"))
    assert not matches(stored, KEYS.personal("+390584000002", "70519283"))
    assert not matches(stored, KEYS.personal("+390584000001", "70519284"))
    assert stored != KEYS.derive("70519283").keyed_hash


def test_nothing_stored_matches_nothing() -> None:
    assert not matches(None, KEYS.personal("+390584000001", "70519283"))
    assert not matches(b"", KEYS.personal("+390584000001", "70519283"))


@pytest.mark.parametrize(
    "pin", ["", "48151623 ", " 48151623", "4815-1623", "48151623#", "４８１５１６２３", "٤٨١٥١٦٢٣"]
)
def test_what_is_not_plain_digits_is_no_pin(pin: str) -> None:
    with pytest.raises(PinNotDigitsError):
        KEYS.derive(pin)


@pytest.mark.parametrize("pin", ["1", "12345", "1" * 17])
def test_a_pin_has_six_to_sixteen_digits(pin: str) -> None:
    with pytest.raises(PinLengthError):
        KEYS.personal("+390584000001", pin)


def test_errors_do_not_repeat_the_digits() -> None:
    for pin in ("12345", "12345678x"):
        with pytest.raises(pins.PinError) as caught:
            KEYS.derive(pin)
        assert "1234" not in str(caught.value)


def test_an_issued_pin_finds_its_contract(session: Session, now: datetime) -> None:
    acme, other = add_contract(session), add_contract(session, "Globex")
    pin = issue_pin(session, acme, KEYS, 8, now)
    issue_pin(session, other, KEYS, 8, now)
    found = find_contract(session, KEYS, pin)
    assert found is not None
    assert found.customer.name == "Acme"


def test_the_contract_comes_with_all_that_is_asked_next_in_two_queries(session: Session, now: datetime) -> None:
    pin = issue_pin(session, add_contract(session), KEYS, 8, now)
    session.expunge_all()
    with counted_queries(session) as queries:
        found = find_contract(session, KEYS, pin)
        assert found is not None
        told = (found.customer.name, found.region.time_zone, [product.name for product in found.products])
    assert told == ("Acme", "Europe/Rome", ["Recorder", "UC Suite"])
    assert len(queries) == 2


@pytest.mark.parametrize("typed", ["48151624", "4815162", "481516230", "48151623 ", "", "*", "12"])
def test_any_other_text_finds_nobody(session: Session, now: datetime, typed: str) -> None:
    set_pin(session, add_contract(session), KEYS, "48151623", now)
    assert find_contract(session, KEYS, typed) is None


def test_only_the_customers_named_may_match(session: Session, now: datetime) -> None:
    acme, globex = add_contract(session), add_contract(session, "Globex")
    pin = issue_pin(session, acme, KEYS, 8, now)
    assert find_contract(session, KEYS, pin, [acme.customer_id, globex.customer_id]) is acme
    assert find_contract(session, KEYS, pin, [globex.customer_id]) is None
    assert find_contract(session, KEYS, pin, []) is None


def test_a_stolen_row_is_no_use_without_the_key(session: Session, now: datetime) -> None:
    pin = issue_pin(session, add_contract(session), KEYS, 8, now)
    assert find_contract(session, PinKeys(b"a key that was made up just now!"), pin) is None


def test_the_index_alone_does_not_open(session: Session, now: datetime) -> None:
    acme = add_contract(session)
    pin = issue_pin(session, acme, KEYS, 8, now)
    row = session.scalars(select(Pin)).one()
    row.keyed_hash = bytes(32)
    session.flush()
    assert find_contract(session, KEYS, pin) is None


def test_no_digits_are_stored(session: Session, now: datetime) -> None:
    pin = issue_pin(session, add_contract(session), KEYS, 8, now)
    stored = session.execute(text("SELECT to_jsonb(pin)::text, blind_index, keyed_hash FROM pin")).one()
    assert pin not in stored[0]
    assert pin.encode() not in bytes(stored[1]) + bytes(stored[2])


def test_a_revoked_pin_is_wrong_from_then_on(session: Session, now: datetime) -> None:
    acme = add_contract(session)
    former = [issue_pin(session, acme, KEYS, 8, now) for _ in range(2)]
    assert revoke_pins(session, acme, now + timedelta(days=1)) == 2
    assert [find_contract(session, KEYS, pin) for pin in former] == [None, None]
    assert revoke_pins(session, acme, now + timedelta(days=2)) == 0
    pin = issue_pin(session, acme, KEYS, 8, now)
    assert find_contract(session, KEYS, pin) is acme


def test_revoking_leaves_other_contracts_alone(session: Session, now: datetime) -> None:
    acme, globex = add_contract(session), add_contract(session, "Globex")
    pin = issue_pin(session, globex, KEYS, 8, now)
    revoke_pins(session, acme, now)
    assert find_contract(session, KEYS, pin) is globex


def test_a_pin_drawn_twice_is_drawn_again(session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["38205917", "38205917", "38205917", "94062817"])
    monkeypatch.setattr(pins, "new_pin", lambda _length: next(drawn))
    acme, globex = add_contract(session), add_contract(session, "Globex")
    assert issue_pin(session, acme, KEYS, 8, now) == "38205917"
    assert issue_pin(session, globex, KEYS, 8, now) == "94062817"


def test_drawing_ends_when_no_pin_is_free(session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "new_pin", lambda _length: "38205917")
    acme = add_contract(session)
    issue_pin(session, acme, KEYS, 8, now)
    with pytest.raises(NoFreePinError, match="PIN_LENGTH"):
        issue_pin(session, acme, KEYS, 8, now)


def test_setting_the_same_pin_twice_changes_nothing(session: Session, now: datetime) -> None:
    acme = add_contract(session)
    assert set_pin(session, acme, KEYS, "48151623", now) is True
    assert set_pin(session, acme, KEYS, "48151623", now) is False
    assert len(session.scalars(select(Pin)).all()) == 1


def test_another_contracts_pin_is_taken(session: Session, now: datetime) -> None:
    acme, globex = add_contract(session), add_contract(session, "Globex")
    set_pin(session, acme, KEYS, "48151623", now)
    with pytest.raises(PinTakenError):
        set_pin(session, globex, KEYS, "48151623", now)
    revoke_pins(session, acme, now)
    assert set_pin(session, globex, KEYS, "48151623", now) is True
    assert find_contract(session, KEYS, "48151623") is globex


def test_of_two_processes_that_draw_one_pin_one_draws_again(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        contracts = [add_contract(session), add_contract(session, "Globex")]
    draws = iter(["38205917", "38205917", "94062817"])
    monkeypatch.setattr(pins, "new_pin", lambda _length: next(draws))
    together = Barrier(2)

    def issue(contract: Contract) -> str:
        with database.transaction() as session:
            together.wait()
            return issue_pin(session, contract, KEYS, 8, now)

    with ThreadPoolExecutor(2) as threads:
        issued = list(threads.map(issue, contracts))
    assert sorted(issued) == ["38205917", "94062817"]
    with database.transaction() as session:
        found = [find_contract(session, KEYS, pin) for pin in issued]
    assert [contract and contract.id for contract in found] == [contract.id for contract in contracts]
