"""Parts of addresses."""

from typing import Final

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

_LARGEST_ID: Final = 2**31 - 1


class IdConverter(IntegerConverter):
    """The number of a row: one that no row can have is an address that does not exist."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - the library's name
        super().__init__(map, min=1, max=_LARGEST_ID)


def register(app: Flask) -> None:
    """Before the addresses that use it: `<id:roster_id>`."""
    app.url_map.converters["id"] = IdConverter
