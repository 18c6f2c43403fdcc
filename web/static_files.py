"""`/static/...`: our style sheets, scripts and pictures."""

from pathlib import Path

from flask import Blueprint, send_from_directory
from flask.typing import ResponseReturnValue

from web.access import open_to_all

blueprint = Blueprint("static", __name__)

_FOLDER = Path(__file__).resolve().parent / "static"


@blueprint.get("/static/<path:name>")
@open_to_all
def file(name: str) -> ResponseReturnValue:
    """The file; browsers ask each time whether it has changed, so a new version shows at once."""
    return send_from_directory(_FOLDER, name)
