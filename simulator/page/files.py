"""The softphone page and its files, compressed, and named by their content so that browsers keep them."""

import re
from functools import cache
from pathlib import Path
from typing import Final

from aiohttp import web

from assets.folder import ASKED_AGAIN, Asset, AssetFolder

FOLDER: Final = AssetFolder(Path(__file__).resolve().parents[1] / "static")
_PAGE: Final = "index.html"
_NAMED: Final = re.compile(r'(?<=")static/(?P<name>[\w.-]+)(?=")')


async def index(request: web.Request) -> web.StreamResponse:
    """The page. Browsers ask each time whether it has changed: it names what they may keep."""
    return web.Response(text=_page(), content_type="text/html", headers={"Cache-Control": ASKED_AGAIN})


async def file(request: web.Request) -> web.StreamResponse:
    """One of its files: with `?v=` with all that it imports, without it as it was written."""
    asked = request.query.get("v")
    name = request.match_info["name"]
    asset = FOLDER.source(name) if asked is None else FOLDER.whole(name)
    if asset is None:
        raise web.HTTPNotFound
    return _sent(request, asset, asked)


def _sent(request: web.Request, asset: Asset, asked: str | None) -> web.Response:
    packed = asset.packed if "gzip" in request.headers.get("Accept-Encoding", "") else None
    tag = f'"{asset.tag(packed is not None)}"'
    headers = {"Cache-Control": asset.cache_control(asked), "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    if packed is not None:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=packed or asset.content, content_type=asset.media_type, headers=headers)


@cache
def _page() -> str:
    source = FOLDER.source(_PAGE)
    if source is None:
        raise FileNotFoundError(FOLDER.path / _PAGE)
    return _NAMED.sub(lambda found: f"{found[0]}?v={FOLDER.version(found['name'])}", source.content.decode())
