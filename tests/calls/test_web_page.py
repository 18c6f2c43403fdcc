"""Technicians take a page on the web: with the telephone network away, and while the caller holds."""

import re
from collections.abc import Iterator

import pytest
import requests

from core.clock import real_now
from oncall.accounts.administering import Wanted, put_account
from oncall.accounts.passwords import Passwords
from oncall.models.access.roles import Role
from oncall.models.messages import Message
from oncall.models.pages import Attempt
from tests.calls.night_desk import PATIENCE, await_told, holders, page_states, told, tries
from tests.calls.other_channels import Services, services
from tests.calls.people import Cast, report_problem
from tests.calls.stack import Gateway

PASSWORD = "four unrelated quiet words"


class Browser:
    """Somebody's browser, without a script: it follows links and sends forms."""

    def __init__(self) -> None:
        self.http = requests.Session()
        self.http.headers["Accept"] = "text/html"

    def open(self, address: str) -> str:
        return self._seen(self.http.get(address, timeout=60))

    def sign_in(self, email: str, link: str) -> str:
        """Where a link in a page leads somebody who has not signed in yet, and back: the page of the ticket."""
        way = f"{link.partition('/tickets')[0]}/sign-in?next={link[link.index('/tickets') :]}"
        return self.send(way, self.open(way), email=email, password=PASSWORD)

    def send(self, address: str, page: str, **fields: str) -> str:
        """Fill in the page's form."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page))
        return self._seen(self.http.post(address.partition("?")[0], data=hidden | fields, timeout=60))

    def _seen(self, answer: requests.Response) -> str:
        assert answer.ok, f"{answer.url}: {answer.status_code}\n{answer.text}"
        return answer.text


@pytest.fixture
def browser(gateway: Gateway) -> Browser:
    """Ada's and Bruno's accounts, and a browser that belongs to nobody yet."""
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1, other_after=1)
    with gateway.database.transaction() as session:
        for name in ("Ada Rossi", "Bruno Verdi"):
            email = f"{name.split()[0].lower()}@example.org"
            wanted = Wanted(email, name, Role.TECHNICIAN, person=name, password=PASSWORD)
            put_account(session, wanted, Passwords(), real_now())
    return Browser()


@pytest.fixture
def other(gateway: Gateway) -> Iterator[Services]:
    with services() as found:
        gateway.load(found.directory("Ada"))
        yield found
        gateway.stop_pages()
        gateway.network.heal_api()


def test_a_notice_leads_to_the_page_that_takes_it(
    gateway: Gateway, cast: Cast, browser: Browser, other: Services
) -> None:
    """No call and no text gets through. Ada's notice has the link; she opens it, accepts, and nobody else is paged."""
    gateway.network.fail_api(503, None)
    number = report_problem(cast.acme)
    cast.acme.hang_up()
    gateway.network.wait(lambda: other.of("ada"), PATIENCE, "Ada's notice")
    found = re.search(r"To accept: open the link, text ACK .*\n(http\S+)", other.of("ada")[0].message)
    assert found is not None
    way = found.group(1)
    page = browser.send(way, browser.open(way))
    assert "Your turn: do you take it?" in page
    page = browser.send(f"{gateway.url}/tickets/{number}", page, do="accept")
    assert f"You have accepted ticket {number}." in page
    assert "Call the customer back:" in page
    assert page_states(gateway) == ["accepted"]
    gateway.network.heal_api()
    gateway.settle()
    assert (holders(gateway), tries(gateway)) == (["Ada Rossi"], [(1, "Ada", "accepted")])
    assert "Ada Rossi accepted on the web page." in told(gateway)
    assert {row.recipient for row in gateway.rows(Message, Message.channel == "other")} == {"JSON"}
    assert len(other.notices) == 1


def test_the_caller_holds_and_both_meet(gateway: Gateway, cast: Cast, browser: Browser) -> None:
    """Ada let her phone ring out, Bruno's rings; she accepts on the web, is rung, presses 1, and they talk."""
    number = report_problem(cast.acme)
    cast.ada.decline()
    cast.bruno.rings()
    link = f"{gateway.url}/tickets/{number}"
    page = browser.sign_in("ada@example.org", link)
    assert "The caller holds. Accept, and your phone rings" in page
    page = browser.send(link, page, do="accept")
    assert "The caller holds, and your phone rings: <b>press 1 to talk</b>." in page
    assert cast.bruno.hung_up(PATIENCE) == "canceled"
    cast.ada.answer()
    cast.ada.expect("Acme is on the line .*Press 1 to talk.")
    cast.ada.press("1")
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    await_told(gateway, "Ada Rossi and the caller are talking")
    assert "The conversation is under way." in browser.open(link)
    assert holders(gateway) == ["Ada Rossi"]


def test_accepting_while_the_own_phone_rings(gateway: Gateway, cast: Cast, browser: Browser) -> None:
    """The call that rings is used."""
    number = report_problem(cast.acme)
    cast.ada.rings()
    link = f"{gateway.url}/tickets/{number}"
    browser.send(link, browser.sign_in("ada@example.org", link), do="accept")
    gateway.settle()
    cast.ada.answer()
    cast.ada.expect("Acme is on the line for ticket .*, which you accepted. Press 1 to talk.")
    cast.ada.press("1")
    gateway.joined(2, PATIENCE)


def test_passing_it_on_rings_the_next(gateway: Gateway, cast: Cast, browser: Browser) -> None:
    number = report_problem(cast.acme)
    cast.ada.rings()
    link = f"{gateway.url}/tickets/{number}"
    page = browser.send(link, browser.sign_in("ada@example.org", link), do="pass")
    assert f"Passed on: ticket {number} goes to the next person." in page
    assert cast.ada.hung_up(PATIENCE) == "canceled"
    cast.bruno.rings()
    await_told(gateway, "Ada Rossi passed it on.")
    assert [each.outcome for each in gateway.rows(Attempt)] == ["passed", None]


def test_the_page_rings_who_has_the_ticket_and_then_the_customer(
    gateway: Gateway, cast: Cast, browser: Browser
) -> None:
    """Nobody is on the line. Who answers has asked for it; only their key rings the customer."""
    number = report_problem(cast.acme)
    cast.acme.hang_up()
    cast.ada.rings()
    link = f"{gateway.url}/tickets/{number}"
    page = browser.send(link, browser.sign_in("ada@example.org", link), do="accept")
    assert cast.ada.hung_up(PATIENCE) == "canceled"
    assert "Your phone rings in a moment." in browser.send(link, page, do="ring me")
    cast.ada.rings()
    cast.ada.answer()
    cast.ada.expect("You asked to be rung for ticket .*, Acme. To call the customer, press 1.")
    cast.ada.press("1")
    cast.acme.rings()
    cast.acme.answer()
    gateway.joined(2, PATIENCE)
    await_told(gateway, "Ada Rossi and the caller are talking")
    assert {"Ada Rossi asks to be rung for this ticket.", "Ada Rossi calls the customer back."} <= set(told(gateway))
