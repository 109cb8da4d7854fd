"""The file that drafts go to: JSON Lines in our own format of questions, one line as soon as one is found."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from evaluation.datasets import open_dataset
from evaluation.drafting.draft import Draft
from evaluation.examples import Example
from indexes.errors import RagError, RequestError
from indexes.passages import Passage

TAG = "draft"
"""Tag of a question that a model wrote."""


@dataclass(frozen=True, slots=True)
class DraftFile:
    """An open file of drafts.

    Attributes:
        path: of the file.
        kept: what was there when it was opened, whether a person has reviewed it or not.
    """

    path: Path
    kept: tuple[Example, ...]
    _file: FileIO

    def append(self, draft: Draft, passage: Passage) -> None:
        """Adds a line, whole or not at all; its id is the passage's, so that no passage is asked about twice.

        Raises:
            RagError: it cannot be written.
        """
        row = {
            "id": passage.id,
            "question": draft.question,
            "answers": [draft.answer],
            "gold": [{"source": passage.source, "quote": draft.quote}],
            "tags": [TAG],
        }
        line = json.dumps(row, ensure_ascii=False).encode(errors="replace") + b"\n"
        _append(self._file, line, self.path)


@contextmanager
def open_drafts(path: Path) -> Iterator[DraftFile]:
    """The file at `path`, made where there is none; one that is still empty at the end is removed.

    Raises:
        RequestError: it cannot be written, or holds something else than drafts, which is left as it is.
    """
    kept = _kept(path)
    try:
        file = FileIO(path, "ab")
    except OSError as error:
        raise RequestError(
            f"cannot write {str(path)!r}: {error.strerror or error}; choose another file by --out"
        ) from error
    try:
        with file:
            if kept and not path.read_bytes().endswith(b"\n"):  # an editor left it out
                _append(file, b"\n", path)
            yield DraftFile(path, kept, file)
    finally:
        with suppress(OSError):
            if path.stat().st_size == 0:
                path.unlink()


def _kept(path: Path) -> tuple[Example, ...]:
    if not path.exists():
        return ()
    if not path.is_file():
        raise RequestError(f"{str(path)!r} is no file; choose another by --out")
    try:
        head = path.read_bytes()[:64].strip()
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror or error}; choose another by --out") from error
    if not head:
        return ()
    if not head.startswith(b"{"):
        raise RequestError(f"{str(path)!r} holds no JSON Lines, so no drafts can be added; choose another by --out")
    kept = open_dataset(path, format="questions").examples
    if not any(TAG in example.tags for example in kept):
        raise RequestError(
            f"none of the questions in {str(path)!r} has the tag {TAG!r}, so drafts are not mixed with them; "
            "choose another file by --out"
        )
    return kept


def _append(file: FileIO, data: bytes, path: Path) -> None:
    before = file.seek(0, os.SEEK_END)
    try:
        if file.write(data) != len(data):
            raise OSError("no space left")
        os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            file.truncate(before)
        raise RagError(
            f"cannot write {str(path)!r}: {error.strerror or error}; what it holds is whole: free some space, then "
            "the same command goes on"
        ) from error
