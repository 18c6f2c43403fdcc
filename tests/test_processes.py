"""The supervisor: children start together, come back when they die, and end together; and the whole demo by it."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
import requests

from bench.ports import free_port
from core.processes import Program, StartError, Supervisor

ROOT = Path(__file__).parents[1]
PATIENCE = 90.0

STEADY = """
import pathlib, signal, sys, time
path = pathlib.Path(sys.argv[1])
def end(*_):
    path.with_suffix(".ended").touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
with path.open("a") as file:
    file.write("started\\n")
time.sleep(60)
"""
FRAIL = """
import pathlib, sys, time
mark = pathlib.Path(sys.argv[1])
if not mark.exists():
    mark.touch()
    time.sleep(0.3)
sys.exit(3)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({!r}, 'w').close(); time.sleep(60)"


def wait_for(condition: Callable[[], bool], within: float = PATIENCE) -> None:
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def program(folder: Path, name: str, code: str, ready: Callable[[], bool], *arguments: str) -> Program:
    return Program(name, [sys.executable, "-c", code, *arguments], os.environ, folder, folder / f"{name}.log", ready)


def steady(folder: Path, name: str) -> Program:
    """Notes each start and its end in files."""
    marks = folder / f"{name}.starts"
    return program(folder, name, STEADY, marks.exists, str(marks))


def starts(folder: Path, name: str) -> int:
    path = folder / f"{name}.starts"
    return path.read_text().count("started") if path.exists() else 0


def children() -> list[psutil.Process]:
    return list(psutil.Process().children())


def end_me_when(condition: Callable[[], bool], number: int = signal.SIGTERM) -> None:
    """Send this process a signal as soon as the condition holds, from another thread."""

    def wait_and_send() -> None:
        try:
            wait_for(condition)
        finally:
            os.kill(os.getpid(), number)

    threading.Thread(target=wait_and_send, daemon=True).start()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_all_start_and_all_end_in_good_order(tmp_path: Path, number: int) -> None:
    said: list[str] = []
    before, on_hangup = children(), signal.getsignal(signal.SIGHUP)
    end_me_when(lambda: "ready" in said, number)
    Supervisor([steady(tmp_path, "a"), steady(tmp_path, "b")], said.append).run(lambda: said.append("ready"))
    assert said == ["ready"]
    assert (tmp_path / "a.ended").exists()
    assert (tmp_path / "b.ended").exists()
    assert children() == before
    assert signal.getsignal(signal.SIGHUP) is on_hangup


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []

    def kill_one() -> None:
        (victim,) = [child for child in children() if str(tmp_path / "a.starts") in child.cmdline()]
        victim.kill()

    end_me_when(lambda: starts(tmp_path, "a") == 2)
    Supervisor([steady(tmp_path, "a"), steady(tmp_path, "b")], said.append).run(kill_one)
    assert said == [f"a ended (by SIGKILL), starting it again; its log: {tmp_path / 'a.log'}"]
    assert (starts(tmp_path, "a"), starts(tmp_path, "b")) == (2, 1)


def test_a_child_that_dies_at_once_over_and_over_is_not_hammered(tmp_path: Path) -> None:
    said: list[str] = []
    marks = tmp_path / "once"
    end_me_when(lambda: len(said) == 3)
    Supervisor([program(tmp_path, "a", FRAIL, marks.exists, str(marks))], said.append).run(lambda: None)
    assert [line.split("; ")[0] for line in said] == [
        "a ended (with status 3), starting it again",
        "a ended (with status 3), starting it again in 1 s",
        "a ended (with status 3), starting it again in 2 s",
    ]


def test_one_that_does_not_come_up_ends_all_and_shows_its_last_words(tmp_path: Path) -> None:
    broken = program(tmp_path, "b", "import sys; sys.exit('no such thing')", lambda: False)
    before = children()
    with pytest.raises(StartError, match="b did not start: \n  no such thing"):
        Supervisor([steady(tmp_path, "a"), broken], lambda _line: None).run(lambda: None)
    assert children() == before


@pytest.mark.real_seconds
def test_a_child_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.processes.STOP_SECONDS", 0.5)
    mark = tmp_path / "up"
    before = children()
    deaf = program(tmp_path, "a", DEAF.format(str(mark)), mark.exists)
    end_me_when(mark.exists)
    started = time.monotonic()
    Supervisor([deaf], lambda _line: None).run(lambda: None)
    assert time.monotonic() - started < 20
    assert children() == before


def test_told_to_stop_while_starting(tmp_path: Path) -> None:
    called: list[str] = []
    never = program(tmp_path, "a", "import time; time.sleep(60)", lambda: False)
    before = children()
    end_me_when(lambda: len(children()) > len(before))
    Supervisor([never], called.append).run(lambda: called.append("ready"))
    assert called == []
    assert children() == before


@pytest.mark.real_seconds
def test_the_demo_starts_answers_and_stops(tmp_path: Path, open_folder: Path) -> None:
    """As a newcomer starts it: on the Sunday after the real date."""
    port, simulator_port = free_port(), free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO", "DATABASE", "CLOCK"))}
    command = [str(Path(sys.executable).with_name("flask")), "demo", "--port", str(port)]
    command += ["--simulator-port", str(simulator_port)]
    output = tmp_path / "said"
    env |= {"VAR_DIR": str(open_folder)}
    begun = time.monotonic()
    with output.open("wb") as said, (tmp_path / "errors").open("wb") as errors:
        demo = subprocess.Popen(command, cwd=ROOT, env=env, stdout=said, stderr=errors)
    try:
        wait_for(lambda: "Ctrl-C stops everything." in output.read_text() or demo.poll() is not None, 90)
        words = output.read_text()
        assert "Nightline is running." in words
        for wanted in (f"http://127.0.0.1:{port}/simulator/", "48151623#", "31415926"):
            assert wanted in words
        # It began at two (at three in the night without it), and says so once it has started.
        told = re.search(r"It is pretended to be Sun \d+ \w{3} \d{4}, 0[23]:(\d\d) \(Europe/Rome\)", words)
        assert told is not None
        assert int(told[1]) <= (time.monotonic() - begun) / 60
        assert requests.get(f"http://127.0.0.1:{port}/readyz", timeout=60).json()["workers"] == 1
        assert requests.get(f"http://127.0.0.1:{port}/demo/clock", timeout=60).json()["local"].startswith("Sun ")
        assert (
            "St. Anna Hospital"
            in requests.get(f"http://127.0.0.1:{simulator_port}/simulator/api/state", timeout=60).text
        )
        second = subprocess.run(
            command,
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert second.returncode == 1
        assert f"nightline: port {port} is taken: stop what listens there (another demo?), or choose" in second.stderr
        kin = psutil.Process(demo.pid).children(recursive=True)
        assert len(kin) >= 4  # telephones, web and its worker process, worker
        asked = time.monotonic()
        demo.send_signal(signal.SIGINT)
        assert demo.wait(15) == 0
        assert time.monotonic() - asked < 12
        _, alive = psutil.wait_procs(kin, timeout=3)
        assert not [process for process in alive if "postgres" not in process.name()]
        assert output.read_text().endswith("All stopped.\n")
    finally:
        if demo.poll() is None:
            demo.terminate()
            demo.wait(15)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
