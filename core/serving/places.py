"""For how many clients there is room."""

import resource
from typing import Final

# Descriptors for everything but clients: database, files, the network that is called.
RESERVED_FILES: Final = 256
FEWEST_PLACES: Final = 64


def places(wanted: int, files: int) -> int:
    """For how many clients there is room when so many files may be open. Pure.

    Never less than a few: with none at all not even a health check would be answered.
    """
    return min(wanted, max(FEWEST_PLACES, files - RESERVED_FILES))


def open_files() -> int:
    """How many files this process may open, after asking for as many as it could need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return 8192 if soft == resource.RLIM_INFINITY else soft
