"""The tables and texts of one generation: files, documents and passages in SQLite, document texts in one UTF-8 file.

Written once, in corpus order, then never changed; readers open it immutable.
"""

import json
import mmap
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from indexes.documents import Metadata
from indexes.passages import Passage

TABLES = """
CREATE TABLE files (
  id INTEGER PRIMARY KEY, root TEXT, source TEXT, path BLOB, size INTEGER, mtime_ns INTEGER, inode INTEGER,
  sha256 TEXT, reason TEXT);
CREATE TABLE documents (
  id INTEGER PRIMARY KEY, file INTEGER, source TEXT, title TEXT, hash TEXT, metadata TEXT,
  pages TEXT, headings TEXT, own_lines INTEGER, first_byte INTEGER, last_byte INTEGER);
CREATE TABLE passages (
  row INTEGER PRIMARY KEY, document INTEGER, id TEXT, key BLOB, lead TEXT,
  start INTEGER, end INTEGER, first_byte INTEGER, last_byte INTEGER,
  page INTEGER, heading TEXT, line INTEGER);
"""
INDEXES = """
CREATE INDEX documents_by_file ON documents (file);
CREATE INDEX documents_by_source ON documents (source);
CREATE INDEX passages_by_document ON passages (document);
"""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as the index knows it.

    Attributes:
        id: number within its generation.
        path: where it can be opened, as the file system spells it.
        size: in bytes, as it was when it was read; so are the next two, and while all three are unchanged, so is its
            content.
        mtime_ns: -1 if it was written so shortly before it was read that it might have changed unnoticed.
        sha256: of its content; None if it could not be read at all.
        reason: why it was skipped; None if it was indexed.
    """

    id: int
    root: str
    source: str
    path: bytes
    size: int
    mtime_ns: int
    inode: int
    sha256: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document's row. `hash` covers text, title and metadata; the texts' bytes are `first_byte:last_byte`."""

    id: int
    file: int
    source: str
    title: str
    hash: str
    metadata: str
    pages: str
    headings: str
    own_lines: bool
    first_byte: int
    last_byte: int


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage's row.

    Attributes:
        row: number in corpus order from 0; its row in the vector index and in the lexical index.
        id: the passage's public id.
        key: content address of its vector.
        lead: what is embedded before the text (title and headings).
        first_byte: where its text starts, in the document's bytes.
        last_byte: where it ends.
    """

    row: int
    document: int
    id: str
    key: bytes
    lead: str
    start: int
    end: int
    first_byte: int
    last_byte: int
    page: int | None
    heading: str | None
    line: int | None


class StoreWriter:
    """Writes a store into a folder, once, in order."""

    def __init__(self, folder: Path) -> None:
        """Creates the files in `folder`."""
        self._database = sqlite3.connect(folder / "store.sqlite", isolation_level=None)
        self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + TABLES)
        self._database.execute("BEGIN")
        self._text = (folder / "text.utf8").open("wb")

    def add_file(self, file: StoredFile) -> None:
        """Adds a file's row."""
        self._insert("files", _fields(file))

    def add_document(self, document: StoredDocument, passages: Iterable[StoredPassage], text: bytes) -> None:
        """Adds a document whose bytes are appended as `text`; `first_byte` and `last_byte` are set here."""
        first = self._text.tell()
        self._text.write(text)
        row = (*_fields(document)[:-2], first, first + len(text))
        self._insert("documents", row)
        for passage in passages:
            self._insert("passages", _fields(passage))

    def __enter__(self) -> Self:
        """Leaving without an error completes the store: everything is on disk afterwards."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Completes the store, or only releases its files after an error."""
        with closing(self._database), self._text:
            if kind is None:
                self._text.flush()
                os.fsync(self._text.fileno())
                self._database.execute("COMMIT")
                self._database.executescript("PRAGMA synchronous=FULL; PRAGMA journal_mode=DELETE;" + INDEXES)

    def _insert(self, table: str, row: Sequence[object]) -> None:
        marks = ",".join("?" * len(row))
        self._database.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own table names


