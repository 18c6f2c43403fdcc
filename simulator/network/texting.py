"""Text messages in both directions, with opt-out words and delivery reports."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin

from simulator import grammar, twiml
from simulator.identity import API_VERSION, Params, new_sid, utc_now
from simulator.network.calls import Call, Phone, Target
from simulator.network.courier import Answer, Hook, HookError
from simulator.network.exchange_port import ExchangePort
from simulator.network.phones import Faults, Text
from simulator.network.registry import Registry
from simulator.segments import segments
from simulator.twiml import TwimlError

LONGEST_BODY = 1600
OPT_OUT = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"})
OPT_IN = frozenset({"START", "YES", "UNSTOP"})
TO_CARRIER, TO_HANDSET = 0.3, 0.7  # call seconds
MEANING = {
    21610: "the recipient has opted out",
    30003: "unreachable destination handset",
    30004: "message blocked",
    30005: "unknown destination handset",
    30006: "landline or unreachable carrier",
    30007: "message filtered",
    30008: "unknown error",
}


@dataclass
class Message:
    to: str
    sender: str
    body: str
    account: str
    direction: str = "outbound-api"  # inbound | outbound-api | outbound-reply | outbound-call
    callback: Target | None = None
    status: str = "queued"
    error_code: int | None = None
    sid: str = field(default_factory=lambda: new_sid("SM"))
    created: datetime = field(default_factory=utc_now)
    updated: datetime = field(default_factory=utc_now)
    sent: datetime | None = None

    @property
    def error_message(self) -> str | None:
        return None if self.error_code is None else MEANING.get(self.error_code, "delivery failed")

    def params(self) -> Params:
        return (
            ("AccountSid", self.account),
            ("ApiVersion", API_VERSION),
            ("From", self.sender),
            ("To", self.to),
            ("MessageSid", self.sid),
            ("SmsSid", self.sid),
        )


class Texting:
    def __init__(self, exchange: ExchangePort) -> None:
        self._exchange = exchange
        self.all: Registry[Message] = Registry()

    def clear(self) -> None:
        self.all.clear()

    def callback(self, target: Target, params: Params, call: Call) -> None:
        self._exchange.courier.post(Hook(target.url, params, target.method, call.sid, call.numbers))

    def send(self, to: str, body: str, callback: Target | None = None, direction: str = "outbound-api") -> Message:
        """Accepts a text of the hotline for delivery."""
        config = self._exchange.config
        message = Message(to, config.number, body, config.account_sid, direction, callback)
        self.all.add(message)
        self._exchange.spawn(self._deliver(message))
        return message

    def receive(self, phone: Phone, body: str, to: str = "") -> Message:
        """A person sends a text to the hotline."""
        config = self._exchange.config
        message = Message(to or config.number, phone.number, body, config.account_sid, "inbound", status="received")
        self.all.add(message)
        text = Text(self._exchange.pace.now(), "out", message.to, body, "sent", message.sid)
        phone.texts.append(text)
        word = body.strip().upper()
        opting = "STOP" if word in OPT_OUT else "START" if word in OPT_IN else ""
        if opting:
            phone.faults.opted_out = opting == "STOP"
        self._exchange.changed(phone)
        self._exchange.spawn(self._hand_over(message, text, phone, opting))
        return message

    async def _deliver(self, message: Message) -> None:
        exchange = self._exchange
        exchange.courier.busy += 1
        try:
            await exchange.pace.sleep(TO_CARRIER)
            if self._is_forgotten(message):
                return
            message.sent = utc_now()
            self._report(message, "sent")
            await exchange.pace.sleep(TO_HANDSET)
            if self._is_forgotten(message):
                return
            faults = exchange.faults_of(message.to) or Faults()
            phone = exchange.phones.get(message.to)
            code = faults.undelivered or (30003 if phone is None or faults.failed else 0)
            if code or phone is None:
                message.error_code = code
                self._report(message, "undelivered")
                return
            text = Text(exchange.pace.now(), "in", message.sender, message.body, "delivered", message.sid)
            phone.texts.append(text)
            self._report(message, "delivered")
            exchange.changed(phone)
        finally:
            exchange.courier.busy -= 1

    def _is_forgotten(self, message: Message) -> bool:
        """Whether all was reset while it was on its way."""
        return self.all.get(message.sid) is None

    def _report(self, message: Message, status: str) -> None:
        message.status, message.updated = status, utc_now()
        if message.callback is None:
            return
        params = (*message.params(), ("MessageStatus", status), ("SmsStatus", status))
        if message.error_code is not None:
            params += (("ErrorCode", str(message.error_code)),)
        self._exchange.courier.post(Hook(message.callback.url, params, message.callback.method, numbers=(message.to,)))

    async def _hand_over(self, message: Message, text: Text, phone: Phone, opting: str) -> None:
        """Posts the incoming text to the gateway and sends what it answers."""
        exchange = self._exchange
        url = exchange.config.sms_url
        if not url:
            exchange.journal.warn("error", 21402, "the number has no address for texts")
            return
        params: Params = (
            *message.params(),
            ("SmsMessageSid", message.sid),
            ("Body", message.body),
            ("NumMedia", "0"),
            ("NumSegments", str(segments(message.body))),
            ("SmsStatus", "received"),
            ("FromCountry", ""),
            ("ToCountry", ""),
        )
        if opting:
            params += (("OptOutType", opting),)
        try:
            await self._converse(url, params, phone)
            text.status = "delivered"
        except (HookError, TwimlError) as error:
            text.status = "failed"
            exchange.journal.warn("error", error.code, error.text, url=url)
        exchange.changed(phone)

    async def _converse(self, url: str, params: Params, phone: Phone) -> None:
        """Plays the answer; a Redirect asks again elsewhere, ten times at most."""
        for _ in range(10):
            hook = Hook(url, params, numbers=(phone.number,))
            verbs = self._read(await self._exchange.courier.fetch(hook), url)
            redirect = next((verb for verb in verbs if verb.name == "Redirect"), None)
            for verb in verbs[: verbs.index(redirect)] if redirect else verbs:
                self._reply(verb, phone, url)
            if redirect is None:
                return
            url = urljoin(url, redirect.text)

    def _read(self, answer: Answer, url: str) -> list[twiml.Verb]:
        if not answer.body.strip():
            return []
        if answer.content_type == "text/plain":
            return [twiml.Verb("Message", {}, answer.body.decode("utf-8", "replace").strip())]
        if answer.content_type not in {"text/xml", "application/xml", "text/html"}:
            raise HookError(12300, f"content type {answer.content_type!r} from {url}")
        document = twiml.read(answer.body, grammar.MESSAGE_REPLY)
        for problem in document.problems:
            self._exchange.warn(12200, problem, url=url)
        return document.verbs

    def _reply(self, verb: twiml.Verb, phone: Phone, url: str) -> None:
        to = verb.get("to", phone.number)
        faults = self._exchange.faults_of(to)
        if faults is not None and faults.opted_out:
            self._exchange.warn(21610, f"{to} has opted out, the reply was not sent", url=url)
            return
        self.send_verb(verb, to, url, "outbound-reply")

    def send_verb(self, verb: twiml.Verb, to: str, url: str, direction: str) -> None:
        """Sends what a Message verb says."""
        bodies = [child.text for child in verb.children if child.name == "Body"]
        body = " ".join([verb.text, *bodies]).strip()
        callback = verb.get("statusCallback")
        target = Target(urljoin(url, callback)) if callback else None
        self.send(to, body, target, direction)
