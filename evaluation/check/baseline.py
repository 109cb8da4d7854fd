"""The baseline file: a header with a checksum and one line for each question, so that version control diffs it well."""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evaluation.check.baseline_rows import Header, from_line, outcome_row, row_outcome, to_line
from evaluation.check.values import Baseline, Result
from indexes.errors import RequestError
from indexes.manifest import sync_folder

FORMAT = 1
REMEDY = 'restore it by git checkout, or make it anew: rag check bless --reason "…"'
"""What to do about a damaged baseline."""
_MERGE = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")


def read_baseline(path: Path, *, remedy: str = REMEDY) -> Baseline | None:
    """Reads what `write_baseline` wrote; None where there is no such file.

    Args:
        path: of the file; its lines may have been given Windows' ends.
        remedy: what to do where it is damaged.

    Raises:
        RequestError: it cannot be read, is damaged, was edited by hand, or is of a newer version.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RequestError(
            f"wanted a baseline file, cannot read {str(path)!r}: {error.strerror or error}; {remedy}"
        ) from error
    try:
        return _parsed([line.removesuffix(b"\r") for line in data.removesuffix(b"\n").split(b"\n")])
    except _NewerError as newer:
        raise RequestError(
            f"{str(path)!r} has format {newer}, this version of rag reads {FORMAT}: update rag, or {remedy}"
        ) from newer
    except _DamagedError as damage:
        raise RequestError(f"{str(path)!r} is no whole baseline: {damage}; {remedy}") from damage


def write_baseline(path: Path, baseline: Baseline, *, with_answers: bool) -> None:
    """Writes the file: whole, or, where that fails, not at all. Equal baselines give equal bytes.

    Args:
        path: of the file; its folder is made.
        baseline: `frozen` and the seconds of replies are not kept.
        with_answers: whether the answers' texts are kept.

    Raises:
        RequestError: it could not be written; what was there before still is.
    """
    result = baseline.result
    lines = [to_line(outcome_row(outcome, with_answers=with_answers)) for outcome in result.outcomes]
    header: dict[str, Any] = {
        "ragcheck": FORMAT,
        "blessed": baseline.blessed,
        "reason": baseline.reason,
        "version": baseline.version,
        "questions": len(lines),
        "exact": result.exact,
        "facts": json.loads(json.dumps(dict(result.facts), sort_keys=True)),
    }
    head = to_line({**header, "checksum": _checksum(header, lines)})
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with aside.open("wb") as file:
                file.writelines(line + b"\n" for line in (head, *lines))
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise RequestError(
            f"cannot write {str(path)!r}: {error.strerror or error}; what was there is unchanged: make its folder "
            "writable, or free some space"
        ) from error


class _DamagedError(Exception):
    """What is wrong with the file, in words."""


class _NewerError(Exception):
    """Its format."""


def _parsed(lines: Sequence[bytes]) -> Baseline:
    for number, line in enumerate(lines, 1):
        if line.startswith(_MERGE):
            mark = line[: len(_MERGE[0])].decode()
            side = "git checkout --ours or --theirs takes one side"
            raise _DamagedError(f"line {number} is a mark of a merge conflict, {mark!r} ({side})")
    if lines == [b""]:
        raise _DamagedError("it is empty")
    head = _row(lines[0], 1)
    if "ragcheck" not in head:
        raise _DamagedError('line 1 is not its header, which begins with {"ragcheck": 1')
    found = head["ragcheck"]
    if isinstance(found, int) and found > FORMAT:
        raise _NewerError(repr(found)[:20])
    rows = [_row(line, number) for number, line in enumerate(lines[1:], 2)]
    if head.get("questions") != len(rows):
        told = repr(head.get("questions"))[:20]
        raise _DamagedError(f"line 1 tells of {told} questions, found {len(rows)} lines of them")
    if head.pop("checksum", None) != _checksum(head, lines[1:]):
        raise _DamagedError("its checksum is of other lines: it was edited by hand")
    try:
        header = Header.model_validate(head)
    except ValidationError as error:
        raise _DamagedError(f"line 1, {_first(error)}") from error
    outcomes = []
    for number, row in enumerate(rows, 2):
        try:
            outcomes.append(row_outcome(row))
        except ValidationError as error:
            raise _DamagedError(f"line {number}, {_first(error)}") from error
    twice = [name for name, times in Counter(outcome.id for outcome in outcomes).items() if times > 1]
    if twice:
        raise _DamagedError(f"question {twice[0]!r} is there more than once")
    result = Result(header.facts, tuple(outcomes), header.exact)
    return Baseline(result, header.blessed, header.reason, header.version)


def _row(line: bytes, number: int) -> dict[str, Any]:
    try:
        return from_line(line)
    except UnicodeDecodeError as error:
        raise _DamagedError(f"line {number} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _DamagedError(f"line {number} is not one JSON object ({error.msg})") from error
    except ValueError as error:
        raise _DamagedError(f"line {number} is none of a baseline ({error})") from error


def _checksum(header: Mapping[str, Any], lines: Sequence[bytes]) -> str:
    """SHA-256 (hex) of all lines, the header without its checksum."""
    return sha256(b"\n".join([to_line(header), *lines])).hexdigest()


def _first(error: ValidationError) -> str:
    """What is wrong first, on one line."""
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))[:80]!r}: {first['msg'].splitlines()[0]}"
