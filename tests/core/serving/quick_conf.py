"""gunicorn.conf.py as it ships, but with limits that a test can wait for."""

from pathlib import Path
from typing import Any

exec((Path(__file__).parents[3] / "gunicorn.conf.py").read_text())  # noqa: S102 - our own file


def post_worker_init(worker: Any) -> None:
    """Another application than the gateway: nothing to prepare but the limits."""
    from core.serving.clients import Limits

    worker.limits = Limits(head_s=1.5, body_s=1.5, answer_s=1.5)
