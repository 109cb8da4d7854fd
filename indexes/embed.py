"""Embeds the passages that have no vector yet, window by window, each kept before the next begins."""

import sqlite3
from collections.abc import Callable, Sequence

import numpy as np

from indexes.embedder.protocol import Embedder, Vectors
from indexes.store import Store
from indexes.vector_cache import VectorCache, is_damage

WINDOW = 512
"""Passages embedded between two commits. Batches are length-sorted within a window, so that an ETA stays fair."""


def embed(
    store: Store,
    keys: Sequence[bytes],
    cache: VectorCache,
    embedder: Callable[[], Embedder],
    progress: Callable[[str, int, int], None],
) -> Vectors:
    """The vectors of the passages of `store`, row by row; `keys` are theirs, and those that `cache` lacks are computed.

    A cache that turns out to be damaged is started over.
    """
    dimension = embedder().spec.dimension
    try:
        _embed_missing(store, keys, cache, embedder, progress)
        return _gather(keys, cache, dimension)
    except (sqlite3.DatabaseError, KeyError) as error:
        if isinstance(error, sqlite3.DatabaseError) and not is_damage(error):
            raise
        cache.start_over()
    _embed_missing(store, keys, cache, embedder, progress)
    return _gather(keys, cache, dimension)


def _embed_missing(
    store: Store,
    keys: Sequence[bytes],
    cache: VectorCache,
    embedder: Callable[[], Embedder],
    progress: Callable[[str, int, int], None],
) -> None:
    missing = set(cache.missing(keys))
    if not missing:
        return
    total, done = len(missing), 0
    progress("embedding", 0, total)
    window: dict[bytes, str] = {}

    def flush() -> None:
        nonlocal done
        vectors = embedder().encode(
            list(window.values()),
            kind="document",
            progress=lambda count: progress("embedding", done + count, total),
        )
        cache.add({key: vector.tobytes() for key, vector in zip(window, vectors, strict=True)})
        done += len(window)
        window.clear()

    for key, text in zip(keys, store.embedded_texts(), strict=True):
        if key in missing:
            missing.discard(key)
            window[key] = text
            if len(window) == WINDOW:
                flush()
    if window:
        flush()


def _gather(keys: Sequence[bytes], cache: VectorCache, dimension: int) -> Vectors:
    vectors = np.empty((len(keys), dimension), dtype=np.float32)
    for row, vector in enumerate(cache.get(keys)):
        vectors[row] = np.frombuffer(vector, dtype=np.float32)
    return vectors
