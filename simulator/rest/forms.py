"""Reads the parameters of REST requests."""

from typing import TypeVar
from urllib.parse import urlsplit

from aiohttp import web

from simulator.identity import is_e164
from simulator.network.calls import Target
from simulator.network.exchange import Exchange
from simulator.player import Inline, Request, Source
from simulator.rest.errors import ApiError

EXCHANGE = web.AppKey("exchange", Exchange)
LONGEST_TWIML = 4000
T = TypeVar("T")


class Form:
    """The form of one request."""

    def __init__(self, values: list[tuple[str, str]]) -> None:
        self._values = values

    @classmethod
    async def of(cls, request: web.Request) -> "Form":
        return cls([(name, str(value)) for name, value in (await request.post()).items()])

    def get(self, name: str, default: str = "") -> str:
        return next((value for key, value in self._values if key == name), default)

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self._values)

    def words(self, name: str) -> frozenset[str]:
        """A repeated parameter; each value may hold several words."""
        return frozenset(word for key, value in self._values if key == name for word in value.split())

    def whole(self, name: str, default: int, least: int = 0) -> int:
        text = self.get(name)
        if not text:
            return default
        if not text.isdigit() or int(text) < least:
            raise ApiError(20001, f"Parameter '{name}' is not valid")
        return int(text)

    def flag(self, name: str, default: bool = False) -> bool:
        text = self.get(name).lower()
        if text not in {"", "true", "false"}:
            raise ApiError(20001, f"Parameter '{name}' is not valid")
        return default if not text else text == "true"

    def method(self, name: str) -> str:
        method = self.get(name, "POST").upper()
        if method not in {"GET", "POST"}:
            raise ApiError(21206 if name == "Method" else 20001, f"{name} must be either 'GET' or 'POST'")
        return method

    def target(self, name: str, code: int = 21205) -> Target | None:
        """The address `name` with its method and events, None when it is not given."""
        url = self.get(name)
        if not url:
            return None
        return Target(checked_url(url, name, code), self.method(f"{name}Method"), self.words(f"{name}Event"))

    def source(self) -> Source | None:
        """`Twiml`, or `Url` with its `Method`."""
        if self.has("Twiml"):
            if len(self.get("Twiml")) > LONGEST_TWIML:
                raise ApiError(20001, f"Twiml has more than {LONGEST_TWIML} characters")
            return Inline(self.get("Twiml"))
        url = self.get("Url")
        return Request(checked_url(url, "Url", 21205), self.method("Method")) if url else None


def checked_url(url: str, name: str, code: int) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ApiError(code, f"{name} is not a valid URL: {url}")
    return url


def checked_to(form: Form, missing: int) -> str:
    to = form.get("To")
    if not to:
        raise ApiError(missing, "A 'To' phone number is required.")
    if not is_e164(to):
        raise ApiError(21211, f"The 'To' number {to} is not a valid phone number.")
    return to


def exchange_of(request: web.Request) -> Exchange:
    return request.app[EXCHANGE]


def found(resource: T | None, request: web.Request) -> T:
    if resource is None:
        raise ApiError(20404, f"The requested resource {request.path} was not found", 404)
    return resource
