"""From bytes of unknown encoding to text."""

import codecs
from pathlib import Path

from indexes.errors import ExtractionError

_HEAD = 8192  # bytes that tell a binary file, so that a film is not read whole to be refused
_SAMPLE = 262_144  # bytes that encodings are guessed from
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encodings that are met; among all, guesses for short texts fall on the rarest
_ENCODINGS = [
    "cp1252",
    "cp1250",
    "iso8859_2",
    "cp1251",
    "koi8_r",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp932",
    "euc_jp",
    "gb18030",
    "big5",
    "cp949",
]
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b"))


def read_text(path: Path) -> str:
    """The file's text, every ``\\r\\n`` as ``\\n``.

    Raises:
        ExtractionError: the file is empty or binary.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        _refuse_binary(head)
        data = head + file.read()
    text = decoded(data)
    if not text or text.isspace():
        raise ExtractionError("empty")
    return text.replace("\r\n", "\n")


def decoded(data: bytes) -> str:
    """`data` as text: by its byte order mark, as UTF-8, by the best guess, else as UTF-8 with replacements.

    Raises:
        ExtractionError: it is binary.
    """
    _refuse_binary(data)
    encoding = _marked(data)
    if encoding:
        return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _guessed(data, error.start)


def _marked(data: bytes) -> str | None:
    return next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)


def _refuse_binary(data: bytes) -> None:
    if (_marked(data) or "utf-8-sig") != "utf-8-sig":
        return
    controls = len(data) - len(data.translate(None, delete=_CONTROLS))
    if b"\0" in data or controls > len(data) / 20:
        raise ExtractionError("binary")


def _guessed(data: bytes, wrong: int) -> str:
    """The text of `data`, which as UTF-8 is wrong at byte `wrong`."""
    from charset_normalizer import from_bytes  # here: hardly any file needs it

    damaged = data.decode("utf-8", "replace")
    bad = damaged.count("\ufffd")
    if len(damaged) - len(damaged.encode("ascii", "ignore")) > 2 * bad:
        return damaged  # most of its characters beyond ASCII are sound UTF-8: guessing would spoil those
    start = data.rfind(b"\n", 0, wrong) + 1 if wrong > _SAMPLE // 2 else 0  # whole lines: no half characters
    end = data.rfind(b"\n", start, start + _SAMPLE) + 1 if len(data) - start > _SAMPLE else len(data)
    guesses = from_bytes(data[start : end or start + _SAMPLE], cp_isolation=_ENCODINGS)
    if not guesses:
        return damaged
    best = min(guesses, key=lambda it: (it.chaos, -it.coherence, "cp1252" not in it.could_be_from_charset))
    return data.decode(best.encoding, "replace")
