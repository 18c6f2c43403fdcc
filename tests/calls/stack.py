"""The whole gateway as operators run it, for tests of calls. It stands in `bench/`, which breaks it on purpose too."""

from bench.stack import AUTH_TOKEN, BIN, PIN_KEY, ROOT, SPEED, Gateway, Process, running

__all__ = ["AUTH_TOKEN", "BIN", "PIN_KEY", "ROOT", "SPEED", "Gateway", "Process", "running"]
