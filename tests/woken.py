"""What a transaction has asked for so far, before it is committed."""

from sqlalchemy.orm import Session

from core.jobs import _KEY


def enqueued(session: Session) -> list[str]:
    """The jobs that it will wake, in order."""
    return [wake_up.task for wake_up in session.info.get(_KEY, {})]
