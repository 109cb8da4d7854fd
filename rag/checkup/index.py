"""The indexes: which there are, whether their files are all there, whether their documents have changed since."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from indexes.changes import has_changed
from indexes.directory import find_index, list_indexes
from indexes.errors import IndexDamagedError, IndexMissingError
from indexes.generation import hold_generation
from indexes.manifest import Manifest, check_sizes, damaged
from indexes.store import Store, StoredFile
from rag.checkup.finding import Finding, failed
from rag.staleness import SHOWN


def check_indexes(directory: Path, name: str | None) -> Iterator[Finding]:
    """Each index in `directory`; with a name that one alone.

    Raises:
        RequestError: there is none of that name.
        OSError: the folder cannot be read.
    """
    try:
        only = find_index(directory, name) if name is not None else None
        entries = [entry for entry in list_indexes(directory) if only in (None, entry.folder)]
    except IndexMissingError:
        entries = []
    if not entries:
        yield Finding("index", "warning", f"none in {str(directory)!r}", "build one with: rag index PATH")
    for entry in entries:
        try:
            yield _look(entry.folder, entry.bytes)
        except (IndexDamagedError, OSError) as error:
            yield failed("index", error)
        except IndexMissingError:  # removed meanwhile
            continue
    if len(entries) > 1:
        found = f"{len(entries)} of them, and none is chosen"
        yield Finding("index", "ok", found, "choose one with --index NAME, or by `index` in rag.toml")


def _look(folder: Path, size: int) -> Finding:
    """One look that reads no document, unless one looks changed; the manifest is read anew, and held."""
    manifest, handle = hold_generation(folder)
    try:
        check_sizes(folder, manifest)
        stale = _stale(folder, manifest)
    finally:
        if handle is not None:
            os.close(handle)
    amount = f"{manifest.passages:,} passages of {manifest.documents:,} documents, {size / 1e6:,.1f} MB"
    found = f"{folder.name}: {amount}, built {manifest.created[:10]}"
    gone = [root for root in manifest.roots if not Path(root).exists()]
    if gone:
        remedy = f"mount or restore it; to drop its documents: rag index --name {folder.name} --allow-empty"
        return Finding("index", "warning", f"{found}; not there: {', '.join(map(repr, gone))}", remedy)
    if stale:
        named = ", ".join(stale[:SHOWN]) + (f" and {len(stale) - SHOWN} more" if len(stale) > SHOWN else "")
        refresh = f"refresh it: rag index --name {folder.name}"
        return Finding("index", "warning", f"{found}; changed or gone since: {named}", refresh)
    return Finding("index", "ok", found)


def _stale(folder: Path, manifest: Manifest) -> list[str]:
    try:
        with closing(Store(folder / manifest.generation)) as store:
            files: list[StoredFile] = list(store.files().values())
    except sqlite3.Error as error:
        raise damaged(folder, str(error)) from error
    return [file.source for file in files if file.reason is None and has_changed(file)]
