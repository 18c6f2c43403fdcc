"""What makes a process with many threads answer evenly and stay small."""

import ctypes
import gc
import sys
from typing import Final

# A thread that comes back from the database waits for the interpreter until whoever computes gives it up. A webhook
# asks the database some twenty times, so Python's usual 5 ms would add up to what a caller can hear.
SWITCH_SECONDS: Final = 0.0005

# glibc keeps a heap for every few threads and seldom gives one back; with two, a busy process stays a fifth smaller
# at the same speed. Other C libraries have no such knob.
_M_ARENA_MAX: Final = -8
_HEAPS: Final = 2


def tune() -> None:
    """Threads of this process take turns quickly and share few heaps."""
    sys.setswitchinterval(SWITCH_SECONDS)
    libc = ctypes.CDLL(None)
    if hasattr(libc, "gnu_get_libc_version"):
        libc.mallopt(_M_ARENA_MAX, _HEAPS)


def settle() -> None:
    """All modules are loaded: what is here now stays, and is not gone through again in search of garbage.

    A search through everything stops all threads for a tenth of a second, long enough for a caller to hear.
    """
    gc.collect()
    gc.freeze()
