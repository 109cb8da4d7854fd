"""Reads JSON Lines and JSON lists, packed or not, as untrusted input: line by line, within limits, with places."""

import gzip
import hashlib
import io
import json
import lzma
import zipfile
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO

from evaluation.datasets.record import Record, shown
from indexes.errors import RequestError

MAX_LINE = 64 * 2**20
"""Bytes of a line above which a file is refused."""
MAX_LIST = 2 * 2**30
"""Unpacked bytes of a JSON list, which is read as a whole."""
MAX_LINES = 16 * 2**30
"""Unpacked bytes of JSON Lines."""

_GZIP = b"\x1f\x8b"


def read_records(path: Path | Traversable) -> Iterator[Record]:
    """The objects in a file of JSON Lines or in a JSON list, packed by gzip or not; which of these its bytes say.

    Raises:
        RequestError: the file cannot be read, holds nothing, has an empty line between others, or something that is
            no JSON object; the message names the line, or the record of a list.
    """
    count = 0
    for number, value in _values(path):
        if not isinstance(value, dict):
            raise RequestError(f"{path}, {number}: wanted a JSON object, found {shown(value)}")
        count += 1
        yield Record(value, str(path), number)
    if not count:
        raise RequestError(f"{path} holds no records; wanted JSON Lines (an object on each line) or a JSON list")


def read_lines(path: Path | Traversable) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, from 1, without their line ends.

    Raises:
        RequestError: it cannot be read, is not UTF-8, or is larger than is safe; the message names the line.
    """
    total = 0
    with opened(path) as file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            total += len(line)
            if len(line) > MAX_LINE or total > MAX_LINES:
                limits = f"limits: {MAX_LINE:,} bytes a line, {MAX_LINES:,} in all"
                raise RequestError(f"{path}, line {number}: more than is safe to read ({limits}); cut the file")
            yield number, _decoded(line, f"{path}, line {number}", first=number == 1).rstrip("\r\n")


def checksum(path: Path | Traversable) -> str:
    """SHA-256 (hex) of the file's bytes as they are stored.

    Raises:
        RequestError: it cannot be read.
    """
    with unpacking(path), path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(2**20):
            digest.update(block)
        return digest.hexdigest()


@contextmanager
def opened(path: Path | Traversable) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked where they are packed by gzip.

    Raises:
        RequestError: it cannot be read.
    """
    with unpacking(path), path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        if packed:
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield io.BufferedReader(unpacked)
        else:
            yield raw


@contextmanager
def unpacking(path: Path | Traversable) -> Iterator[None]:
    """Turns what goes wrong in reading and unpacking into the error that names the file.

    Raises:
        RequestError: something did.
    """
    try:
        yield
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror or error}") from error
    except (EOFError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise RequestError(f"{path} cannot be unpacked: {error}; it is damaged, incomplete or encrypted") from error


def _values(path: Path | Traversable) -> Iterator[tuple[str, object]]:
    if _begins_list(path):
        yield from _list(path)
        return
    empty = 0
    for number, line in read_lines(path):
        if not line.strip():
            empty = empty or number
            continue
        if empty:  # at the end of a file they are harmless, elsewhere something is missing
            raise RequestError(f"{path}, line {empty}: empty; wanted a JSON object on each line; delete the line")
        yield f"line {number}", _parsed(line, f"{path}, line {number}")


def _begins_list(path: Path | Traversable) -> bool:
    with opened(path) as file:
        head = file.read(4096).removeprefix(BOM_UTF8).lstrip()
    return head.startswith(b"[")


def _list(path: Path | Traversable) -> Iterator[tuple[str, object]]:
    with opened(path) as file:
        data = file.read(MAX_LIST + 1)
    if len(data) > MAX_LIST:
        raise RequestError(f"{path}: a JSON list of more than {MAX_LIST:,} bytes; write it as JSON Lines")
    text = _decoded(data, str(path), first=True)
    del data
    number, decoder = 0, json.JSONDecoder()
    mark, at = _mark(text, 0)
    if text.startswith("]", at):
        mark, at = _mark(text, at)
    while mark != "]":
        number += 1
        with _parsing(f"{path}, record {number}"):
            value, at = decoder.raw_decode(text, at)
        yield f"record {number}", value
        mark, behind = _mark(text, at)
        if mark not in (",", "]"):
            raise RequestError(
                f"{path}, record {number}: wanted ',' or ']' behind it, found {shown(text[at : at + 99].lstrip())}"
            )
        at = behind
    if at != len(text):
        raise RequestError(f"{path}: something follows the JSON list: {shown(text[at : at + 99])}; delete it")


def _mark(text: str, at: int) -> tuple[str, int]:
    """The bracket or comma at `at` or behind space there, "" where there is none; and where what follows begins."""
    at = _space(text, at)
    mark = text[at : at + 1] if text[at : at + 1] in ("[", ",", "]") else ""
    return mark, _space(text, at + len(mark))


def _space(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\n", "\r", "\t"):
        at += 1
    return at


def _decoded(data: bytes, place: str, *, first: bool) -> str:
    try:
        return (data.removeprefix(BOM_UTF8) if first else data).decode()
    except UnicodeDecodeError as error:
        found = shown(data[error.start : error.start + 8])
        raise RequestError(f"{place}: not UTF-8 ({found} at byte {error.start + 1}); convert the file") from error


def _parsed(text: str, place: str) -> object:
    with _parsing(place):
        value: object = json.loads(text)
    return value


@contextmanager
def _parsing(place: str) -> Iterator[None]:
    """Turns what is wrong with JSON into the error that names its place."""
    try:
        yield
    except json.JSONDecodeError as error:
        where = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}, column {error.colno}"
        raise RequestError(f"{place}: not JSON: {error.msg} ({where}); repair or delete it") from error
    except (RecursionError, ValueError) as error:  # nested too deeply; a number of thousands of digits
        raise RequestError(f"{place}: not readable as JSON: {shown(str(error))}") from error
