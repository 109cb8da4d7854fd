"""The check's own index: built from the roots and settings of its file, refreshed each time, never the user's."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from evaluation.check.config import CheckConfig
from indexes.build import build_index, merge_roots
from indexes.errors import IndexBusyError, IndexDamagedError, IndexMissingError, RequestError
from indexes.index import Index
from indexes.manifest import read_manifest
from indexes.recipe import settle

Progress = Callable[[str, int, int], None]


def open_check_index(config: CheckConfig, *, cache: Path, progress: Progress = lambda *_: None) -> Index:
    """The index of the documents as they are now, made as the file says now.

    Args:
        config: where the documents are, and how they are indexed.
        cache: where exported embedding models are kept.
        progress: told how far the build is.

    Raises:
        RequestError: there are no documents, or they cannot be indexed.
    """
    make_work_folder(config)
    folder = index_folder(config)
    build = partial(build_index, folder, cache=cache, progress=progress)
    if _made_as_said(folder, config):
        try:
            build()
            return Index(folder, cache=cache)
        except IndexBusyError:
            raise
        except RequestError:  # damaged, of another embedder, or with an emptied root: a new one is as good
            pass
    build(config.roots, recipe=config.recipe, anew=True)
    return Index(folder, cache=cache)


def index_folder(config: CheckConfig) -> Path:
    """The folder of the index."""
    return config.work / "index"


def make_work_folder(config: CheckConfig) -> None:
    """Makes the folder of what can be made again; git leaves it out."""
    config.work.mkdir(parents=True, exist_ok=True)
    (config.work.parent / ".gitignore").write_text("*\n", encoding="utf-8")


def _made_as_said(folder: Path, config: CheckConfig) -> bool:
    """Whether the index that is there, if any, was made from the roots and by the recipe that a new one would be."""
    try:
        built = read_manifest(folder)
    except (IndexMissingError, IndexDamagedError):
        return False
    wanted = settle(config.recipe, None)
    return (built.embedder.name, built.cutting, built.fields, built.factory_asked, built.roots) == (
        wanted.embedder,
        wanted.cutting.spec,
        wanted.fields,
        wanted.factory,
        tuple(map(str, merge_roots((), config.roots))),
    )
