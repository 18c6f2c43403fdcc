"""The web process's worker, as a real gunicorn: slow clients take no thread, and ordinary ones notice nothing."""

import re
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from bench.ports import free_port
from bench.stack import BIN, ROOT
from core.serving.places import places
from core.serving.refusals import EVERY_S, Refusals
from tests.core.serving.probe import BIG_BYTES, PAUSE_S
from tests.core.serving.server import Client, Server, eventually, serving

pytestmark = pytest.mark.real_seconds

GET = "GET /here HTTP/1.1\r\nHost: x\r\n\r\n"
POST = "POST /here HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
CHUNKED = "POST /here HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
SHIPPED = str(ROOT / "gunicorn.conf.py")
# Twilio gives up after 15 s; a caller notices much earlier.
BOUND_S = 2.0
THREADS = 32


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.port) as connected:
        yield connected


def answered_in(port: int) -> float:
    """Seconds for an ordinary request on a new connection."""
    begun = time.monotonic()
    with Client(port) as connected:
        assert connected.post("/here", "body").answer().body == b"POST /here body"
    return time.monotonic() - begun


# --- Slow clients


@pytest.mark.parametrize(
    "beginning",
    ["", "P", "POST /here HTTP/1.1\r\nHos", POST, POST + "\r\nab", CHUNKED + "\r\n", CHUNKED + "\r\n5\r\nab"],
    ids=["nothing", "a letter", "a field", "no end of head", "half a body", "no chunk", "half a chunk"],
)
def test_slow_senders_take_no_thread(tmp_path: Path, beginning: str) -> None:
    with serving(tmp_path, config=SHIPPED) as running, ExitStack() as stack:
        for _ in range(3 * THREADS):
            stack.enter_context(Client(running.port)).send(beginning)
        assert max(answered_in(running.port) for _ in range(5)) < BOUND_S


def test_slow_readers_take_no_thread(tmp_path: Path) -> None:
    with serving(tmp_path, config=SHIPPED) as running, ExitStack() as stack:
        for _ in range(THREADS + 4):
            stack.enter_context(Client(running.port, 4096)).send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        assert max(answered_in(running.port) for _ in range(5)) < BOUND_S
        assert "cut off" not in running.log()


def test_who_does_not_hang_up_after_the_answer_holds_nothing_up(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(2 * THREADS):
            stack.enter_context(Client(server.port)).send("GET /here HTTP/1.0\r\n\r\n")
        assert max(answered_in(server.port) for _ in range(5)) < BOUND_S


@pytest.mark.parametrize(
    ("beginning", "status"),
    [("", 0), ("P", 408), (POST, 408), (POST + "\r\n", 408), (POST + "\r\nab", 408), (CHUNKED + "\r\n5\r\n", 408)],
)
def test_what_takes_too_long_is_ended(client: Client, beginning: str, status: int) -> None:
    assert client.send(beginning).answer().status == status
    assert client.closed()


def test_a_byte_now_and_then_wins_no_time(client: Client) -> None:
    """Each byte would win time if only the silence between two were measured."""
    client.send("POST /here HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")

    def a_byte_is_refused() -> bool:
        try:
            client.send("a")
        except ConnectionError:
            return True
        return False

    eventually(a_byte_is_refused, "the body goes on and on")


def test_a_slow_reader_is_ended_and_told_of(server: Server) -> None:
    with Client(server.port, 4096) as reader:
        reader.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: "slow reading" in server.log(), "nothing is said about the slow reader")
        assert len(reader.answer().body) < BIG_BYTES


def test_who_reads_steadily_gets_all_of_it(server: Server) -> None:
    with Client(server.port, 4096) as reader:
        answer = reader.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n").answer()
        assert answer.body == b"x" * BIG_BYTES
        assert reader.post("/here", "again").answer().body == b"POST /here again"


