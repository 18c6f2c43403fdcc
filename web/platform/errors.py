"""Errors as people and programs read them: a page in the look of the others, or JSON with one sentence."""

import secrets
from typing import Final

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from core.log import get_logger

_log = get_logger(__name__)

# Title, and what to do. Anything not listed shows the words of the error itself.
_WORDS: Final = {
    400: ("This request can't be read", "Go back, check what you entered, and send it again."),
    403: ("This is not open to you", "If you should be able to see it, ask whoever runs this hotline."),
    404: ("There is nothing at this address", "Check it for a typing error, or begin again on the home page."),
    405: ("This address doesn't work that way", "It was called with the wrong method. Begin again on the home page."),
    413: ("That is too much at once", "Send less than one megabyte."),
    415: ("This kind of content is not taken here", "Send a form, or JSON where JSON is asked for."),
    500: (
        "Something went wrong here",
        "Try again in a minute. If it stays, tell the hotline's operator the number.",
    ),
    503: ("The database does not answer", "Try again in a minute. The page /readyz says what is missing."),
}


def register(app: Flask) -> None:
    """Answer all errors that no part of the application answers itself."""
    app.register_error_handler(HTTPException, _known)
    app.register_error_handler(InternalServerError, _unexpected)
    app.register_error_handler(DataError, _not_for_the_database)
    app.register_error_handler(UnicodeError, _not_for_the_database)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)


def wants_json() -> bool:
    """Whether the client is a program: it calls the API, or prefers JSON to a page."""
    if request.path.startswith("/api/"):
        return True
    accepts = request.accept_mimetypes
    return accepts["application/json"] > accepts["text/html"]


def _known(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response  # a redirect, or an answer somebody has already composed
    code = error.code or 500
    title, remedy = _WORDS.get(code, (error.name, error.description or ""))
    own_words = error.description if error.description != type(error).description else None
    answer = _answer(code, title, own_words or remedy)
    # What belongs to the error, such as Allow for 405, goes along.
    kept = [(name, value) for name, value in error.get_headers() if name.lower() != "content-type"]
    return *answer, kept


def _unexpected(_error: InternalServerError) -> ResponseReturnValue:
    reference = secrets.token_hex(4)
    _log.error("request failed", reference=reference, endpoint=request.endpoint)
    title, remedy = _WORDS[500]
    return _answer(500, title, remedy, reference)


def _not_for_the_database(error: Exception) -> ResponseReturnValue:
    """What was sent has characters that no text may have (NUL, half a surrogate pair), or a number beyond all rows."""
    _log.warning("request with what no row can hold", cause=type(error).__name__, endpoint=request.endpoint)
    return _answer(400, *_WORDS[400])


def _database_away(error: Exception) -> ResponseReturnValue:
    _log.error("database away", cause=type(error).__name__, endpoint=request.endpoint)
    return _answer(503, *_WORDS[503])


def _answer(code: int, title: str, remedy: str, reference: str | None = None) -> tuple[str | dict[str, str], int]:
    if wants_json():
        return {"error": f"{title}. {remedy}"} | ({"reference": reference} if reference else {}), code
    return render_template("error.html", code=code, title=title, remedy=remedy, reference=reference), code
