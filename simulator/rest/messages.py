"""The Message resource."""

from aiohttp import web

from simulator.network.exchange import Exchange
from simulator.network.phones import Faults
from simulator.network.texting import LONGEST_BODY
from simulator.rest.errors import ApiError
from simulator.rest.forms import Form, checked_to, exchange_of, found
from simulator.rest.pages import in_time, page
from simulator.rest.shapes import Shapes


async def create_message(request: web.Request) -> web.Response:
    exchange, form = exchange_of(request), await Form.of(request)
    to = checked_to(form, 21604)
    _check_sender(exchange, form)
    body = form.get("Body")
    if not body:
        raise ApiError(21602, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise ApiError(21617, f"The concatenated message body exceeds the {LONGEST_BODY} character limit")
    _check_recipient(exchange.faults_of(to), to)
    message = exchange.texting.send(to, body, form.target("StatusCallback", 21609))
    return web.json_response(Shapes(exchange).message(message), status=201)


def _check_sender(exchange: Exchange, form: Form) -> None:
    sender = form.get("From")
    if not sender:
        raise ApiError(21603, "A 'From' phone number is required.")
    if sender != exchange.config.number:
        raise ApiError(21606, f"The 'From' phone number {sender} is not a message-capable number of your account.")


def _check_recipient(faults: Faults | None, to: str) -> None:
    if faults is None:
        return
    if faults.refused:
        raise ApiError(faults.refused, f"Refused: {to}")
    if faults.opted_out:
        raise ApiError(21610, "Attempt to send to unsubscribed recipient")
    if faults.not_mobile:
        raise ApiError(21614, f"'To' number is not a valid mobile number: {to}")
    if faults.not_permitted:
        raise ApiError(21408, f"Permission to send an SMS has not been enabled for the region of {to}")


async def list_messages(request: web.Request) -> web.Response:
    exchange, query = exchange_of(request), request.query
    messages = [
        one
        for one in exchange.texting.all.newest_first()
        if query.get("To", one.to) == one.to
        and query.get("From", one.sender) == one.sender
        and in_time(request, "DateSent", one.sent or one.created)
    ]
    return page(request, "messages", messages, Shapes(exchange).message)


async def fetch_message(request: web.Request) -> web.Response:
    exchange = exchange_of(request)
    message = found(exchange.texting.all.get(request.match_info["sid"]), request)
    return web.json_response(Shapes(exchange).message(message))
