"""The Conference and Participant resources."""

from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

from simulator.grammar import CONFERENCE_WAIT
from simulator.network import lines
from simulator.network.calls import Target
from simulator.network.conferences import Conference, Participant
from simulator.network.exchange import Exchange
from simulator.player import Inline, Player, Request
from simulator.rest.calls import order_of
from simulator.rest.errors import ApiError
from simulator.rest.forms import Form, exchange_of, found
from simulator.rest.pages import in_time, page
from simulator.rest.shapes import Shapes


async def list_conferences(request: web.Request) -> web.Response:
    exchange, query = exchange_of(request), request.query
    conferences = [
        one
        for one in exchange.conferences.all.newest_first()
        if query.get("FriendlyName", one.name) == one.name
        and query.get("Status", one.status) == one.status
        and in_time(request, "DateCreated", one.created)
        and in_time(request, "DateUpdated", one.updated)
    ]
    return page(request, "conferences", conferences, Shapes(exchange).conference)


async def fetch_conference(request: web.Request) -> web.Response:
    return web.json_response(Shapes(exchange_of(request)).conference(_conference(request)))


async def update_conference(request: web.Request) -> web.Response:
    """Ends the conference, or says something to everybody in it."""
    exchange, form, conference = exchange_of(request), await Form.of(request), _conference(request)
    status = form.get("Status")
    if status not in {"", "completed"}:
        raise ApiError(20001, "Parameter 'Status' is not valid")
    if status:
        exchange.conferences.end(conference, "conference-ended-via-api")
    announcement = form.target("AnnounceUrl")
    if announcement is not None:
        for participant in list(conference.participants.values()):
            _announce(exchange, conference, participant, announcement)
    return web.json_response(Shapes(exchange).conference(conference))


async def list_participants(request: web.Request) -> web.Response:
    conference, query = _conference(request), request.query
    people = [
        one
        for one in conference.participants.values()
        if query.get("Muted", str(one.muted)).lower() == str(one.muted).lower()
        and query.get("Hold", str(one.hold)).lower() == str(one.hold).lower()
    ]
    shapes = Shapes(exchange_of(request))
    return page(request, "participants", people, lambda one: shapes.participant(conference, one))


async def create_participant(request: web.Request) -> web.Response:
    """Dials somebody into the room, which is opened when nobody is in it yet."""
    exchange, form = exchange_of(request), await Form.of(request)
    name = request.match_info["conference"]
    existing = exchange.conferences.find(name)
    room = existing.name if existing is not None else name
    call = lines.place(exchange, order_of(exchange, form, Inline(_entrance_document(form, room))))
    body = {
        "account_sid": call.account,
        "call_sid": call.sid,
        "label": form.get("Label") or None,
        "call_sid_to_coach": None,
        "coaching": False,
        "conference_sid": existing.sid if existing is not None else None,
        "date_created": Shapes(exchange).call(call)["date_created"],
        "date_updated": Shapes(exchange).call(call)["date_updated"],
        "end_conference_on_exit": form.flag("EndConferenceOnExit"),
        "muted": form.flag("Muted"),
        "hold": False,
        "start_conference_on_enter": form.flag("StartConferenceOnEnter", True),
        "status": "queued",
        "queue_time": str(call.queue_ms),
        "uri": f"{Shapes(exchange).root}/Conferences/{room}/Participants/{call.sid}.json",
    }
    return web.json_response(body, status=201)


def _entrance_document(form: Form, room: str) -> str:
    given = {
        "participantLabel": form.get("Label"),
        "muted": form.get("Muted"),
        "beep": form.get("Beep"),
        "startConferenceOnEnter": form.get("StartConferenceOnEnter"),
        "endConferenceOnExit": form.get("EndConferenceOnExit"),
        "maxParticipants": form.get("MaxParticipants"),
        "waitUrl": form.get("WaitUrl") if form.has("WaitUrl") else None,
        "waitMethod": form.get("WaitMethod"),
        "statusCallback": form.get("ConferenceStatusCallback"),
        "statusCallbackMethod": form.get("ConferenceStatusCallbackMethod"),
        "statusCallbackEvent": " ".join(sorted(form.words("ConferenceStatusCallbackEvent"))),
    }
    attributes = "".join(
        f" {name}={quoteattr(value)}"
        for name, value in given.items()
        if value or (name == "waitUrl" and value is not None)
    )
    return f"<Response><Dial><Conference{attributes}>{escape(room)}</Conference></Dial></Response>"


async def fetch_participant(request: web.Request) -> web.Response:
    conference, participant = _participant(request)
    return web.json_response(Shapes(exchange_of(request)).participant(conference, participant))


async def update_participant(request: web.Request) -> web.Response:
    exchange, form = exchange_of(request), await Form.of(request)
    conference, participant = _participant(request)
    entrance = participant.entrance
    entrance.end_on_exit = form.flag("EndConferenceOnExit", entrance.end_on_exit)
    entrance.beep = ("true" if form.flag("BeepOnExit") else "onEnter") if form.has("BeepOnExit") else entrance.beep
    entrance.wait = form.target("WaitUrl") or entrance.wait
    if form.has("HoldUrl"):
        participant.hold_target = form.target("HoldUrl")
        if participant.hold_target is not None:
            participant.hold_target = Target(participant.hold_target.url, form.method("HoldMethod"))
    if form.has("Hold"):
        exchange.conferences.change(conference, participant, "hold", form.flag("Hold"))
    if form.has("Muted"):
        exchange.conferences.change(conference, participant, "mute", form.flag("Muted"))
    announcement = form.target("AnnounceUrl")
    if announcement is not None:
        _announce(exchange, conference, participant, announcement)
    return web.json_response(Shapes(exchange).participant(conference, participant))


async def delete_participant(request: web.Request) -> web.Response:
    """Takes the participant out of the room; its call goes on with the verb after Dial."""
    _, participant = _participant(request)
    exchange_of(request).conferences.kick(participant)
    return web.Response(status=204)


def _conference(request: web.Request) -> Conference:
    return found(exchange_of(request).conferences.find(request.match_info["conference"]), request)


def _participant(request: web.Request) -> tuple[Conference, Participant]:
    conference = _conference(request)
    return conference, found(conference.find(request.match_info["participant"]), request)


def _announce(exchange: Exchange, conference: Conference, participant: Participant, target: Target) -> None:
    async def play() -> None:
        player = Player(exchange, participant.call, CONFERENCE_WAIT, apologises=False)
        await player.run(Request(target.url, target.method))
        params = (*participant.params(), ("AnnounceUrl", target.url))
        exchange.conferences.tell(conference, "announcement-end", params)

    exchange.spawn(play())
