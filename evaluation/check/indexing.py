"""The check's own index: built from the roots and settings of its file, refreshed each time, never the user's."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from evaluation.check.config import CheckConfig
from indexes.build import build_index, merge_roots
from indexes.errors import IndexDamagedError, IndexMismatchError, IndexMissingError, RequestError
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
        with suppress(IndexDamagedError, IndexMismatchError):  # a new one is as good
            build(allow_empty=True)
            return _opened(folder, config, cache)
    build(config.roots, recipe=config.recipe, anew=True, allow_empty=True)
    return _opened(folder, config, cache)


def _opened(folder: Path, config: CheckConfig, cache: Path) -> Index:
    """The index, with its embedder, if there is anything in it."""
    index = Index(folder, cache=cache)
    try:
        index.embedder  # noqa: B018  says whether it is still the model that made the vectors
        if not index.manifest.passages:
            skipped = index.skipped()
            why = (
                f"; {len(skipped):,} could not be read, as {skipped[0].path!r}: {skipped[0].reason}" if skipped else ""
            )
            roots = ", ".join(repr(str(root)) for root in config.roots)
            raise RequestError(f"there is no document to check in {roots}{why}; see [index] in {config.path.name}")
    except BaseException:
        index.close()
        raise
    return index


def index_folder(config: CheckConfig) -> Path:
    """The folder of the index."""
    return config.work / "index"


def make_work_folder(config: CheckConfig) -> None:
    """Makes the folder of what can be made again; git leaves it out.

    Raises:
        RequestError: it cannot be made.
    """
    ignoring = config.work.parent / ".gitignore"
    try:
        config.work.mkdir(parents=True, exist_ok=True)
        if not ignoring.exists():
            ignoring.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise RequestError(
            f"cannot write {str(config.work.parent)!r}, where a check keeps its index: {error.strerror or error}; make "
            f"the folder of {config.path.name} writable, or copy the check to one that is"
        ) from error


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
