"""The folder that holds indexes: which there are, which one is meant, and removing one."""

import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from indexes.errors import IndexDamagedError, IndexMissingError, RequestError, UnknownNameError
from indexes.generation import writing
from indexes.manifest import FILE_NAME, Manifest, read_manifest

NAME_PATTERN = re.compile(r"[\w][\w .+-]{0,99}")
_REMOVED = ".removed-"


@dataclass(frozen=True, slots=True)
class Entry:
    """One index in the list.

    Attributes:
        bytes: size of the current generation as it was built, vectors kept for refreshing not counted.
        manifest: None where it is damaged.
        damage: why, else None.
    """

    name: str
    folder: Path
    bytes: int
    manifest: Manifest | None
    damage: str | None


def index_folder(directory: Path, name: str) -> Path:
    """The folder of the index `name`, whether it exists or not.

    Raises:
        RequestError: it cannot be a name.
    """
    if not NAME_PATTERN.fullmatch(name):
        raise RequestError(
            f"{name!r} cannot name an index; use letters, digits, spaces and . _ + -, beginning with a letter or digit"
        )
    return directory / name


def default_name(path: Path) -> str:
    """The name of an index of `path` if none is given: the folder's, as far as it can be a name.

    >>> default_name(Path("/home/me/my docs (old)"))
    'my docs -old-'
    """
    absolute = path.resolve()
    stem = absolute.stem if absolute.is_file() else absolute.name
    return re.sub(r"^[^\w]+", "", re.sub(r"[^\w .+-]", "-", stem))[:100] or "index"


def list_indexes(directory: Path) -> list[Entry]:
    """All indexes in `directory` by name; none where it does not exist."""
    entries = []
    for folder in _folders(directory):
        with suppress(IndexMissingError):  # removed meanwhile
            entries.append(_entry(folder))
    return entries


def find_index(directory: Path, name: str | None) -> Path:
    """The folder of the index `name`; without a name that of the only one there is.

    Raises:
        IndexMissingError: there is none.
        UnknownNameError: there is none of that name; the message lists those there are.
        RequestError: no name is given and there are several.
    """
    names = [folder.name for folder in _folders(directory)]
    if not names:
        raise IndexMissingError(f"no index in {str(directory)!r}; build one with: rag index PATH")
    if name is not None:
        if name not in names:
            raise UnknownNameError("index", name, names)
        return directory / name
    if len(names) > 1:
        raise RequestError(f"which index? say --index NAME; there are: {', '.join(names)}")
    return directory / names[0]


def remove_index(folder: Path) -> None:
    """Removes an index and all that was kept for it; the documents it was made from are not touched.

    Raises:
        IndexBusyError: it is being written.
    """
    with writing(folder):
        # first aside, under a name that is no index's: an interrupt leaves no half of one
        aside = folder.with_name(f"{_REMOVED}{secrets.token_hex(8)}")
        folder.rename(aside)
    shutil.rmtree(aside)
    for leftover in folder.parent.glob(f"{_REMOVED}*"):  # of removals that were interrupted
        shutil.rmtree(leftover, ignore_errors=True)


def _folders(directory: Path) -> list[Path]:
    if not directory.is_dir():
        return []
    visible = (path for path in directory.iterdir() if not path.name.startswith("."))
    return sorted(path for path in visible if (path / FILE_NAME).is_file())


def _entry(folder: Path) -> Entry:
    try:
        manifest = read_manifest(folder)
    except IndexDamagedError as error:
        return Entry(folder.name, folder, 0, None, str(error))
    size = sum(file.size for file in manifest.checksums.values())
    return Entry(folder.name, folder, size, manifest, None)
