"""What a call takes along in its addresses, so that any process on any machine can go on without the database.

Sealed, so that it is opaque to whoever sees an address, and covered by the signature like all of it. A whole PIN is
never in it; what was typed of one before a pause is, under a seal of its own.
"""

import json
from dataclasses import dataclass, fields
from typing import Any, Final

from core.security.sealing import SealError, seal_for
from core.settings import Settings
from oncall.models.calls import PhoneCall

_PURPOSE: Final = "address"


@dataclass
class Carried:
    """Where a call stands. `turn` counts the questions asked without the database (thousands: with it).

    `call`, `ticket`, `number`, `known`, `room`: of a call that began with the database, as far as it had come.
    `tried`: who has been rung in this `round`; `rung`: how many in all; `person`: who is being rung.
    `silences`, `useless`: silences, and keys without a meaning, in answer to the question asked last.
    `busy`: how many of them were talking with somebody else; `pauses`: how often it was waited for them.
    `part`: what was typed before a pause (ivr.collecting).
    `left_by`: the technician who has hung up while the caller is still there, rung `again` so many times; `after`:
    behind whom the ring order begins.
    `begun`: real time of the first question without the database, seconds since 1970. `child`: the provider's id of the
    call to the person who is being rung, once it has asked for its document. `read_back`: a typed number has been read
    to the caller, who is asked whether it is wrong.
    """

    sid: str = ""
    turn: int = 0
    contract: int | None = None
    priority: str | None = None
    call: int | None = None
    ticket: int | None = None
    number: int | None = None
    known: int | None = None
    room: int | None = None
    staff: int | None = None
    tries: int = 0
    silences: int = 0
    useless: int = 0
    languages: int = 0
    round: int = 1
    tried: tuple[int, ...] = ()
    rung: int = 0
    person: int | None = None
    first: int | None = None
    readings: int = 0
    busy: int = 0
    pauses: int = 0
    part: str | None = None
    left_by: int | None = None
    again: int = 0
    after: int | None = None
    begun: int = 0
    child: str = ""
    read_back: bool = False


_FIELDS: Final = fields(Carried)


def sealed(settings: Settings, carried: Carried) -> str:
    """As an address carries it: only what is not as usual, by position."""
    values = {
        str(place): value
        for place, field in enumerate(_FIELDS)
        if (value := getattr(carried, field.name)) != field.default
    }
    return seal_for(settings.pin_secret, _PURPOSE).close_text(json.dumps(values, separators=(",", ":")).encode())


def opened(settings: Settings, text: str) -> Carried | None:
    """What an address carried; None when there is nothing, or nothing of ours."""
    if not text:
        return None
    try:
        found: dict[str, Any] = json.loads(seal_for(settings.pin_secret, _PURPOSE).open_text(text))
        values = {_FIELDS[int(place)].name: value for place, value in found.items()}
        return Carried(**values | {"tried": tuple(values.get("tried", ()))})
    except (SealError, ValueError, TypeError, IndexError):
        return None


def carried_by(call: PhoneCall) -> Carried:
    """What an ordinary call's next address takes along: which call it is, and how far it has come."""
    return Carried(
        sid=call.sid or "",
        contract=call.contract_id,
        priority=call.memo.priority,
        call=call.id,
        ticket=call.ticket_id,
        number=call.memo.ticket_number,
        known=call.known_ticket_id,
        room=call.room_id,
        staff=call.person_id,
        part=call.memo.part,
        left_by=call.memo.left_by,
        read_back=call.memo.read_back,
    )
