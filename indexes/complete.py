"""Completes a generation whose store is written: vectors, the two search indexes, checksums, the manifest."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from indexes.collect import Collected
from indexes.embed import embed
from indexes.embedder.protocol import Embedder
from indexes.generation import sync_generation
from indexes.lexical import build_lexical
from indexes.manifest import Manifest, checksums
from indexes.recipe import Settled
from indexes.store import Store
from indexes.vector_cache import VectorCache
from indexes.vectors import build_vectors, check_factory, default_factory

VERSIONED = ("reasoning-rag", "faiss-cpu", "bm25s", "onnxruntime", "tokenizers")
"""Packages whose versions a manifest records."""


class Completed(NamedTuple):
    """A generation's manifest and the keys of its vectors, in row order."""

    manifest: Manifest
    keys: list[bytes]


def complete(
    generation: Path,
    roots: tuple[Path, ...],
    collected: Collected,
    settled: Settled,
    *,
    cache: VectorCache,
    embedder: Callable[[], Embedder],
    progress: Callable[[str, int, int], None],
) -> Completed:
    """Makes the rest of the generation in the folder `generation`, all on disk when this returns.

    Its manifest is returned, not written: writing it makes the generation the index.

    Raises:
        RequestError: the factory does not fit the vectors.
    """
    spec = embedder().spec
    factory = settled.factory or default_factory(collected.passages)
    check_factory(factory, spec.dimension)
    with closing(Store(generation)) as store:
        keys = list(store.keys())
        vectors = embed(store, keys, cache, embedder, progress)
        progress("writing", 0, 2)
        info = build_vectors(generation / "vectors.faiss", vectors, factory)
        progress("writing", 1, 2)
        build_lexical(generation / "lexical", list(store.embedded_texts()))
    sync_generation(generation)
    progress("writing", 2, 2)
    manifest = Manifest(
        name=generation.parent.name,
        generation=generation.name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        roots=tuple(str(root) for root in roots),
        embedder=spec,
        cutting=settled.cutting.spec,
        passage_tokens=settled.cutting.max_tokens,
        fields=settled.fields,
        files=collected.files,
        documents=collected.documents,
        passages=collected.passages,
        skipped=len(collected.skipped),
        vectors=info,
        factory_asked=settled.factory,
        versions={name: _version(name) for name in VERSIONED},
        checksums=checksums(generation),
    )
    return Completed(manifest, keys)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "unknown"
