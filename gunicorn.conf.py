"""The web process: `gunicorn 'app:create_app()'` reads this by itself; its command line has the last word.

One process with many threads: a request of the hotline waits for the database, not for the processor, and every
process costs memory. Where there are processors to spare, WEB_CONCURRENCY starts more (gunicorn reads it itself).
"""

from typing import Any

bind = "127.0.0.1:8000"
# Threads that are never held up by slow clients; it says how long those may take.
worker_class = "core.serving.worker.PatientWorker"
threads = 32
# Clients at the same time, per process. When there are more, those that have been silent longest make room.
worker_connections = 1000
# A process that does not report for this long is replaced. Twilio gives up on a webhook after 15 s anyway.
timeout = 60
graceful_timeout = 10
# Longer than clients keep idle connections: else one of theirs is closed just as it is used again.
keepalive = 75
# Addresses carry call identifiers; what is worth knowing stands in our own log, masked, and in /metrics.
accesslog = None
# Each process makes its own connections: those of PostgreSQL must not be shared across a fork.
preload_app = False
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """The application is loaded; it lies in the import path by now."""
    from core.memory import settle
    from core.serving.clients import limits_from
    from ivr import keep_ready

    settle()
    runtime = getattr(worker.wsgi, "extensions", {}).get("runtime")
    if runtime is not None:  # benchmarks start another application with this file
        worker.limits = limits_from(runtime.settings)
        keep_ready(worker.wsgi)


def worker_exit(_server: Any, worker: Any) -> None:
    """Give the database connections back in good order."""
    runtime = getattr(worker.app.callable, "extensions", {}).get("runtime")
    if runtime is not None:
        runtime.database.engine.dispose()
