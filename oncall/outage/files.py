"""Files on this machine's disk: put in place whole, written for good, held by one process at a time."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put a file in place, readable as `mode` says; whoever reads it finds the old one or this, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def appended(handle: int, lines: bytes) -> bool:
    """Put whole lines at the end of a file of lines, on disk for good; whether they are its first. Raises OSError."""
    size = os.fstat(handle).st_size
    torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"  # somebody died while writing
    content = b"\n" + lines if torn else lines
    if os.write(handle, content) < len(content):
        raise OSError("only a part could be written")
    os.fsync(handle)
    return not size


def sync_folder(folder: Path) -> None:
    """Have the names in it on disk for good."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def held(path: Path) -> Iterator[int]:
    """The file, made if there is none, for this process alone: others wait. One put aside meanwhile is opened anew."""
    while True:
        with _opened(path) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_still(handle, path):
                yield handle
                return


@contextmanager
def held_by_nobody_else(path: Path) -> Iterator[bool]:
    """Whether this process is the only one that has the file, which nobody removes, for the length of the block."""
    with _opened(path) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _is_still(handle: int, path: Path) -> bool:
    """Whether the open file is what stands under this name now."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    ours = os.fstat(handle)
    return (there.st_ino, there.st_dev) == (ours.st_ino, ours.st_dev)