def test_a_flood_of_refusals_makes_few_lines(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        for _ in range(200):
            with Client(running.port) as one:
                assert one.send("NONSENSE\r\n\r\n").answer().status == 400
        eventually(lambda: "bad request" in running.log(), "nothing is said about bad requests")
        told = [line for line in running.log().splitlines() if "127.0.0.1" in line and "cut off" in line]
        assert len(told) < 10
        assert "Invalid request" not in running.log()


def test_refusals_are_summed_up() -> None:
    refusals = Refusals()
    assert refusals.due(0) is None
    refusals.note("slow head", ("203.0.113.9", 5))
    assert refusals.due(0) == "connections cut off: 1 for slow head; the last one from 203.0.113.9"
    for _ in range(1000):
        refusals.note("slow body", ("203.0.113.10", 5))
    refusals.note("slow head", "")
    assert refusals.due(EVERY_S - 1) is None
    assert refusals.due(EVERY_S) == (
        "connections cut off: 1000 for slow body, 1 for slow head; the last one from a local socket"
    )
    assert refusals.due(3 * EVERY_S) is None


# --- Many clients


def test_when_all_places_are_taken_the_silent_make_room(tmp_path: Path) -> None:
    with serving(tmp_path, "--worker-connections", "50", config=SHIPPED) as running, ExitStack() as stack:
        silent = [stack.enter_context(Client(running.port)) for _ in range(80)]
        assert max(answered_in(running.port) for _ in range(5)) < BOUND_S
        assert silent[0].closed()
        assert silent[-1].send(GET).answer().status == 200


@pytest.mark.parametrize("beginning", ["P", "GET /here HTTP/1.1\r\nHos", POST + "\r\nab"])
def test_unfinished_requests_that_refill_all_places_push_out_no_newcomer(tmp_path: Path, beginning: str) -> None:
    """Whoever connects may need a moment for the first byte, as over a slow line."""
    with serving(tmp_path, "-w", "1", "--worker-connections", "20", config=SHIPPED) as running, ExitStack() as stack:
        held = deque(stack.enter_context(Client(running.port)).send(beginning) for _ in range(30))
        for _ in range(3):
            with Client(running.port) as honest:
                for _ in range(5):
                    time.sleep(0.03)
                    held.popleft().socket.close()
                    held.append(stack.enter_context(Client(running.port)).send(beginning))
                assert honest.post("/here", "body").answer().body == b"POST /here body"


def test_who_is_between_two_requests_makes_room_first(tmp_path: Path) -> None:
    with serving(tmp_path, "-w", "1", "--worker-connections", "50", config=SHIPPED) as running, ExitStack() as stack:
        begun = [stack.enter_context(Client(running.port)).send("GET /here HTT") for _ in range(20)]
        kept = [stack.enter_context(Client(running.port)) for _ in range(10)]
        for client in kept:
            assert client.send(GET).answer().status == 200
        for _ in range(24):
            stack.enter_context(Client(running.port)).send("GET /here HTT")
        assert kept[0].closed()
        for client in begun:
            assert client.send("P/1.1\r\nHost: x\r\n\r\n").answer().status == 200


@pytest.mark.parametrize(
    ("wanted", "files", "found"),
    [
        (1000, 8192, 1000),
        (1000, 1024, 768),
        (1000, 256, 64),
        (1000, 257, 64),
        (1000, 20, 64),
        (50, 8192, 50),
        (50, 9, 50),
    ],
)
def test_there_are_always_some_places(wanted: int, files: int, found: int) -> None:
    assert places(wanted, files) == found


def test_a_low_limit_of_files_is_told_and_leaves_places(tmp_path: Path) -> None:
    """A limit that can't be raised: one line, and clients are answered."""
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        gunicorn = f"exec {BIN}/gunicorn -c {SHIPPED} -b 127.0.0.1:{port} 'tests.core.serving.probe:create_app()'"
        env = {"PATH": str(BIN), "PYTHONPATH": str(ROOT)}
        command = ["/bin/sh", "-c", f"ulimit -n 250; {gunicorn}"]
        child = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            eventually(lambda: is_answered(port), "gunicorn does not answer", 40)
            told = (tmp_path / "log").read_text()
            assert told.count("the limit of 250 open files leaves room for 64 clients at a time, not 1000") >= 1
        finally:
            child.terminate()
            child.wait(20)


def is_answered(port: int) -> bool:
    try:
        return answered_in(port) >= 0
    except (OSError, AssertionError):
        return False


def test_a_thousand_places_are_there_whatever_the_shell_allows(tmp_path: Path) -> None:
    command = f"ulimit -Sn 256; exec {BIN}/python -c 'import core.serving.places as w; print(w.open_files())'"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    assert int(done.stdout) >= 1256


def test_memory_for_unfinished_bodies_is_bounded(tmp_path: Path) -> None:
    with serving(tmp_path, config=SHIPPED) as running, ExitStack() as stack:
        begun = "POST /here HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + "a" * 990_000
        for _ in range(90):
            stack.enter_context(Client(running.port)).send(begun)
        eventually(lambda: "want of memory" in running.log(), "90 MB are kept")
        assert answered_in(running.port) < BOUND_S


@pytest.mark.parametrize("rest", [b"a" * 10_000, b"a" * 9_000 + b"b" * 1_000])
def test_for_want_of_memory_no_more_are_ended_than_needed(tmp_path: Path, rest: bytes) -> None:
    """70 MB for 64: about six go, and not each that is still there when one of them was ended."""
    with serving(tmp_path, config=SHIPPED) as running, ExitStack() as stack:
        begun = "POST /here HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + "a" * 990_000
        clients = [stack.enter_context(Client(running.port)).send(begun) for _ in range(70)]
        eventually(lambda: "want of memory" in running.log(), "70 MB are kept")
        statuses = []
        for client in clients:
            with suppress(ConnectionError):
                client.send(rest)
            statuses.append(client.answer().status)
        assert statuses.count(200) >= 60


# --- HTTP as before


def test_a_connection_serves_many_requests(client: Client) -> None:
    for number in range(5):
        answer = client.post("/here", f"body {number}").answer()
        assert (answer.status, answer.body) == (200, f"POST /here body {number}".encode())
        assert "Connection: keep-alive" in answer.head
        time.sleep(0.01 * number)


def test_requests_sent_ahead_are_answered_in_order(client: Client) -> None:
    client.send("".join(f"GET /{number} HTTP/1.1\r\nHost: x\r\n\r\n" for number in range(20)) + "GET /half HT")
    assert [client.answer().body for _ in range(20)] == [f"GET /{number} ".encode() for number in range(20)]
    assert client.send("TP/1.1\r\nHost: x\r\n\r\n").answer().body == b"GET /half "


def test_requests_sent_while_another_is_answered_wait_for_it(client: Client) -> None:
    client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(PAUSE_S / 3)
    client.send(GET)
    assert [client.answer().body for _ in range(2)] == [b"GET /slow ", b"GET /here "]


def test_whoever_asks_first_is_told_to_go_on_once(client: Client) -> None:
    client.send(POST + "Expect: 100-continue\r\n\r\n")
    assert client.answer().status == 100
    assert client.send("abcde").answer().body == b"POST /here abcde"
    client.send(POST + "Expect: 100-continue\r\n\r\nabcde")  # did not wait
    assert client.answer().body == b"POST /here abcde"


def test_chunks_are_read_also_byte_by_byte(client: Client) -> None:
    request = CHUNKED + "\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n"
    assert client.send(request).answer().body == b"POST /here abcde"
    for letter in request:
        client.send(letter)
    assert client.answer().body == b"POST /here abcde"


def test_old_clients_are_answered_and_let_go(client: Client) -> None:
    answer = client.send("GET /here HTTP/1.0\r\n\r\n").answer()
    assert (answer.status, answer.body) == (200, b"GET /here ")
    assert client.closed()


def test_an_answer_to_head_has_no_body(client: Client) -> None:
    client.send("HEAD /here HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"HTTP/1.1 200 OK" in client.socket.recv(65536)
    assert client.send(GET).answer().body == b"GET /here "


def test_a_body_that_nobody_reads_is_no_request(client: Client) -> None:
    body = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    assert client.post("/unread", body).answer().body == b"unread"
    assert client.send(GET).answer().body == b"GET /here "


def test_a_streamed_answer_is_not_held_back(client: Client) -> None:
    begun = time.monotonic()
    client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    received = b""
    while b"first" not in received:
        received += client.socket.recv(65536)
    first_after = time.monotonic() - begun
    while not received.endswith(b"0\r\n\r\n"):
        received += client.socket.recv(65536)
    assert b"last" in received
    assert time.monotonic() - begun - first_after > PAUSE_S / 2


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("NONSENSE\r\n\r\n", 400),
        ("get / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: x\n\n", 400),
        ("GET / HTTP/1.1\r\nHost x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (CHUNKED + "\r\nnonsense\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: nonsense\r\n\r\n", 501),
        ("GET /" + "a" * 5000 + " HTTP/1.1\r\n\r\n", 414),
        ("GET / HTTP/1.1\r\nX: " + "a" * 9000 + "\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\n" + "X: y\r\n" * 101 + "\r\n", 431),
        ("GET / HTTP/1.1\r\nX: " + "a" * 40_000, 431),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n\r\n" + "a" * 50_000, 413),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\nExpect: 100-continue\r\n\r\n", 413),
    ],
)
def test_what_is_wrong_gets_its_number_and_the_end(client: Client, request_text: str, status: int) -> None:
    assert client.send(request_text).answer().status == status
    assert client.closed()


