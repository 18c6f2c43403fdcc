"""The Call resource."""

from aiohttp import web

from simulator.identity import is_e164
from simulator.network import lines
from simulator.network.calls import ENDED, Call
from simulator.network.exchange import Exchange
from simulator.player import Source
from simulator.rest.errors import ApiError
from simulator.rest.forms import Form, checked_to, exchange_of, found
from simulator.rest.pages import in_time, page
from simulator.rest.shapes import Shapes


async def create_call(request: web.Request) -> web.Response:
    exchange, form = exchange_of(request), await Form.of(request)
    call = lines.place(exchange, order_of(exchange, form, _required_source(form)))
    return web.json_response(Shapes(exchange).call(call), status=201)


def order_of(exchange: Exchange, form: Form, source: Source) -> lines.Order:
    """An outgoing call from the form of Calls or of Participants."""
    to = checked_to(form, 21201)
    faults = exchange.faults_of(to)
    if faults is not None and faults.refused:
        raise ApiError(faults.refused, f"Refused: {to}")
    if faults is not None and faults.not_permitted:
        raise ApiError(21215, f"Account not authorized to call {to}.")
    detection = form.get("MachineDetection")
    if detection not in {"", "Enable", "DetectMessageEnd"}:
        raise ApiError(20001, "Parameter 'MachineDetection' is not valid")
    is_async = form.get("AsyncAmd").lower() == "true"
    return lines.Order(
        to=to,
        caller=_own_number(exchange, form),
        source=source,
        callback=form.target("StatusCallback", 21609),
        fallback=form.target("FallbackUrl"),
        timeout=min(form.whole("Timeout", 60, 1), 600),
        time_limit=form.whole("TimeLimit", 14_400, 1),
        send_digits=form.get("SendDigits"),
        detection=detection,
        detection_callback=form.target("AsyncAmdStatusCallback") if is_async else None,
        queue_seconds=exchange.queue_for_rate(),
    )


def _required_source(form: Form) -> Source:
    source = form.source()
    if source is None:
        raise ApiError(21205, "Url or Twiml parameter is required.")
    return source


def _own_number(exchange: Exchange, form: Form) -> str:
    number = form.get("From")
    if not number:
        raise ApiError(21213, "A 'From' phone number is required.")
    if not is_e164(number):
        raise ApiError(21212, f"The 'From' number {number} is not a valid phone number.")
    if number != exchange.config.number:
        raise ApiError(21210, f"The source phone number {number} is not verified for your account.")
    return number


async def list_calls(request: web.Request) -> web.Response:
    exchange = exchange_of(request)
    calls = [call for call in exchange.calls.newest_first() if _matches(request, call)]
    return page(request, "calls", calls, Shapes(exchange).call)


def _matches(request: web.Request, call: Call) -> bool:
    query = request.query
    parent = call.parent.sid if call.parent else None
    return (
        query.get("To", call.called) == call.called
        and query.get("From", call.caller) == call.caller
        and query.get("Status", call.status) == call.status
        and query.get("ParentCallSid", parent) == parent
        and in_time(request, "StartTime", call.started or call.created)
        and in_time(request, "EndTime", call.ended)
    )


async def fetch_call(request: web.Request) -> web.Response:
    exchange = exchange_of(request)
    call = found(exchange.calls.get(request.match_info["sid"]), request)
    return web.json_response(Shapes(exchange).call(call))


async def update_call(request: web.Request) -> web.Response:
    """Ends the call, or gives it another document; other parameters change its addresses and limit."""
    exchange, form = exchange_of(request), await Form.of(request)
    call = found(exchange.calls.get(request.match_info["sid"]), request)
    source, status = form.source(), form.get("Status")
    if status not in {"", "canceled", "completed"}:
        raise ApiError(21218, f"Invalid call status: {status}")
    if call.status in ENDED:
        raise ApiError(21220, "Call is not in-progress. Cannot redirect.")
    call.callback = form.target("StatusCallback", 21609) or call.callback
    call.fallback = form.target("FallbackUrl") or call.fallback
    if form.has("TimeLimit"):
        lines.limit_time(exchange, call, form.whole("TimeLimit", 14_400, 1))
    if status:
        lines.cancel(exchange, call, status)
    elif source is not None and not await lines.redirect(exchange, call, source):
        raise ApiError(21220, "Call is not in-progress. Cannot redirect.")
    return web.json_response(Shapes(exchange).call(call))


async def delete_call(request: web.Request) -> web.Response:
    exchange = exchange_of(request)
    call = found(exchange.calls.get(request.match_info["sid"]), request)
    if call.status not in ENDED:
        raise ApiError(20006, "A call that is not over cannot be deleted", 409)
    exchange.calls.remove(call.sid)
    return web.Response(status=204)
