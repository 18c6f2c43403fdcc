"""What the softphone page shows, as JSON. All times are real seconds."""

from dataclasses import asdict
from typing import Any

from simulator.network.calls import Call, Phone
from simulator.network.exchange import ENDED_SHOWN, Exchange
from simulator.page.offers import asked, speaking
from simulator.player.gather import Ear

TRANSCRIPT_SHOWN, TEXTS_SHOWN, WARNINGS_SHOWN = 200, 50, 50

Json = dict[str, Any]


def state(exchange: Exchange) -> Json:
    config, warnings = exchange.config, list(exchange.journal.warnings)
    return {
        "version": exchange.version,
        "hotline": config.number,
        "speed": exchange.pace.speed,
        "panel_url": config.panel_url,
        "board_url": config.board_url,
        "clock_url": config.clock_url,
        "paging_url": config.paging_url,
        "phones": [phone_view(exchange, phone) for phone in exchange.phones.values()],
        "warnings": [asdict(one) for one in warnings[-WARNINGS_SHOWN:]],
    }


def phone_view(exchange: Exchange, phone: Phone) -> Json:
    pace = exchange.pace
    transcript = list(phone.transcript)[-TRANSCRIPT_SHOWN:]
    return {
        "number": phone.number,
        "name": phone.name,
        "role": phone.role,
        "note": phone.note,
        "call": _call_view(exchange, phone),
        "transcript": [
            {"id": one.id, "at": _real(exchange, one.at), "call": one.call, "kind": one.kind, "text": one.shown}
            for one in transcript
        ],
        "texts": [
            {
                "id": one.id,
                "at": _real(exchange, one.at),
                "direction": one.direction,
                "with": one.other,
                "body": one.body,
                "status": one.status,
            }
            for one in list(phone.texts)[-TEXTS_SHOWN:]
        ],
        "faults": asdict(phone.faults),
        "signal": 0 if phone.faults.failed else 2 if phone.faults.slow else 4,
        "now": _real(exchange, pace.now()),
    }


def _call_view(exchange: Exchange, phone: Phone) -> Json | None:
    now, speed = exchange.pace.now(), exchange.pace.speed
    since = exchange.pace.real(now) - exchange.pace.real(phone.since)
    call = phone.call or phone.last
    if call is None or (phone.call is None and since >= ENDED_SHOWN):
        return None
    other = call.called if call.caller == phone.number or call.direction == "inbound" else call.caller
    heard = phone.hears_now(now) if phone.call is not None else None
    return {
        "sid": call.sid,
        "state": phone.state if phone.call is not None else "ended",
        "with": other,
        "with_name": _name(exchange, call, phone, other),
        "since": round(since, 2),
        "recording": call.recording,
        "gathering": isinstance(call.listener, Ear) and not call.listener.complete,
        "asks": asked(call.listener) if phone.call is not None else None,
        "speaks_for": round(speaking(call.listener) / speed, 2),
        "hears_now": heard.text if heard is not None else None,
        "hears_for": round((heard.until - now) / speed, 2) if heard is not None else 0,
    }


def _name(exchange: Exchange, call: Call, phone: Phone, other: str) -> str:
    """Who is at the far end: people in the same room, else the hotline or the holder of the number."""
    room = call.room
    people = [one.phone.name for one in room.audience(call) if one.phone is not None] if room is not None else []
    if people:
        return ", ".join(people)
    if other == exchange.config.number:
        return "Hotline"
    known = exchange.phones.get(other)
    return known.name if known is not None else other


def _real(exchange: Exchange, moment: float) -> float:
    """Real seconds since the start, of a moment in call seconds."""
    return round(exchange.pace.real(moment), 2)
