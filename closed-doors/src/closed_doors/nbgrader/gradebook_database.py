"""A connection to the gradebook's database that says in one sentence why it can't be used."""

import atexit
import functools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from closed_doors.core.errors import GradebookError
from closed_doors.core.ownership import give_to_folder

BUSY_S = 30
KEPT, KEPT_S = 2, 60  # connections to PostgreSQL
# A server that is gone without a word, with its machine or the network, is given up in a minute, not in two hours.
LOST_AFTER = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}


_with_waiting: list[sa.Engine] = []


class Database:
    """The gradebook's database (SQLite or PostgreSQL); it is connected to while it is used only.

    Args:
        url: SQLAlchemy's name for it.
        busy_s: how long to wait for somebody else who writes to it; half a minute by default.

    Raises:
        GradebookError: the address can't be read, or its driver is not installed.
    """

    def __init__(self, url: str, busy_s: float | None = None) -> None:
        self._url, self._busy_s = _shown(url), BUSY_S if busy_s is None else busy_s
        try:
            self._engine = _engine(url, self._busy_s)
            name = self._engine.url.database
            self._file = Path(name) if url.startswith("sqlite") and name not in (None, "", ":memory:") else None
        except (SQLAlchemyError, ImportError) as error:
            raise GradebookError(f"The gradebook {self._url} can't be opened: {error}") from error

    @contextmanager
    def transaction(self, otherwise: str = "") -> Iterator[sa.Connection]:
        """Yield a connection; all that is done with it is done at the end of the block, or nothing.

        Args:
            otherwise: what a failure means for the user, said after its reason.

        Raises:
            GradebookError: the database can't be used.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
            if self._file is not None and self._file.is_file():
                with suppress(OSError):  # another account's, which opened it as it could
                    give_to_folder(self._file, shared=True)
        except DBAPIError as error:
            reason = (
                f"The gradebook {self._url} could not be used: {_reason(error, self._busy_s)}. {otherwise}".rstrip()
            )
            raise GradebookError(reason) from error


def _engine(url: str, busy_s: float) -> sa.Engine:
    """Return what connects to a database; it remembers how statements are written, the slowest part of it."""
    return _pooled(url, busy_s) if url.startswith("postgresql") else _unpooled(url, busy_s)


@functools.lru_cache(maxsize=16)
def _unpooled(url: str, busy_s: float) -> sa.Engine:
    """Return what lets a file go after each transaction: a connection that waits would only stand in somebody's way."""
    wait = {"timeout": busy_s} if url.startswith("sqlite") else {"connect_timeout": busy_s}
    return sa.create_engine(url, connect_args=wait, poolclass=sa.NullPool)


@functools.cache  # none is forgotten, as its connections would stay open
def _pooled(url: str, busy_s: float) -> sa.Engine:
    """Return what keeps a few connections for a moment, and asks whether they are still there before they are used.

    PostgreSQL starts a process for each connection, which takes longer than most transactions.
    """
    each_anew: dict[str, None] = {"prepare_threshold": None} if sa.make_url(url).drivername.endswith("psycopg") else {}
    engine = sa.create_engine(
        url,
        connect_args={"connect_timeout": busy_s, **LOST_AFTER, **each_anew},  # plans fit what the tables hold now
        pool_size=KEPT,
        max_overflow=-1,
        pool_recycle=KEPT_S,
        pool_pre_ping=True,
        pool_use_lifo=True,
    )
    _with_waiting.append(engine)
    return engine


@atexit.register
def close_waiting() -> None:
    """Close the connections that wait for their next transaction: at the end, or before this process is forked."""
    for engine in _with_waiting:
        engine.dispose()


def _shown(url: str) -> str:
    """Return a database's address without its password."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return url


def _reason(error: DBAPIError, busy_s: float) -> str:
    text = str(error.orig or error).strip().splitlines()[0]
    if "locked" in text:
        return f"another program holds it for more than {busy_s:g} s ({text}); close what writes to it, then run again"
    if "readonly" in text or "read-only" in text:
        return f"it can't be written to ({text}); check the rights of the file and of its folder"
    if "unable to open" in text:
        return f"{text}: check that its folder is there, and the rights of both"
    if "full" in text:
        return f"the disk is full ({text}); make room, then run again"
    return text
