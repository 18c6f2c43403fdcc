"""Ports for processes that are started side by side."""

import random
import socket
from typing import Final

# Below those that systems give to outgoing connections (Linux from 32768, others from 49152): one of these may be taken
# by any connection between the choice and the start of who is to listen there.
_PORTS: Final = range(15_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on now, and that no outgoing connection takes. By chance: others choose as well."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
