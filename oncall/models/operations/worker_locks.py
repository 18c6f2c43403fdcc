"""Workers that hold a lock while they live. One of an earlier version has no row here, only procrastinate's own."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, UTCDateTime


class WorkerLock(Base):
    """A worker (procrastinate's id) and where its process runs. Written by `worker/liveness.py`."""

    __tablename__ = "worker_lock"

    worker_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    host: Mapped[str]
    pid: Mapped[int]
    since: Mapped[datetime] = mapped_column(UTCDateTime)
