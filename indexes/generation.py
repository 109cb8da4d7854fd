"""Generations: each build of an index has a folder of its own, made aside and swapped in by renaming the manifest."""

import secrets
import shutil
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from indexes.errors import IndexBusyError, RequestError
from indexes.manifest import sync_folder

PREFIX = "generation-"
CACHE_FILE = "vectors.sqlite"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Holds the right to write the index in `folder`, made if absent; it ends with the process, however that ends.

    Raises:
        IndexBusyError: another process holds it.
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
    """Makes the names of a completed generation's files durable, before a manifest points to them."""
    for folder in (generation, *(path for path in generation.iterdir() if path.is_dir())):
        sync_folder(folder)


def prune_generations(folder: Path, *, keep: Collection[str]) -> None:
    """Removes all generations but those named; only the holder of the right to write may."""
    for path in folder.glob(f"{PREFIX}*"):
        if path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
