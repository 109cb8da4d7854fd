"""Files that a report goes to: whether they can be written shows before anything is computed."""

import os
from collections.abc import Mapping
from pathlib import Path

from indexes.errors import RequestError


def check_file(target: Path, *, apart: Mapping[str, Path]) -> None:
    """Makes the folder of `target`, a file to be written.

    Args:
        target: where it goes.
        apart: files that must not be written over, by what they are: "run".

    Raises:
        RequestError: there is a folder of that name, its own folder cannot be had, or it is one of `apart`.
    """
    if target.is_dir():
        raise RequestError(f"wanted a file to write to, found a folder: {str(target)!r}")
    for what, file in apart.items():
        if target.resolve() == file.resolve() or (target.exists() and file.exists() and target.samefile(file)):
            raise RequestError(f"{str(target)!r} is the {what} itself; write to another file")
    _make(target.parent, target)
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise RequestError(f"{str(target)!r} may not be written; choose another place")


def check_folder(target: Path) -> None:
    """Makes the folder `target`.

    Raises:
        RequestError: it cannot be had.
    """
    _make(target, target)


def _make(folder: Path, target: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(
            f"{str(target)!r} cannot be written: {error.strerror or error}; choose another place"
        ) from error
