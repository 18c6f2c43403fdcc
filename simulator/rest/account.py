"""The account and its phone number, which a gateway's preflight looks at."""

from typing import Any

from aiohttp import web

from simulator.identity import API_VERSION, formatted, rfc2822, utc_now
from simulator.rest.forms import Form, checked_url, exchange_of, found
from simulator.rest.pages import page

STARTED = utc_now()
URLS = {
    "VoiceUrl": "voice_url",
    "SmsUrl": "sms_url",
    "StatusCallback": "status_url",
    "VoiceFallbackUrl": "fallback_url",
}


async def fetch_account(request: web.Request) -> web.Response:
    config = exchange_of(request).config
    root = f"/{API_VERSION}/Accounts/{config.account_sid}"
    parts = {"calls": "Calls", "conferences": "Conferences", "messages": "Messages", "recordings": "Recordings"}
    return web.json_response(
        {
            "sid": config.account_sid,
            "owner_account_sid": config.account_sid,
            "auth_token": config.auth_token,
            "friendly_name": "Simulated account",
            "status": "active",
            "type": "Full",
            "date_created": rfc2822(STARTED),
            "date_updated": rfc2822(STARTED),
            "uri": f"{root}.json",
            "subresource_uris": {name: f"{root}/{part}.json" for name, part in parts.items()},
        }
    )


def number_shape(request: web.Request) -> dict[str, Any]:
    config = exchange_of(request).config
    return {
        "sid": config.number_sid,
        "account_sid": config.account_sid,
        "api_version": API_VERSION,
        "friendly_name": formatted(config.number),
        "phone_number": config.number,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "beta": False,
        "origin": "twilio",
        "status": "in-use",
        "type": "local",
        "date_created": rfc2822(STARTED),
        "date_updated": rfc2822(STARTED),
        "voice_url": config.voice_url or None,
        "voice_method": "POST",
        "voice_fallback_url": config.fallback_url or None,
        "voice_fallback_method": "POST",
        "voice_caller_id_lookup": False,
        "voice_application_sid": None,
        "voice_receive_mode": "voice",
        "status_callback": config.status_url or None,
        "status_callback_method": config.status_method,
        "sms_url": config.sms_url or None,
        "sms_method": "POST",
        "sms_fallback_url": None,
        "sms_fallback_method": "POST",
        "sms_application_sid": None,
        "trunk_sid": None,
        "address_sid": None,
        "address_requirements": "none",
        "identity_sid": None,
        "bundle_sid": None,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "uri": f"/{API_VERSION}/Accounts/{config.account_sid}/IncomingPhoneNumbers/{config.number_sid}.json",
    }


async def list_numbers(request: web.Request) -> web.Response:
    wanted = request.query.get("PhoneNumber", "")
    number = exchange_of(request).config.number
    shapes = [number_shape(request)] if wanted in number else []
    return page(request, "incoming_phone_numbers", shapes, lambda shape: shape)


async def fetch_number(request: web.Request) -> web.Response:
    config = exchange_of(request).config
    found(config if request.match_info["sid"] == config.number_sid else None, request)
    return web.json_response(number_shape(request))


async def update_number(request: web.Request) -> web.Response:
    """Sets the addresses behind the number."""
    config = exchange_of(request).config
    found(config if request.match_info["sid"] == config.number_sid else None, request)
    form = await Form.of(request)
    for name, setting in URLS.items():
        if form.has(name):
            url = form.get(name)
            config.update(**{setting: checked_url(url, name, 21502) if url else ""})
    if form.has("StatusCallbackMethod"):
        config.update(status_method=form.method("StatusCallbackMethod"))
    return web.json_response(number_shape(request))