class Store:
    """A store opened for reading."""

    def __init__(self, folder: Path) -> None:
        """Opens the store in `folder`."""
        uri = (folder / "store.sqlite").absolute().as_uri() + "?mode=ro&immutable=1"
        self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._text_path = folder / "text.utf8"

    def close(self) -> None:
        """Releases the files."""
        self._database.close()
        if "_text" in self.__dict__ and isinstance(self._text, mmap.mmap):
            self._text.close()

    @cached_property
    def _text(self) -> mmap.mmap | bytes:
        with self._text_path.open("rb") as file:
            empty = file.seek(0, 2) == 0
            return b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def files(self) -> dict[tuple[str, str], StoredFile]:
        """All files by (root, source)."""
        rows = self._database.execute("SELECT * FROM files ORDER BY id")
        return {(row[1], row[2]): StoredFile(*row) for row in rows}

    def hashes(self) -> dict[tuple[str, str], str]:
        """The content hash of every document, by its file's root and its own source."""
        query = "SELECT f.root, d.source, d.hash FROM documents d JOIN files f ON f.id = d.file"
        return {(root, source): hash_ for root, source, hash_ in self._database.execute(query)}

    def documents(self, file: int | None = None) -> list[StoredDocument]:
        """The documents of one file, or all, in corpus order."""
        where = "" if file is None else "WHERE file = ?"
        query = f"SELECT * FROM documents {where} ORDER BY id"  # noqa: S608 - no value is spliced in
        return [StoredDocument(*row) for row in self._database.execute(query, () if file is None else (file,))]

    def document_bytes(self, document: StoredDocument) -> bytes:
        """The document's text in UTF-8."""
        return self._text[document.first_byte : document.last_byte]

    def passages_of(self, document: int) -> list[StoredPassage]:
        """The passages of one document, in reading order."""
        rows = self._database.execute("SELECT * FROM passages WHERE document = ? ORDER BY row", (document,))
        return [StoredPassage(*row) for row in rows]

    def keys(self) -> Iterator[bytes]:
        """The vector keys of all passages, in row order."""
        for (key,) in self._database.execute("SELECT key FROM passages ORDER BY row"):
            yield key

    def embedded_texts(self) -> Iterator[str]:
        """What is embedded and lexically indexed of each passage, in row order."""
        query = """SELECT p.lead, d.first_byte + p.first_byte, d.first_byte + p.last_byte
                   FROM passages p JOIN documents d ON d.id = p.document ORDER BY p.row"""
        for lead, first, last in self._database.execute(query):
            yield lead + self._text[first:last].decode()

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """The passages of `rows`, in the order of `rows`."""
        marks = ",".join("?" * len(rows))
        query = f"""SELECT p.row, p.id, d.source, d.title, p.page, p.heading, p.start, p.end, p.line, d.metadata,
                           d.first_byte + p.first_byte, d.first_byte + p.last_byte
                    FROM passages p JOIN documents d ON d.id = p.document
                    WHERE p.row IN ({marks})"""  # noqa: S608 - only question marks are spliced in
        found = {}
        for (
            row,
            id_,
            source,
            title,
            page,
            heading,
            start,
            end,
            line,
            metadata,
            first,
            last,
        ) in self._database.execute(query, [int(row) for row in rows]):
            text = self._text[first:last].decode()
            found[row] = Passage(id_, text, source, title, page, heading, start, end, line, parse_metadata(metadata))
        return [found[row] for row in rows]

    def all_passages(self) -> Iterator[Passage]:
        """Every passage, in corpus order."""
        (count,) = self._database.execute("SELECT count(*) FROM passages").fetchone()
        for first in range(0, count, 500):
            yield from self.passages(range(first, min(first + 500, count)))

    def files_of(self, source: str) -> list[StoredFile]:
        """The files that hold the documents named `source` (several where roots repeat a path)."""
        query = """SELECT f.* FROM files f JOIN documents d ON d.file = f.id WHERE d.source = ? ORDER BY f.id"""
        return [StoredFile(*row) for row in self._database.execute(query, (source,))]

    def rows_of_documents(self, documents: Sequence[int]) -> list[int]:
        """The rows of all passages of `documents`, ascending."""
        wanted = set(documents)
        query = "SELECT row, document FROM passages ORDER BY row"
        return [row for row, document in self._database.execute(query) if document in wanted]


def parse_metadata(text: str) -> Metadata:
    """Metadata from its stored form."""
    return tuple(sorted(json.loads(text).items()))


def _fields(row: StoredFile | StoredDocument | StoredPassage) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in row.__slots__)
