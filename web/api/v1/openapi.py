"""`GET /api/v1/openapi.json`: what programs may ask for, in OpenAPI."""

from functools import lru_cache
from typing import Any, Final

from flask import Blueprint
from flask.typing import ResponseReturnValue
from pydantic.json_schema import models_json_schema

from web.api.v1.on_call import PARAMETERS
from web.api.v1.shapes import ErrorShape, OnCallShape
from web.platform.access import open_to_all

blueprint = Blueprint("api_openapi", __name__)

_REF: Final = "#/components/schemas/{model}"
_FORMATS: Final = {"at": "date-time"}


@blueprint.get("/api/v1/openapi.json")
@open_to_all
def document() -> ResponseReturnValue:
    """The description; nothing of it is secret."""
    return _document()


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    from apispec import APISpec  # only whoever asks for it needs it

    spec = APISpec(
        title="Nightline",
        version="1",
        openapi_version="3.1.0",
        info={"description": "Who is on call, for programs. A token comes from whoever runs the hotline."},
    )
    _, shapes = models_json_schema([(OnCallShape, "validation"), (ErrorShape, "validation")], ref_template=_REF)
    for name, shape in shapes["$defs"].items():
        spec.components.schema(name, shape)
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.path("/api/v1/on-call", operations={"get": _on_call()})
    return spec.to_dict()


def _on_call() -> dict[str, Any]:
    return {
        "operationId": "onCall",
        "summary": "Who is on call now, or at another instant, by the rules that a page follows.",
        "security": [{"token": []}],
        "parameters": [_parameter(name, words) for name, words in PARAMETERS.items()],
        "responses": {
            "200": _answer("Layers in the order in which they are rung.", "OnCallShape"),
            "401": _answer("No token, or one that is unknown or revoked.", "ErrorShape"),
            "404": _answer("There is no such roster, or no roster serves the region.", "ErrorShape"),
            "422": _answer("A parameter makes no sense.", "ErrorShape"),
            "503": _answer("The database does not answer.", "ErrorShape"),
        },
    }


def _parameter(name: str, words: str) -> dict[str, Any]:
    schema = {"type": "string", **({"format": _FORMATS[name]} if name in _FORMATS else {})}
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}


def _answer(words: str, shape: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": {"$ref": _REF.format(model=shape)}}}}
