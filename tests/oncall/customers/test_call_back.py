"""Which numbers may be called back: the rule, and what it knows of us."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.settings import SIMULATED_NUMBER, Settings
from oncall.customers.call_back import (
    Ours,
    Refused,
    Typed,
    WayBack,
    is_whole,
    judge_typed,
    may_be_called,
    ours_among,
    refusal_of,
    registered_numbers,
    usable_registered,
)
from oncall.models.customers import Customer, CustomerPhone, Region
from oncall.models.people import Person
from oncall.models.refusals import BlockedNumber

ROME, NEW_YORK, ADA, BLOCKED = "+390584943232", "+12125550100", "+393470000001", "+393330000009"
OURS = Ours(SIMULATED_NUMBER, {ROME, NEW_YORK}, {ADA}, {BLOCKED})
HOMES = ["+390212345678", ROME, SIMULATED_NUMBER]
US_HOMES = ["+14155550100", NEW_YORK, SIMULATED_NUMBER]


@pytest.mark.parametrize(
    ("number", "refused"),
    [
        (SIMULATED_NUMBER, Refused.OURS),
        (ROME, Refused.OFFICE),
        (NEW_YORK, Refused.OFFICE),
        (ADA, Refused.PERSON),
        (BLOCKED, Refused.BLOCKED),
        ("+15005550006", Refused.PERSONAL),
        ("+19005551234", Refused.PREMIUM),
        ("+39899123456", Refused.PREMIUM),
        ("+8821612345678", Refused.SATELLITE),
        ("+870773112345", Refused.SATELLITE),
        ("+979123456789", Refused.PREMIUM),
        ("+88812345678", Refused.SPECIAL),
        ("+390212345678999", Refused.UNKNOWN),
        ("+390212345678", None),
        ("+442079460123", None),
    ],
)
def test_the_rule(number: str, refused: Refused | None) -> None:
    assert refusal_of(number, OURS) is refused


def test_what_a_manager_registered_is_vouched_for_but_never_ours_or_dear() -> None:
    for number in ("+881612345678", "+15550100"):
        assert refusal_of(number, OURS) is not None
        assert refusal_of(number, OURS, registered=True) is None
    for number in (ROME, ADA, BLOCKED, SIMULATED_NUMBER, "+19005551234"):
        assert refusal_of(number, OURS, registered=True) is not None
    assert usable_registered(["+390212345678", ADA, "+390212345001"], OURS) == ("+390212345001", "+390212345678")


@pytest.mark.parametrize(
    ("digits", "homes", "judged"),
    [
        ("3339998877", HOMES, Typed("+393339998877")),
        ("00442079460123", HOMES, Typed("+442079460123")),
        ("*442079460123", HOMES, Typed("+442079460123")),
        ("**390212345678", HOMES, Typed("+390212345678")),
        ("011442079460123", US_HOMES, Typed("+442079460123")),
        ("4155550123", US_HOMES, Typed("+14155550123")),
        ("0115550006", HOMES, Typed("+390115550006")),
        ("0212345678", ["+442079460123", ROME], Typed("+390212345678")),
        ("0584943299", HOMES, Typed(None, Refused.OURS)),
        ("00390584943232", HOMES, Typed(None, Refused.OFFICE)),
        ("0584943232", US_HOMES, Typed(None, Refused.OFFICE)),
        ("3470000001", HOMES, Typed(None, Refused.PERSON)),
        ("0015005550006", HOMES, Typed(None, Refused.PERSONAL)),
        ("0015005550006", US_HOMES, Typed(None, Refused.PERSONAL)),
        ("01115005550006", US_HOMES, Typed(None, Refused.PERSONAL)),
        ("5005550006", US_HOMES, Typed(None, Refused.PERSONAL)),
        ("899123456", HOMES, Typed(None, Refused.PREMIUM)),
        ("008821612345678", HOMES, Typed(None, Refused.SATELLITE)),
        ("112", HOMES, Typed(None, Refused.EMERGENCY)),
        ("911", US_HOMES, Typed(None, Refused.EMERGENCY)),
        ("33*12345678", HOMES, Typed(None, Refused.STAR)),
        ("0212345678*", HOMES, Typed(None, Refused.STAR)),
        ("12", HOMES, Typed(None, Refused.UNKNOWN)),
        ("0039", HOMES, Typed(None, Refused.UNKNOWN)),
        ("1", HOMES, Typed(None, Refused.UNKNOWN)),
        ("#", HOMES, Typed(None, Refused.UNKNOWN)),
        ("", HOMES, Typed(None, Refused.UNKNOWN)),
        ("33#12345678", HOMES, Typed(None, Refused.UNKNOWN)),
        ("3*#", HOMES, Typed(None, Refused.STAR)),
    ],
)
def test_typed_numbers(digits: str, homes: list[str | None], judged: Typed) -> None:
    assert judge_typed(digits, homes, OURS) == judged


def test_a_whole_number_is_known_while_it_is_typed() -> None:
    assert is_whole("3339998877", HOMES)
    assert not is_whole("333999", HOMES)


def test_what_is_said_of_the_way_back() -> None:
    assert WayBack("+390212345678").written == "call back +390212345678"
    withheld = WayBack(None, ("+390212345678",), withheld=True)
    assert withheld.written == "number withheld, call registered +390212345678"
    assert WayBack(None, name="alice").written == "caller alice (SIP), no number to call back"
    assert withheld.numbers == ("+390212345678",)
    assert WayBack(None).numbers == ()


def test_what_is_ours_is_looked_up(session: Session, tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path)
    session.add_all(
        [
            Region(name="europe", time_zone="Europe/Rome", office_number=ROME),
            Region(name="america", time_zone="America/New_York", office_number=NEW_YORK),
            Person(name="Ada Rossi", phone=ADA, role="technician"),
            BlockedNumber(number=BLOCKED),
        ]
    )
    customer = Customer(name="Acme")
    customer.phones = [CustomerPhone(number=number) for number in ("+390212345678", ADA, "+390212345001")]
    session.add(customer)
    session.flush()
    asked = [ROME, NEW_YORK, ADA, BLOCKED, "+390212345678", None]
    assert ours_among(session, settings, asked) == Ours(SIMULATED_NUMBER, {ROME, NEW_YORK}, {ADA}, {BLOCKED})
    assert registered_numbers(session, settings, customer.id) == ("+390212345001", "+390212345678")
    assert registered_numbers(session, settings, None) == ()
    assert may_be_called(session, settings, "+390212345678")
    assert not any(may_be_called(session, settings, number) for number in (SIMULATED_NUMBER, ROME, ADA, None))