# --- Stopping, and more processes


def test_told_to_stop_it_answers_what_it_has_begun(tmp_path: Path) -> None:
    with serving(tmp_path, config=SHIPPED) as running, ExitStack() as stack:
        idle, kept, busy, half = (stack.enter_context(Client(running.port)) for _ in range(4))
        assert kept.send(GET).answer().status == 200
        half.send(POST)
        busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(PAUSE_S / 3)
        running.process.child.send_signal(signal.SIGTERM)
        answer = busy.answer()
        assert (answer.status, answer.body) == (200, b"GET /slow ")
        assert idle.closed()
        assert kept.closed()
        half.send("\r\nabcde")
        last = half.answer()
        assert (last.body, "Connection: close" in last.head) == (b"POST /here abcde", True)
        assert running.process.child.wait(30) == 0


def test_silent_clients_do_not_keep_it_from_stopping(tmp_path: Path) -> None:
    with serving(tmp_path, config=SHIPPED) as running, ExitStack() as stack:
        for beginning in ["", POST, POST + "\r\nab"] * 20:
            stack.enter_context(Client(running.port)).send(beginning)
        begun = time.monotonic()
        running.process.child.send_signal(signal.SIGTERM)
        running.process.child.wait(40)
        assert time.monotonic() - begun < 25  # gunicorn.conf.py gives ten seconds


def test_several_processes_share_the_work(tmp_path: Path) -> None:
    with serving(tmp_path, config=SHIPPED, WEB_CONCURRENCY="2") as running, ExitStack() as stack:
        assert len(set(re.findall(r"Booting worker with pid: (\d+)", running.log()))) == 2
        for _ in range(4 * THREADS):
            stack.enter_context(Client(running.port)).send(POST)
        assert max(answered_in(running.port) for _ in range(8)) < BOUND_S


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (lambda folder: ["--certfile", str(folder / "cert"), "--keyfile", str(folder / "cert")], "certfile"),
        (lambda _folder: ["--proxy-protocol=auto"], "proxy_protocol"),
    ],
)
def test_what_would_read_in_threads_again_is_refused(
    tmp_path: Path, arguments: Callable[[Path], list[str]], words: str
) -> None:
    (tmp_path / "cert").touch()
    command = [str(BIN / "gunicorn"), *arguments(tmp_path), "tests.core.serving.probe:create_app()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode != 0
    assert f"nightline: gunicorn's {words}" in done.stderr
    assert "Traceback" not in done.stderr
