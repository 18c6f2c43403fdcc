"""Names of hosts, as settings list them and as browsers send them in the header Host (RFC 9110, 7.2)."""

import re
import socket
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_LABEL: Final = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.ASCII)
_WITH_PORT: Final = re.compile(r"(\[[^\[\]]+\]|[^:\[\]]+)(:\d{1,5})?", re.ASCII)


def host_name(text: str) -> str | None:
    """The host of `name:port`, `192.0.2.1` or `[::1]:8000`: lower case, without port and last dot, IPv6 in short form.

    None when it is not the name or address of one host. Pure.
    """
    found = _WITH_PORT.fullmatch(text)
    if found is None:
        return None
    host = found[1].lower().removesuffix(".")
    if host.startswith("["):
        return _address(host[1:-1])
    if re.fullmatch(r"[\d.]+", host, re.ASCII):
        return _address(host)
    return host if len(host) <= 253 and _NAME.fullmatch(host) else None


def parse_hosts(text: str) -> tuple[str, ...]:
    """A comma-separated list of hosts. Raises ValueError with a sentence that names the bad one. Pure."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name = host_name(_ascii(part)) or host_name(f"[{part}]")
        if name is None:
            raise ValueError(
                f"must be names of hosts, separated by commas, such as desk.example.org; {part[:80]!r} is none"
            )
        found.append(name)
    return tuple(dict.fromkeys(found))


def is_this_machine(host: str | None) -> bool:
    """Whether a host of an address can be no other machine than this: `localhost` and the loopback addresses."""
    if host is None:
        return False
    name = host_name(host) or host_name(f"[{host}]")
    if name is None:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1)
def own_names() -> frozenset[str]:
    """What this machine calls itself, whole and without its domain. Asks no name server."""
    whole = socket.gethostname().lower().removesuffix(".")
    return frozenset({whole, whole.partition(".")[0]} - {""})


def host_of(address: str) -> str:
    """The host of an http(s) address, in the form of `host_name`."""
    host = urlsplit(address).hostname or ""
    return host_name(_ascii(host)) or host_name(f"[{host}]") or host


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _ascii(name: str) -> str:
    """An internationalised name as it travels in headers; as it is, when it has no such form."""
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
