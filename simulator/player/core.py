"""Fetches documents and runs their verbs one after the other."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

from simulator import twiml
from simulator.grammar import CALL, SCREENING
from simulator.identity import Params
from simulator.network.calls import Call
from simulator.network.courier import Answer, Hook, HookError
from simulator.speech import part_said, say_seconds
from simulator.twiml import Document, TwimlError, Verb

if TYPE_CHECKING:
    from simulator.network.exchange import Exchange

APOLOGY = "We are sorry, an application error has occurred. Goodbye."
XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})


@dataclass(frozen=True)
class Request:
    """A document to ask the gateway for; `params` are added to those that every webhook has."""

    url: str
    method: str = "POST"
    params: Params = ()


@dataclass(frozen=True)
class Inline:
    """A document at hand."""

    text: str


Source = Request | Inline


class End(Enum):
    DONE = "no verb is left"
    HANG_UP = "the call is to end"
    LEAVE = "the call is to leave the queue"
    BUSY = "rejected as busy"
    REJECTED = "rejected"


# what comes after a verb: another document, an end, or (None) the next verb
Step = Request | End | None
Handler = Callable[["Player", Verb], Awaitable[Step]]


class Player:
    """`allowed` are the verbs of this place, `extra` gives parameters to add to its requests."""

    handlers: dict[str, Handler] = {}  # noqa: RUF012 - filled once, by the modules of the verbs

    def __init__(
        self,
        exchange: "Exchange",
        call: Call,
        allowed: frozenset[str] = CALL,
        extra: Callable[[], Params] = tuple,
        apologises: bool = True,
    ) -> None:
        self.exchange, self.call, self.allowed, self.extra = exchange, call, allowed, extra
        self.apologises = apologises
        self.base = ""

    async def run(self, source: Source) -> End:
        """Plays the document and those it leads to. A document that cannot be had ends the call with an apology."""
        while True:
            document = await self._load(source)
            if document is None:
                return await self._give_up()
            step = await self.play(document.verbs)
            if isinstance(step, Request):
                source = step
                continue
            if step not in {End.BUSY, End.REJECTED}:
                self.exchange.answer(self.call)
            return step or End.DONE

    async def _give_up(self) -> End:
        if self.apologises:
            self.exchange.answer(self.call)
            await self.utter("said", APOLOGY, say_seconds(APOLOGY))
        return End.HANG_UP

    async def play(self, verbs: list[Verb]) -> Step:
        for verb in verbs:
            if verb.name not in {"Reject", "Redirect"} and not verb.flag("answerOnBridge"):
                self.exchange.answer(self.call)
            try:
                step = await self.handlers[verb.name](self, verb)
            finally:
                for problem in verb.problems:
                    self.warn(12200, problem)
                verb.problems.clear()
            if step is not None:
                return step
        return None

    async def utter(self, kind: str, text: str, seconds: float) -> None:
        """Lets the phone hear something; when cut short, its transcript keeps what was out."""
        entry = self.exchange.write(self.call.phone, kind, text, self.call.sid, seconds)
        entry.playing = True
        try:
            await self.exchange.pace.sleep(seconds)
        except asyncio.CancelledError:
            now = self.exchange.pace.now()
            if now < entry.until:
                share = (now - entry.at) / seconds
                entry.heard = f"{part_said(text, share)} —".strip() if kind == "said" else text
                entry.until = now
                self.exchange.changed(self.call.phone)
            raise
        finally:
            entry.playing = False

    def request(self, url: str, method: str = "POST", params: Params = ()) -> Request:
        """A request to an address as a document gives it, which may be relative to that document."""
        return Request(urljoin(self.base, url) if self.base else url, method, params)

    def action(self, verb: Verb, params: Params, default: bool = False) -> Request | None:
        """The request to the verb's action; with `default` that is the current document when it names none."""
        if "action" not in verb.attributes and not default:
            return None
        return self.request(verb.get("action"), verb.method(), params)

    def farewell(self, request: Request | None) -> None:
        """Tells the gateway the result of a verb that the caller ended by hanging up. The answer is not played."""
        if request is not None and self.exchange.config.farewells:
            self.exchange.spawn(self._tell(request))

    def warn(self, code: int, text: str, level: str = "warning") -> None:
        self.exchange.warn(code, text, self.call, self.base, level)

    async def _tell(self, request: Request) -> None:
        try:
            await self._ask(request)
        except HookError as error:
            self.exchange.warn(error.code, error.text, self.call, request.url, "error")

    async def _load(self, source: Source) -> Document | None:
        """The document, else that of the fallback address, else None. Each failure is an error in the debugger."""
        try:
            return await self._get(source)
        except (HookError, TwimlError) as error:
            url = source.url if isinstance(source, Request) else ""
            self.exchange.warn(error.code, error.text, self.call, url, "error")
            fallback = self.call.fallback
            if fallback is None or url == fallback.url:
                return None
            code, params = error.code, source.params if isinstance(source, Request) else ()
        params += (("ErrorCode", str(code)), ("ErrorUrl", url))
        try:
            return await self._get(Request(fallback.url, fallback.method, params))
        except (HookError, TwimlError) as error:
            self.exchange.warn(error.code, error.text, self.call, fallback.url, "error")
            return None

    async def _get(self, source: Source) -> Document:
        if isinstance(source, Inline):
            return self._checked(twiml.read(source.text, self.allowed))
        answer = await self._ask(source)
        self.base = urldefrag(answer.url)[0]
        if not answer.body.strip() and self.allowed is SCREENING:
            return Document([], [])
        if answer.content_type in XML_TYPES:
            return self._checked(twiml.read(answer.body, self.allowed))
        return self._from_other(answer)

    async def _ask(self, request: Request) -> Answer:
        if urlsplit(request.url).scheme not in {"http", "https"}:
            raise HookError(11100, f"{request.url!r} is no address: a relative one needs a document's address")
        params = self.call.params() + self.extra() + request.params
        hook = Hook(request.url, params, request.method, self.call.sid, self.call.numbers)
        return await self.exchange.courier.fetch(hook)

    def _from_other(self, answer: Answer) -> Document:
        """Sound is played and plain text is read, as Twilio does; a gateway hardly means it."""
        if answer.content_type == "text/plain":
            self.warn(12300, "plain text in place of TwiML, read aloud")
            return Document([Verb("Say", {}, " ".join(answer.body.decode("utf-8", "replace").split()))], [])
        if answer.content_type.startswith("audio/"):
            return Document([Verb("Play", {}, answer.url)], [])
        raise HookError(12300, f"content type {answer.content_type!r} from {answer.url}")

    def _checked(self, document: Document) -> Document:
        for problem in document.problems:
            self.warn(12200, problem)
        return document
