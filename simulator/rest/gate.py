"""Stands before every REST request: journal, faults of the API, credentials."""

import asyncio
import base64
import binascii
import hmac
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from simulator.identity import API_VERSION
from simulator.journal import Record
from simulator.network.exchange import Exchange
from simulator.rest.errors import ApiError, not_found
from simulator.rest.faults import STATUSES, ApiFaults, Kind

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LONGEST_HANG = 120.0  # real seconds


class Gate:
    """`busy` counts the requests being processed."""

    def __init__(self, exchange: Exchange, faults: ApiFaults) -> None:
        self.exchange, self.faults = exchange, faults
        self.busy = 0

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(f"/{API_VERSION}/"):
            return await handler(request)
        record = await self._record(request)
        struck = self.faults.take(request.method, request.path)
        fault = struck.kind if struck is not None else None
        self.busy += 1
        try:
            response = await self._answer(request, handler, fault)
            if struck is not None and fault == "slow":
                await _wait(request, struck.seconds)
        finally:
            self.busy -= 1
        if fault in {"drop", "reset"} and request.transport is not None:
            request.transport.abort()
        is_json = isinstance(response, web.Response) and response.content_type == "application/json"
        body = response.text if isinstance(response, web.Response) and is_json else ""
        self.exchange.journal.end(record, response.status, body or "", str(fault or ""))
        return response

    async def _record(self, request: web.Request) -> Record:
        params: dict[str, list[str]] = {}
        for name, value in [*request.query.items(), *(await request.post()).items()]:
            params.setdefault(name, []).append(str(value))
        return self.exchange.journal.begin("request", request.method, request.path, params)

    async def _answer(self, request: web.Request, handler: Handler, fault: Kind | None) -> web.StreamResponse:
        if isinstance(fault, int):
            headers = {"Retry-After": self.exchange.config.retry_after} if fault == 429 else None
            text = "Too Many Requests" if fault == 429 else "An internal server error has occurred"
            return ApiError(STATUSES[fault], text, fault).response(headers)
        if fault == "hang":
            await _wait(request, LONGEST_HANG)
        if fault in {"hang", "reset"}:
            return web.Response(status=504)
        try:
            self._check_credentials(request)
            return await handler(request)
        except ApiError as error:
            return error.response()
        except web.HTTPNotFound:
            return not_found(request.path).response()
        except web.HTTPMethodNotAllowed:
            return ApiError(20004, "Method not allowed", 405).response()

    def _check_credentials(self, request: web.Request) -> None:
        config = self.exchange.config
        sid, token = _basic(request.headers.get("Authorization", ""))
        known = hmac.compare_digest(token.encode(), config.auth_token.encode()) and sid == config.account_sid
        if not known:
            raise ApiError(20003, "Authenticate", 401)
        account = request.path.split("/")[3].removesuffix(".json") if request.path.count("/") >= 3 else ""
        if account != config.account_sid:
            raise not_found(request.path)


async def _wait(request: web.Request, seconds: float) -> None:
    """So many real seconds, or until whoever asks has gone."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(0.05)


def _basic(header: str) -> tuple[str, str]:
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        sid, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return sid, token
