"""One problem from the call to its end, as board, ticket and table tell it: the same, to the second."""

import csv
import io
import re

import requests

from tests.calls.night_desk import PATIENCE, await_told
from tests.calls.people import Cast, report_problem
from tests.calls.stack import Gateway
from tests.calls.test_board_stream import Stream
from tests.calls.test_web_page import PASSWORD, Browser, browser  # noqa: F401 - a fixture


def watcher(gateway: Gateway, who: Browser) -> requests.Session:
    """Bruno, at his desk."""
    way = f"{gateway.url}/sign-in?next=/account"
    who.send(way, who.open(way), email="bruno@example.org", password=PASSWORD)
    return who.http


def line(page: str, words: str) -> str:
    """The time that stands beside a line of the timeline."""
    found = re.search(rf'<span class="words">{re.escape(words)}</span><time>([\d:]+)</time>', page)
    assert found is not None, words
    return found[1]


def test_board_ticket_and_table_tell_the_same(
    gateway: Gateway,
    cast: Cast,
    browser: Browser,  # noqa: F811 - the fixture
) -> None:
    desk = watcher(gateway, browser)
    board = Stream(gateway.url, desk)
    number = report_problem(cast.acme)
    board.until(f"{number}</a> <b>P1, Acme</b>")
    text = cast.ada.expect_text(f"P1 ticket {number} Acme").body
    way = re.search(rf"{re.escape(gateway.url)}/t/[\w-]+", text)
    assert way is not None
    pocket, address = Browser(), f"{gateway.url}/tickets/{number}"
    page = pocket.send(way[0], pocket.open(way[0]))
    page = pocket.send(address, page, do="accept")
    cast.ada.rings()
    cast.ada.answer()
    cast.ada.expect("Press 1")
    cast.ada.press("1")
    gateway.joined(2, PATIENCE)
    board.until("talks with Ada Rossi")
    cast.acme.hang_up()
    cast.ada.hang_up()
    await_told(gateway, "Intervention of Ada Rossi by phone ended after")
    page = pocket.send(address, pocket.open(address), do="note", words="The exchange lost its trunk.")
    page = pocket.send(address, page, do="wait", whom="third party", words="the carrier tests the line")
    assert "Waits for a third party" in page
    board.until("waits for a third party")
    page = pocket.send(address, page, do="resume")
    page = pocket.send(address, page, do="close", words="The carrier moved it.")
    board.until("None. A quiet night so far.")
    board.close()
    rows = csv.DictReader(io.StringIO(desk.get(f"{gateway.url}/tickets.csv?state=all", timeout=60).text))
    row = next(row for row in rows if row["number"] == number)
    assert (row["state"], row["technician"], row["promise_missed"]) == ("closed", "Ada Rossi", "no")
    for column, words in (
        ("taken", "Ada Rossi accepted on the web page."),
        ("closed", "Ada Rossi closed the ticket."),
    ):
        assert row[column].partition("T")[2][:8] == line(page, words), column
    assert "Ada Rossi: The exchange lost its trunk." in page
