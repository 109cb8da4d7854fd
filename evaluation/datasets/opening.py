"""Opens a dataset: finds out the format, and has it read."""

from pathlib import Path

from evaluation.datasets.files import read_records
from evaluation.datasets.record import Record, listed
from evaluation.datasets.registry import Reader, all_readers, find_reader
from evaluation.datasets.source import Source
from evaluation.examples import Dataset
from indexes.errors import RequestError


def open_dataset(path: Path, *, format: str | None = None, split: str = "test") -> Dataset:
    """The dataset at `path`: a file of JSON Lines or with a JSON list, also packed by gzip, or a BEIR folder or zip.

    Args:
        path: of the file or folder.
        format: a reader's name; None: as the keys of the first record tell.
        split: of a BEIR dataset; other formats have one part only.

    Raises:
        UnknownNameError: no such format, or no such split.
        RequestError: there is no such file, its format cannot be told, or something in it is wrong; the message says
            in which line or record.
    """
    if not path.exists():
        raise RequestError(f"there is no dataset at {path}; give the path of a file, or of a BEIR folder")
    bundled = path.is_dir() or path.suffix.lower() == ".zip"
    chosen = _told(path, bundled=bundled) if format is None else find_reader(format)
    if bundled == bool(chosen.keys):
        wanted, found = ("a file", "a folder or zip") if bundled else ("a folder or zip", "a file")
        raise RequestError(f"a dataset of format {chosen.name!r} is {wanted}, {path} is {found}")
    contents = chosen.function(Source(path, split))
    return Dataset(
        name=path.resolve().name,
        format=chosen.name,
        checksum=contents.checksum,
        examples=contents.examples,
        corpus=contents.corpus,
        warnings=contents.warnings,
    )


def _told(path: Path, *, bundled: bool) -> Reader:
    """The reader whose keys the first record has; of several, the one that knows most of them."""
    if bundled:
        return next(reader for reader in all_readers().values() if not reader.keys)
    first: Record = next(read_records(path))
    fitting = [reader for reader in all_readers().values() if reader.keys and reader.keys <= first.fields.keys()]
    if not fitting:
        known = "; ".join(
            f"{reader.name} ({', '.join(sorted(reader.keys))})" for reader in all_readers().values() if reader.keys
        )
        raise first.error(f"of no known format: its keys are {listed(list(first.fields))}; known: {known}")
    return max(fitting, key=lambda reader: (len(reader.keys), reader.name))
