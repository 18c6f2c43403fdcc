"""What the softphone page and scripts use: the phones, their faults, and the state as JSON. Without sign-in."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulator.network import handset, lines
from simulator.network.calls import Phone
from simulator.network.delivery import DeliveryFaults
from simulator.network.exchange import Exchange
from simulator.network.phones import ROLES
from simulator.page import files, view
from simulator.rest.faults import ApiFaults

LONGEST_POLL = 30.0  # real seconds
Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ControlError(Exception):
    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence, self.status = sentence, status


def add_control_routes(app: web.Application, exchange: Exchange, api_faults: ApiFaults) -> None:
    control = Control(exchange, api_faults)
    api, phone = "/simulator/api", "/simulator/api/phones/{number}"
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/simulator", control.enter),
        ("GET", "/simulator/", files.index),
        ("GET", "/simulator/static/{name}", files.file),
        ("GET", f"{api}/state", control.state),
        ("GET", f"{api}/journal", control.journal),
        ("POST", f"{api}/phones", control.add_phones),
        ("DELETE", phone, control.remove_phone),
        ("POST", f"{phone}/{{action}}", control.act),
        ("POST", f"{api}/reset", control.reset),
        ("POST", f"{api}/speed", control.speed),
        ("POST", f"{api}/api-faults", control.api_faults),
        ("POST", f"{api}/delivery-faults", control.delivery_faults),
    ]
    for method, path, handler in table:
        app.router.add_route(method, path, _told(handler))


def _told(handler: Handler) -> Handler:
    """Errors become a sentence in JSON."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ControlError as error:
            return web.json_response({"error": error.sentence}, status=error.status)
        except (ValueError, TypeError, KeyError) as error:
            return web.json_response({"error": str(error)}, status=400)

    return answer


class Control:
    def __init__(self, exchange: Exchange, faults: ApiFaults) -> None:
        self.exchange, self.faults = exchange, faults

    async def enter(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/simulator/")

    async def state(self, request: web.Request) -> web.StreamResponse:
        """The state, once its version is above `after`; `wait` real seconds at most."""
        after = int(request.query.get("after", "0"))
        wait = min(float(request.query.get("wait", "0")), LONGEST_POLL)
        await self.exchange.wait_change(after, wait)
        return web.json_response(view.state(self.exchange))

    async def journal(self, request: web.Request) -> web.StreamResponse:
        after = int(request.query.get("after", "0"))
        return web.json_response({"records": self.exchange.journal.after(after)})

    async def add_phones(self, request: web.Request) -> web.StreamResponse:
        """One phone, or a list of phones."""
        given = await _json(request, list)
        for one in given if isinstance(given, list) else [given]:
            add_phone(self.exchange, one)
        return web.json_response({"phones": len(self.exchange.phones)}, status=201)

    async def remove_phone(self, request: web.Request) -> web.StreamResponse:
        phone = self._phone(request)
        if phone.call is not None:
            handset.hang_up(self.exchange, phone)
        del self.exchange.phones[phone.number]
        self.exchange.changed()
        return web.Response(status=204)

    async def act(self, request: web.Request) -> web.StreamResponse:
        phone, given = self._phone(request), await _json(request)
        actions: dict[str, Callable[[Phone, Json], Json | None]] = {
            "dial": self._dial,
            "answer": lambda phone, _: handset.answer(self.exchange, phone),
            "decline": lambda phone, _: handset.decline(self.exchange, phone),
            "hangup": lambda phone, _: handset.hang_up(self.exchange, phone),
            "press": lambda phone, given: handset.press(self.exchange, phone, str(given.get("digits", ""))),
            "speak": self._speak,
            "text": self._text,
            "faults": self._faults,
        }
        action = actions.get(request.match_info["action"])
        if action is None:
            raise ControlError(f"a phone cannot {request.match_info['action']}", 404)
        return web.json_response(action(phone, given) or {"ok": True})

    async def reset(self, request: web.Request) -> web.StreamResponse:
        self.faults.clear()
        self.exchange.reset()
        return web.json_response({"ok": True})

    async def speed(self, request: web.Request) -> web.StreamResponse:
        self.exchange.pace.set_speed(float((await _json(request))["speed"]))
        self.exchange.changed()
        return web.json_response({"speed": self.exchange.pace.speed})

    async def api_faults(self, request: web.Request) -> web.StreamResponse:
        """`{kind, times, path, method, probability, seconds}`, or `{clear: true}`; `kind` may be a list."""
        given = await _json(request)
        if given.pop("clear", False):
            self.faults.clear()
        if given:
            self.faults.add(**given)
        return web.json_response({"faults": len(self.faults.faults)})

    async def delivery_faults(self, request: web.Request) -> web.StreamResponse:
        """Faults of every webhook and callback: `{slow, duplicate, late, shuffled}`; what is left out is off."""
        self.exchange.courier.faults = DeliveryFaults(**await _json(request))
        return web.json_response({"ok": True})

    def _dial(self, phone: Phone, given: Json) -> Json:
        to = given.get("to") or self.exchange.config.number
        if to != self.exchange.config.number:
            raise ControlError(f"only the hotline, {self.exchange.config.number}, can be called from here")
        anonymous = given.get("from_anonymous")
        shown = anonymous if isinstance(anonymous, str) else "anonymous" if anonymous else ""
        return {"sid": lines.dial(self.exchange, phone, shown).sid}

    def _speak(self, phone: Phone, given: Json) -> Json:
        text = str(given.get("text", "")).strip()
        if not text:
            raise ControlError("there is nothing to say")
        return {"seconds": handset.speak(self.exchange, phone, text) / self.exchange.pace.speed}

    def _text(self, phone: Phone, given: Json) -> Json:
        body = str(given.get("body", ""))
        if not body:
            raise ControlError("a text needs a body")
        return {"sid": self.exchange.texting.receive(phone, body, given.get("to") or "").sid}

    def _faults(self, phone: Phone, given: Json) -> None:
        phone.faults.change(given)
        self.exchange.changed(phone)

    def _phone(self, request: web.Request) -> Phone:
        number = request.match_info["number"]
        phone = self.exchange.phones.get(number)
        if phone is None:
            raise ControlError(f"there is no phone with the number {number}", 404)
        return phone


def add_phone(exchange: Exchange, given: Any) -> Phone:
    """A phone from `{number, name, role, note}`. Raises ValueError."""
    if not isinstance(given, dict) or not isinstance(given.get("number"), str):
        raise ValueError("a phone needs a number")
    role = given.get("role", "customer")
    if role not in ROLES:
        raise ValueError(f"the role of a phone is one of {', '.join(ROLES)}")
    return exchange.add_phone(given["number"], given.get("name", ""), role, given.get("note", ""))


async def _json(request: web.Request, *others: type) -> Any:
    text = await request.text()
    try:
        given = json.loads(text) if text.strip() else {}
    except json.JSONDecodeError as error:
        raise ControlError("the body is not JSON") from error
    if not isinstance(given, dict | list) or (isinstance(given, list) and list not in others):
        raise ControlError("the body is not a JSON object")
    return given
