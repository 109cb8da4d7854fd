"""Generations: each build of an index has a folder of its own, made aside and swapped in by renaming the manifest."""

import os
import secrets
import shutil
import sqlite3
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from filelock import FileLock, Timeout

from indexes.errors import IndexBusyError, RequestError
from indexes.manifest import Manifest, damaged, read_manifest, sync_folder

if sys.platform != "win32":
    import fcntl

PREFIX = "generation-"
CACHE_FILE = "vectors.sqlite"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Holds the right to write the index in `folder`, made if absent; it ends with the process, however that ends.

    Raises:
        IndexBusyError: another process holds it.
        IndexDamagedError: tables of the index turn out to be damaged.
        RequestError: the folder cannot be written, or fills up.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock", timeout=0):
            yield
    except Timeout as error:
        raise IndexBusyError(
            f"index {folder.name!r} is being written by another process; wait until that has ended and run this again"
        ) from error
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RequestError(
            f"cannot write index {folder.name!r} in {str(folder.parent)!r}: {reason}; "
            "nothing is lost, an index that was there is unchanged; make room or choose another place with --dir"
        ) from error
    except sqlite3.DatabaseError as error:
        raise damaged(folder, str(error)) from error


@contextmanager
def draft_generation(folder: Path) -> Iterator[Path]:
    """An empty folder for the next generation of the index in `folder`; removed again if an error leaves the block."""
    path = folder / f"{PREFIX}{secrets.token_hex(8)}"
    path.mkdir()
    try:
        yield path
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


def sync_generation(generation: Path) -> None:
    """Makes a completed generation durable, its files and their names, before a manifest points to it."""
    for path in (*generation.rglob("*"), generation, generation.parent):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("r+b") as file:
                os.fsync(file.fileno())


class Held(NamedTuple):
    """The manifest of a generation that is held, and the handle that holds it until it is closed; None: no need."""

    manifest: Manifest
    handle: int | None


def hold_generation(folder: Path) -> Held:
    """Keeps the current generation of the index in `folder` from being pruned, as long as this process lives.

    Raises:
        IndexMissingError: there is no index.
        IndexDamagedError: its manifest cannot be read, or its generation is not there.
    """
    manifest = read_manifest(folder)
    while True:
        try:
            return Held(manifest, _hold(folder / manifest.generation))
        except FileNotFoundError as error:  # pruned after its manifest was read: then there is a newer one
            newer = read_manifest(folder)
            if newer.generation == manifest.generation:
                raise damaged(folder, f"{manifest.generation} is missing") from error
            manifest = newer


def _hold(generation: Path) -> int | None:
    if sys.platform == "win32":
        return None
    handle = os.open(generation, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_SH)  # waits only while it is being removed
        generation.stat()
    except BaseException:
        os.close(handle)
        raise
    return handle


def prune_generations(folder: Path, *, keep: Collection[str]) -> None:
    """Removes all generations but those named and those that are held; only the holder of the right to write may.

    Name the one before too: where generations cannot be held (Windows, some network disks), it may have readers.
    """
    for path in _generations(folder, but=keep):
        with _claimed(path) as state:
            if state != "held":
                shutil.rmtree(path, ignore_errors=True)


def prune_leftovers(folder: Path, *, current: str) -> None:
    """Removes what killed builds have left, and the generation before: each only if it is known that none reads it."""
    for path in _generations(folder, but=[current]):
        with _claimed(path) as state:
            if state == "free":
                shutil.rmtree(path, ignore_errors=True)


def _generations(folder: Path, *, but: Collection[str]) -> list[Path]:
    return [path for path in folder.glob(f"{PREFIX}*") if path.name not in but]


@contextmanager
def _claimed(generation: Path) -> Iterator[Literal["free", "held", "unknown"]]:
    """Whether readers hold a generation; while the block runs on a free one, none can."""
    if sys.platform == "win32":
        yield "unknown"
        return
    handle = os.open(generation, os.O_RDONLY)
    state: Literal["free", "held", "unknown"] = "free"
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            state = "held"
        except OSError:
            state = "unknown"
        yield state
    finally:
        os.close(handle)
