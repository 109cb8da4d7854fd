"""What goes wrong with a run's file, said once: SQLite's errors and those of the file system become ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexes.errors import RagError, RequestError

DENIED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
"""Codes of what may not be opened or written."""
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNREADABLE = {"SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ", "SQLITE_IOERR_CORRUPTFS"}


class DamageError(Exception):
    """A row is not what was written; the message says which. Leaves this package as a `RequestError`."""


class RunBusyError(RequestError):
    """Another process writes the run."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Re-raises what goes wrong in the block with the run's file `path`.

    Raises:
        RequestError: the file is damaged, may not be read or written, is in use, or a text is not valid Unicode.
        RagError: there is no space, a row is there already, or something else went wrong.
    """
    try:
        yield
    except DamageError as error:
        raise _damaged(path, str(error)) from error
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):  # our own mistake
        raise
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    except OSError as error:
        raise RequestError(f"run {path.stem!r} cannot be opened at {str(path)!r}: {error.strerror or error}") from error
    except UnicodeEncodeError as error:
        raise RequestError(f"wanted an id in valid Unicode, found {error.object!r}") from error


def _explained(path: Path, error: sqlite3.Error) -> RagError:
    kind = kind_of(error)
    if kind == sqlite3.SQLITE_NOTADB:
        return no_run(path)
    if kind == sqlite3.SQLITE_CORRUPT or getattr(error, "sqlite_errorname", None) in _UNREADABLE:
        return _damaged(path, str(error))
    if kind in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        also = "" if kind == sqlite3.SQLITE_FULL else ", or the disk fails"
        return RagError(
            f"no space for run {path.stem!r} in {str(path.parent)!r}{also} ({error}); what was stored is kept: "
            "make room and run the same command again"
        )
    if kind in DENIED:
        return RequestError(
            f"run {path.stem!r} cannot be opened or written at {str(path)!r}: {error}; "
            "see who may write them, or copy the run, with the files beside it, to a folder of your own"
        )
    if kind in _BUSY:
        return busy(path)
    return RagError(f"run {path.stem!r} did not take what was to be stored: {error}")


def kind_of(error: sqlite3.Error) -> int:
    """SQLite's code, without what further codes say; that of damage where there is none: a text is no text."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return int(code) & 0xFF


def busy(path: Path) -> RunBusyError:
    """The error for a run that another process writes."""
    return RunBusyError(
        f"run {path.stem!r} is being written by another process; wait until that has ended and run this again"
    )


def no_run(path: Path) -> RequestError:
    """The error for a file that is not a run."""
    return RequestError(f"wanted a run, found another kind of file, or one whose beginning is damaged: {str(path)!r}")


def _damaged(path: Path, what: str) -> RequestError:
    return RequestError(
        f"run {path.stem!r} is damaged: {what}; copy what can still be read into a new run with: "
        f"rag eval recover {path}"
    )
