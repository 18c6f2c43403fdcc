"""Only Twilio may speak to the webhooks: every request is a signed form of our own account, or is refused.

Refused means 403 (413 and 415 for what is no such form), a line in the log, and nothing changed.
"""

import re
from collections.abc import Iterator
from typing import Final, NoReturn

from flask import Request, abort, request
from twilio.request_validator import RequestValidator

from core import log
from core.security.sealing import same_secret
from core.settings import Settings

logger = log.get_logger(__name__)

_FORM: Final = "application/x-www-form-urlencoded"
# Twilio's forms have some thirty parameters and, with a text of 1600 characters, less than 20 kB.
_LARGEST_FORM: Final = 100_000
_MOST_PARAMETERS: Final = 1000
# Twilio: "String Identifier (SID)", two letters that say what it is, and 32 hexadecimal digits.
_KINDS: Final = {
    "CallSid": "CA",
    "ParentCallSid": "CA",
    "DialCallSid": "CA",
    "CallSidEndingConference": "CA",
    "MessageSid": "SM|MM",
    "SmsSid": "SM|MM",
    "SmsMessageSid": "SM|MM",
    "ConferenceSid": "CF",
    "RecordingSid": "RE",
}
_PATTERNS: Final = {name: re.compile(rf"({kind})[0-9a-fA-F]{{32}}", re.ASCII) for name, kind in _KINDS.items()}


def public_address(settings: Settings, incoming: Request) -> str:
    """The address as Twilio was given it, whatever a proxy made of it."""
    query = incoming.query_string.decode("ascii", "replace")
    return f"{settings.public_url}{incoming.path}" + (f"?{query}" if query else "")


def is_signed(settings: Settings, incoming: Request) -> bool:
    """Whether `X-Twilio-Signature` fits the address and the parameters (Twilio: webhook security)."""
    signature = incoming.headers.get("X-Twilio-Signature", "")
    validator = RequestValidator(settings.auth_token)
    return bool(validator.validate(public_address(settings, incoming), incoming.form, signature))


def require_form() -> None:
    """Refuse a body that is no form in UTF-8 with 415, and a large one with 413, before anything of it is read."""
    request.max_content_length = _LARGEST_FORM
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if not has_body and not request.mimetype:
        return
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != _FORM or charset not in {"utf-8", "utf8"}:
        logger.warning("webhook refused: no form", path=request.path, content_type=request.content_type)
        abort(415, f"Webhooks are forms: Content-Type: {_FORM}, in UTF-8.")


def require_signature(settings: Settings) -> None:
    """Refuse the present request with 403 unless Twilio signed it."""
    if not is_signed(settings, request):
        logger.warning("webhook refused: no valid signature", path=request.path, remote=request.remote_addr)
        abort(403)


def require_own_sids(settings: Settings) -> None:
    """Refuse the present request with 403 when it is about another account, or names what no Twilio would.

    A request without an `AccountSid` is that of the account whose token signed it.
    """
    sent = [*request.form.items(multi=True), *request.args.items(multi=True)]
    if len(sent) > _MOST_PARAMETERS:
        refuse("too many parameters")
    if any("\x00" in value for _, value in sent):  # PostgreSQL keeps no such text
        refuse("a parameter with a NUL character")
    for name, given in _sids():
        if len(set(given)) > 1:
            refuse(f"{name} comes twice")
        if name == "AccountSid":
            if not same_secret(given[0], settings.account_sid):
                refuse("of another account")
        elif given[0] and not _PATTERNS[name].fullmatch(given[0]):
            refuse(f"{name} is none")


def _sids() -> Iterator[tuple[str, list[str]]]:
    """Each name of an identifier that was sent, in the body or in the address, with its values."""
    for name in ("AccountSid", *_PATTERNS):
        values = [*request.form.getlist(name), *request.args.getlist(name)]
        if values:
            yield name, values


def refuse(why: str) -> NoReturn:
    """Refuse the present request with 403: `why` stands in the log alone."""
    logger.warning("webhook refused", reason=why, path=request.path)
    abort(403)
