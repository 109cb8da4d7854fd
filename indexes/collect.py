"""Collects the documents and passages of a new generation: copies what is unchanged, reads and cuts the rest."""

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

from indexes.changes import Changes, Name, content_hash, name_of, settled_time
from indexes.cutting import Cutting, cut
from indexes.documents import Document
from indexes.embedder.protocol import Embedder
from indexes.errors import ExtractionError
from indexes.extract import RecordFields, extract
from indexes.roots import FoundFile, Skipped
from indexes.store import Store, StoredDocument, StoredFile, StoredPassage, StoreWriter


@dataclass(slots=True)
class Collected:
    """What a collection came to. The counts are of documents.

    Attributes:
        hashes: (root, source) of every document to the hash of its content.
        skipped: files that could not be read.
        read: documents read anew, not copied.
        fresh: the first of these, for a look at their language.
    """

    files: int = 0
    documents: int = 0
    passages: int = 0
    hashes: dict[Name, str] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    read: int = 0
    fresh: list[Document] = field(default_factory=list)

    @property
    def mostly_fresh(self) -> bool:
        """Whether more documents were read anew than copied."""
        return self.read * 2 > self.documents


FRESH_LIMIT = 200


class Collector:
    """Writes the store of one new generation, file by file in corpus order."""

    def __init__(
        self,
        writer: StoreWriter,
        *,
        old: Store | None,
        cutting: Cutting,
        fields: RecordFields,
        embedder: Callable[[], Embedder],
    ) -> None:
        """Takes the old generation's store to copy from; `embedder` is called only if something must be cut."""
        self.collected = Collected()
        self._writer = writer
        self._old = old
        self._cutting = cutting
        self._fields = fields
        self._embedder = embedder
        self._repeats: Counter[tuple[str, str]] = Counter()

    def collect(
        self,
        changes: Changes,
        held: Mapping[Name, StoredFile],
        progress: Callable[[str, int, int], None],
    ) -> Collected:
        """Goes through all files; returns what they came to."""
        for number, found in enumerate(changes.files):
            progress("reading", number, len(changes.files))
            known = held.get(name_of(found))
            if known and name_of(found) in changes.same:
                self._copy(known)
                continue
            looked = time.time_ns()
            file = StoredFile(
                id=number,
                root=str(found.root),
                source=found.source,
                path=os.fsencode(found.path),
                size=found.size,
                mtime_ns=settled_time(found, looked),
                inode=found.inode,
                sha256=content_hash(found.path),
                reason=None,
            )
            if known and known.sha256 and known.sha256 == file.sha256:
                self._copy(replace(file, id=known.id, reason=known.reason))
            else:
                self._read(found, file)
        progress("reading", len(changes.files), len(changes.files))
        return self.collected

    def _copy(self, known: StoredFile) -> None:
        """Copies the rows of a file whose content is `known`, under its id in the old store."""
        assert self._old is not None  # noqa: S101 - a known file stands in an old store
        file = self._add_file(known)
        for document in self._old.documents(known.id):
            text = self._old.document_bytes(document)
            self._add_document(file, document, self._old.passages_of(document.id), text)

    def _read(self, found: FoundFile, file: StoredFile) -> None:
        try:
            # all documents of a file or none: a file that breaks half way is skipped whole
            documents = list(extract(found.path, found.source, fields=self._fields))
        except ExtractionError as error:
            self._add_file(replace(file, reason=str(error)))
            return
        file = self._add_file(file)
        for document in documents:
            self._add_document(file, _document_row(document), self._cut(document), document.text.encode())
            self.collected.read += 1
            if len(self.collected.fresh) < FRESH_LIMIT:
                self.collected.fresh.append(document)

    def _cut(self, document: Document) -> Iterable[StoredPassage]:
        embedder = self._embedder()
        salt = embedder.spec.fingerprint.encode() + b"\0" + embedder.spec.document_prompt.encode() + b"\0"
        text = document.text
        offset = byte = line_offset = 0
        line = 1
        for piece in cut(document, embedder, cutting=self._cutting):
            body = text[piece.start : piece.end]
            first = byte + len(text[offset : piece.start].encode())
            offset, byte = piece.end, first + len(body.encode())
            line += text.count("\n", line_offset, piece.start)
            line_offset = piece.start
            yield StoredPassage(
                row=-1,
                document=-1,
                id="",
                key=hashlib.sha256(salt + piece.embedded.encode()).digest(),
                lead=piece.lead,
                start=piece.start,
                end=piece.end,
                first_byte=first,
                last_byte=byte,
                page=document.page_at(piece.start),
                heading=piece.heading,
                line=line if document.own_lines else None,
            )

    def _add_file(self, file: StoredFile) -> StoredFile:
        file = replace(file, id=self.collected.files + len(self.collected.skipped))
        self._writer.add_file(file)
        if file.reason is None:
            self.collected.files += 1
        else:
            self.collected.skipped.append(Skipped(file.source, file.reason))
        return file

    def _add_document(
        self, file: StoredFile, document: StoredDocument, passages: Iterable[StoredPassage], text: bytes
    ) -> None:
        number = self.collected.documents
        placed: list[StoredPassage] = []
        for passage in passages:
            body = text[passage.first_byte : passage.last_byte].decode()
            repeat = self._repeats[document.source, body]
            self._repeats[document.source, body] += 1
            row = self.collected.passages + len(placed)
            public = passage_id(document.source, body, repeat)
            placed.append(replace(passage, row=row, document=number, id=public))
        self._writer.add_document(replace(document, id=number, file=file.id), placed, text)
        self.collected.documents += 1
        self.collected.passages += len(placed)
        self.collected.hashes[file.root, document.source] = document.hash


def passage_id(source: str, text: str, repeat: int) -> str:
    """The public id of the passage `text` of `source`; `repeat` counts equal texts of that source from 0."""
    return hashlib.sha256(f"{source}\0{repeat}\0{text}".encode()).hexdigest()[:16]


def _document_row(document: Document) -> StoredDocument:
    metadata = json.dumps(dict(document.metadata), ensure_ascii=False, sort_keys=True)
    content = "\0".join((document.title, metadata, document.text)).encode()
    return StoredDocument(
        id=-1,
        file=-1,
        source=document.source,
        title=document.title,
        hash=hashlib.sha256(content).hexdigest(),
        metadata=metadata,
        pages=json.dumps(document.pages),
        headings=json.dumps([asdict(heading) for heading in document.headings], ensure_ascii=False),
        own_lines=document.own_lines,
        first_byte=0,
        last_byte=0,
    )
