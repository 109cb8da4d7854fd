"""Builds and refreshes an index: reads what changed, embeds what is new, swaps the new generation in.

The way of the data: roots -> files -> documents -> passages -> vectors -> generation -> manifest.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import cache as once
from pathlib import Path

from indexes.changes import Name, check_deletions, find_changes
from indexes.collect import Collector
from indexes.complete import complete
from indexes.embedder.open import open_embedder
from indexes.embedder.protocol import Embedder
from indexes.errors import IndexDamagedError, IndexMissingError, RequestError
from indexes.generation import CACHE_FILE, draft_generation, prune_generations, prune_leftovers, writing
from indexes.language import language_warning
from indexes.manifest import FILE_NAME, Manifest, check_sizes, damaged, read_manifest, write_manifest
from indexes.recipe import AS_BEFORE, Recipe, settle
from indexes.report import BuildReport, difference
from indexes.roots import Skipped, scan
from indexes.store import Store, StoredFile, StoreWriter
from indexes.vector_cache import VectorCache

Progress = Callable[[str, int, int], None]
"""Called with a stage, how much of it is done, and of how much; 0 where that is not known.

The stages: "reading" (files), "loading the model", "embedding" (passages), "writing".
"""


@dataclass(frozen=True, slots=True)
class _Past:
    """The index as it was, as far as the build may rely on it; empty for a new one."""

    manifest: Manifest | None = None
    store: Store | None = None
    roots: tuple[Path, ...] = ()
    files: Mapping[Name, StoredFile] = field(default_factory=dict)
    hashes: Mapping[Name, str] = field(default_factory=dict)


def build_index(
    folder: Path,
    paths: Sequence[Path] = (),
    *,
    cache: Path,
    recipe: Recipe = AS_BEFORE,
    anew: bool = False,
    allow_empty: bool = False,
    progress: Progress = lambda *_: None,
) -> BuildReport:
    """Builds the index in `folder`, or refreshes it.

    Args:
        folder: the index's own folder; its name is the index's.
        paths: files and folders to add to the roots; none: refresh.
        cache: where exported embedding models are kept.
        recipe: how to build.
        anew: `paths` become the only roots (none: the roots stay) and the recipe need not fit the old one; vectors of
            passages that come out the same are not computed again.
        allow_empty: take vanished or emptied roots for deletions.
        progress: told how far it is.

    Raises:
        RequestError: nothing was changed; the message says why and what to do. It is an IndexDamagedError where what
            is to be refreshed cannot be read.
    """
    started = time.monotonic()
    for path in paths:
        _check_root(path)
    if not paths and not (folder / FILE_NAME).exists():
        raise IndexMissingError(
            f"no index {folder.name!r} in {str(folder.parent)!r} to refresh; build it with: rag index PATH"
        )
    with ExitStack() as stack:
        stack.enter_context(writing(folder))
        vectors = stack.enter_context(closing(VectorCache(folder / CACHE_FILE)))
        past = _open_past(folder, stack, anew=anew, roots_given=bool(paths))
        kept = _Past() if anew else past
        settled = settle(recipe, kept.manifest)
        roots = merge_roots(() if anew and paths else past.roots, paths)
        found = scan(roots)
        if not allow_empty:
            check_deletions(roots, found, past.files)
        held = kept.files
        changes = find_changes(found, held)
        if not changes and roots == kept.roots and kept.manifest and settled.factory == kept.manifest.factory_asked:
            unread = [Skipped(file.source, file.reason) for file in held.values() if file.reason]
            prune_leftovers(folder, current=kept.manifest.generation)
            return _report(kept.manifest, folder, kept.hashes, kept, [*unread, *found.skipped], started)

        @once
        def embedder() -> Embedder:
            progress("loading the model", 0, 0)
            return open_embedder(settled.embedder, cache=cache, fingerprint=settled.fingerprint)

        with draft_generation(folder) as draft:
            with StoreWriter(draft) as writer:
                collector = Collector(
                    writer, old=kept.store, cutting=settled.cutting, fields=settled.fields, embedder=embedder
                )
                collected = collector.collect(changes, held, progress)
            skipped = [*collected.skipped, *found.skipped]
            if not collected.documents and not allow_empty:
                raise RequestError(_nothing_found(roots, skipped))
            manifest, keys = complete(
                draft, roots, collected, settled, cache=vectors, embedder=embedder, progress=progress
            )
            write_manifest(folder, manifest)
        vectors.keep(keys)
        prune_generations(folder, keep=[m.generation for m in (past.manifest, manifest) if m])
        warning = language_warning(collected.fresh, manifest.embedder.name)
        warnings = [text for text in (embedder().note, warning if collected.mostly_fresh else None) if text]
        return _report(manifest, folder, collected.hashes, past, skipped, started, warnings)


def merge_roots(old: Sequence[Path], new: Sequence[Path]) -> tuple[Path, ...]:
    """The roots of `old` and then those of `new` that are not among them, as absolute paths.

    Raises:
        RequestError: one root lies inside another, so that its files would be indexed twice.
    """
    # not resolve(): a root is the path that the user knows, links in it included
    roots = list(dict.fromkeys([*old, *(Path(os.path.abspath(path)) for path in new)]))  # noqa: PTH100
    for inner in roots:
        for outer in roots:
            if outer in inner.parents:
                raise RequestError(
                    f"{str(inner)!r} lies inside {str(outer)!r}, so its files would be indexed twice; give one of the "
                    "two (with --replace if the index already has the other), or use another --name"
                )
    return tuple(roots)


def _check_root(path: Path) -> None:
    if not path.exists():
        raise RequestError(f"no such file or folder: {str(path)!r}")
    try:
        os.path.abspath(path).encode()  # noqa: PTH100
    except UnicodeEncodeError as error:
        raise RequestError(f"the path {str(path.absolute())!r} is not UTF-8; rename it") from error


def _open_past(folder: Path, stack: ExitStack, *, anew: bool, roots_given: bool) -> _Past:
    """What there is in `folder`; of a damaged index, where it is built `anew`, no more than its roots."""
    try:
        manifest = read_manifest(folder)
    except IndexMissingError:
        return _Past()
    except IndexDamagedError:
        if anew and roots_given:
            return _Past()
        raise
    roots = tuple(Path(root) for root in manifest.roots)
    try:
        if not anew:
            check_sizes(folder, manifest)
        store = stack.enter_context(closing(Store(folder / manifest.generation)))
        return _Past(manifest, store, roots, store.files(), store.hashes())
    except (sqlite3.Error, OSError) as error:
        if anew:
            return _Past(manifest, roots=roots)
        raise damaged(folder, str(error)) from error


def _nothing_found(roots: Sequence[Path], skipped: Sequence[Skipped]) -> str:
    where = ", ".join(repr(str(root)) for root in roots)
    if not skipped:
        return f"no files to index in {where}; ignored and hidden files do not count"
    first = skipped[0]
    return f"no readable document in {where}; skipped {len(skipped)}, first {first.path!r}: {first.reason}"


def _report(
    manifest: Manifest,
    folder: Path,
    after: Mapping[Name, str],
    past: _Past,
    skipped: Sequence[Skipped],
    started: float,
    warnings: Sequence[str] = (),
) -> BuildReport:
    change = difference(past.hashes, after)
    return BuildReport(
        name=folder.name,
        path=str(folder),
        documents=manifest.documents,
        passages=manifest.passages,
        added=change.added,
        changed=change.changed,
        removed=change.removed,
        unchanged=change.unchanged,
        skipped=tuple(skipped),
        seconds=round(time.monotonic() - started, 3),
        warnings=tuple(warnings),
    )
