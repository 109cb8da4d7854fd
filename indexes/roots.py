"""The files below the roots of an index, found without reading them."""

# ruff: noqa: PTH100, PTH116, PTH118
# Paths are strings while walking: thousands of files are to be listed in milliseconds.

import os
import stat
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from indexes.ignoring import Rules, ignored, rules_above, rules_in

_NEVER = frozenset({"node_modules", "__pycache__"})  # .git, .hg, .svn and .venv are hidden anyway


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file below a root.

    Attributes:
        root: the root as it was given.
        path: where the file can be opened.
        source: the path relative to the root with ``/``, always valid UTF-8: other bytes as ``\\xNN``.
        size: in bytes.
        mtime_ns: when it was last modified.
        inode: changes when the file is replaced; 0 where the system has none.
    """

    root: Path
    path: Path
    source: str
    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could have been a file to index, and why it is none."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found.

    Attributes:
        files: root by root, within a root by source.
        skipped: what could not be read or is no file; what was ignored is not listed.
        missing: roots that are not there.
    """

    files: tuple[FoundFile, ...]
    skipped: tuple[Skipped, ...]
    missing: tuple[Path, ...]


def scan(roots: Sequence[Path]) -> Scan:
    """Lists the files below `roots`; reads nothing but ignore files.

    Left out are hidden files and folders (their names begin with a dot), version control, `node_modules`,
    `__pycache__`, `.venv`, and what the `.gitignore` and `.ragignore` files say, those of the enclosing git
    repository above the root included. What is named as a root is always taken.

    Symbolic links are followed within the root only, because a collection of others' making could link to
    private files; those that lead out of it are skipped and named. Each real file is listed once, by its own path
    rather than a link's.

    Args:
        roots: files and folders; a file's source is its name.
    """
    files: list[FoundFile] = []
    skipped: list[Skipped] = []
    missing: list[Path] = []
    for root in dict.fromkeys(roots):
        try:
            status = root.stat()
        except (FileNotFoundError, NotADirectoryError):
            missing.append(root)
            continue
        except OSError as error:
            skipped.append(_unreadable(root, error))
            continue
        if stat.S_ISDIR(status.st_mode):
            walk = _Walk(root)
            files.extend(sorted(walk.files, key=lambda file: file.source))
            skipped.extend(sorted(walk.skipped, key=lambda one: one.path))
        elif stat.S_ISREG(status.st_mode):
            files.append(_found(root, "", status))
        else:
            skipped.append(_special(root, status))
    return Scan(tuple(files), tuple(skipped), tuple(missing))


class _Folder(NamedTuple):
    """A folder to be listed: its path, the same without links, and the rules set above it."""

    path: str
    real: str
    rules: tuple[Rules, ...]


class _Walk:
    """One walk through a root: real files and folders first, then what links lead to, each real path once."""

    def __init__(self, root: Path) -> None:
        self.files: list[FoundFile] = []
        self.skipped: list[Skipped] = []
        self._root = root
        self._top = os.path.abspath(root)
        self._real_top = os.path.realpath(self._top)
        self._seen = {self._real_top}
        self._links: deque[tuple[str, _Folder]] = deque()
        self._folders = [_Folder(self._top, self._real_top, self._rules_above())]
        while self._folders or self._links:
            if self._folders:
                self._list(self._folders.pop())
            else:
                self._follow(*self._links.popleft())

    def _rules_above(self) -> tuple[Rules, ...]:
        try:
            return rules_above(self._top)
        except OSError as error:
            self.skipped.append(_unreadable(error.filename, error))
            return ()

    def _list(self, folder: _Folder) -> None:
        try:
            with os.scandir(folder.path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
            regular = (entry.name for entry in entries if entry.is_file(follow_symlinks=False))
            folder = folder._replace(rules=folder.rules + rules_in(folder.path, regular))
        except OSError as error:  # also where its ignore file cannot be read: who knows what it leaves out
            self.skipped.append(_unreadable(folder.path, error))
            return
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _NEVER:
                continue
            if entry.is_symlink():
                self._links.append((entry.name, folder))
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError as error:
                self.skipped.append(_unreadable(entry.path, error))
                continue
            self._take(entry.path, os.path.join(folder.real, entry.name), status, folder.rules)

    def _follow(self, name: str, folder: _Folder) -> None:
        path = os.path.join(folder.path, name)
        if ignored(path, folder.rules, folder=False):
            return
        try:
            real = os.path.realpath(path, strict=True)
            status = os.stat(real)
        except OSError as error:
            self.skipped.append(_unreadable(path, error))
            return
        if os.path.join(folder.real, name).startswith(os.path.join(real, "")):
            self.skipped.append(Skipped(_utf8(path), "a link to a folder that contains it"))
            return
        if not real.startswith(os.path.join(self._real_top, "")):
            self.skipped.append(Skipped(_utf8(path), "a link out of the folder; index its target by its own path"))
            return
        self._take(path, real, status, folder.rules)

    def _take(self, path: str, real: str, status: os.stat_result, rules: tuple[Rules, ...]) -> None:
        """Lists a file or queues a folder, unless it is ignored or came before."""
        is_folder = stat.S_ISDIR(status.st_mode)
        if real in self._seen or ignored(path, rules, folder=is_folder):
            return
        self._seen.add(real)
        if is_folder:
            self._folders.append(_Folder(path, real, rules))
        elif stat.S_ISREG(status.st_mode):
            self.files.append(_found(self._root, path[len(os.path.join(self._top, "")) :], status))
        else:
            self.skipped.append(_special(path, status))


def _found(root: Path, relative: str, status: os.stat_result) -> FoundFile:
    """The file at `relative` below `root`, or `root` itself where that is empty."""
    return FoundFile(
        root=root,
        path=root / relative,
        source=_utf8((relative or root.name).replace(os.sep, "/")),
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        inode=status.st_ino,
    )


def _unreadable(path: str | Path, error: OSError) -> Skipped:
    return Skipped(_utf8(path), f"cannot be read: {error.strerror}")


def _special(path: str | Path, status: os.stat_result) -> Skipped:
    kinds = ((stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"))
    kind = next((name for is_kind, name in kinds if is_kind(status.st_mode)), "a device")
    return Skipped(_utf8(path), f"{kind}, not a file")


def _utf8(path: str | Path) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
