"""Ranks the passages of an index for a query: dense, lexical, or both fused; filtered and reranked if asked."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from indexes.errors import RequestError, UnknownNameError
from indexes.index import Index
from indexes.passages import RankedPassage, Ranking
from indexes.reranker import Reranker
from indexes.vectors import Hits

Mode = Literal["dense", "lexical", "hybrid"]
MODES: tuple[Mode, ...] = get_args(Mode)

FUSION_DEPTH = 100
"""How many passages of each list are fused."""

FUSION_K = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009)."""

RERANK_DEPTH = 50
"""How many passages a cross-encoder looks at, at least."""


def rank(
    index: Index,
    query: str,
    *,
    k: int = 50,
    mode: Mode = "hybrid",
    where: Sequence[str] = (),
    reranker: Reranker | None = None,
) -> Ranking:
    """The `k` best passages for `query`, best first; fewer where fewer fit.

    Args:
        index: an open index.
        query: a question or words.
        k: how many, at least 1.
        mode: "dense" (cosine of vectors), "lexical" (BM25) or "hybrid" (reciprocal rank fusion of both).
        where: filters ``key=pattern``, all of which must hold; see `Index.rows_where`.
        reranker: scores the best passages again, each together with the query.

    Raises:
        RequestError: the query is empty, or an argument is wrong.
    """
    if not query.strip():
        raise RequestError("the query is empty; give a question or some words")
    if k < 1:
        raise RequestError(f"k must be at least 1, not {k}")
    if mode not in MODES:
        raise UnknownNameError("mode", mode, MODES)
    allowed = index.rows_where(where) if where else None
    depth = max(k, RERANK_DEPTH) if reranker else k
    hits = _hits(index, query, depth, mode, allowed)
    passages = index.passages(hits.rows)
    scores = [float(score) for score in hits.scores]
    if reranker:
        scores = reranker.score(query, [passage.text for passage in passages])
        order = sorted(range(len(passages)), key=lambda i: (-scores[i], i))[:k]
        passages, scores = [passages[i] for i in order], [scores[i] for i in order]
    ranked = tuple(
        RankedPassage(passage, rank, score)
        for rank, (passage, score) in enumerate(zip(passages, scores, strict=True), start=1)
    )
    return Ranking(query, ranked, mode, reranker.name if reranker else None)


def _hits(index: Index, query: str, k: int, mode: Mode, allowed: NDArray[np.int64] | None) -> Hits:
    if mode == "lexical":
        return index.lexical.search(query, k, allowed=allowed)
    vector = index.embedder.encode([query], kind="query")[0]
    if mode == "dense":
        return index.vectors.search(vector, k, allowed=allowed)
    depth = max(k, FUSION_DEPTH)
    return fuse(
        [
            index.vectors.search(vector, depth, allowed=allowed).rows,
            index.lexical.search(query, depth, allowed=allowed).rows,
        ],
        k,
    )


def fuse(rankings: Sequence[NDArray[np.int64]], k: int) -> Hits:
    """Reciprocal rank fusion: a row's score is the sum of 1 / (60 + rank) over the lists that hold it; ties by row."""
    scores: dict[int, float] = {}
    for rows in rankings:
        for rank, row in enumerate(rows.tolist(), start=1):
            scores[row] = scores.get(row, 0.0) + 1 / (FUSION_K + rank)
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]
    return Hits(np.array([row for row, _ in best], np.int64), np.array([score for _, score in best], np.float32))
