"""Connections to a run's database, and the lock of its only writer."""

import sqlite3
from pathlib import Path

from filelock import FileLock, Timeout

from evaluation.store.errors import DENIED, DamageError, busy, kind_of

BUSY_SECONDS = 30.0
"""How long a connection waits for another one, which holds the file for moments only."""


def lock(path: Path) -> FileLock:
    """Takes the right to write the run at `path`, until it is released or the process has ended in whatever way.

    Raises:
        RequestError: another process has it.
    """
    taken = FileLock(path.with_name(f"{path.name}.lock"), timeout=0, thread_local=False)  # any thread may close
    try:
        taken.acquire()
    except Timeout as error:
        raise busy(path) from error
    return taken


def connect_to_write(path: Path) -> sqlite3.Connection:
    """A connection whose transactions are on disk when they have returned."""
    return _connect(path, "mode=rw", "PRAGMA synchronous=FULL")


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that changes no row, and sees those that are written meanwhile.

    It may write the file nonetheless: whoever closes a run last joins SQLite's log to it. Where it must not, and there
    is no log, the file is read as it is.
    """
    try:
        return _connect(path, "mode=rw", "PRAGMA query_only=ON")
    except sqlite3.OperationalError as error:
        if kind_of(error) not in DENIED or _has_log(path):
            raise
        return _connect(path, "mode=ro&immutable=1")


def connect_to_recover(path: Path) -> sqlite3.Connection:
    """A connection that leaves a damaged file as it is."""
    return _connect(path, "mode=ro" if _has_log(path) else "mode=ro&immutable=1")


def check_whole(database: sqlite3.Connection) -> None:
    """Looks at the structure of all pages.

    Raises:
        DamageError: it is not as it must be.
    """
    (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise DamageError(" ".join(found.split()))


def _connect(path: Path, options: str, *pragmas: str) -> sqlite3.Connection:
    """Each statement is a transaction of its own, unless it stands in one that was begun."""
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
    )
    try:
        for pragma in ("PRAGMA cell_size_check=ON", *pragmas):
            database.execute(pragma)
        database.execute("PRAGMA application_id").fetchone()  # what cannot be opened says so now
    except BaseException:
        database.close()
        raise
    return database


def _has_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0
