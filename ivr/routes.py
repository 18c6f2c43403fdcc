"""Addresses of the webhooks. Each is signed, and each answers with TwiML, whatever happens."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import log
from core.retry import is_passing, persistently
from core.security.sealing import same_secret
from ivr import conference, incoming, provider_reports, sounds
from ivr.apology import apologise_at_greeting
from ivr.conversation import run_step
from ivr.offline.answering import AwayDesk
from ivr.prompts import conversation
from ivr.texts import receiving
from ivr.texts.apology import TextApologies
from ivr.twilio import addresses
from ivr.twilio.belonging import StrangerError
from ivr.twilio.signature import refuse, require_form, require_own_sids, require_signature
from ivr.twilio.twiml import MessagingResponse, VoiceResponse, empty, spoken
from oncall.delivery.telephony import FINAL
from oncall.models.work.recordings import Recording, RecordingKind
from oncall.runtime import Runtime
from oncall.texting.guard import BusyError
from oncall.tickets.notes import RECORDED
from oncall.tickets.sounds import LostSoundError, kept_sound

blueprint = Blueprint("ivr", __name__, url_prefix="/ivr")
logger = log.get_logger(__name__)

_LARGEST_ID: Final = 2**31 - 1
# Twilio names the call in each of these; of a report on a call it is enough that the address does.
_ABOUT_A_CALL: Final = frozenset({"ivr.voice", "ivr.call_step", "ivr.away_step"})


def runtime() -> Runtime:
    """This process's runtime."""
    found: Runtime = current_app.extensions["runtime"]
    return found


def away() -> AwayDesk:
    """What answers while the database is away."""
    found: AwayDesk = current_app.extensions["away"]
    return found


@blueprint.before_request
def _only_twilio() -> None:
    if request.endpoint == "ivr.recording":  # its address carries a key of our own
        return
    if any(isinstance(part, int) and part > _LARGEST_ID for part in (request.view_args or {}).values()):
        abort(404)
    require_form()
    require_signature(runtime().settings)
    require_own_sids(runtime().settings)
    if request.endpoint in _ABOUT_A_CALL and not request.form.get("CallSid"):
        refuse("no CallSid")


@blueprint.errorhandler(StrangerError)
def _stranger(error: StrangerError) -> Response:
    logger.warning("webhook refused", reason=str(error), path=request.path)
    return Response(status=403)


def _xml(document: str) -> Response:
    return Response(document, mimetype="text/xml")


@blueprint.post("/voice")
def voice() -> Response:
    """A call comes in. (Its end may be reported here too, where no address of its own is set up for that.)"""
    form = request.form.to_dict()
    if form.get("CallStatus") in FINAL:
        return _noted(lambda: incoming.progress(runtime(), form), lambda: away().note_end(form))
    try:
        if not away().still_away():
            return _xml(persistently(lambda: incoming.first_answer(runtime(), form)))
    except StrangerError:
        raise
    except Exception:
        if not away().is_away:
            logger.exception("greeting failed", call=form.get("CallSid"))
            return _xml(apologise_at_greeting(runtime(), request))
    return _xml(away().greet(form))


@blueprint.post("/away/<step>")
def away_step(step: str) -> Response:
    """The answer to a question that was asked without the database, whether that is back by now or not."""
    form, args = request.form.to_dict(), request.args.to_dict()
    return _xml(away().blind(form, args) if step == "blind" else away().go_on(step, form, args))


@blueprint.post("/call/<int:call_id>/<step>")
def call_step(call_id: int, step: str) -> Response:
    """The answer to a question of a conversation."""
    return _xml(run_step(runtime(), call_id, step, away()))


@blueprint.post("/status")
def incoming_status() -> Response:
    """Progress of an incoming call."""
    form = request.form.to_dict()
    return _noted(lambda: incoming.progress(runtime(), form), lambda: away().note_end(form))


@blueprint.post("/call/<int:call_id>/status")
def outgoing_status(call_id: int) -> Response:
    """Progress of a call that we made."""
    return _noted(lambda: provider_reports.call_progress(runtime(), call_id, request.form.to_dict()))


