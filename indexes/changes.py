"""What changed in the roots since the last build: by how files look; only where that differs are they read."""

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexes.errors import RequestError
from indexes.roots import FoundFile, Scan
from indexes.store import StoredFile

Name = tuple[str, str]
"""Root and source of a file: what identifies it in an index."""

RACE_NS = 20_000_000
"""A file written so shortly before it was read may change again without its time telling."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The files of a scan by what must be done.

    Attributes:
        files: all, in corpus order (root by root, by source).
        same: names of those that look as they did when the index read them.
        gone: names of those that the index holds and that are no longer there.
    """

    files: tuple[FoundFile, ...]
    same: frozenset[Name]
    gone: frozenset[Name]

    def __bool__(self) -> bool:
        """Whether anything may have changed."""
        return bool(self.gone) or len(self.same) < len(self.files)


def name_of(file: FoundFile) -> Name:
    """What identifies a found file."""
    return str(file.root), file.source


def find_changes(scan: Scan, held: Mapping[Name, StoredFile]) -> Changes:
    """Compares a scan with the files that the index holds; those that could not be read at all are tried again."""
    same = set()
    for file in scan.files:
        known = held.get(name_of(file))
        if known and known.sha256 and _looks(known) == _looks(file):
            same.add(name_of(file))
    gone = held.keys() - {name_of(file) for file in scan.files}
    return Changes(files=scan.files, same=frozenset(same), gone=frozenset(gone))


def _looks(file: FoundFile | StoredFile) -> tuple[int, int, int]:
    return file.size, file.mtime_ns, file.inode


def has_changed(file: StoredFile) -> bool:
    """Whether a file's content differs now from what the index holds; it is read only if it looks otherwise."""
    path = Path(os.fsdecode(file.path))
    try:
        now = path.stat()
    except OSError:
        return True
    if (now.st_size, now.st_mtime_ns) == (file.size, file.mtime_ns):
        return False
    return now.st_size != file.size or content_hash(path) != file.sha256


def content_hash(path: Path) -> str | None:
    """SHA-256 (hex) of a file's content; None if it cannot be read."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return None


def settled_time(file: FoundFile, read_ns: int) -> int:
    """The file's modification time if a change after `read_ns` is sure to show in it, else -1: read again next time."""
    return file.mtime_ns if file.mtime_ns < read_ns - RACE_NS else -1


def check_deletions(roots: Sequence[Path], scan: Scan, held: Collection[Name]) -> None:
    """Refuses roots that vanished or lost all their files at once, and folders that cannot be listed any more.

    Nothing is lost with a root under which the index holds nothing, or with one that is no longer a root.

    An unmounted disk looks like a missing or an empty folder; taking it for deletions would throw the index away.

    Raises:
        RequestError: names the root and the remedy.
    """
    full = {str(file.root) for file in scan.files}
    held = [(root, source) for root, source in held if Path(root) in roots]
    was_full = {root for root, _ in held}
    for root in roots:
        if str(root) in was_full - full:
            state = "is not there" if root in scan.missing else "held documents and is empty now"
            raise RequestError(
                f"root {str(root)!r} {state}; mount or restore it, or run again with --allow-empty "
                "to drop its documents from the index"
            )
    for skipped in scan.skipped:
        if any(f"{root}/{source}".startswith(f"{skipped.path}/") for root, source in held):
            raise RequestError(
                f"folder {skipped.path!r} held documents and {skipped.reason}; make it readable, or run again with "
                "--allow-empty to drop its documents from the index"
            )
