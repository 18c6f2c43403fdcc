"""Sealed bytes for disk and for addresses: nobody can read them, or change them unnoticed, without our key."""

import base64
import binascii
import hmac
import os
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


def same_secret(given: str, secret: str) -> bool:
    """Whether what somebody sent is this secret, in a time that does not tell how much of it is right.

    Any text may be sent: `hmac.compare_digest` itself fails on letters beyond ASCII.
    """
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=16)
def seal_for(secret: bytes, purpose: str) -> "Seal":
    """The seal of this purpose, its key derived once a process."""
    return Seal(secret, purpose)


class SealError(ValueError):
    """What was given is not something that we sealed for this purpose: of another key, broken, or changed."""


class Seal:
    """AES-256-GCM under a key of this purpose's own, derived from `secret` (HKDF with SHA-256)."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        key = HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"nightline {purpose}".encode()).derive(secret)
        self._cipher = AESGCM(key)

    def close(self, content: bytes) -> bytes:
        """Sealed; each time with another nonce."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, None)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed. Raises SealError."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise SealError("not sealed by this gateway's PIN_KEY, or damaged") from error

    def close_text(self, content: bytes) -> str:
        """Sealed, in letters that an address and a line of a file can carry."""
        return base64.urlsafe_b64encode(self.close(content)).rstrip(b"=").decode()

    def open_text(self, sealed: str) -> bytes:
        """What was sealed. Raises SealError."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        except (ValueError, binascii.Error) as error:
            raise SealError("not sealed text") from error
        return self.open(raw)
