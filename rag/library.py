"""The few lines of Python that most users need: index documents, open an index, in the usual places."""

from pathlib import Path

from indexes.build import build_index
from indexes.directory import default_name, find_index, index_folder
from indexes.index import Index
from indexes.places import default_cache, default_directory
from indexes.recipe import AS_BEFORE, Recipe
from indexes.report import BuildReport


def index_documents(
    *paths: Path | str,
    name: str | None = None,
    directory: Path | None = None,
    cache: Path | None = None,
    recipe: Recipe = AS_BEFORE,
) -> BuildReport:
    """Indexes files and folders, or refreshes the index: only what changed is read and embedded.

    Args:
        *paths: what to add to the index's roots; none: refresh.
        name: of the index; None: that of the first path, or of the only index there is.
        directory: the folder that holds indexes; None: in the user's data folder.
        cache: keeps exported embedding models; None: in the user's cache folder.
        recipe: how to build; the defaults for a new index, no change for one that is there.

    Raises:
        RequestError: nothing was changed; the message says why and what to do.
    """
    directory = directory or default_directory()
    roots = [Path(path) for path in paths]
    if name is None and not roots:
        folder = find_index(directory, None)
    else:
        folder = index_folder(directory, name or default_name(roots[0]))
    return build_index(folder, roots, cache=cache or default_cache(), recipe=recipe)


def open_index(name: str | None = None, *, directory: Path | None = None, cache: Path | None = None) -> Index:
    """Opens an index for reading.

    Args:
        name: of the index; None: the only one there is.
        directory: the folder that holds indexes; None: in the user's data folder.
        cache: keeps exported embedding models; None: in the user's cache folder.

    Raises:
        RequestError: no such index, or it is damaged.
    """
    return Index(find_index(directory or default_directory(), name), cache=cache or default_cache())
