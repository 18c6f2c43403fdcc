"""Values of settings, read strictly: each raises ValueError with a sentence that says what is wrong."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from core.buckets import parse_bucket
from core.security.hosts import parse_hosts
from core.text.phones import parse_number
from core.years import YEARS, is_in_our_times


def e164(text: str) -> str:
    return parse_number(text)


def http_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of a port that is none, or half a bracket
        whole = False
    if not whole:
        raise ValueError("must be an http(s) address such as https://hotline.example.org")
    return text.rstrip("/")


def postgres_address(text: str) -> str:
    if not text.startswith(("postgresql://", "postgresql+psycopg://", "postgres://")):
        raise ValueError("must be a PostgreSQL address such as postgresql://user:password@host/nightline")
    return text.replace("postgres://", "postgresql://", 1)


def upload_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme == "s3":
        parse_bucket(text)
        return text
    local = parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
    if not local and not (parts.scheme in {"http", "https"} and parts.hostname):
        raise ValueError(
            "must be file:///folder/name.xml, s3://bucket/name.xml, or an https address that takes HTTP PUT"
        )
    return text


def instant(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("must be an ISO 8601 instant such as 2026-03-29T02:00:00+01:00") from error
    if instant.tzinfo is None:
        raise ValueError("must carry an offset or Z, such as 2026-03-29T02:00:00Z")
    if not is_in_our_times(instant):
        raise ValueError(f"must lie in the years {YEARS}, such as 2026-03-29T02:00:00Z")
    return instant.astimezone(UTC)


def hosts(text: str) -> str:
    return ",".join(parse_hosts(text))
