"""Ringing a phone, until it is answered, by a person or a machine, or not."""

import asyncio
import re

from simulator.network.calls import Call, Phone
from simulator.network.exchange import Exchange
from simulator.network.handset import hang_up, speak
from simulator.tasks import first, settled

SETUP = 0.3  # call seconds until a call reaches the far end


REJECTED_AFTER = 2.0


VOICEMAIL_BREATH = 1.0  # before it talks


VOICEMAIL_PATIENCE = 60.0  # for which it records


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
