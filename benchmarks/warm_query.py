"""What a hybrid query costs in a process that runs already, over 10,000 passages, part by part.

    .venv/bin/python -m benchmarks.warm_query

Claim: beyond the encoding of the query and the FAISS call, `rank` takes less than 2 ms. All parts are timed for each
query one after the other, on other questions than the ones before; the overhead is the median of the differences.
"""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from benchmarks.corpus import nq_questions, ten_thousand
from benchmarks.measuring import arguments, table
from indexes.index import Index
from indexes.ranking import FUSION_DEPTH, rank

QUESTIONS = 200


def main() -> None:
    """Times each part of a query on its own and prints the table."""
    given = arguments(__doc__, repeats=3)
    queries = [question.text for question in nq_questions(given.data)[:: 2655 // QUESTIONS][:QUESTIONS]]
    taken: dict[str, list[float]] = {}

    def timed(part: str, function: Callable[..., Any], *given: Any) -> Any:
        started = time.perf_counter()
        result = function(*given)
        taken.setdefault(part, []).append((time.perf_counter() - started) * 1000)
        return result

    with Index(ten_thousand(given.data, given.work), cache=given.work / "cache") as index:
        rank(index, "warms all parts up")
        encode = partial(index.embedder.encode, kind="query")
        for query in queries * given.repeats:
            vector = timed("query encoding", encode, [query])
            timed("FAISS call", index.vectors._index.search, vector, FUSION_DEPTH)
            hits = timed("lexical search", index.lexical.search, query, FUSION_DEPTH)
            timed("50 passages read", index.passages, hits.rows[:50])
            timed("rank, k = 50, in all", rank, index, query)
    taken["rank beyond encoding and FAISS"] = [
        whole - encoding - faiss_call
        for whole, encoding, faiss_call in zip(
            taken["rank, k = 50, in all"], taken["query encoding"], taken["FAISS call"], strict=True
        )
    ]
    rows = [
        (part, f"{median(values):.2f}", f"{sorted(values)[len(values) // 10]:.2f}") for part, values in taken.items()
    ]
    table("Warm hybrid query, 10,000 passages (claim: beyond < 2 ms)", ["part", "median ms", "1st decile ms"], rows)


if __name__ == "__main__":
    main()
