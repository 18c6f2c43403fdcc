"""What a request tells about its browser: the cookies of sign-in, the client's address, the browser's name."""

import hashlib
import secrets
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as BaseResponse

from core.settings import Settings
from oncall.accounts.sessions import ABSOLUTE
from oncall.accounts.ticket_links import LASTS

# So many accounts may share a browser and all be known to it.
_ACCOUNTS_KEPT: Final = 8
_PASSES: Final = "nightline-tickets"
_PASSES_KEPT: Final = 8
_KNOWN_FOR_SECONDS: Final = 180 * 24 * 3600
_BROWSERS: Final = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"))
_MORE_BROWSERS: Final = (("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS: Final = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"))
_MORE_SYSTEMS: Final = (("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))


def secure(settings: Settings) -> bool:
    """Whether browsers reach us by https, so that cookies may be kept from anything else."""
    return settings.public_url.startswith("https:")


def cookie_name(settings: Settings, name: str) -> str:
    """`__Host-` makes browsers refuse such a cookie from a neighbouring host, or over plain http."""
    return f"__Host-{name}" if secure(settings) else name


def session_token(settings: Settings) -> str | None:
    """The token of the session that this browser claims to have."""
    return request.cookies.get(cookie_name(settings, "nightline"))


def set_session(response: BaseResponse, settings: Settings, token: str) -> None:
    """The browser keeps it as long as a session may last; the database says when it is over."""
    _set(response, settings, "nightline", token, int(ABSOLUTE.total_seconds()))


def clear_session(response: BaseResponse, settings: Settings) -> None:
    """Make the browser forget its session."""
    name = cookie_name(settings, "nightline")
    response.delete_cookie(name, path="/", secure=secure(settings), httponly=True, samesite="Lax")


def ticket_passes(settings: Settings) -> list[str]:
    """What this browser keeps for tickets that it has opened by the links in texts."""
    value = request.cookies.get(cookie_name(settings, _PASSES), "")
    return [each for each in value.split(".") if each][:_PASSES_KEPT]


def add_ticket_pass(response: BaseResponse, settings: Settings, kept: str) -> None:
    """One more; the database says how long it lasts."""
    passes = [kept, *ticket_passes(settings)][:_PASSES_KEPT]
    _set(response, settings, _PASSES, ".".join(passes), int(LASTS.total_seconds()))


def known_browser(settings: Settings, email: str) -> str | None:
    """This browser's own name for counting wrong passwords, if the account was signed in here in the last half year."""
    browser, accounts = _known(settings)
    return f"{browser} {_short(email)}" if _short(email) in accounts else None


def remember_browser(response: BaseResponse, settings: Settings, email: str) -> None:
    """The account has just been signed in here. The cookie gives no access: it only says which limit counts."""
    browser, accounts = _known(settings)
    kept = [_short(email), *(each for each in accounts if each != _short(email))][:_ACCOUNTS_KEPT]
    value = str(_signer().dumps([browser or secrets.token_hex(8), kept]))
    _set(response, settings, "nightline-browser", value, _KNOWN_FOR_SECONDS)


def client_address() -> str:
    """The address that limits count by; of IPv6 the network, as every customer of a provider has one to himself.

    What a proxy on this machine or in our own network adds to X-Forwarded-For is believed: its own address is that of
    all its clients.
    """
    peer = _address(request.remote_addr or "")
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if forwarded and (peer is None or peer.is_private):
        peer = _address(forwarded) or peer
    if isinstance(peer, IPv6Address):
        return str(ip_network((peer, 64), strict=False))
    return str(peer)


def browser_words() -> str:
    """Such as "Firefox on Linux", for the list of one's sessions."""
    agent = request.user_agent.string
    browser = _first(agent, _BROWSERS + _MORE_BROWSERS) or "Unknown browser"
    system = _first(agent, _SYSTEMS + _MORE_SYSTEMS)
    return f"{browser} on {system}" if system else browser


def _first(agent: str, names: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for mark, name in names if mark in agent), None)


def _address(text: str) -> Any:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _known(settings: Settings) -> tuple[str, list[str]]:
    value = request.cookies.get(cookie_name(settings, "nightline-browser"), "")
    try:
        browser, accounts = _signer().loads(value, max_age=_KNOWN_FOR_SECONDS)
    except BadData:
        return "", []
    return browser, accounts


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="nightline known browser")


def _short(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:16]


def _set(response: BaseResponse, settings: Settings, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        cookie_name(settings, name),
        value,
        max_age=seconds,
        path="/",
        secure=secure(settings),
        httponly=True,
        samesite="Lax",
    )
