"""Lists the way Twilio pages them, and their filters."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from simulator.rest.errors import ApiError

T = TypeVar("T")
LARGEST_PAGE, USUAL_PAGE = 1000, 50


def page(request: web.Request, name: str, items: Sequence[T], shape: Callable[[T], dict[str, Any]]) -> web.Response:
    """One page of the items, newest first, under `name`."""
    size = min(_whole(request, "PageSize", USUAL_PAGE) or USUAL_PAGE, LARGEST_PAGE)
    number = _whole(request, "Page", 0)
    start = number * size
    shown = items[start : start + size]
    more = len(items) > start + size
    return web.json_response(
        {
            name: [shape(item) for item in shown],
            "page": number,
            "page_size": size,
            "start": start,
            "end": start + max(len(shown) - 1, 0),
            "uri": _uri(request, number, size),
            "first_page_uri": _uri(request, 0, size),
            "next_page_uri": _uri(request, number + 1, size) if more else None,
            "previous_page_uri": _uri(request, number - 1, size) if number else None,
        }
    )


def _uri(request: web.Request, number: int, size: int) -> str:
    kept = [(key, value) for key, value in request.query.items() if key not in {"Page", "PageSize", "PageToken"}]
    return f"{request.path}?{urlencode([*kept, ('PageSize', size), ('Page', number)])}"


def _whole(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    if text and not text.isdigit():
        raise ApiError(20001, f"Parameter '{name}' is not valid")
    return int(text) if text else default


def in_time(request: web.Request, name: str, moment: datetime | None) -> bool:
    """Whether the moment satisfies `Name`, `Name<` and `Name>`: days (UTC), or instants in ISO 8601."""
    for key, value in request.query.items():
        if key not in {name, f"{name}<", f"{name}>"}:
            continue
        if moment is None or not _satisfies(key.removeprefix(name), value, moment):
            return False
    return True


def _satisfies(relation: str, text: str, moment: datetime) -> bool:
    try:
        bound = datetime.fromisoformat(text)
    except ValueError as error:
        raise ApiError(20001, f"{text!r} is not a date") from error
    if len(text) == len("2026-01-31"):
        day = moment.astimezone(UTC).date()
        return {"": day == bound.date(), "<": day <= bound.date(), ">": day >= bound.date()}[relation]
    bound = bound if bound.tzinfo else bound.replace(tzinfo=UTC)
    exact = moment.replace(microsecond=0)
    return {"": exact == bound, "<": exact <= bound, ">": exact >= bound}[relation]
