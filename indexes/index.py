"""An index opened for reading: a generation, its store and its search structures, each loaded when first needed."""

import fnmatch
import json
import os
import sqlite3
import weakref
from collections.abc import Iterable, Sequence
from functools import cache as once
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from indexes.changes import has_changed
from indexes.embedder.open import open_embedder
from indexes.embedder.protocol import Embedder
from indexes.errors import RequestError, UnknownNameError
from indexes.generation import hold_generation
from indexes.lexical import LexicalIndex
from indexes.manifest import check_sizes, damaged
from indexes.passages import Passage
from indexes.roots import Skipped
from indexes.store import Store, StoredFile
from indexes.vectors import VectorIndex

OWN_KEYS = ("source", "title", "root")
"""What a filter may name beside the keys of the metadata."""


class Index:
    """One generation of an index, open for reading until `close`, or until the end of a `with` block.

    It holds its generation: builds that go on meanwhile neither disturb nor remove it. On Windows, where it cannot, it
    lasts until the second build from now.
    """

    def __init__(self, folder: Path, *, cache: Path) -> None:
        """Opens the index in `folder`.

        Args:
            folder: the index's own folder.
            cache: where exported embedding models are kept.

        Raises:
            IndexMissingError: there is no index.
            IndexDamagedError: its files do not fit together.
        """
        self.folder = folder
        self.manifest, handle = hold_generation(folder)
        self._release = weakref.finalize(self, _close, handle)
        self._generation = folder / self.manifest.generation
        self._cache = cache
        check_sizes(folder, self.manifest)
        try:
            self._store = Store(self._generation)
        except sqlite3.Error as error:
            raise damaged(folder, str(error)) from error

    def close(self) -> None:
        """Releases the files; builds may remove them from now on."""
        self._store.close()
        self._release()

    def __enter__(self) -> Self:
        """The index itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes it."""
        self.close()

    @cached_property
    def embedder(self) -> Embedder:
        """The model that made the vectors."""
        spec = self.manifest.embedder
        return open_embedder(spec.name, cache=self._cache, fingerprint=spec.fingerprint)

    @cached_property
    def vectors(self) -> VectorIndex:
        """The passages' vectors; row i is passage i in corpus order."""
        return VectorIndex(self._generation / "vectors.faiss")

    @cached_property
    def lexical(self) -> LexicalIndex:
        """The passages' words; row i is passage i in corpus order."""
        return LexicalIndex(self._generation / "lexical")

    def passages(self, rows: Iterable[int]) -> list[Passage]:
        """The passages of `rows`, in that order."""
        return self._store.passages([int(row) for row in rows])

    def all_passages(self) -> Iterable[Passage]:
        """Every passage, in corpus order: root by root, document by document, in reading order."""
        return self._store.all_passages()

    def rows_where(self, filters: Sequence[str]) -> NDArray[np.int64]:
        """Rows of the passages whose document fits all `filters`, ascending.

        Args:
            filters: ``key=pattern``; keys are source, title, root, type and other metadata, patterns are shell-like
                (``*``, ``?``, ``[...]``), case counts.

        Raises:
            RequestError: a filter without ``=``, or a key that no document has.
        """
        wanted = []
        for text in filters:
            key, found, pattern = text.partition("=")
            if not found or not key:
                raise RequestError(f"filter {text!r} must have the form key=pattern, such as source=guide/*")
            wanted.append((key, pattern))
        roots = {file.id: file.root for file in self._store.files().values()}
        known = set(OWN_KEYS)
        fitting = []
        for document in self._store.documents():
            values = json.loads(document.metadata)
            known |= values.keys()
            values |= {"source": document.source, "title": document.title, "root": roots[document.file]}
            if all(key in values and fnmatch.fnmatchcase(values[key], pattern) for key, pattern in wanted):
                fitting.append(document.id)
        for key, _ in wanted:
            if key not in known:
                raise UnknownNameError("filter key", key, known)
        return np.array(self._store.rows_of_documents(fitting), np.int64)

    def document_hashes(self) -> dict[tuple[str, str], str]:
        """The content hash of every document, by its file's root and its own source."""
        return self._store.hashes()

    def skipped(self) -> list[Skipped]:
        """The files that the build could not read, with reasons.

        Raises:
            IndexDamagedError: the list is damaged.
        """
        try:
            files = self._store.files()
        except sqlite3.Error as error:
            raise damaged(self.folder, str(error)) from error
        return [Skipped(file.source, file.reason) for file in files.values() if file.reason]

    def file_of(self, passage: Passage) -> StoredFile:
        """The file that holds a passage of this index."""
        files = self._store.files_of(passage.source)
        return files[0] if len(files) == 1 else next(file for file in files if self._holds(file, passage))

    def _holds(self, file: StoredFile, passage: Passage) -> bool:
        documents = [document for document in self._store.documents(file.id) if document.source == passage.source]
        return any(held.id == passage.id for document in documents for held in self._store.passages_of(document.id))

    def stale_sources(self, sources: Iterable[str]) -> list[str]:
        """Those of `sources` whose file is gone or has changed on disk since it was indexed, in order."""
        changed = once(has_changed)  # several sources may be records of one file
        return [
            source for source in dict.fromkeys(sources) if all(changed(file) for file in self._store.files_of(source))
        ]


def _close(handle: int | None) -> None:
    if handle is not None:
        os.close(handle)
