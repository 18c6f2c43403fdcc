"""Only Twilio may speak to the webhooks: every request is signed, or refused with 403."""

from flask import Request, abort, request
from twilio.request_validator import RequestValidator

from core import log
from core.settings import Settings

logger = log.get_logger(__name__)


def public_address(settings: Settings, incoming: Request) -> str:
    """The address as Twilio was given it, whatever a proxy made of it."""
    query = incoming.query_string.decode("ascii", "replace")
    return f"{settings.public_url}{incoming.path}" + (f"?{query}" if query else "")


def is_signed(settings: Settings, incoming: Request) -> bool:
    """Whether `X-Twilio-Signature` fits the address and the parameters (Twilio: webhook security)."""
    signature = incoming.headers.get("X-Twilio-Signature", "")
    validator = RequestValidator(settings.auth_token)
    return bool(validator.validate(public_address(settings, incoming), incoming.form, signature))


def require_signature(settings: Settings) -> None:
    """Refuse the present request with 403 unless Twilio signed it."""
    if not is_signed(settings, request):
        logger.warning("webhook refused: no valid signature", path=request.path, remote=request.remote_addr)
        abort(403)
