"""Twilio's REST API as the telephony of `oncall`. One request a method, with a time limit, no hidden retries."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from core.clock import real_now
from core.settings import Settings
from ivr.twilio import addresses
from ivr.twilio.errors import NO_ANSWER, fault_of, is_gone
from ivr.twilio.media import fetch_sound
from oncall.delivery.telephony import CallGoneError, CallState, ProviderError

# Whatever a header asks for: nobody waits longer before the next try.
_LONGEST_WAIT = 60.0
_POOL = 64
# The headers of a thread's last answer: the library's errors come without them.
_last = threading.local()


class _HttpClient(TwilioHttpClient):
    """Twilio's own HTTP client, with another base address if one is configured, and a pool for many threads."""

    def __init__(self, base: str | None, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = urlsplit(base) if base else None
        self.session = requests.Session()
        self.session.mount("https://", HTTPAdapter(pool_maxsize=_POOL))
        self.session.mount("http://", HTTPAdapter(pool_maxsize=_POOL))

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self._base is not None:
            parts = urlsplit(url)
            path = self._base.path.rstrip("/") + parts.path
            url = urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, ""))
        _last.headers = {}
        response = super().request(method, url, *args, **kwargs)
        _last.headers = response.headers or {}
        return response


def build_client(settings: Settings) -> Client:
    """A Twilio client for the configured network."""
    http = _HttpClient(settings.api_url, settings.provider_timeout)
    return Client(settings.account_sid, settings.auth_token, http_client=http)


class TwilioTelephony:
    """`oncall.delivery.telephony.Telephony` by Twilio."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = build_client(settings)

    def place_call(self, to: str, call_id: int, ring_seconds: int) -> str:
        call = _ask(
            self._client.calls.create,
            to=to,
            from_=self._settings.our_number,
            url=addresses.step_url(self._settings, call_id, "answered", 0),
            method="POST",
            status_callback=addresses.call_status_url(self._settings, call_id),
            status_callback_method="POST",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
            timeout=ring_seconds,
        )
        return str(call.sid)

    def move_call(self, sid: str, call_id: int, step: str, turn: int) -> None:
        url = addresses.step_url(self._settings, call_id, step, turn)
        _ask(self._client.calls(sid).update, url=url, method="POST")

    def hang_up(self, sid: str) -> None:
        _ask(self._client.calls(sid).update, status="completed")

    def hold(self, conference_sid: str, call_sid: str, on: bool) -> None:
        more = {"hold_url": addresses.hold_url(self._settings), "hold_method": "POST"} if on else {}
        _ask(self._client.conferences(conference_sid).participants(call_sid).update, hold=on, **more)

    def find_conference(self, name: str) -> str | None:
        found = _ask(self._client.conferences.list, friendly_name=name, limit=5)
        return next((str(each.sid) for each in found if each.status in {"init", "in-progress"}), None)

    def announce(self, conference_sid: str, room_id: int, call_id: int) -> None:
        url = addresses.announcement_url(self._settings, room_id, call_id)
        _ask(self._client.conferences(conference_sid).update, announce_url=url, announce_method="POST")

    def send_text(self, to: str, body: str, message_id: int) -> str:
        message = _ask(
            self._client.messages.create,
            to=to,
            from_=self._settings.our_number,
            body=body,
            status_callback=addresses.message_status_url(self._settings, message_id),
        )
        return str(message.sid)

    def call_state(self, sid: str) -> CallState:
        call = _ask(self._client.calls(sid).fetch)
        return CallState(str(call.status), call.end_time)

    def find_calls(self, to: str, since: datetime) -> list[str]:
        found = _ask(self._client.calls.list, to=to, from_=self._settings.our_number, start_time_after=since, limit=5)
        return [str(call.sid) for call in found]

    def find_texts(self, to: str, body: str, since: datetime) -> list[str]:
        number = self._settings.our_number
        found = _ask(self._client.messages.list, to=to, from_=number, date_sent_after=since, limit=50)
        return [str(message.sid) for message in found if message.body == body]

    def recording(self, sid: str) -> bytes:
        return fetch_sound(self._settings, sid)


def _ask(request: Any, **parameters: Any) -> Any:
    """Make a request and sort its failure into permanent or not."""
    try:
        return request(**parameters)
    except TwilioRestException as error:
        raise _sorted(error) from error
    except TwilioException as error:
        raise _list_refused(error) from error
    except requests.RequestException as error:
        fault = replace(NO_ANSWER, words=f"{NO_ANSWER.words} ({type(error).__name__})")
        raise ProviderError(fault, processed_unknown=True) from error


def _list_refused(error: TwilioException) -> ProviderError:
    """Twilio's library tells of a failed list by words and the response; without one, the answer made no sense."""
    status = getattr(error.args[-1], "status_code", None) if error.args else None
    fault = fault_of(0, status or 400)
    return ProviderError(replace(fault, code=str(status or ""), words=f"the provider can't list ({status})"))


def _sorted(error: TwilioRestException) -> ProviderError:
    code = int(error.code or 0) or int(error.status)
    words = str(error.msg).removeprefix("Unable to create record: ").removeprefix("Unable to update record: ")
    if is_gone(code, error.status):
        return CallGoneError(words, str(code))
    return ProviderError(
        fault_of(code, error.status, words),
        # A 5xx may have been carried out; a 429 was not (Twilio: the request was not processed).
        processed_unknown=error.status >= 500,
        retry_after=retry_after(getattr(_last, "headers", {}), real_now()) if error.status == 429 else None,
    )


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which the provider wants to be left alone: a number of them, or an instant (RFC 9110, 10.2.3).

    From 0 to a minute, whatever it says; None when it says nothing that can be read.
    """
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if given.isdecimal():
        seconds = float(given)
    else:
        try:
            until = parsedate_to_datetime(given)
        except (ValueError, OverflowError):
            return None
        seconds = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_WAIT)
