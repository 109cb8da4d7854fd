"""What a hybrid query costs in a process that runs already, over 10,000 passages, part by part.

    .venv/bin/python -m benchmarks.warm_query

Claim: beyond the encoding of the query and the FAISS call, `rank` takes less than 2 ms. The whole of `rank` is timed
with an embedder that knows the query's vector already, so that the noise of encoding does not hide the rest; the FAISS
call is timed on its own beside it and taken off. All parts take their turn for each query.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from benchmarks.corpus import nq_questions, ten_thousand
from benchmarks.measuring import arguments, table
from indexes.embedder.protocol import Vectors
from indexes.index import Index
from indexes.ranking import FUSION_DEPTH, rank

QUESTIONS = 200
ENCODING, FAISS, RANK = "query encoding", "FAISS call", "rank (k = 50) without encoding"


@dataclass
class Known:
    """Stands in for the embedder once a query is encoded."""

    vectors: Vectors

    def encode(self, *_: object, **__: object) -> Vectors:
        """The vectors that it was made with."""
        return self.vectors


def main() -> None:
    """Times each part of a query and prints the table."""
    given = arguments(__doc__, repeats=3)
    queries = [question.text for question in nq_questions(given.data)[:: 2655 // QUESTIONS][:QUESTIONS]]
    taken: dict[str, list[float]] = {}

    def timed(part: str, function: Callable[..., Any], *values: Any) -> Any:
        started = time.perf_counter()
        result = function(*values)
        taken.setdefault(part, []).append((time.perf_counter() - started) * 1000)
        return result

    with Index(ten_thousand(given.data, given.work), cache=given.work / "cache") as index:
        rank(index, "warms all parts up")
        encode = partial(index.embedder.encode, kind="query")
        for query in queries * given.repeats:
            vectors = timed(ENCODING, encode, [query])
            vars(index)["embedder"] = Known(vectors)
            timed(FAISS, index.vectors._index.search, vectors, FUSION_DEPTH)
            hits = timed("lexical search", index.lexical.search, query, FUSION_DEPTH)
            timed("reading 50 passages", index.passages, hits.rows[:50])
            timed(RANK, rank, index, query)
    taken["rank beyond encoding and FAISS"] = [
        whole - call for whole, call in zip(taken[RANK], taken[FAISS], strict=True)
    ]
    rows = [(part, f"{median(values):.2f}") for part, values in taken.items()]
    table("Warm hybrid query, 10,000 passages (claim: beyond < 2 ms)", ["part", "median ms"], rows)


if __name__ == "__main__":
    main()
