"""`/static/...`: our style sheets, scripts and pictures.

Pages name them by their content (`?v=`, which `url_for` adds), so browsers keep them for a year and a new version
shows at once. With it a script or a style sheet has all that it imports in it; without it comes the source as written.
"""

from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response, abort, request
from flask.typing import ResponseReturnValue

from assets.folder import AssetFolder
from web.platform.access import open_to_all

blueprint = Blueprint("static", __name__)

FOLDER: Final = AssetFolder(Path(__file__).resolve().parents[1] / "static")
_ENDPOINT: Final = "static.file"


def register(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.url_defaults(_versioned)


@blueprint.get("/static/<path:name>")
@open_to_all
def file(name: str) -> ResponseReturnValue:
    """The file, compressed for who can read it so. It lies in memory: nobody waits for the disk or the compressing."""
    asked = request.args.get("v")
    asset = FOLDER.source(name) if asked is None else FOLDER.whole(name)
    if asset is None:
        abort(404)
    packed = asset.packed is not None and request.accept_encodings["gzip"] > 0
    content = asset.packed if packed and asset.packed is not None else asset.content
    answer = Response(content, mimetype=asset.media_type)
    answer.headers["Cache-Control"] = asset.cache_control(asked)
    answer.set_etag(asset.tag(packed))
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    if asset.packed is not None:
        answer.vary.add("Accept-Encoding")
    return answer.make_conditional(request, accept_ranges=True, complete_length=len(content))


def _versioned(endpoint: str, values: dict[str, Any]) -> None:
    """The address of a file says which content it has."""
    if endpoint == _ENDPOINT and "v" not in values:
        version = FOLDER.version(str(values.get("name", "")))
        if version is not None:
            values["v"] = version
