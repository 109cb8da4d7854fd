"""The FAISS index of passage vectors on disk: built once a generation, memory-mapped by readers."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexes.embedder.protocol import Vectors
from indexes.errors import RequestError

EXACT_LIMIT = 200_000
"""Up to so many passages the index is exact; above it is a graph (HNSW)."""

RECALL_DEPTH = 10
RECALL_SAMPLE = 200


class Hits(NamedTuple):
    """Rows of the best vectors, best first, and their inner products with the query."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VectorsInfo:
    """How the vectors are indexed.

    Attributes:
        factory: FAISS factory string, e.g. "Flat".
        recall_at_10: share of the exact ten nearest neighbours that the index finds, over `sample` stored
            vectors as queries, each without itself; None where there is nothing to measure.
        sample: how many queries that was measured on.
    """

    factory: str
    recall_at_10: float | None
    sample: int


def default_factory(passages: int) -> str:
    """The factory string for a number of passages: exact while that is fast, else HNSW."""
    return "Flat" if passages <= EXACT_LIMIT else "HNSW32,Flat"


def check_factory(factory: str, dimension: int) -> None:
    """Raises RequestError unless FAISS can make `factory` for vectors of `dimension`; nothing is built."""
    import faiss

    try:
        faiss.index_factory(dimension, factory, faiss.METRIC_INNER_PRODUCT)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        raise RequestError(
            f"--factory {factory!r} is no FAISS index for {dimension} dimensions ({reason}); "
            "examples: Flat, HNSW32, 'IVF1024,Flat', 'OPQ48,IVF1024,PQ48'"
        ) from error


def build_vectors(path: Path, vectors: Vectors, factory: str, *, seed: int = 0) -> VectorsInfo:
    """Writes the index of `vectors`, row i for passage i, and measures its recall against exact search."""
    import faiss

    index = faiss.index_factory(vectors.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    _search_widely(index)
    if len(vectors):
        try:
            if not index.is_trained:
                index.train(vectors)
            index.add(vectors)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise RequestError(
                f"--factory {factory!r} cannot be built from {len(vectors)} passages ({reason}); "
                "use Flat or HNSW32, or a factory with fewer centroids"
            ) from error
    faiss.write_index(index, str(path))
    recall, sample = _recall(index, vectors, seed)
    return VectorsInfo(factory=factory, recall_at_10=recall, sample=sample)


def _search_widely(index: Any) -> None:
    """Sets how much an approximate index looks at; FAISS' own defaults (16 nodes, one list) find too little."""
    import faiss

    graph = faiss.downcast_index(index)
    if isinstance(graph, faiss.IndexHNSW):
        graph.hnsw.efConstruction, graph.hnsw.efSearch = 100, 64
    lists = faiss.try_extract_index_ivf(index)
    if lists is not None:
        lists.nprobe = max(8, lists.nlist // 32)


def _recall(index: Any, vectors: Vectors, seed: int) -> tuple[float | None, int]:
    import faiss

    if len(vectors) < 2:
        return None, 0
    depth = min(RECALL_DEPTH, len(vectors) - 1)
    chosen = np.sort(np.random.default_rng(seed).choice(len(vectors), min(RECALL_SAMPLE, len(vectors)), replace=False))
    queries = np.ascontiguousarray(vectors[chosen])
    exact_scores, exact = faiss.knn(queries, vectors, depth + 1, metric=faiss.METRIC_INNER_PRODUCT)
    _, found = index.search(queries, depth + 1)
    hits = 0
    for query, row in enumerate(chosen):
        others = [r for r in found[query] if r not in (row, -1)][:depth]
        keep = [i for i, r in enumerate(exact[query]) if r != row][:depth]
        worst = exact_scores[query][keep[-1]]
        # repeated passages tie: whatever scores as well as the worst exact neighbour is one
        hits += int(np.sum(vectors[others] @ vectors[row] >= worst - 1e-6))
    return hits / (depth * len(chosen)), len(chosen)


class VectorIndex:
    """A FAISS index opened for search. The file is memory-mapped where FAISS can map its kind."""

    def __init__(self, path: Path) -> None:
        """Remembers the path; the file is opened by the first search."""
        self._path = path

    @cached_property
    def _index(self) -> Any:
        import faiss

        try:
            return faiss.read_index(str(self._path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError:
            return faiss.read_index(str(self._path))

    def search(self, query: Vectors, k: int, *, allowed: NDArray[np.int64] | None = None) -> Hits:
        """The `k` best rows for one query vector, equal scores by row; fewer where there are fewer.

        Which of several equal scores are the last of the `k`, FAISS decides.

        Args:
            query: shape (dimension,).
            k: how many.
            allowed: only these rows, ascending; they are compared exactly, whatever the kind of index.
        """
        if allowed is not None:
            return self._search_among(query, k, allowed)
        k = min(k, self._index.ntotal)
        if k == 0:
            return Hits(np.empty(0, np.int64), np.empty(0, np.float32))
        scores, rows = self._index.search(query[None, :], k)
        found = rows[0] >= 0
        return _ordered(rows[0][found], scores[0][found], k)

    def _search_among(self, query: Vectors, k: int, allowed: NDArray[np.int64]) -> Hits:
        import faiss

        if len(allowed) == 0:
            return Hits(np.empty(0, np.int64), np.empty(0, np.float32))
        if isinstance(faiss.downcast_index(self._index), faiss.IndexFlat):
            selector = faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed))  # type: ignore[call-arg]
            k = min(k, len(allowed))
            scores, rows = self._index.search(query[None, :], k, params=selector)
            return _ordered(rows[0], scores[0], k)
        self._make_reconstructible()
        return _ordered(allowed, self._index.reconstruct_batch(allowed) @ query, k)

    def _make_reconstructible(self) -> None:
        import faiss

        with_lists = faiss.try_extract_index_ivf(self._index)
        if with_lists is not None:
            with_lists.make_direct_map()


def _ordered(rows: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> Hits:
    order = np.lexsort((rows, -scores))[:k]
    return Hits(rows[order], scores[order].astype(np.float32))
