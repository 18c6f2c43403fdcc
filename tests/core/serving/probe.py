"""A small application under gunicorn, for tests of how requests come in and answers go out."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

# More than the network takes for a client that does not read, even on one machine.
BIG_BYTES = 4_500_000
PAUSE_S = 1.5
LONGEST_BODY = 1_000_000


def _streamed() -> Iterator[bytes]:
    yield b"first"
    time.sleep(PAUSE_S)
    yield b"last"


def create_app() -> Any:
    """`/big` answers much, `/slow` takes its time, `/stream` pauses in between; all else repeats what it was sent."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if int(environ.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
            start_response("413 Content Too Large", [("Content-Length", "0")])
            return [b""]
        if path == "/unread":
            start_response("200 OK", [("Content-Length", "6")])
            return [b"unread"]
        if path == "/stream":
            start_response("200 OK", [])
            return _streamed()
        if path == "/slow":
            time.sleep(PAUSE_S)
        answer = b"x" * BIG_BYTES if path == "/big" else environ["REQUEST_METHOD"].encode() + b" " + path.encode()
        answer += b" " + environ["wsgi.input"].read() if path != "/big" else b""
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    return application
