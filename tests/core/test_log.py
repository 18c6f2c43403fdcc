"""Logs: one JSON line an event, without PINs and secrets, with masked numbers, whoever writes them."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core import log

Lines = Callable[[], list[dict[str, Any]]]
NUMBER, MASKED = "+390212345678", "+39********78"


@pytest.fixture(autouse=True)
def root_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def lines() -> Lines:
    """The lines written so far, read as JSON."""
    log.configure("INFO")
    [handler] = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    handler.setStream(written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def test_an_event_is_one_line_with_its_fields(lines: Lines) -> None:
    log.get_logger("x").info("page accepted", page=7)
    [line] = lines()
    assert line["event"] == "page accepted"
    assert (line["page"], line["level"]) == (7, "info")
    assert line["timestamp"].endswith("Z")


def test_numbers_are_masked_wherever_they_stand(lines: Lines) -> None:
    log.get_logger("x").warning(f"call from {NUMBER}", number=NUMBER, words=f"to {NUMBER}, then +14155550100")
    [line] = lines()
    assert line["event"] == f"call from {MASKED}"
    assert line["number"] == MASKED
    assert line["words"] == f"to {MASKED}, then +14*******00"


@pytest.mark.parametrize("key", ["pin", "Digits", "auth_token", "SECRET_KEY", "password", "Authorization", "typed_pin"])
def test_secrets_are_hidden_by_their_name(lines: Lines, key: str) -> None:
    log.get_logger("x").info("typed", **{key: "48151623"})
    [line] = lines()
    assert line[key] == "(hidden)"


def test_an_exception_is_logged_with_its_cause_and_masked(lines: Lines) -> None:
    try:
        try:
            raise ValueError(f"{NUMBER} is unknown")
        except ValueError as error:
            raise RuntimeError("step failed") from error
    except RuntimeError:
        log.get_logger("x").exception("failed", call=3)
    [line] = lines()
    assert "RuntimeError: step failed" in line["exception"]
    assert f"ValueError: {MASKED} is unknown" in line["exception"]
    assert NUMBER not in json.dumps(line)


def test_libraries_are_masked_too(lines: Lines) -> None:
    logging.getLogger("somebody.else").warning("called %s", NUMBER)
    try:
        raise OSError(f"no route to {NUMBER}")
    except OSError:
        logging.getLogger("somebody.else").exception("lost %s", NUMBER)
    first, second = lines()
    assert first["event"] == f"called {MASKED}"
    assert second["event"] == f"lost {MASKED}"
    assert NUMBER not in json.dumps(second)
    assert "OSError" in json.dumps(second)


def test_chatty_libraries_say_only_what_is_wrong(lines: Lines) -> None:
    logging.getLogger("twilio.http_client").info("POST Request: To=%s", NUMBER)
    logging.getLogger("procrastinate.worker").info("job started")
    logging.getLogger("twilio.http_client").warning("slow")
    assert [line["event"] for line in lines()] == ["slow"]
