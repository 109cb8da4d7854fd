"""Makes runs, opens them for reading, and takes them up again where they ended."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from evaluation.run import Manifest
from evaluation.store.connecting import check_whole, connect_to_read, connect_to_write, lock
from evaluation.store.errors import translated
from evaluation.store.manifest import insert_manifest, manifest_to_json, read_manifest
from evaluation.store.schema import SUFFIX, TABLES, check_schema
from evaluation.store.store import RunStore
from indexes.errors import RagError, RequestError, UnknownNameError
from indexes.manifest import sync_folder


def create_run(path: Path, manifest: Manifest) -> RunStore:
    """Makes the file of a new run, and its folder, and opens it for writing.

    Args:
        path: of the file, with the suffix `SUFFIX`.
        manifest: what the run is made of; the keys of endpoints are not stored.

    Raises:
        RequestError: there is something already, the folder cannot be written, or another process writes this run.
        RagError: there is no space.
    """
    with drafted(path, manifest):
        pass
    return resume_run(path)


def open_run(path: Path) -> RunStore:
    """Opens a run for reading, also while another process writes it: what is read may then grow.

    Raises:
        RequestError: there is no such run, or it is damaged, of a newer version, or may not be read.
    """
    with translated(path), ExitStack() as stack:
        check_there(path)
        database = stack.enter_context(closing(connect_to_read(path)))
        check_schema(database, path)
        manifest = read_manifest(database)
        return RunStore(path, database, manifest, close=stack.pop_all().close)


def resume_run(path: Path) -> RunStore:
    """Opens a run for writing; no other process can until it is closed, or this process has ended in whatever way.

    Raises:
        RequestError: there is no such run, or it is damaged, of a newer version, or may not be written, or another
            process writes it.
    """
    with translated(path), ExitStack() as stack:
        check_there(path)
        stack.callback(lock(path).release)
        database = stack.enter_context(closing(connect_to_write(path)))
        check_schema(database, path)
        check_whole(database)
        database.execute("BEGIN IMMEDIATE")  # a file that may not be written says so now
        database.execute("COMMIT")
        manifest = read_manifest(database)
        return RunStore(path, database, manifest, close=stack.pop_all().close)


@contextmanager
def drafted(path: Path, manifest: Manifest) -> Iterator[sqlite3.Connection]:
    """A new run's database, to be filled; it becomes the run at `path` when the block ends without an error.

    Raises:
        RequestError: there is something already, the folder cannot be written, or another process writes this run.
        RagError: there is no space.
    """
    if path.suffix != SUFFIX:
        raise RequestError(f"wanted a run's file, named like 'position{SUFFIX}', found {str(path)!r}")
    stored = manifest_to_json(manifest)
    draft = path.with_name(f"{path.name}.new")
    with translated(path), ExitStack() as stack:
        path.parent.mkdir(parents=True, exist_ok=True)
        stack.callback(lock(path).release)
        if path.exists():
            raise RequestError(f"wanted a new run, found {str(path)!r}; resume that, or choose another name")
        stack.callback(_remove, draft)  # in the end there is none
        _remove(draft)  # of one that was killed
        draft.touch()
        with closing(connect_to_write(draft)) as database:
            database.execute("PRAGMA journal_mode=MEMORY")  # until it is whole it is worth nothing
            database.execute("PRAGMA synchronous=OFF")
            database.executescript(TABLES)
            database.execute("BEGIN")
            insert_manifest(database, stored)
            yield database
            database.execute("COMMIT")
            database.execute("PRAGMA journal_mode=WAL")
        with draft.open("r+b") as file:
            os.fsync(file.fileno())
        _remove(path)  # a log that outlived its run must not be taken for this one's
        draft.replace(path)
        sync_folder(path.parent)


def discard_run(store: RunStore) -> None:
    """Closes a run that was opened for writing, and removes its file; whoever writes it by then keeps it."""
    store.close()
    with suppress(RagError):
        remove_run(store.path)


def remove_run(path: Path) -> None:
    """Removes the file of a run, whatever state it is in; there need be none.

    Raises:
        RunBusyError: another process writes it.
    """
    with translated(path), ExitStack() as stack:
        stack.callback(lock(path).release)
        _remove(path)


def check_there(path: Path) -> None:
    """Looks whether there is a file at `path`.

    Raises:
        RequestError: there is none; the runs in its folder are named.
    """
    if path.is_dir():
        raise RequestError(f"wanted a run, which is one file, found a folder: {str(path)!r}")
    if path.exists():
        return
    runs = [each.name for each in path.parent.glob(f"*{SUFFIX}")]
    if not runs:
        raise RequestError(f"no run at {str(path)!r}, and no other in that folder; see where `rag eval run` put it")
    raise UnknownNameError("run", path.name, runs, hint=f"in {str(path.parent)!r}")


def _remove(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
