"""Signed webhooks from a test's own hand, without the simulator in between."""

import http.client
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from simulator.signer import signature

FORM = "application/x-www-form-urlencoded; charset=UTF-8"


class Webhooks:
    """Posts webhooks over one kept connection; one thread's own. `public_url` is what signatures are made for."""

    def __init__(self, url: str, token: str, public_url: str = "") -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._token, self._public_url = token, public_url or url

    def post(self, path: str, params: Mapping[str, str]) -> tuple[int, str]:
        """Status and body. `path` may be a whole address, as documents give it."""
        path = path.removeprefix(self._public_url)
        signed = signature(self._token, self._public_url + path, params.items())
        headers = {"Content-Type": FORM, "X-Twilio-Signature": signed}
        self._connection.request("POST", path, urlencode(params), headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()

    def close(self) -> None:
        self._connection.close()
