"""What a thread sends never makes it wait for the client, up to a limit."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.serving.channel import BACKLOG_MAX_BYTES, Channel


class Line:
    """A channel, and the client's end."""

    def __init__(self) -> None:
        ours, self.client = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.client.settimeout(10)
        self.told = 0
        self.channel = Channel(ours, self._tell)

    def _tell(self) -> None:
        self.told += 1

    def read(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            self.channel.flush()
            found += self.client.recv(min(65536, count - len(found)))
        return found


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.client.close()
    made.channel.raw.close()


def test_what_fits_goes_at_once(line: Line) -> None:
    line.channel.sendall(b"hello")
    assert line.client.recv(100) == b"hello"
    assert (line.channel.backlog, line.told) == (0, 0)


def test_the_rest_is_kept_in_order_and_told_of_once(line: Line) -> None:
    pieces = [bytes([65 + number]) * 30_000 for number in range(10)]
    for piece in pieces:
        line.channel.sendall(piece)
    assert line.told == 1
    assert line.read(300_000) == b"".join(pieces)
    assert line.channel.backlog == 0
    line.channel.sendall(b"x" * 100_000)
    assert line.told == 2


def test_who_sends_too_much_waits_for_the_client_and_no_longer(line: Line) -> None:
    with ThreadPoolExecutor(1) as threads:
        line.channel.sendall(b"x" * (BACKLOG_MAX_BYTES + 100_000))
        waiting = threads.submit(line.channel.sendall, b"end")
        assert not waiting.done()
        line.read(BACKLOG_MAX_BYTES + 100_000)
        waiting.result(10)
        assert line.read(3) == b"end"


def test_giving_up_frees_whoever_waits(line: Line) -> None:
    with ThreadPoolExecutor(1) as threads:
        line.channel.sendall(b"x" * (2 * BACKLOG_MAX_BYTES))
        waiting = threads.submit(line.channel.sendall, b"end")
        line.channel.give_up()
        with pytest.raises(BrokenPipeError):
            waiting.result(10)
    assert line.channel.backlog == 0


def test_a_client_that_left_is_noticed(line: Line) -> None:
    line.client.close()
    with pytest.raises(BrokenPipeError):
        line.channel.sendall(b"hello")
    assert line.channel.gone


def test_head_and_body_of_an_answer_go_together(line: Line) -> None:
    line.channel.begin()
    line.channel.sendall(b"head ")
    line.channel.sendall(b"body ")
    line.channel.sendall(b"more")
    line.channel.end()
    assert line.client.recv(100) == b"head body more"
    line.channel.begin()
    line.channel.sendall(b"head alone")
    line.channel.end()
    assert line.client.recv(100) == b"head alone"


@pytest.mark.parametrize(("offset", "count", "sent"), [(0, None, b"0123456789"), (3, 4, b"3456"), (8, 9, b"89")])
def test_a_file_is_sent_from_where_it_is_wanted(
    line: Line, tmp_path: Path, offset: int, count: int | None, sent: bytes
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        assert line.channel.sendfile(file, offset, count) == len(sent)
    assert line.client.recv(100) == sent


def test_a_parser_that_wants_more_finds_the_end(line: Line) -> None:
    line.client.sendall(b"more")
    assert line.channel.recv(100) == b""
    assert line.channel.receive(100) == b"more"
    assert line.channel.receive(100) is None
