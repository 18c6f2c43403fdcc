"""Names and dates as Twilio writes them."""

import re
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime

API_VERSION = "2010-04-01"
_E164 = re.compile(r"\+[1-9]\d{6,14}")

Params = tuple[tuple[str, str], ...]


def new_sid(prefix: str) -> str:
    """A fresh identifier, e.g. `CA` and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def utc_now() -> datetime:
    return datetime.now(UTC)


def rfc2822(moment: datetime | None) -> str | None:
    """`Tue, 31 Aug 2010 20:36:28 +0000`, or None when there is no moment yet."""
    return None if moment is None else format_datetime(moment.astimezone(UTC))


def is_e164(number: str) -> bool:
    return _E164.fullmatch(number) is not None


def formatted(number: str) -> str:
    """A North American number the way Twilio prints it; every other number unchanged."""
    match = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", number)
    return "({}) {}-{}".format(*match.groups()) if match else number
