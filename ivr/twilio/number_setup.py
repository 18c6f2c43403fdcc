"""Whether the telephone network knows us, and leads our number here (Twilio: IncomingPhoneNumber resource)."""

from collections.abc import Iterator
from typing import Any, Final

import requests
from twilio.base.exceptions import TwilioException

from core.settings import Settings
from ivr.twilio.client import build_client
from oncall.monitoring.preflight import Check, Level

_WHERE: Final = "Twilio console, Phone Numbers, Active numbers, {number}, Configure"


def check_number(settings: Settings) -> list[Check]:
    """Credentials, the hotline's number in the account, and the addresses entered for it. Asks the provider once."""
    network = "telephone simulator" if settings.simulated else "Twilio"
    try:
        client = build_client(settings)
        numbers = client.incoming_phone_numbers.list(phone_number=settings.our_number, limit=20)
    except TwilioException as error:
        return [_refused(network, error)]
    except requests.RequestException as error:
        remedy = "start it with `make run`" if settings.simulated else "look at the network, TWILIO_API_URL"
        return [Check(network, Level.PROBLEM, f"does not answer ({type(error).__name__})", remedy)]
    number = next((each for each in numbers if each.phone_number == settings.our_number), None)
    if number is None:
        words = f"the account {settings.account_sid} has no number {settings.our_number}"
        return [Check(network, Level.PROBLEM, words, "set HOTLINE_NUMBER to a number of this account")]
    return [
        Check(network, Level.OK, f"takes the credentials; {settings.our_number} is ours"),
        *_addresses(settings, number),
    ]


def _refused(network: str, error: TwilioException) -> Check:
    # Twilio's library hands over the answer to a list only as the exception's last argument.
    status = getattr(error.args[-1], "status_code", None) if error.args else None
    if status in {401, 403}:
        remedy = "copy TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN from the Twilio console"
        return Check(network, Level.PROBLEM, "refuses the credentials", remedy)
    why = f"HTTP status {status}" if status else type(error).__name__
    return Check(network, Level.PROBLEM, f"does not show its numbers ({why})", "try again in a minute")


def _addresses(settings: Settings, number: Any) -> Iterator[Check]:
    """What must be entered for the number, field by field of Twilio's console."""
    base = f"{settings.public_url}/ivr"
    fields = (
        ("A call comes in", number.voice_url, number.voice_method, f"{base}/voice"),
        ("Call status changes", number.status_callback, number.status_callback_method, f"{base}/status"),
        ("A message comes in", number.sms_url, number.sms_method, f"{base}/sms"),
    )
    where = _WHERE.format(number=settings.our_number)
    for field, address, method, wanted in fields:
        # What follows a # tunes Twilio's own requests and is not part of the address.
        if (address or "").partition("#")[0] == wanted and method == "POST":
            yield Check(field, Level.OK, wanted)
        else:
            found = f"{method} {address}" if address else "nothing"
            # Without it the service works; only who hangs up while waiting is noticed later.
            level = Level.WARNING if field == "Call status changes" else Level.PROBLEM
            yield Check(field, level, f"{found} is entered", f"{where}: enter {wanted}, HTTP POST")
    if not settings.simulated:
        yield _fallback(settings, number.voice_fallback_url, where)


def _fallback(settings: Settings, address: str | None, where: str) -> Check:
    remedy = f"put what `flask fallback` prints on a server elsewhere, then {where}: enter its address"
    field = "Primary handler fails"
    if not address:
        return Check(field, Level.WARNING, "nothing is entered: with the gateway away, callers hear an error", remedy)
    if address.startswith(settings.public_url):
        return Check(field, Level.WARNING, f"{address} is the gateway itself, and as far away as it", remedy)
    return Check(field, Level.OK, address)
