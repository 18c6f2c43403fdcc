"""What happens on a line: dialing, ringing, answering, redirecting, hanging up."""

import asyncio
import re
from dataclasses import dataclass

from simulator.calls import ENDED, INBOUND, OUTBOUND_API, Call, Target
from simulator.exchange import Exchange
from simulator.phones import Phone
from simulator.player import End, Player, Request, Source
from simulator.speech import say_seconds
from simulator.tasks import first, settled

SETUP = 0.3  # call seconds until a call reaches the far end
REJECTED_AFTER = 2.0
VOICEMAIL_BREATH = 1.0  # before it talks
VOICEMAIL_PATIENCE = 60.0  # for which it records
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


async def ring(exchange: Exchange, call: Call, timeout: float) -> bool:
    """Rings the called phone. True once it is answered; otherwise the call has ended with the reason as its status."""
    exchange.progress(call, "initiated")
    await exchange.pace.sleep(SETUP)
    phone = exchange.phones.get(call.called)
    faults = exchange.faults_of(call.called)
    if faults is not None and faults.failed:
        exchange.finish(call, faults.failed)
        return False
    if (faults is not None and faults.busy) or (phone is not None and phone.call is not None):
        if phone is not None:
            exchange.write(phone, "note", f"missed call from {call.caller}: line busy", call.sid)
        exchange.finish(call, "busy")
        return False
    call.phone = phone
    if phone is None:
        exchange.progress(call, "ringing")
        await exchange.pace.sleep(timeout)
        exchange.finish(call, "no-answer")
        return False
    return await _ring_phone(exchange, call, phone, timeout)


async def _ring_phone(exchange: Exchange, call: Call, phone: Phone, timeout: float) -> bool:
    choice: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    phone.choice = choice
    phone.take(call, "ringing", exchange.pace.now())
    exchange.write(phone, "note", f"ringing: call from {call.caller}", call.sid)
    exchange.progress(call, "ringing")
    moment, habit = _habit(phone)
    await first(settled(choice), exchange.pace.sleep(min(timeout, moment)))
    outcome = choice.result() if choice.done() else habit if moment <= timeout else "no-answer"
    if call.over.is_set():
        return False
    phone.choice = None
    if outcome != "answer":
        exchange.write(phone, "note", f"missed call from {call.caller}", call.sid)
        exchange.finish(call, outcome)
        return False
    exchange.answer(call)
    if not choice.done() and phone.faults.voicemail is not None:
        exchange.spawn(_voicemail(exchange, call, phone))
    return True


def _habit(phone: Phone) -> tuple[float, str]:
    """What the phone does by itself: (after which time, answer or the reason why not)."""
    faults = phone.faults
    if faults.reject:
        return REJECTED_AFTER, faults.reject
    if faults.voicemail is not None:
        return faults.voicemail, "answer"
    if faults.auto_answer is not None and not faults.no_answer:
        return faults.auto_answer, "answer"
    return float("inf"), "no-answer"


async def _voicemail(exchange: Exchange, call: Call, phone: Phone) -> None:
    """A machine talks, then listens until the other side hangs up. It never presses a key."""
    call.answered_by = "machine_start" if call.detection else None
    exchange.write(phone, "note", "voicemail answered", call.sid)
    index, _ = await first(call.over.wait(), _talk_and_listen(exchange, phone))
    if index == 1 and phone.call is call:
        hang_up(exchange, phone)


async def _talk_and_listen(exchange: Exchange, phone: Phone) -> None:
    await exchange.pace.sleep(VOICEMAIL_BREATH)
    for sentence in re.findall(r"[^.,!?]+[.,!?]?", phone.faults.voicemail_text):
        await exchange.pace.sleep(speak(exchange, phone, sentence.strip()))
    exchange.write(phone, "note", "voicemail records", phone.call.sid if phone.call else "")
    await exchange.pace.sleep(VOICEMAIL_PATIENCE)


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


# what the person with the phone does; each raises ValueError with a sentence when that is not possible


def answer(exchange: Exchange, phone: Phone) -> None:
    _choose(phone, "answer")


def decline(exchange: Exchange, phone: Phone) -> None:
    _choose(phone, "busy")
    exchange.changed(phone)


def _choose(phone: Phone, choice: str) -> None:
    if phone.state != "ringing" or phone.choice is None or phone.choice.done():
        raise ValueError(f"{phone.name} is not ringing")
    phone.choice.set_result(choice)


def hang_up(exchange: Exchange, phone: Phone) -> None:
    call = _talking(phone)
    if phone.state == "ringing":
        decline(exchange, phone)
        return
    call.hung_up = True
    exchange.finish(call)


def press(exchange: Exchange, phone: Phone, digits: str) -> None:
    """Presses keys one after the other: digits, `*`, `#`."""
    call = _talking(phone)
    if not digits or set(digits) - set("0123456789*#"):
        raise ValueError("keys are 0 to 9, * and #")
    exchange.write(phone, "pressed", digits, call.sid)
    lost = [key for key in digits if not (call.listener is not None and call.listener.key(key))]
    if lost:
        exchange.write(phone, "note", f"nobody was listening to {''.join(lost)}", call.sid)


def speak(exchange: Exchange, phone: Phone, text: str) -> float:
    """Says words into the phone; the seconds it takes are returned, not waited for."""
    call = _talking(phone)
    if phone.state != "talking":
        raise ValueError(f"{phone.name} is not connected yet")
    seconds = say_seconds(text)
    exchange.write(phone, "spoke", text, call.sid)
    for other in call.room.audience(call) if call.room is not None else ():
        exchange.write(other.phone, "heard", f"{phone.name}: {text}", other.sid, seconds)
    if call.listener is not None:
        call.listener.speech(text, seconds)
    return seconds


def _talking(phone: Phone) -> Call:
    if phone.call is None:
        raise ValueError(f"{phone.name} is not on a call")
    return phone.call
