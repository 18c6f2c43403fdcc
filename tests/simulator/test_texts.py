"""Texts in both directions."""

import pytest

from simulator.driver import Network
from simulator.segments import segments
from tests.simulator.conftest import ADA, HOTLINE, Rest
from tests.simulator.gateway import Gateway


def test_queued_sent_delivered(net: Network, gateway: Gateway, rest: Rest) -> None:
    ada = net.phone(ADA, "Ada")
    answer = rest.post(
        "/Messages.json", To=ADA, From=HOTLINE, Body="P1 ticket 1042 ", StatusCallback=gateway.url("/sent")
    )
    assert (answer.status_code, answer.json()["status"]) == (201, "queued")
    assert ada.expect_text("1042").body == "P1 ticket 1042 "
    net.settle()
    reports = gateway.received("/sent")
    assert [form["MessageStatus"] for form in reports] == ["sent", "delivered"]
    assert {form["MessageSid"] for form in reports} == {answer.json()["sid"]}
    assert rest.get(f"/Messages/{answer.json()['sid']}.json").json()["status"] == "delivered"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "x"}, 21211),
        ({"From": ""}, 21603),
        ({"From": ADA}, 21606),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
    ],
)
def test_refused_texts(rest: Rest, changes: dict[str, str], code: int) -> None:
    answer = rest.post("/Messages.json", **{"To": ADA, "From": HOTLINE, "Body": "Hi", **changes})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_landline_and_an_undelivered_text(net: Network, gateway: Gateway, rest: Rest) -> None:
    ada = net.phone(ADA)
    ada.faults(not_mobile=True)
    assert rest.post("/Messages.json", To=ADA, From=HOTLINE, Body="Hi").json()["code"] == 21614
    ada.faults(not_mobile=False, undelivered=30007)
    sid = rest.post("/Messages.json", To=ADA, From=HOTLINE, Body="Hi", StatusCallback=gateway.url("/sent")).json()[
        "sid"
    ]
    net.wait(lambda: rest.get(f"/Messages/{sid}.json").json()["status"] == "undelivered")
    net.settle()
    assert gateway.received("/sent")[-1]["ErrorCode"] == "30007"
    assert rest.get(f"/Messages/{sid}.json").json()["error_code"] == 30007


def test_the_answer_to_a_text_comes_back_as_texts(net: Network, gateway: Gateway) -> None:
    gateway.on("/sms", lambda form: f"<Message>Got {form['Body']}</Message><Message><Body>Bye</Body></Message>")
    ada = net.phone(ADA)
    sid = ada.send_text("ACK 1234")
    ada.expect_text("got ack 1234")
    ada.expect_text("bye")
    form = gateway.received("/sms")[0]
    assert (form["From"], form["To"], form["MessageSid"], form["SmsStatus"]) == (ADA, HOTLINE, sid, "received")
    net.assert_clean()


def test_stop_and_start(net: Network, gateway: Gateway, rest: Rest) -> None:
    ada = net.phone(ADA)
    ada.send_text(" stop ")
    net.settle()
    assert gateway.received("/sms")[0]["OptOutType"] == "STOP"
    assert rest.post("/Messages.json", To=ADA, From=HOTLINE, Body="Hi").json()["code"] == 21610
    ada.send_text("START")
    assert rest.post("/Messages.json", To=ADA, From=HOTLINE, Body="Hi").status_code == 201


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("à" * 160, 1),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("👍" * 36, 2),
    ],
)
def test_segments(body: str, count: int) -> None:
    assert segments(body) == count
