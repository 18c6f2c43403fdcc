"""What happens on a line: dialing, documents one after the other, redirecting, the end."""

import asyncio
from dataclasses import dataclass

from simulator.network.calls import ENDED, INBOUND, OUTBOUND_API, Call, Phone, Target
from simulator.network.exchange import Exchange
from simulator.network.ringing import SETUP, ring
from simulator.player import End, Player, Request, Source
from simulator.speech import say_seconds

DETECTION = {"human": 3.0, "machine": 4.0}  # call seconds until machine detection has made up its mind


@dataclass(frozen=True)
class Order:
    """An outgoing call as the REST API asks for it. Times in call seconds."""

    to: str
    caller: str
    source: Source
    callback: Target | None = None
    fallback: Target | None = None
    timeout: float = 60.0
    time_limit: float = 14_400.0
    send_digits: str = ""
    detection: str = ""
    detection_callback: Target | None = None
    queue_seconds: float = 0.0


def dial(exchange: Exchange, phone: Phone, anonymous: str = "") -> Call:
    """A person dials the hotline, with `anonymous` for a number if given. Raises ValueError when the line is in use."""
    if phone.call is not None:
        raise ValueError(f"{phone.name} is already on a call")
    config = exchange.config
    call = Call(config.account_sid, anonymous or phone.number, config.number, INBOUND)
    call.phone = phone
    if config.status_url:
        call.callback = Target(config.status_url, config.status_method)
    if config.fallback_url:
        call.fallback = Target(config.fallback_url)
    call.set_status("ringing")
    exchange.calls.add(call)
    phone.take(call, "dialing", exchange.pace.now())
    exchange.write(phone, "note", f"calling {config.number}", call.sid)
    call.document = exchange.spawn(_incoming(exchange, call))
    return call


async def _incoming(exchange: Exchange, call: Call) -> None:
    await exchange.pace.sleep(SETUP)
    if not exchange.config.voice_url:
        exchange.warn(21402, "the number has no voice address", call, level="error")
        exchange.finish(call, "failed")
        return
    await serve(exchange, call, Request(exchange.config.voice_url))


async def serve(exchange: Exchange, call: Call, source: Source) -> None:
    """Runs documents until the call is over."""
    end = await Player(exchange, call).run(source)
    exchange.finish(call, {End.BUSY: "busy", End.REJECTED: "no-answer"}.get(end, "completed"))


def place(exchange: Exchange, order: Order) -> Call:
    """Starts an outgoing call, which is queued at first."""
    call = Call(exchange.config.account_sid, order.caller, order.to, OUTBOUND_API)
    call.callback, call.fallback = order.callback, order.fallback
    call.detection, call.detection_callback = order.detection, order.detection_callback
    call.queue_ms = round(order.queue_seconds * 1000)
    exchange.calls.add(call)
    call.document = exchange.spawn(_outgoing(exchange, call, order))
    return call


async def _outgoing(exchange: Exchange, call: Call, order: Order) -> None:
    if order.queue_seconds:
        await exchange.pace.sleep(order.queue_seconds)
    if not await ring(exchange, call, order.timeout):
        return
    limit_time(exchange, call, order.time_limit)
    if call.detection:
        await _detect(exchange, call)
    await serve(exchange, call, order.source)


async def _detect(exchange: Exchange, call: Call) -> None:
    """Machine detection: holds the first document up, or reports later when it was asked for asynchronously."""
    machine = call.phone is not None and call.phone.faults.voicemail is not None
    seconds = DETECTION["machine" if machine else "human"]
    result = "human"
    if machine and call.detection == "DetectMessageEnd":
        seconds += say_seconds(call.phone.faults.voicemail_text) if call.phone else 0
        result = "machine_end_beep"
    elif machine:
        result = "machine_start"
    if call.detection_callback is not None:
        exchange.spawn(_report_detection(exchange, call, call.detection_callback, result, seconds))
        return
    await exchange.pace.sleep(seconds)
    call.answered_by = result


async def _report_detection(exchange: Exchange, call: Call, target: Target, result: str, seconds: float) -> None:
    await exchange.pace.sleep(seconds)
    call.answered_by = result
    exchange.texting.callback(target, call.params(), call)


def limit_time(exchange: Exchange, call: Call, seconds: float) -> None:
    """Ends the call that many call seconds from now, in place of an earlier limit."""

    async def end_in_time() -> None:
        await exchange.pace.sleep(seconds)
        exchange.finish(call)

    if call.limit is not None:
        call.limit.cancel()
    call.limit = exchange.spawn(end_in_time())


async def redirect(exchange: Exchange, call: Call, source: Source) -> bool:
    """Stops what the call is doing and starts another document; False when the call was not in progress."""
    async with call.redirecting:
        if not call.live:
            return False
        running = call.document
        if running is not None:
            running.cancel()
            await asyncio.wait([running])
        if call.over.is_set():
            return False
        call.document = exchange.spawn(serve(exchange, call, source))
        return True


def cancel(exchange: Exchange, call: Call, status: str) -> None:
    """REST: `canceled` ends a call that has not been answered, `completed` any call."""
    if call.status in ENDED or (status == "canceled" and call.live):
        return
    exchange.finish(call, "completed" if call.live else "canceled")
