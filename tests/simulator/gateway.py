"""A gateway made of scripted answers, for the simulator's own tests."""

import asyncio
import base64
import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

TOKEN = "a-secret-of-the-tests"
Form = dict[str, str]
Answer = str | web.Response
Script = Answer | Callable[[Form], Answer]


@dataclass
class Seen:
    """One request that the simulator sent."""

    path: str
    method: str
    form: Form
    token: str
    signed: bool
    fragment_seen: bool = field(default=False)


class Gateway:
    """`on(path, twiml or function of the form)`; TwiML is wrapped into a Response."""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.seen: list[Seen] = []
        self.delays: dict[str, float] = {}
        self.sounds: dict[str, bytes] = {}
        self.base = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(5)

    def stop(self) -> None:
        assert self._runner is not None
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def url(self, path: str) -> str:
        return self.base + path

    def on(self, path: str, script: Script) -> None:
        self.scripts[path] = script

    def received(self, path: str) -> list[Form]:
        return [one.form for one in list(self.seen) if one.path == path]

    async def _open(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _answer(self, request: web.Request) -> web.Response:
        posted = {name: str(value) for name, value in (await request.post()).items()}
        form = posted or dict(request.query)
        seen = Seen(request.path, request.method, form, request.headers.get("I-Twilio-Idempotency-Token", ""), False)
        seen.signed = request.headers.get("X-Twilio-Signature") == self._signature(request.raw_path, posted)
        self.seen.append(seen)
        if request.path in self.sounds:
            return web.Response(body=self.sounds[request.path], content_type="audio/wav")
        await asyncio.sleep(self.delays.get(request.path, 0))
        script = self.scripts.get(request.path, "")
        answer = script(form) if callable(script) else script
        if isinstance(answer, str):
            text = f'<?xml version="1.0" encoding="UTF-8"?><Response>{answer}</Response>'
            return web.Response(text=text, content_type="text/xml")
        return web.Response(body=answer.body, status=answer.status, headers=answer.headers)

    def _signature(self, raw_path: str, posted: Form) -> str:
        text = self.base + raw_path + "".join(name + posted[name] for name in sorted(posted))
        return base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()).decode()
