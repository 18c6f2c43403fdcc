"""Recordings that play on a ticket's page: at addresses that are signed for who looks, and end."""

import hashlib
import hmac
import io
from datetime import datetime, timedelta
from typing import Final

from flask import Blueprint, abort, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.clock import real_now
from core.security.sealing import same_secret
from oncall.models.tickets import Ticket
from oncall.models.work.recordings import Recording
from oncall.tickets.sounds import LostSoundError, kept_sound
from web.platform.access import Actor, current_account, current_actor, runtime, works_on_ticket

blueprint = Blueprint("ticket_sounds", __name__)

# An address lasts from one to two of these: it stays the same meanwhile, so that a page that looks again does not
# begin a recording anew.
_LASTS: Final = timedelta(minutes=10)
_ADDRESS: Final = f"/tickets/<int(max={2**31 - 1}):number>/recordings/<int(max={2**31 - 1}):recording_id>.wav"


def sound_address(number: int, recording_id: int, actor: Actor) -> str:
    """Where this person, and nobody else, hears it for the next minutes (real time)."""
    until = int(real_now().timestamp() // _LASTS.total_seconds() + 2) * int(_LASTS.total_seconds())
    key = _key(recording_id, actor, until)
    return url_for("ticket_sounds.sound", number=number, recording_id=recording_id, until=until, key=key)


@blueprint.get(_ADDRESS)
@works_on_ticket
def sound(number: int, recording_id: int) -> ResponseReturnValue:
    """The recording (WAV), in parts where the browser asks so. 403 for somebody else's address, or one that is over."""
    actor, typed = current_actor(), request.args.get("until", "")
    until = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 12 else 0
    if not same_secret(request.args.get("key", ""), _key(recording_id, actor, until)):
        abort(403, "This recording is for whoever opened it: open the ticket's page yourself.")
    if datetime.fromtimestamp(until, real_now().tzinfo) <= real_now():
        abort(403, "This address of the recording is over: load the ticket's page again.")
    with runtime().database.transaction() as session:
        ours = select(Recording.id).join(Ticket).where(Recording.id == recording_id, Ticket.number == number)
        if session.scalar(ours) is None:
            abort(404, "This ticket has no such recording.")
        try:
            found = kept_sound(session, runtime().settings, recording_id)
        except LostSoundError:
            abort(410, "This recording was kept under another PIN_KEY: it can't be opened any more.")
    if found is None:
        abort(404, "This recording is not here yet: it is fetched from the telephone network.")
    return send_file(io.BytesIO(found), mimetype="audio/wav", conditional=True)


def _key(recording_id: int, actor: Actor, until: int) -> str:
    person = actor.person_id
    who = f"account {current_account().account_id}" if person is None else f"person {person}"
    words = f"recording {recording_id} {until} {who}".encode()
    return hmac.new(runtime().settings.session_secret.encode(), words, hashlib.sha256).hexdigest()[:32]
