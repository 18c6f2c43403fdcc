"""Signs webhooks: base64 of HMAC-SHA1 over the address and the sorted form parameters (Twilio, Webhooks Security)."""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def signature(auth_token: str, url: str, params: Iterable[tuple[str, str]] = ()) -> str:
    """`url` is the address exactly as Twilio was given it, query included, fragment left out.

    A name with several values counts each different value once, in order.
    """
    text = url + "".join(name + value for name, value in sorted(set(params)))
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
