"""Dial Conference: enters a room and stays until it is over."""

from collections.abc import Callable
from contextlib import ExitStack

from simulator.grammar import CONFERENCE_WAIT
from simulator.identity import Params
from simulator.network.calls import Target
from simulator.network.conferences import LARGEST, Conference, Entrance, Participant
from simulator.player.core import End, Player, Request
from simulator.player.star import Star
from simulator.tasks import first
from simulator.twiml import Verb

HOLD_MUSIC = "http://twimlets.com/holdmusic"  # Twilio's own, played from here
MUSIC_SECONDS = 30.0


async def dial_conference(player: Player, verb: Verb, noun: Verb) -> Params:
    """The parameters of the Dial's action, once the call has left the room."""
    exchange, call = player.exchange, player.call
    if not noun.text:
        player.warn(13223, "<Conference> without a name", "error")
        return (("DialCallStatus", "failed"),)
    conference, participant = exchange.conferences.join(noun.text, call, _entrance(player, noun))
    if participant is None:
        player.warn(13255, f"conference {noun.text!r} is full", "error")
        return (("DialCallStatus", "failed"),)
    began, star = exchange.pace.now(), Star()
    _beep(player, conference, participant, "joined")
    try:
        with ExitStack() as listening:
            if verb.flag("hangupOnStar"):
                listening.enter_context(call.heard_by(star))
            limit = exchange.pace.sleep(verb.number("timeLimit", 14_400, 1))
            stay = _stay(player, conference, participant)
            await first(participant.gone.wait(), star.pressed.wait(), limit, stay)
    finally:
        left = "participant_hung_up" if call.over.is_set() else "participant_updated_via_api"
        exchange.conferences.leave(conference, participant, participant.reason or left)
        _beep(player, conference, participant, "left")
    seconds = max(1, round(exchange.pace.now() - began))
    return (("DialCallStatus", "answered"), ("DialCallDuration", str(seconds)))


async def _stay(player: Player, conference: Conference, participant: Participant) -> None:
    """Plays what the participant should hear besides the others: music before the start or on hold, else silence."""
    while True:
        participant.turned.clear()
        tune = _tune(conference, participant)
        if tune is None:
            await participant.turned.wait()
        else:
            index, _ = await first(participant.turned.wait(), play_again(player, tune, CONFERENCE_WAIT))
            if index == 1:  # the document could not be had: silence
                await participant.turned.wait()


def _tune(conference: Conference, participant: Participant) -> Target | None:
    if participant.hold:
        return participant.hold_target or Target(HOLD_MUSIC)
    return participant.entrance.wait if conference.status == "init" else None


async def play_again(player: Player, tune: Target, allowed: frozenset[str], extra: Callable[[], Params] = tuple) -> End:
    """Plays a document again and again until it says to leave or hang up, or gives nothing to hear (silence)."""
    exchange = player.exchange
    while True:
        if tune.url.startswith(HOLD_MUSIC):
            await player.utter("played", "hold music", MUSIC_SECONDS)
            continue
        began = exchange.pace.now()
        inner = Player(exchange, player.call, allowed, extra, apologises=allowed is not CONFERENCE_WAIT)
        end = await inner.run(Request(tune.url, tune.method))
        if end in {End.LEAVE, End.HANG_UP}:
            return end
        if exchange.pace.now() - began < 1:
            # a document without sound would be asked for without end
            await exchange.pace.sleep(1)


def _entrance(player: Player, noun: Verb) -> Entrance:
    wait: Target | None = Target(HOLD_MUSIC)
    if "waitUrl" in noun.attributes:
        url = noun.get("waitUrl")
        wait = Target(player.request(url).url, noun.method("waitMethod")) if url else None
    if noun.get("record", "do-not-record") != "do-not-record":
        noun.problems.append("conferences are not recorded by the simulator")
    return Entrance(
        label=noun.get("participantLabel"),
        muted=noun.flag("muted"),
        start_on_enter=noun.flag("startConferenceOnEnter", True),
        end_on_exit=noun.flag("endConferenceOnExit"),
        beep=noun.get("beep", "true"),
        wait=wait,
        callback=_callback(player, noun),
        max_participants=int(min(noun.number("maxParticipants", LARGEST, 1), LARGEST)),
    )


def _callback(player: Player, noun: Verb) -> Target | None:
    url = noun.get("statusCallback")
    if not url:
        return None
    events = frozenset(noun.get("statusCallbackEvent").split())
    if not events:
        noun.problems.append("Conference statusCallback without statusCallbackEvent tells nothing")
    return Target(player.request(url).url, noun.method("statusCallbackMethod"), events)


def _beep(player: Player, conference: Conference, participant: Participant, what: str) -> None:
    wanted = {"joined": ("true", "onEnter"), "left": ("true", "onExit")}[what]
    if participant.entrance.beep not in wanted or conference.status != "in-progress":
        return
    for other in conference.participants.values():
        if other is not participant:
            player.exchange.write(other.call.phone, "played", f"beep (somebody {what})", other.call.sid, 0.5)
