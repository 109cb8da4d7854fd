"""CSV and TSV: each row a paragraph of "column: value" lines, so that a passage says what its values mean."""

import csv
import io
from pathlib import Path

from indexes.extract.assembly import GAP
from indexes.extract.decoding import read_text
from indexes.extract.extracted import Extracted

_DELIMITERS = ",\t;|"
_SAMPLE = 65_536  # characters in which the columns are counted
csv.field_size_limit(2**31 - 1)  # the limit of 131,072 characters would refuse long texts


def read(path: Path) -> Extracted:
    """The rows below the first, which names the columns; a table of one row is that row."""
    text = read_text(path)
    delimiter = max(_DELIMITERS, key=lambda mark: len(_first_row(text[:_SAMPLE], mark)))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = next(rows)
    paragraphs = [paragraph for row in rows if (paragraph := _paragraph(columns, row))]
    return Extracted(GAP.join(paragraphs or [_paragraph([], columns)]))


def _first_row(text: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _paragraph(columns: list[str], row: list[str]) -> str:
    names = columns + [""] * (len(row) - len(columns))
    filled = ((name.strip(), value.strip()) for name, value in zip(names, row, strict=False))
    return "\n".join(f"{name}: {value}" if name else value for name, value in filled if value)
