"""A scripted gateway, a telephone network in front of it, and a REST client."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from simulator.driver import Network
from tests.simulator.gateway import TOKEN, Gateway

HOTLINE = "+390584943200"
ACME, ADA, BRUNO = "+390212345678", "+390584000001", "+390584000002"


class Rest:
    """Requests to the look-alike's REST API, below the account."""

    def __init__(self, net: Network) -> None:
        self.net = net
        self.root = f"{net.url}/2010-04-01/Accounts/{net.config.account_sid}"
        self.session = requests.Session()
        self.session.auth = (net.config.account_sid, TOKEN)

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.session.get(self.root + path, params=params, timeout=60)

    def post(self, path: str, **params: Any) -> requests.Response:
        return self.session.post(self.root + path, data=params, timeout=60)

    def delete(self, path: str) -> requests.Response:
        return self.session.delete(self.root + path, timeout=60)

    def call(self, to: str, **params: Any) -> str:
        """Places a call; the sid."""
        answer = self.post("/Calls.json", To=to, From=HOTLINE, **params)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["sid"])

    def call_status(self, sid: str) -> str:
        return str(self.get(f"/Calls/{sid}.json").json()["status"])


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.fixture
def net(gateway: Gateway) -> Iterator[Network]:
    with Network(TOKEN, HOTLINE, speed=40, voice_url=gateway.url("/voice"), sms_url=gateway.url("/sms")) as net:
        yield net


@pytest.fixture
def rest(net: Network) -> Rest:
    return Rest(net)
