"""From a file to documents: chooses the format's reader, and is the boundary where errors are translated."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from indexes.documents import Document
from indexes.errors import ExtractionError
from indexes.extract.extracted import Extracted, RecordFields, one_line

# Modules of this package with a `read(path)`, loaded when first needed: each brings its own library.
_READERS = {
    ".txt": "plain",
    ".md": "markdown",
    ".markdown": "markdown",
    ".rst": "rst",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".pptx": "pptx",
    ".epub": "epub",
    ".csv": "table",
    ".tsv": "table",
}
_RECORDS = {".json": "read", ".jsonl": "read_lines", ".ndjson": "read_lines"}  # functions of `records`

SUFFIXES = frozenset({*_READERS, *_RECORDS})
"""Suffixes of the known formats; any other file is read as plain text, if it is text."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_DEFAULT_FIELDS = RecordFields()


def extract(path: Path, source: str, *, fields: RecordFields = _DEFAULT_FIELDS) -> Iterator[Document]:
    """The documents in a file: one, or one for each record of JSON Lines or of a JSON list of records.

    All of them or an error: nothing is yielded from a file that is broken further on.

    Args:
        path: the file; its suffix says the format.
        source: what the documents are called; records get ``#id`` behind it, without an id ``#line``.
        fields: where JSON records keep their text, title and id.

    Raises:
        ExtractionError: the file is empty, binary, broken, locked or unreadable; the message is one line.
    """
    suffix = path.suffix.lower()
    try:
        found = _read(path, suffix, fields)
        documents = [_document(one, source, suffix) for one in found if one.text.strip()]
    except (ExtractionError, MemoryError):
        raise
    except OSError as error:
        raise ExtractionError(f"cannot be read: {error.strerror or one_line(str(error))}") from error
    except Exception as error:  # a broken file makes its library raise anything at all
        reason = one_line(str(error))[:200] or type(error).__name__
        raise ExtractionError(f"cannot be read as {suffix[1:] or 'text'}: {reason}") from error
    if not documents:
        raise ExtractionError("empty")
    return iter(documents)


def _read(path: Path, suffix: str, fields: RecordFields) -> list[Extracted]:
    package = __name__.rpartition(".")[0]
    if suffix in _RECORDS:
        read_records: Callable[[Path, RecordFields], list[Extracted]]
        read_records = getattr(import_module(f"{package}.records"), _RECORDS[suffix])
        return read_records(path, fields)
    read: Callable[[Path], Extracted] = import_module(f"{package}.{_READERS.get(suffix, 'plain')}").read
    return [read(path)]


def _document(one: Extracted, source: str, suffix: str) -> Document:
    record = "" if one.record is None else f"#{one.record}"
    name = source.rpartition("/")[2] + record
    title = one.title or next((heading.title for heading in one.headings), name)
    metadata = {_storable(key): _storable(value) for key, value in one.metadata}
    metadata["type"] = suffix[1:] or "txt"
    return Document(
        source=_storable(source + record),
        text=_storable(one.text),
        title=_storable(title),
        pages=one.pages,
        headings=tuple(replace(heading, title=_storable(heading.title)) for heading in one.headings),
        metadata=tuple(sorted(metadata.items())),
        own_lines=one.own_lines,
    )


def _storable(text: str) -> str:
    """`text` with lone surrogates, which no UTF-8 can hold, replaced one for one: offsets stay."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)
