"""What asks as often as it is answered counts right."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from bench.asking import ask


class OpenConnections(WSGIRequestHandler):
    """As gunicorn does it."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def served() -> Iterator[tuple[str, list[str]]]:
    """An address that answers 200 to the right token and a long text, and which tokens came."""
    app, came = Flask("asked", static_folder=None), []

    @app.get("/who")
    def who() -> Response:
        came.append(request.headers.get("Authorization", ""))
        return Response("x" * 200_000, status=200 if came[-1] == "Bearer right" else 401)

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=OpenConnections)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/who?roster=Nights", came
    server.shutdown()
    thread.join()


def test_every_answer_is_counted_once(served: tuple[str, list[str]]) -> None:
    url, came = served
    found = ask(url, "right", "", connections=3, seconds=0.5)
    answers = found["answers"]
    assert isinstance(answers, int)
    assert found["failed"] == 0
    assert 0 < answers <= len(came) <= answers + 3


def test_refusals_are_not_taken_for_answers(served: tuple[str, list[str]]) -> None:
    found = ask(served[0], "wrong", "", connections=1, seconds=0.3)
    assert found["failed"] == found["answers"] != 0
