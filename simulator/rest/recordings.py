"""Recordings with their sound files, and queues."""

from aiohttp import web

from simulator.network.recordings import Recording
from simulator.rest.errors import not_found
from simulator.rest.forms import exchange_of, found
from simulator.rest.pages import in_time, page
from simulator.rest.shapes import Shapes


async def list_recordings(request: web.Request) -> web.Response:
    exchange, query = exchange_of(request), request.query
    call_sid = request.match_info.get("call", query.get("CallSid"))
    recordings = [
        one
        for one in exchange.recordings.all.newest_first()
        if call_sid in {None, one.call}
        and query.get("ConferenceSid", one.conference) == one.conference
        and in_time(request, "DateCreated", one.started)
    ]
    return page(request, "recordings", recordings, Shapes(exchange).recording)


async def fetch_recording(request: web.Request) -> web.Response:
    return web.json_response(Shapes(exchange_of(request)).recording(_recording(request)))


async def fetch_sound(request: web.Request) -> web.Response:
    """The recording as a WAV file, once it is ready."""
    recording = _recording(request)
    if recording.status != "completed":
        raise not_found(request.path)
    return web.Response(body=recording.sound(), content_type="audio/x-wav")


async def delete_recording(request: web.Request) -> web.Response:
    exchange_of(request).recordings.all.remove(_recording(request).sid)
    return web.Response(status=204)


async def list_queues(request: web.Request) -> web.Response:
    exchange = exchange_of(request)
    return page(request, "queues", exchange.queues.all.newest_first(), Shapes(exchange).queue)


async def fetch_queue(request: web.Request) -> web.Response:
    exchange = exchange_of(request)
    queue = found(exchange.queues.all.get(request.match_info["sid"]), request)
    return web.json_response(Shapes(exchange).queue(queue))


def _recording(request: web.Request) -> Recording:
    return found(exchange_of(request).recordings.all.get(request.match_info["sid"]), request)