@blueprint.post("/call/<int:call_id>/recorded/<kind>")
def recorded(call_id: int, kind: str) -> Response:
    """A recording is ready."""
    if kind not in RECORDED:
        abort(404)
    return _noted(lambda: provider_reports.recorded(runtime(), call_id, RecordingKind(kind), request.form.to_dict()))


@blueprint.post("/call/<int:call_id>/transcribed/<kind>")
def transcribed(call_id: int, kind: str) -> Response:
    """What was said in a recording, in words."""
    if kind not in RECORDED:
        abort(404)
    return _noted(lambda: provider_reports.transcribed(runtime(), call_id, RecordingKind(kind), request.form.to_dict()))


@blueprint.post("/rooms/<int:room_id>/events")
def room_events(room_id: int) -> Response:
    """Arrivals and departures."""
    return _noted(lambda: provider_reports.room_event(runtime(), room_id, request.form.to_dict()))


@blueprint.post("/rooms/<int:room_id>/announcement")
def announcement(room_id: int) -> Response:
    """What those in a room hear when another caller comes in."""
    try:
        with runtime().database.transaction() as session:
            return _xml(str(conference.announcement(session, request.args.get("call", type=int))))
    except OperationalError:
        logger.warning("announced without a name", room=room_id)
        return _xml(str(spoken(conversation.joins_you(None, None))))


@blueprint.post("/messages/<int:message_id>/status")
def message_status(message_id: int) -> Response:
    """The fate of a text."""
    return _noted(lambda: provider_reports.text_progress(runtime(), message_id, request.form.to_dict()))


def _noted(note: Callable[[], None], put_aside: Callable[[], None] | None = None) -> Response:
    """Note a report, or put it aside while the database is away or too busy: the provider does not tell it again.

    A fault of our own is answered with 500.
    """
    put_aside = put_aside or _keep_report
    try:
        if not away().is_away:
            persistently(note)
        else:
            put_aside()
    except StrangerError:
        raise
    except Exception as error:
        if away().is_away or is_passing(error):
            put_aside()
            return _xml(str(empty()))
        logger.exception("report not noted", path=request.path)
        return Response(str(empty()), status=500, mimetype="text/xml")
    return _xml(str(empty()))


def _keep_report() -> None:
    endpoint = (request.endpoint or "").rpartition(".")[2]
    away().keep_report(endpoint, request.view_args or {}, request.form.to_dict())


@blueprint.post("/sms")
def sms() -> Response:
    """A text comes in."""
    response = MessagingResponse()
    try:
        words = persistently(lambda: receiving.reply(runtime(), request.form.to_dict()))
    except BusyError:
        logger.warning("a text was not looked at: too many at once")
        words = _apology_by_text()
    except Exception:
        logger.exception("text failed")
        words = _apology_by_text()
    if words:
        response.message(words)
    return _xml(str(response))


def _apology_by_text() -> str:
    apologies: TextApologies = current_app.extensions["text_apologies"]
    return apologies.words()


@blueprint.route("/hold", methods=["GET", "POST"])
def hold() -> Response:
    """The waiting music, over and over."""
    response = VoiceResponse()
    response.play(addresses.music_url(runtime().settings), loop=0)
    return _xml(str(response))


@blueprint.get("/recordings/<int:recording_id>.wav")
def recording(recording_id: int) -> Response:
    """A recording, to be played to a technician."""
    if recording_id > _LARGEST_ID:
        abort(404)
    key = addresses.sound_key(runtime().settings, recording_id)
    if not same_secret(request.args.get("key", ""), key):
        abort(403)
    with runtime().database.transaction() as session:
        found = session.get(Recording, recording_id)
        if found is None:
            abort(404)
        sound = _kept_sound(session, recording_id)
    return Response(sound or sounds.fetch(runtime().settings, found.provider_sid), mimetype="audio/x-wav")


def _kept_sound(session: Session, recording_id: int) -> bytes | None:
    try:
        return kept_sound(session, runtime().settings, recording_id)
    except LostSoundError:  # the provider may still have it
        return None
