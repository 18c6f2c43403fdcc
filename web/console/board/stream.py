"""`/board/events`: the board's event stream, and `/board/state`: the same state for who asks now and then."""

import json
from typing import Final

from flask import Blueprint, Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from core.serving.event_stream import ENDLESS_BYTES, hand_over
from oncall.models.access.roles import Role
from oncall.runtime import Runtime
from web.console.board.state import BoardState
from web.console.board.watchers import Watchers
from web.platform.access import current_account, needs

blueprint = Blueprint("board", __name__)

_BOARD: Final = "board"
# The first words of a stream: a lost one is taken up again after a second.
_SOON: Final = b"retry: 1000\n\n"
# Who finds no room, or whose server knows no streams, asks for the state so often (the script's word as well).
_AGAIN_S: Final = "5"


def register(app: Flask, runtime: Runtime) -> None:
    """Add the addresses; the thread that serves them begins with the first watcher."""
    state = BoardState(app, runtime)
    app.extensions[_BOARD] = (state, Watchers(state))
    app.register_blueprint(blueprint)


@blueprint.get("/board/events")
@needs(Role.VIEWER)
def events() -> ResponseReturnValue:
    """A stream of server-sent events: `board` (parts that changed, as JSON) with an id, and `beat`.

    `Last-Event-ID`, or `has`, names the state that the browser shows. 503 when this process has no room for more.
    """
    account, (_, watchers) = current_account(), _parts()
    names, has = account.role.includes(Role.TECHNICIAN), request.headers.get("Last-Event-ID") or request.args.get("has")
    if watchers.is_full or not hand_over(
        request.environ, lambda raw: watchers.add(raw, account.session_id, names, has or "")
    ):
        return "No room for another stream: ask /board/state.\n", 503, {"Retry-After": _AGAIN_S}
    answer = Response(_SOON, mimetype="text/event-stream")
    answer.headers["Content-Length"] = str(ENDLESS_BYTES)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"  # nginx passes on what comes as it comes
    answer.automatically_set_content_length = False
    return answer


@blueprint.get("/board/state")
@needs(Role.VIEWER)
def state() -> ResponseReturnValue:
    """The whole state as JSON, 304 where the browser has it; 503 while the database is away."""
    board, _ = _parts()
    try:
        found = board.read(current_account().role.includes(Role.TECHNICIAN))
    except SQLAlchemyError:
        return {"error": "The database does not answer."}, 503
    answer = Response(json.dumps({"id": found.id, "parts": dict(found.parts)}), mimetype="application/json")
    answer.set_etag(found.id)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


def board_state() -> BoardState:
    """The process's own, which reads for all who look."""
    return _parts()[0]


def _parts() -> tuple[BoardState, Watchers]:
    found: tuple[BoardState, Watchers] = current_app.extensions[_BOARD]
    return found
