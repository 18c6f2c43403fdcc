"""What makes a process with many threads answer evenly and stay small."""

import ctypes
import gc
from typing import Final

# glibc keeps a heap for every few threads and seldom gives one back; with two, a busy process stays a fifth smaller
# at the same speed.
_M_ARENA_MAX: Final = -8
_HEAPS: Final = 2


def share_heaps() -> None:
    """The threads of this process share few heaps."""
    tune_malloc(_M_ARENA_MAX, _HEAPS)


def tune_malloc(knob: int, value: int) -> None:
    """Turn a knob of glibc's; other C libraries have none."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "gnu_get_libc_version"):
        libc.mallopt(knob, value)


def settle() -> None:
    """All modules are loaded: what is here now stays, and is not gone through again in search of garbage.

    A search through everything stops all threads for a tenth of a second, long enough for a caller to hear.
    """
    gc.collect()
    gc.freeze()
