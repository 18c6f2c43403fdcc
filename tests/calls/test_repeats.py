"""Every webhook may come twice, late, or twice at the same moment: what happened, happened once."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from oncall.models.messages import Message
from oncall.models.pages import Attempt, Page
from oncall.models.tickets import Ticket
from tests.calls.conftest import begin
from tests.calls.people import ACME_PIN, ADA_PIN, LAPSED_PIN, Cast, report_problem
from tests.calls.rows import fingerprint, rows_of
from tests.calls.signing import Webhooks
from tests.calls.stack import AUTH_TOKEN, Gateway

PATIENCE = 90.0
Scene = Callable[[Gateway, Cast], None]


def whole_call(gateway: Gateway, cast: Cast) -> None:
    """Description, no answer, the second accepts, conversation, call back, a spoken note."""
    number = report_problem(cast.acme)
    cast.acme.expect_text(f"ticket is {number}", PATIENCE)
    cast.ada.rings(PATIENCE)
    cast.acme.expect("beep", PATIENCE, complete=True)
    cast.acme.speak("The whole exchange is down", wait=True)
    cast.acme.press("#")
    cast.bruno.answer(PATIENCE)
    cast.bruno.expect("P1, ticket", PATIENCE)
    cast.bruno.press("1")
    gateway.joined(2, PATIENCE)
    gateway.settle()
    cast.acme.hang_up()
    cast.bruno.expect("caller is no longer on the line", PATIENCE)
    cast.bruno.press("1")
    cast.acme.answer(PATIENCE)
    cast.acme.expect("Bruno is on the line", PATIENCE)
    gateway.joined(2, PATIENCE)
    gateway.settle()
    cast.acme.hang_up()
    cast.bruno.expect("caller is no longer on the line", PATIENCE)
    cast.bruno.press("2")
    cast.bruno.expect("beep", PATIENCE, complete=True)
    cast.bruno.speak("Restarted the switch", wait=True)
    cast.bruno.press("#")
    cast.bruno.expect("closed", PATIENCE)
    cast.bruno.hung_up(PATIENCE)


def refused_call(gateway: Gateway, cast: Cast) -> None:
    """A wrong PIN, then that of a contract that has lapsed."""
    cast.stranger.dial()
    cast.stranger.expect("type your PIN", PATIENCE)
    cast.stranger.press("99999999#")
    cast.stranger.expect("not right", PATIENCE)
    cast.stranger.press(f"{LAPSED_PIN}#")
    cast.stranger.hung_up(PATIENCE)


def by_text(gateway: Gateway, cast: Cast) -> None:
    """Accepted and closed by text."""
    number = report_problem(cast.acme)
    page = cast.ada.expect_text(r"ACK \d{6}", PATIENCE)
    cast.ada.decline(PATIENCE)
    cast.bruno.rings(PATIENCE)
    code = re.search(r"ACK (\d{6})", page.body)
    assert code is not None
    cast.ada.send_text(f"ACK {code[1]}")
    cast.ada.expect_text("is yours", PATIENCE)
    cast.bruno.hung_up(PATIENCE)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("press 1", PATIENCE)
    cast.ada.press("1")
    gateway.joined(2, PATIENCE)
    gateway.settle()
    cast.acme.hang_up()
    cast.ada.expect("caller is no longer on the line", PATIENCE)
    cast.ada.hang_up()
    gateway.settle()
    cast.ada.send_text(f"DONE {code[1]} Restarted the switch")
    cast.ada.expect_text(f"{number} is closed", PATIENCE)


def from_the_menu(gateway: Gateway, cast: Cast) -> None:
    """The technician calls in, accepts from the menu and calls the customer back."""
    report_problem(cast.acme)
    cast.acme.hang_up()
    cast.ada.decline(PATIENCE)
    cast.bruno.rings(PATIENCE)
    cast.ada.dial()
    cast.ada.expect("your own PIN", PATIENCE)
    cast.ada.press(f"{ADA_PIN}#")
    cast.ada.expect("menu|press 1", PATIENCE)
    cast.ada.press("1")
    cast.ada.expect("Acme", PATIENCE)
    cast.ada.press("3")
    cast.acme.answer(PATIENCE)
    gateway.joined(2, PATIENCE)
    gateway.settle()
    cast.acme.hang_up()
    cast.ada.expect("caller is no longer on the line", PATIENCE)
    cast.ada.hang_up()


@pytest.mark.parametrize("scene", [whole_call, refused_call, by_text, from_the_menu])
def test_everything_delivered_twice_leaves_what_once_leaves(gateway: Gateway, cast: Cast, scene: Scene) -> None:
    scene(gateway, cast)
    gateway.settle()
    once = rows_of(gateway.database)
    begin(gateway)
    gateway.network.disturb(duplicate=True)
    scene(gateway, cast)
    gateway.settle()
    assert rows_of(gateway.database) == once
    webhooks = gateway.network.journal.webhooks()
    assert len(webhooks) >= 8
    assert len({(hook.token, hook.url) for hook in webhooks}) * 2 == len(webhooks), "not everything came twice"


def test_a_whole_call_delivered_again_when_all_is_over_changes_nothing(gateway: Gateway, cast: Cast) -> None:
    whole_call(gateway, cast)
    gateway.settle()
    time.sleep(5)  # whatever was put down for a little later, and one sweep, are over
    gateway.settle()
    before = fingerprint(gateway.database)
    posts = Webhooks(gateway.url, AUTH_TOKEN)
    hooks = gateway.network.journal.webhooks(method="POST")
    assert len(hooks) > 40
    for hook in hooks:
        params = {name: values[0] for name, values in hook.params.items()}
        status, _ = posts.post(hook.url, params)
        assert status == 200, hook.url
    gateway.settle()
    assert fingerprint(gateway.database) == before


def test_a_key_delivered_eight_times_at_once_opens_one_ticket(gateway: Gateway, cast: Cast) -> None:
    sid = cast.acme.dial()
    cast.acme.expect("type your PIN", PATIENCE)
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator", PATIENCE)
    cast.acme.press("1")
    cast.acme.expect("critical", PATIENCE)
    asked = gateway.network.journal.webhooks("/level")[-1].body
    action = re.search(r'<Gather action="([^"]+/priority[^"]+)"', asked)
    assert action is not None
    address = urlsplit(action[1].replace("&amp;", "&"))
    params = {"CallSid": sid, "From": cast.acme.number, "CallStatus": "in-progress", "Digits": "1"}

    def deliver(_: int) -> tuple[int, str]:
        return Webhooks(gateway.url, AUTH_TOKEN).post(f"{address.path}?{address.query}", params)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(deliver, range(8)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 200
    cast.acme.press("1")
    heard = cast.acme.expect(r"ticket number is ((?:\d, )+\d)", PATIENCE)
    [ticket] = gateway.rows(Ticket)
    assert str(ticket.number) == heard[1].replace(", ", "")
    cast.ada.rings(PATIENCE)
    gateway.settle()
    assert len(gateway.rows(Page)) == len(gateway.rows(Attempt)) == 1
    assert len(gateway.rows(Message)) == 3  # to Ada, to the caller, the mail
