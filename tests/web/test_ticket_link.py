"""The link in a page's text leads somewhere useful, and gives nothing away."""

from flask.testing import FlaskClient


def test_in_the_demo_it_opens_the_timeline(demo: FlaskClient) -> None:
    answer = demo.get("/tickets/1042")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/demo/timeline?ticket=1042"


def test_elsewhere_it_says_what_to_do_and_nothing_of_the_ticket(twilio: FlaskClient) -> None:
    page = twilio.get("/tickets/1042")
    assert page.status_code == 200
    assert "ACK" in page.text
    assert page.text.replace("1042", "7") == twilio.get("/tickets/7").text
