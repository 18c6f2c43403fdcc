"""Files that one process at a time holds."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from oncall.outage.files import appended, held, held_by_nobody_else


def test_a_file_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lines.log"
    with held_by_nobody_else(path) as first, held_by_nobody_else(path) as second:
        assert (first, second) == (True, False)
    with held_by_nobody_else(path) as again:
        assert again


def test_whoever_waits_for_a_file_that_is_put_aside_gets_the_new_one(tmp_path: Path) -> None:
    path, opened = tmp_path / "lines.log", Event()

    def write() -> bool:
        opened.set()
        with held(path) as handle:
            return appended(handle, b"second\n")

    with ThreadPoolExecutor(1) as other, held(path) as handle:
        assert appended(handle, b"first\n")
        second = other.submit(write)
        opened.wait()
        path.rename(tmp_path / "aside.log")
        os.close(os.open(path, os.O_CREAT))
    assert second.result(10)
    assert (path.read_bytes(), (tmp_path / "aside.log").read_bytes()) == (b"second\n", b"first\n")
