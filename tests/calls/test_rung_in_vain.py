"""A technician who accepted and was rung in vain to be joined is not the first whom the page begins again with."""

import pytest

from oncall.models.pages import Page
from simulator.driven_phone import DrivenPhone
from tests.calls.night_desk import PATIENCE, await_told, tries
from tests.calls.people import Cast, report_problem
from tests.calls.stack import Gateway

NOT_JOINED = "Accepted, but not joined with the caller: paging again."


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    gateway.set_paging(no_answer=500, then_every=60)


def accepts_by_text(gateway: Gateway, phone: DrivenPhone) -> None:
    """By the code of the newest page: several in a short time come in one text, a little later."""
    page = gateway.rows(Page)[-1]
    phone.send_text(f"ACK {page.code}")
    gateway.network.wait(lambda: gateway.rows(Page, Page.id == page.id)[0].state == "accepted", PATIENCE, "accepted")


@pytest.mark.parametrize(
    ("faults", "no_answer"),
    [
        ({"busy": True}, 500),
        ({"failed": "failed"}, 500),
        ({"no_answer": True}, 20),
        ({"auto_answer": 0.5}, 500),  # answers, and presses nothing
        ({"voicemail": 0.5}, 500),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_the_next_person_is_rung_first(
    gateway: Gateway, cast: Cast, faults: dict[str, float | bool | str], no_answer: int
) -> None:
    gateway.set_paging(no_answer=no_answer, then_every=60)
    report_problem(cast.acme)
    cast.ada.decline()
    cast.bruno.rings()
    cast.ada.faults(**faults)
    accepts_by_text(gateway, cast.ada)
    await_told(gateway, NOT_JOINED)
    cast.bruno.rings(PATIENCE)
    assert tries(gateway)[2:] == [(1, "Bruno", None)]
    cast.acme.expect("We are calling the next person on call", 40)


def test_hung_up_while_asked_for_the_key(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.ada.decline()
    cast.bruno.rings()
    accepts_by_text(gateway, cast.ada)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("Press 1 to talk", PATIENCE)
    cast.ada.hang_up()
    cast.bruno.rings(PATIENCE)
    assert tries(gateway)[2:] == [(1, "Bruno", None)]


def test_one_after_the_other_and_round_the_end_of_the_list(gateway: Gateway, cast: Cast) -> None:
    """Each is followed by the next; after the last one it is the first one's turn."""
    report_problem(cast.acme)
    cast.ada.decline()
    cast.bruno.rings()
    accepts_by_text(gateway, cast.ada)
    cast.ada.decline(PATIENCE)
    for count, phone in enumerate((cast.bruno, cast.carla, cast.dino), start=1):
        await_told(gateway, NOT_JOINED, count)
        phone.rings(PATIENCE)
        accepts_by_text(gateway, phone)
        phone.decline(PATIENCE)
    cast.ada.rings(PATIENCE)
    first_of_each = [name for round_, name, _ in tries(gateway)[2:] if round_ == 1]
    assert first_of_each == ["Bruno", "Carla", "Dino", "Ada"]


def test_within_a_page_they_are_the_last_of_each_round(gateway: Gateway, cast: Cast) -> None:
    gateway.set_paging(no_answer=500, rounds=2, then_every=600)
    report_problem(cast.acme)
    cast.ada.decline()
    cast.bruno.rings()
    accepts_by_text(gateway, cast.ada)
    for phone in (cast.ada, cast.bruno, cast.carla, cast.dino, cast.ada, cast.bruno):
        phone.decline(PATIENCE)
    cast.carla.rings(PATIENCE)
    named = [(round_, name) for round_, name, _ in tries(gateway)[2:]]
    assert named == [(1, "Bruno"), (1, "Carla"), (1, "Dino"), (1, "Ada"), (2, "Bruno"), (2, "Carla")]
