"""Embeds the passages that have no vector yet, window by window, each durable before the next begins."""

from collections.abc import Callable, Sequence

import numpy as np

from indexes.embedder.protocol import Embedder, Vectors
from indexes.store import Store
from indexes.vector_cache import VectorCache

WINDOW = 512
"""Passages embedded between two commits. Batches are length-sorted within a window, so that an ETA stays fair."""


def embed_missing(
    store: Store,
    keys: Sequence[bytes],
    cache: VectorCache,
    embedder: Callable[[], Embedder],
    progress: Callable[[str, int, int], None],
) -> int:
    """Computes the vectors that `cache` lacks for the passages of `store`; returns how many that were."""
    missing = set(cache.missing(keys))
    if not missing:
        return 0
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
    return total


def gather(keys: Sequence[bytes], cache: VectorCache, dimension: int) -> Vectors:
    """The vectors of `keys`, shape (len(keys), dimension), in their order."""
    vectors = np.empty((len(keys), dimension), dtype=np.float32)
    for row, vector in enumerate(cache.get(keys)):
        vectors[row] = np.frombuffer(vector, dtype=np.float32)
    return vectors
