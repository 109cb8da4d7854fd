"""JSON and JSON Lines: a document for each record with a text, "path: value" lines for anything else."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from indexes.errors import ExtractionError
from indexes.extract.dates import iso_date
from indexes.extract.decoding import read_text
from indexes.extract.extracted import Extracted, RecordFields, one_line


def read_lines(path: Path, fields: RecordFields) -> list[Extracted]:
    """A document for each line of JSON Lines; blank lines are left out.

    Raises:
        ExtractionError: a line is not JSON, or repeats an id; the message names the line.
    """
    lines = enumerate(read_text(path).split("\n"), start=1)
    values = ((number, _parsed(line, f"line {number}: ")) for number, line in lines if line.strip())
    return _records(values, fields, "line")


def read(path: Path, fields: RecordFields) -> list[Extracted]:
    """A document for each record where the file is a list of records with a text, else one for the file.

    Raises:
        ExtractionError: it is not JSON, or two records have the same id.
    """
    value = _parsed(read_text(path), "")
    if isinstance(value, list) and value and all(_text_field(item, fields) for item in value):
        return _records(enumerate(value, start=1), fields, "record")
    return [Extracted(_readable(value))]


def _parsed(text: str, where: str) -> object:
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if where else f"line {error.lineno}, column {error.colno}"
        raise ExtractionError(f"{where}not JSON: {error.msg} ({place})") from error
    except RecursionError as error:
        raise ExtractionError(f"{where}JSON nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise ExtractionError(f"{where}not readable as JSON: {error}") from error
    return value


def _records(values: Iterable[tuple[int, object]], fields: RecordFields, unit: str) -> list[Extracted]:
    """One `Extracted` a value, numbered by the file's lines or records (`unit`)."""
    seen: dict[str, int] = {}
    records = []
    for number, value in values:
        record = _record(value, fields, number)
        key = str(record.record)
        if key in seen:
            raise ExtractionError(f"{unit} {number}: the id {key!r} is already that of {unit} {seen[key]}")
        seen[key] = number
        records.append(record)
    return records


def _record(value: object, fields: RecordFields, number: int) -> Extracted:
    if not isinstance(value, dict):
        return Extracted(_readable(value), record=str(number))
    text_field = _text_field(value, fields)
    title_field = next((name for name in fields.title if isinstance(value.get(name), str)), None)
    id_field = next((name for name in fields.id if _scalar(value.get(name))), None)
    title = one_line(value[title_field]) if title_field else ""
    others = {name: _scalar(item) for name, item in value.items() if name not in (text_field, title_field, id_field)}
    if "date" in others:
        others["date"] = iso_date(others["date"]) or others["date"]
    return Extracted(
        (value[text_field].strip() and value[text_field]) or title if text_field else _readable(value),
        title=title or None,
        metadata=tuple(sorted((name, item) for name, item in others.items() if item)),
        record=_scalar(value[id_field]) if id_field else str(number),
    )


def _text_field(value: object, fields: RecordFields) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((name for name in fields.text if isinstance(value.get(name), str)), None)


def _scalar(value: object) -> str:
    """A string as it is, a number or boolean as JSON writes it; empty for anything else."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else ""


def _readable(value: object) -> str:
    return "\n".join(f"{path}: {item}" if path else item for path, item in _leaves(value))


def _leaves(value: object) -> Iterator[tuple[str, str]]:
    """Path and value of every scalar, in the order of the file."""
    left: list[tuple[str, object]] = [("", value)]
    while left:
        path, item = left.pop()
        if isinstance(item, dict):
            dot = "." if path else ""
            left.extend((f"{path}{dot}{name}", child) for name, child in reversed(item.items()))
        elif isinstance(item, list):
            left.extend((f"{path}[{i}]", item[i]) for i in reversed(range(len(item))))
        elif scalar := _scalar(item):
            yield path, scalar
